// ReplayGain: tracks as loud as each other, or records as loud as each other. Never louder than
// the file itself, so that nothing clips: an element's volume ends at 1.

import { remember, remembered } from "./store.js";

export const LOUDNESS = ["off", "track", "album"];

export const chosenLoudness = () => {
  const kept = remembered("loudness", "track");
  return LOUDNESS.includes(kept) ? kept : "track";
};

export const keepLoudness = (kind) => remember("loudness", kind);

// A factor of the amplitude, at most 1. A record's gain stands in for a track's and the other way.
export function gainOf(track, kind) {
  if (!track || kind === "off") return 1;
  const own = track.gain_db ?? null;
  const album = track.album_gain_db ?? null;
  const db = kind === "album" ? (album ?? own ?? 0) : (own ?? album ?? 0);
  return Math.min(1, 10 ** (db / 20));
}
