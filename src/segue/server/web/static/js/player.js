// Sound: plays the queue's current track, prepares the next, and reports each playing exactly once.
//
// A playing becomes `play` when it ended or at least 80 % was heard, else `skip` when the listener
// goes on. A reload is neither: the playing is remembered, with what was heard, and goes on.

import { newKey, record } from "./events.js";
import { remember, remembered } from "./store.js";
import { streamUrl } from "./tracks.js";

const FINISHED_FRACTION = 0.8; // as in segue.data.feedback
const LONGEST_TICK_S = 2; // a larger step of the clock is a seek, not listening
const RESTART_AFTER_S = 4; // "previous" restarts a track that is further than this
const REMEMBER_EVERY_S = 3;

export class Player extends EventTarget {
  #audio = new Audio();
  #spare = new Audio();
  #playing = null; // { key, trackId, startedAt, heard, source, reported }
  #lastTime = 0;
  #rememberedAt = 0;
  #failures = 0;

  constructor(queue) {
    super();
    this.queue = queue;
    this.volume = remembered("volume", 1);
    this.muted = false;
    for (const audio of [this.#audio, this.#spare]) this.#listenTo(audio);
    this.#restore();
    addEventListener("pagehide", () => this.#leave());
  }

  get track() {
    return this.queue.current;
  }

  get paused() {
    return this.#audio.paused;
  }

  get position() {
    return this.#audio.currentTime || 0;
  }

  get duration() {
    const known = this.#audio.duration;
    return Number.isFinite(known) ? known : this.track?.duration_s || 0;
  }

  playList(tracks, index, source, seed = null, session = null) {
    if (!tracks[index]?.playable) return;
    this.#report("left");
    this.queue.set(tracks, index, source, seed, session);
    this.#start();
  }

  jump(index) {
    if (index === this.queue.index) return;
    this.#report("left");
    if (this.queue.go(index)) this.#start();
  }

  toggle() {
    if (!this.track) return;
    if (this.paused) this.play();
    else this.#audio.pause();
  }

  play() {
    if (!this.#audio.src) return this.#start();
    // a browser may refuse sound before the first touch; the button then simply stays "play"
    return this.#audio.play().catch(() => this.#tell());
  }

  pause() {
    this.#audio.pause();
  }

  next() {
    this.#report("left");
    this.#goOn();
  }

  previous() {
    if (this.position > RESTART_AFTER_S || !this.queue.hasPrevious) return this.seek(0);
    this.#report("left");
    this.queue.previous();
    this.#start();
  }

  seek(seconds) {
    const target = Math.max(0, Math.min(seconds, (this.duration || 0) - 0.25));
    this.#audio.currentTime = target;
    this.#lastTime = target;
    this.#tell();
  }

  setVolume(volume) {
    this.volume = Math.max(0, Math.min(1, volume));
    this.muted = false;
    remember("volume", this.volume);
    this.#applyVolume();
    this.#tell();
  }

  toggleMute() {
    this.muted = !this.muted;
    this.#applyVolume();
    this.#tell();
  }

  // Stops and clears what plays now, without counting it as a skip by choice of the next track.
  dropCurrent() {
    this.#report("left");
    this.#goOn();
  }

  #start() {
    const track = this.track;
    if (!track) return undefined;
    const url = new URL(streamUrl(track), location.href).href;
    this.#audio.pause();
    if (this.#spare.src === url) [this.#audio, this.#spare] = [this.#spare, this.#audio];
    else this.#audio.src = url;
    if (this.#audio.currentTime) this.#audio.currentTime = 0;
    this.#spare.removeAttribute("src");
    this.#lastTime = 0;
    this.#playing = {
      key: newKey(),
      trackId: track.id,
      startedAt: Date.now() / 1000,
      heard: 0,
      source: track.from || this.queue.source,
      reported: false,
    };
    this.#keep();
    this.#applyVolume();
    this.dispatchEvent(new Event("track"));
    return this.play();
  }

  #goOn() {
    if (this.queue.next()) this.#start();
    else {
      this.#audio.pause();
      this.#audio.removeAttribute("src");
      this.#playing = null;
      this.#keep();
      this.#tell();
    }
  }

  #listenTo(audio) {
    const ours = (act) => (event) => audio === this.#audio && act(event);
    audio.preload = "auto";
    audio.addEventListener("timeupdate", ours(() => this.#tick()));
    audio.addEventListener("playing", ours(() => (this.#failures = 0)));
    for (const name of ["play", "pause", "durationchange", "waiting", "playing", "seeked"]) {
      audio.addEventListener(name, ours(() => this.#tell()));
    }
    audio.addEventListener("ended", ours(() => {
      this.#report("ended");
      this.#goOn();
    }));
    audio.addEventListener("error", ours(() => this.#failed()));
  }

  #tick() {
    const now = this.#audio.currentTime;
    const step = now - this.#lastTime;
    if (this.#playing && step > 0 && step < LONGEST_TICK_S) this.#playing.heard += step;
    this.#lastTime = now;
    if (Math.abs(now - this.#rememberedAt) > REMEMBER_EVERY_S) this.#keep();
    if (this.duration - now < 20) this.#prepareNext();
    this.dispatchEvent(new Event("time"));
  }

  #prepareNext() {
    const next = this.queue.upcoming[0];
    if (!next || this.#spare.src) return;
    this.#spare.src = streamUrl(next);
    this.#spare.load();
  }

  #failed() {
    if (!this.#audio.src || !this.track) return;
    this.#failures += 1;
    if (this.#playing) this.#playing.reported = true; // nothing was heard by choice
    this.dispatchEvent(new CustomEvent("trouble", { detail: this.track }));
    // a few broken files are passed over; a server that is away is not hammered
    if (navigator.onLine && this.#failures < 4) this.#goOn();
  }

  #report(how) {
    const playing = this.#playing;
    if (!playing || playing.reported) return;
    playing.reported = true;
    const finished = how === "ended" || playing.heard >= FINISHED_FRACTION * (this.duration || Infinity);
    const kind = finished ? "play" : "skip";
    const told = { kind, trackId: playing.trackId, playedS: playing.heard };
    this.dispatchEvent(new CustomEvent("reported", { detail: told }));
    record(kind, playing.trackId, {
      key: playing.key,
      listened_at: playing.startedAt,
      played_s: playing.heard,
      source: playing.source,
    });
    this.#keep();
  }

  #leave() {
    const playing = this.#playing;
    if (playing && playing.heard >= FINISHED_FRACTION * (this.duration || Infinity)) this.#report("left");
    this.#keep();
  }

  #keep() {
    this.#rememberedAt = this.position;
    remember("playing", this.#playing && { ...this.#playing, position: this.position });
  }

  #restore() {
    const kept = remembered("playing", null);
    if (!this.track || kept?.trackId !== this.track.id) return;
    const { position, ...playing } = kept;
    this.#playing = playing;
    this.#audio.preload = "metadata";
    this.#audio.src = streamUrl(this.track);
    this.#audio.currentTime = position || 0;
    this.#lastTime = position || 0;
    this.#applyVolume();
  }

  // ReplayGain, never louder than the file itself
  #applyVolume() {
    const gain = Math.min(1, 10 ** ((this.track?.gain_db ?? 0) / 20));
    this.#audio.volume = this.volume * gain;
    this.#audio.muted = this.muted;
    this.#spare.muted = this.muted;
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }
}
