// The endless queue: before it runs dry, more is asked for, in the spirit of where it came from.
//
// A radio is a session on the server, which steers by what is skipped and finished. What happened
// goes there with the next question, and to the history as every event does; it counts once.

import { getJson, request } from "./api.js";
import { familiarPart } from "./newness.js";
import { fromRest } from "./tracks.js";

const ASK_WHEN_LEFT = 3;
const AT_ONCE = 20;
const MOST_TOLD = 200;

const forYou = () => `/v1/recommendations/for_you?n=${AT_ONCE * 2}${familiarPart()}`;
const next = (session, happened, n) =>
  request("POST", `/v1/sessions/${encodeURIComponent(session)}/next`, { happened, n });

let happened = []; // since the last question

const named = (tracks, from) => tracks.map(fromRest).map((track) => ({ ...track, from }));

// Begins from one seed, or from several: { seeds, minus }.
export async function beginRadio(from, n = AT_ONCE) {
  const start = typeof from === "string" ? { seeds: [from] } : from;
  const begun = await request("POST", "/v1/sessions", { ...start, n });
  happened = [];
  return { session: begun.id, tracks: named(begun.next.tracks, "radio") };
}

// What a playing became, for the session that plays.
export function tell(kind, trackId, playedS) {
  happened = [...happened, { track_id: trackId, kind, played_s: playedS }].slice(-MOST_TOLD);
}

async function moreOf(queue, n) {
  if (queue.source === "for_you") {
    const list = await getJson(forYou());
    return named(list.tracks, "for_you");
  }
  if (!queue.session) queue.session = (await beginRadio(queue.seed || queue.tracks.at(-1).id, 1)).session;
  const told = happened;
  happened = [];
  try {
    return named((await next(queue.session, told, n)).next.tracks, "radio");
  } catch (error) {
    happened = [...told, ...happened];
    if (error.status === 404) queue.session = null; // forgotten on the server: another one begins
    throw error;
  }
}

// After an early skip what was to come is asked for anew, so that the skip is felt at once.
export async function steer(queue) {
  const { session } = queue;
  if (!session || queue.source !== "radio") return;
  try {
    const more = await moreOf(queue, AT_ONCE / 2);
    if (more.length && queue.session === session) queue.replaceUpcoming(more);
  } catch {
    // the queue as it is goes on
  }
}

export function keepGoing(queue) {
  let asking = false;
  async function topUp() {
    const left = queue.tracks.length - 1 - queue.index;
    if (asking || !queue.current || left >= ASK_WHEN_LEFT) return;
    asking = true;
    try {
      const added = queue.append((await moreOf(queue, AT_ONCE)).slice(0, AT_ONCE));
      if (!added && queue.source !== "for_you") {
        const rest = (await getJson(forYou())).tracks;
        queue.append(named(rest, "for_you").slice(0, AT_ONCE));
      }
    } catch {
      // offline or nothing to add: the next change of the queue asks again
    } finally {
      setTimeout(() => (asking = false), 2000);
    }
  }
  queue.addEventListener("change", topUp);
  topUp();
}
