// The queue: which tracks, which one is now, and where the list came from. No sound, no page.

import { spacedShuffle } from "./shuffle.js";
import { remember, remembered } from "./store.js";

const MOST_KEPT = 500;
const PAST_KEPT = 50;
const ENDLESS = new Set(["for_you", "radio"]); // these have an order of their own

export class Queue extends EventTarget {
  #order = null; // ids of what was to come before it was shuffled

  constructor() {
    super();
    const kept = remembered("queue", null);
    this.tracks = kept?.tracks || [];
    this.index = Math.min(kept?.index ?? -1, this.tracks.length - 1);
    this.source = kept?.source || "web";
    this.seed = kept?.seed || null;
    this.session = kept?.session || null;
    this.shuffled = Boolean(kept?.shuffled);
    this.#order = kept?.order || null;
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
    this.#order = null;
    if (this.shuffled && !ENDLESS.has(source)) {
      const others = this.tracks.filter((_, at) => at !== this.index);
      this.#order = others.map((track) => track.id);
      this.tracks = [this.tracks[this.index], ...spacedShuffle(others, this.tracks[this.index])];
      this.index = 0;
    }
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

  insertNext(tracks) {
    return this.#insert(tracks, this.index + 1);
  }

  addLast(tracks) {
    return this.#insert(tracks, this.tracks.length);
  }

  // Chosen by hand: what stands further on already moves here.
  #insert(tracks, at) {
    const fresh = tracks.filter((track) => track.playable);
    const ids = new Set(fresh.map((track) => track.id));
    const before = this.tracks.slice(0, at).filter((track, i) => i <= this.index || !ids.has(track.id));
    const after = this.tracks.slice(at).filter((track) => !ids.has(track.id));
    this.tracks = [...before, ...fresh, ...after].slice(0, MOST_KEPT + PAST_KEPT);
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

  setShuffled(shuffled) {
    this.shuffled = shuffled;
    const stay = this.tracks.slice(0, this.index + 1);
    if (shuffled) {
      this.#order = this.upcoming.map((track) => track.id);
      this.tracks = [...stay, ...spacedShuffle(this.upcoming, this.current)];
    } else if (this.#order) {
      const place = new Map(this.#order.map((id, at) => [id, at]));
      const of = (track) => place.get(track.id) ?? Infinity;
      this.tracks = [...stay, ...this.upcoming.sort((a, b) => of(a) - of(b) || 0)];
      this.#order = null;
    }
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

  // Takes a track from one place to another; what plays now goes on playing. Returns the place.
  move(from, to) {
    const target = Math.max(0, Math.min(this.tracks.length - 1, to));
    if (!this.tracks[from] || from === target) return from;
    const { current } = this;
    const [track] = this.tracks.splice(from, 1);
    this.tracks.splice(target, 0, track);
    this.index = this.tracks.indexOf(current);
    this.#changed();
    return target;
  }

  remove(index) {
    if (index === this.index || !this.tracks[index]) return;
    this.tracks.splice(index, 1);
    if (index < this.index) this.index -= 1;
    this.#changed();
  }

  clearUpcoming() {
    this.tracks = this.tracks.slice(0, this.index + 1);
    this.seed = null;
    this.session = null;
    this.source = "web";
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
    const { tracks, index, source, seed, session, shuffled } = this;
    remember("queue", { tracks, index, source, seed, session, shuffled, order: this.#order });
    this.dispatchEvent(new Event("change"));
  }
}
