// The queue: which tracks, which one is now, and where the list came from. No sound, no page.

import { remember, remembered } from "./store.js";

const MOST_KEPT = 500;
const PAST_KEPT = 50;

export class Queue extends EventTarget {
  constructor() {
    super();
    const kept = remembered("queue", null);
    this.tracks = kept?.tracks || [];
    this.index = Math.min(kept?.index ?? -1, this.tracks.length - 1);
    this.source = kept?.source || "web";
    this.seed = kept?.seed || null;
    this.session = kept?.session || null;
  }

  get current() {
    return this.tracks[this.index] || null;
  }

  get upcoming() {
    return this.tracks.slice(this.index + 1);
  }

  get hasPrevious() {
    return this.index > 0;
  }

  // A new list; `seed` is the track a radio grows from, `session` the radio on the server.
  set(tracks, index, source, seed = null, session = null) {
    const chosen = tracks[index];
    this.tracks = tracks.filter((track) => track.playable).slice(0, MOST_KEPT);
    this.index = Math.max(0, this.tracks.indexOf(chosen));
    this.source = source;
    this.seed = seed;
    this.session = session;
    this.#changed();
  }

  append(tracks) {
    const known = new Set(this.tracks.map((track) => track.id));
    const fresh = tracks.filter((track) => track.playable && !known.has(track.id));
    this.tracks.push(...fresh);
    this.#forgetOldest();
    this.#changed();
    return fresh.length;
  }

  // Other tracks in the place of those to come.
  replaceUpcoming(tracks) {
    const stay = this.tracks.slice(0, this.index + 1);
    const known = new Set(stay.map((track) => track.id));
    this.tracks = [...stay, ...tracks.filter((track) => track.playable && !known.has(track.id))];
    this.#changed();
  }

  // Moves to another place; returns its track, or null when there is none.
  go(index) {
    if (index < 0 || index >= this.tracks.length) return null;
    this.index = index;
    this.#changed();
    return this.current;
  }

  next() {
    return this.go(this.index + 1);
  }

  previous() {
    return this.go(this.index - 1);
  }

  remove(index) {
    if (index === this.index || !this.tracks[index]) return;
    this.tracks.splice(index, 1);
    if (index < this.index) this.index -= 1;
    this.#changed();
  }

  // Takes out what must never be played again; the current track is left to the player.
  removeWhere(unwanted) {
    const current = this.current;
    this.tracks = this.tracks.filter((track) => track === current || !unwanted(track));
    this.index = this.tracks.indexOf(current);
    this.#changed();
  }

  #forgetOldest() {
    const excess = Math.min(this.tracks.length - MOST_KEPT, this.index - PAST_KEPT);
    if (excess <= 0) return;
    this.tracks.splice(0, excess);
    this.index -= excess;
  }

  #changed() {
    const { tracks, index, source, seed, session } = this;
    remember("queue", { tracks, index, source, seed, session });
    this.dispatchEvent(new Event("change"));
  }
}
