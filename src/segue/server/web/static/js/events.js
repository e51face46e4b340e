// What the listener did, kept until the server has it: an outbox in local storage.
//
// Every event has a key made once, so sending it twice counts once; each lies under a name of its
// own, so that two windows cannot overwrite each other's. After the server has taken a
// love, dislike or rating, `segue:feedback` on the body tells lists to come again.

import { ApiError, request } from "./api.js";
import { forget, namesOf, remember, remembered } from "./store.js";

const STATEMENTS = new Set(["love", "unlove", "dislike", "undislike", "rate", "unrate"]);
const MOST_AT_ONCE = 50;
const MOST_KEPT = 2000;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60000;

let sending = false;
let waitMs = FIRST_WAIT_MS;
let timer = 0;

const unsent = new Map(); // name -> event; also where nothing can be stored

function outbox() {
  for (const name of namesOf("outbox.")) unsent.set(name, remembered(name, null));
  for (const [name, event] of unsent) if (!event) unsent.delete(name);
  return [...unsent.keys()].sort().map((name) => unsent.get(name));
}

const nameOf = (event) => `outbox.${Math.round(event.listened_at * 1000)}.${event.idempotency_key}`;

function put(event) {
  unsent.set(nameOf(event), event);
  remember(nameOf(event), event);
  for (const old of outbox().slice(0, -MOST_KEPT)) take(old);
}

function take(event) {
  unsent.delete(nameOf(event));
  forget(nameOf(event));
}

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // randomUUID needs a secure context; plain http in a home network has none
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function record(kind, trackId, details = {}) {
  const event = {
    track_id: trackId,
    kind,
    listened_at: details.listened_at ?? Date.now() / 1000,
    source: details.source || "web",
    client: "web",
    idempotency_key: details.key || newKey(),
  };
  if (details.played_s !== undefined) event.played_s = Math.round(details.played_s * 100) / 100;
  if (details.value !== undefined) event.value = details.value;
  put(event);
  flush();
}

export async function flush() {
  if (sending || !outbox().length) return;
  sending = true;
  clearTimeout(timer);
  try {
    while (outbox().length) await sendBatch(outbox().slice(0, MOST_AT_ONCE));
    waitMs = FIRST_WAIT_MS;
  } catch {
    timer = setTimeout(flush, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  } finally {
    sending = false;
  }
}

async function sendBatch(batch) {
  try {
    await request("POST", "/v1/events", { events: batch }, { keepalive: true });
  } catch (error) {
    const refused = error instanceof ApiError && [400, 413, 422].includes(error.status);
    if (!refused) throw error;
    // one event that cannot be read must not hold up the others for ever
    if (batch.length > 1) {
      for (const event of batch) await sendBatch([event]);
      return;
    }
  }
  settle(batch);
}

function settle(batch) {
  for (const event of batch) take(event);
  if (batch.some((event) => STATEMENTS.has(event.kind))) tellPage();
}

export function tellPage() {
  document.body.dispatchEvent(new CustomEvent("segue:feedback"));
}

// On the way out there is no time to wait for an answer; what is not acknowledged is sent again.
function sendLast() {
  const batch = outbox().slice(0, MOST_AT_ONCE);
  if (batch.length) request("POST", "/v1/events", { events: batch }, { keepalive: true }).catch(() => {});
}

export function startEvents() {
  addEventListener("online", flush);
  addEventListener("pagehide", sendLast);
  document.addEventListener("visibilitychange", flush);
  flush();
}
