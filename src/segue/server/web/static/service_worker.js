// Keeps the shell: style sheets, scripts, fonts. SHELL is written before this by the server.
// Nothing of a listener is kept, and nothing but the shell is ever answered from here.

const CACHE = `segue-${SHELL.root}`;
const LANGUAGE = "/language-of-the-last-page"; // a name in the cache, never asked for

self.addEventListener("install", (event) => {
  const keep = async () => (await caches.open(CACHE)).addAll([...SHELL.files, ...Object.values(SHELL.offline)]);
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("segue-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
  };
  event.waitUntil(clean().then(() => self.clients.claim()));
});

// The language of the last page that was read: the page for offline speaks it too.
async function noteLanguage(response) {
  const language = response.headers.get("content-language");
  if (language) await (await caches.open(CACHE)).put(LANGUAGE, new Response(language));
  return response;
}

async function offlinePage() {
  const noted = await caches.match(LANGUAGE);
  const language = noted ? await noted.text() : SHELL.otherwise;
  return caches.match(SHELL.offline[language] ?? SHELL.offline[SHELL.otherwise]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(SHELL.root) || SHELL.files.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).then(noteLanguage).catch(offlinePage));
  }
});
