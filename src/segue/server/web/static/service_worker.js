// Keeps the shell: style sheets, scripts, fonts. SHELL is written before this by the server.
// Nothing of a listener is kept, and nothing but the shell is ever answered from here.

const CACHE = `segue-${SHELL.root}`;

self.addEventListener("install", (event) => {
  const keep = async () => (await caches.open(CACHE)).addAll([...SHELL.files, SHELL.offline]);
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("segue-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
  };
  event.waitUntil(clean().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(SHELL.root)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(SHELL.offline)));
  }
});
