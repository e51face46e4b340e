// The sleep timer: stops after so many minutes, the sound going out slowly, or with the track.

import { forget, remember, remembered } from "./store.js";

const GOING_OUT_S = 20;

export class Sleep extends EventTarget {
  #player;
  #timer = 0;
  #until = null; // milliseconds since 1970

  constructor(player) {
    super();
    this.#player = player;
    const kept = remembered("sleep", null);
    if (kept > Date.now()) this.#begin(kept);
    player.addEventListener("stopped", () => this.set(null));
  }

  get leftS() {
    return this.#until === null ? null : Math.max(0, (this.#until - Date.now()) / 1000);
  }

  get chosen() {
    if (this.#player.stopsAfterTrack) return "track";
    return this.#until === null ? "off" : "time";
  }

  // Minutes, "track" for the end of this one, or null for never.
  set(choice) {
    clearInterval(this.#timer);
    this.#until = null;
    forget("sleep");
    this.#player.dim(1);
    this.#player.stopAfterTrack(choice === "track");
    if (typeof choice === "number") this.#begin(Date.now() + choice * 60_000);
    this.dispatchEvent(new Event("change"));
  }

  #begin(until) {
    this.#until = until;
    remember("sleep", until);
    this.#timer = setInterval(() => this.#look(), 500);
  }

  #look() {
    const left = this.leftS;
    this.#player.dim(Math.min(1, left / GOING_OUT_S));
    if (left <= 0) {
      this.#player.pause();
      this.set(null);
    } else {
      this.dispatchEvent(new Event("change"));
    }
  }
}
