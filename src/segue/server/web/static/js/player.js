// Plays the queue's current track, has the next ready, and reports each playing exactly once.

import { Deck } from "./deck.js";
import { chosenLoudness, gainOf, keepLoudness } from "./loudness.js";
import { Playing } from "./playing.js";
import { forget, remember, remembered } from "./store.js";
import { streamUrl } from "./tracks.js";

const RESTART_AFTER_S = 4; // "previous" restarts a track that is further than this
const REMEMBER_EVERY_S = 3;
const MOST_FAILURES = 4; // in a row; then the server is away, not the files broken
export const LONGEST_FADE_S = 12;

export class Player extends EventTarget {
  #deck = new Deck();
  #playing = null;
  #rememberedAt = 0;
  #failures = 0;
  #waitsForNetwork = false;

  constructor(queue) {
    super();
    this.queue = queue;
    this.volume = remembered("volume", 1);
    this.muted = false;
    this.loudness = chosenLoudness();
    this.fadeS = remembered("fade_s", 0);
    this.stopsAfterTrack = false;
    this.#connect();
    this.#restore();
    queue.addEventListener("change", () => this.#cueAnew());
    addEventListener("pagehide", () => this.#leave());
    addEventListener("online", () => this.#networkIsBack());
  }

  get track() {
    return this.queue.current;
  }

  get paused() {
    return this.#deck.paused;
  }

  get waiting() {
    return this.#deck.waiting;
  }

  get position() {
    return this.#deck.loaded ? this.#deck.position : 0;
  }

  get duration() {
    return this.#deck.duration || this.track?.duration_s || 0;
  }

  playList(tracks, index, source, seed = null, session = null) {
    if (!tracks[index]?.playable) return;
    this.#report();
    this.queue.set(tracks, index, source, seed, session);
    this.#begin();
  }

  jump(index) {
    if (index === this.queue.index) return this.play();
    this.#report();
    return this.queue.go(index) && this.#begin();
  }

  // Tracks to come right after this one, or at the end; the first begins when nothing plays.
  add(tracks, where) {
    const idle = !this.track;
    const n = where === "next" ? this.queue.insertNext(tracks) : this.queue.addLast(tracks);
    if (idle && this.queue.next()) this.#begin();
    return n;
  }

  toggle() {
    if (!this.track) return;
    if (this.paused) this.play();
    else this.pause();
  }

  play() {
    if (!this.track) return undefined;
    if (!this.#deck.loaded) return this.#begin();
    // a browser may refuse sound before the first touch; the button then simply stays "play"
    return this.#deck.play().catch(() => this.#tell());
  }

  pause() {
    this.#waitsForNetwork = false;
    this.#deck.pause();
  }

  next() {
    this.#report();
    this.#goOn();
  }

  previous() {
    if (this.position > RESTART_AFTER_S || !this.queue.hasPrevious) return this.seek(0);
    this.#report();
    this.queue.previous();
    return this.#begin();
  }

  seek(seconds) {
    if (!this.#playing) return;
    const target = Math.max(0, Math.min(seconds, (this.duration || 0) - 0.25));
    this.#deck.seek(target);
    this.#playing.position = target;
    this.#tell();
  }

  setVolume(volume) {
    this.volume = Math.max(0, Math.min(1, volume));
    this.muted = false;
    remember("volume", this.volume);
    this.#setLevels();
  }

  toggleMute() {
    this.muted = !this.muted;
    this.#setLevels();
  }

  setLoudness(kind) {
    this.loudness = kind;
    keepLoudness(kind);
    this.#setLevels();
    this.#cueAnew();
  }

  setFade(seconds) {
    this.fadeS = Math.max(0, Math.min(LONGEST_FADE_S, seconds));
    remember("fade_s", this.fadeS);
    this.#setLevels();
  }

  dim(part) {
    this.#deck.dim = part;
  }

  stopAfterTrack(stops) {
    this.stopsAfterTrack = stops;
    this.#cueAnew();
  }

  // Takes away what plays, because it must never be played.
  dropCurrent() {
    this.next();
  }

  signOut() {
    this.pause();
    forget("queue");
    forget("playing");
    forget("sleep");
  }

  #begin() {
    const { track } = this;
    if (!track) return undefined;
    this.#deck.load(streamUrl(track), gainOf(track, this.loudness));
    this.#open();
    return this.play();
  }

  // A new playing of the queue's current track, whose sound is already under the needle.
  #open() {
    this.#playing = new Playing(this.track.id, this.track.from || this.queue.source);
    this.#playing.keep();
    this.#setLevels();
    this.dispatchEvent(new Event("track"));
  }

  #goOn() {
    if (this.queue.next()) return this.#begin();
    this.#deck.eject();
    this.#playing = null;
    forget("playing");
    this.dispatchEvent(new Event("stopped"));
    return this.#tell();
  }

  #connect() {
    const deck = this.#deck;
    const on = (name, act) => deck.addEventListener(name, act);
    on("time", () => this.#tick());
    on("state", () => this.#tell());
    on("near", () => this.#cue());
    on("sounding", () => (this.#failures = 0));
    on("failed", () => this.#failed());
    on("handover", () => {
      this.#report(true);
      this.queue.next();
      this.#open();
    });
    on("ended", () => this.#ended());
  }

  #ended() {
    this.#report(true);
    if (!this.stopsAfterTrack) return this.#goOn();
    this.stopsAfterTrack = false;
    if (this.queue.next()) {
      this.#deck.load(streamUrl(this.track), gainOf(this.track, this.loudness));
      this.#open();
    }
    this.dispatchEvent(new Event("stopped"));
    return this.#tell();
  }

  #tick() {
    const now = this.#deck.position;
    this.#playing?.hear(now);
    if (Math.abs(now - this.#rememberedAt) > REMEMBER_EVERY_S) this.#keep();
    this.dispatchEvent(new Event("time"));
  }

  #cue() {
    const next = this.queue.upcoming[0];
    if (!next || this.stopsAfterTrack) return;
    this.#deck.fadeS = fitsTogether(this.track, next) ? 0 : this.fadeS;
    this.#deck.cue(streamUrl(next), gainOf(next, this.loudness));
    this.dispatchEvent(new CustomEvent("cued", { detail: next }));
  }

  // After a change of the queue something else may be next.
  #cueAnew() {
    const next = this.queue.upcoming[0];
    const right = next && !this.stopsAfterTrack && this.#deck.cued === streamUrl(next);
    if (!right) this.#deck.uncue();
  }

  #failed() {
    if (!this.track) return;
    if (!navigator.onLine) {
      this.#waitsForNetwork = true; // goes on where it stopped when the network is back
      return;
    }
    this.#failures += 1;
    if (this.#playing) this.#playing.reported = true; // nothing was heard by choice
    this.dispatchEvent(new CustomEvent("trouble", { detail: this.track }));
    if (this.#failures < MOST_FAILURES) this.#goOn();
  }

  #networkIsBack() {
    if (!this.#waitsForNetwork) return;
    this.#waitsForNetwork = false;
    this.#deck.reload();
    this.play();
  }

  #report(ended = false) {
    const told = this.#playing?.report(this.duration, ended);
    if (told) this.dispatchEvent(new CustomEvent("reported", { detail: told }));
  }

  #leave() {
    if (this.#playing?.isFinished(this.duration)) this.#report();
    this.#keep();
  }

  #keep() {
    this.#rememberedAt = this.position;
    this.#playing?.keep();
  }

  #restore() {
    this.#playing = this.track && Playing.of(this.track.id);
    if (!this.#playing) return;
    this.#deck.load(streamUrl(this.track), 1, this.#playing.position);
    this.#setLevels();
  }

  #setLevels() {
    this.#deck.volume = this.volume;
    this.#deck.muted = this.muted;
    this.#deck.gain = gainOf(this.track, this.loudness);
    this.#deck.fadeS = this.fadeS;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }
}

// Neighbours on one record are not faded into each other: they were cut to fit.
function fitsTogether(one, next) {
  return Boolean(one?.album_id) && one.album_id === next.album_id && one.from === next.from;
}
