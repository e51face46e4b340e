// Two audio elements, of which one plays and the other holds what comes next.
//
// Shortly before the end the next one begins by itself: without a gap, or faded over `fadeS`.
// Then `handover` is dispatched. `near` says that the next should be made ready, `ended` that
// there was nothing to go on with.

const NEAR_S = 25;
const FIRST_LEAD_S = 0.08; // how long a prepared element takes to sound; measured from then on
const LONGEST_LEAD_S = 0.25;
const WATCH_S = 0.6; // from here on a timer watches the end, since timeupdate is too coarse
const FADE_STEP_MS = 40;

class Side {
  constructor() {
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.url = "";
    this.gain = 1;
    this.fade = 1;
  }

  load(url, gain) {
    if (this.url !== url) {
      this.url = url;
      this.audio.src = url;
    }
    this.gain = gain;
    this.fade = 1;
  }

  clear() {
    this.audio.pause();
    this.url = "";
    this.audio.removeAttribute("src");
    this.audio.load();
  }
}

export class Deck extends EventTarget {
  #now = new Side();
  #next = new Side();
  #watch = 0;
  #ramp = 0;
  #volume = 1;
  #muted = false;
  #dim = 1;
  #toldNear = false;
  #leadS = FIRST_LEAD_S;

  constructor() {
    super();
    this.fadeS = 0;
    for (const side of [this.#now, this.#next]) this.#listenTo(side);
  }

  get paused() {
    return this.#now.audio.paused;
  }

  get loaded() {
    return Boolean(this.#now.url);
  }

  get position() {
    return this.#now.audio.currentTime || 0;
  }

  get duration() {
    const { duration } = this.#now.audio;
    return Number.isFinite(duration) ? duration : 0;
  }

  get waiting() {
    const { audio } = this.#now;
    return !audio.paused && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  // Puts a track under the needle; what was cued is used when it is the same.
  load(url, gain, position = 0) {
    this.#endFade();
    this.#now.audio.pause();
    if (this.#next.url === url) [this.#now, this.#next] = [this.#next, this.#now];
    this.#now.load(url, gain);
    if (this.#now.audio.currentTime !== position) this.#now.audio.currentTime = position;
    this.#next.clear();
    this.#toldNear = false;
    this.#level();
  }

  play() {
    return this.#now.audio.play();
  }

  pause() {
    this.#endFade();
    this.#now.audio.pause();
  }

  seek(seconds) {
    this.#endFade();
    this.#now.audio.currentTime = seconds;
  }

  eject() {
    this.#endFade();
    this.#now.clear();
    this.#next.clear();
  }

  // Loads the same again where it stopped, after the network was away.
  reload() {
    const { audio } = this.#now;
    const at = audio.currentTime;
    audio.load();
    audio.currentTime = at;
  }

  get cued() {
    return this.#next.url;
  }

  cue(url, gain) {
    if (this.#ramp) return; // the other side still sounds
    this.#next.load(url, gain);
    this.#level();
  }

  uncue() {
    if (!this.#ramp && this.#next.url) this.#next.clear();
    this.#toldNear = false;
  }

  set volume(volume) {
    this.#volume = volume;
    this.#level();
  }

  set muted(muted) {
    this.#muted = muted;
    this.#level();
  }

  set gain(gain) {
    this.#now.gain = gain;
    this.#level();
  }

  // Between 1 and 0, on top of the volume: the sleep timer lets the sound go out.
  set dim(dim) {
    this.#dim = dim;
    this.#level();
  }

  #level() {
    for (const side of [this.#now, this.#next]) {
      side.audio.volume = Math.max(0, Math.min(1, this.#volume * side.gain * side.fade * this.#dim));
      side.audio.muted = this.#muted;
    }
  }

  #listenTo(side) {
    const { audio } = side;
    const ours = (act) => () => side === this.#now && side.url && act();
    const tell = (name) => this.dispatchEvent(new Event(name));
    audio.addEventListener("timeupdate", ours(() => this.#tick()));
    for (const name of ["play", "pause", "durationchange", "waiting", "playing", "seeked"]) {
      audio.addEventListener(name, ours(() => tell("state")));
    }
    audio.addEventListener("playing", ours(() => tell("sounding")));
    audio.addEventListener("ended", ours(() => (this.#isReady() ? this.#handOver() : tell("ended"))));
    audio.addEventListener("error", ours(() => tell("failed")));
  }

  #tick() {
    const left = this.duration - this.position;
    if (this.duration && left < NEAR_S + this.fadeS && !this.#toldNear) {
      this.#toldNear = true;
      this.dispatchEvent(new Event("near"));
    }
    if (this.duration && left < this.#overlapS() + WATCH_S) this.#watchEnd();
    this.dispatchEvent(new Event("time"));
  }

  // A short track is not all fade.
  #overlapS() {
    return this.fadeS ? Math.min(this.fadeS, this.duration / 4) : this.#leadS;
  }

  #isReady() {
    return Boolean(this.#next.url) && !this.#ramp && this.#next.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  #watchEnd() {
    if (this.#watch || this.paused) return;
    const waitMs = Math.max(0, (this.duration - this.position - this.#overlapS()) * 1000);
    this.#watch = setTimeout(() => {
      this.#watch = 0;
      const left = this.duration - this.position;
      if (!this.paused && this.#isReady() && left <= this.#overlapS() + 0.05) this.#handOver();
    }, waitMs);
  }

  #handOver() {
    const overlapS = this.#now.audio.ended ? 0 : this.#overlapS();
    [this.#now, this.#next] = [this.#next, this.#now];
    this.#toldNear = false;
    if (this.fadeS && overlapS) this.#fadeOver(overlapS);
    else this.#ramp = setTimeout(() => this.#endFade(), (overlapS + 0.5) * 1000);
    this.#measureLead(this.#now.audio);
    this.#now.audio.play().catch(() => this.dispatchEvent(new Event("state")));
    this.dispatchEvent(new Event("handover"));
  }

  #measureLead(audio) {
    const asked = performance.now();
    const learn = () => {
      const tookS = Math.min(LONGEST_LEAD_S, (performance.now() - asked) / 1000 - audio.currentTime);
      this.#leadS = Math.max(0, this.#leadS + (tookS - this.#leadS) / 2);
    };
    audio.addEventListener("playing", learn, { once: true });
  }

  // Equal power: the sum of squares stays 1.
  #fadeOver(overlapS) {
    const begun = performance.now();
    const step = () => {
      const part = Math.min(1, (performance.now() - begun) / (overlapS * 1000));
      this.#now.fade = Math.sin((part * Math.PI) / 2);
      this.#next.fade = Math.cos((part * Math.PI) / 2);
      this.#level();
      if (part < 1) this.#ramp = setTimeout(step, FADE_STEP_MS);
      else this.#endFade();
    };
    step();
  }

  #endFade() {
    clearTimeout(this.#watch);
    this.#watch = 0;
    if (!this.#ramp) return;
    clearTimeout(this.#ramp);
    this.#ramp = 0;
    this.#next.clear();
    this.#now.fade = 1;
    this.#level();
    if (this.#toldNear) this.dispatchEvent(new Event("near"));
  }
}
