// The endless queue: before it runs dry, more is asked for, in the spirit of where it came from.

import { getJson } from "./api.js";
import { fromRest } from "./tracks.js";

const ASK_WHEN_LEFT = 3;
const AT_ONCE = 20;

const forYou = () => `/v1/recommendations/for_you?n=${AT_ONCE * 2}`;
const radioOf = (seed) =>
  `/v1/recommendations/radio_track?n=${AT_ONCE * 2}&seed=${encodeURIComponent(seed)}`;

export async function radioTracks(seed) {
  const list = await getJson(radioOf(seed));
  return list.tracks.map(fromRest).map((track) => ({ ...track, from: "radio" }));
}

export function keepGoing(queue) {
  let asking = false;
  async function topUp() {
    const left = queue.tracks.length - 1 - queue.index;
    if (asking || !queue.current || left >= ASK_WHEN_LEFT) return;
    asking = true;
    try {
      const own = queue.source === "for_you";
      const station = own ? "for_you" : "radio";
      const list = await getJson(own ? forYou() : radioOf(queue.seed || queue.tracks.at(-1).id));
      const more = list.tracks.map(fromRest).map((track) => ({ ...track, from: station }));
      const added = queue.append(more.slice(0, AT_ONCE));
      if (!added && !own) {
        const rest = (await getJson(forYou())).tracks.map(fromRest);
        queue.append(rest.map((track) => ({ ...track, from: "for_you" })).slice(0, AT_ONCE));
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
