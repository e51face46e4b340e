// One playing of one track: how much was heard, and what it becomes in the history.
//
// It becomes `play` when it ended or at least 80 % was heard, else `skip` when the listener goes
// on. A reload is neither: a playing is remembered, with what was heard, and goes on.

import { newKey, record } from "./events.js";
import { remember, remembered } from "./store.js";

const FINISHED_FRACTION = 0.8; // as in segue.data.feedback
const LONGEST_TICK_S = 2; // a larger step of the clock is a seek, not listening

export class Playing {
  constructor(trackId, source) {
    this.key = newKey();
    this.trackId = trackId;
    this.source = source;
    this.startedAt = Date.now() / 1000;
    this.heard = 0;
    this.position = 0;
    this.reported = false;
  }

  // What was under way before a reload, if it is this track.
  static of(trackId) {
    const kept = remembered("playing", null);
    if (kept?.trackId !== trackId) return null;
    return Object.assign(new Playing(trackId, kept.source), kept);
  }

  keep() {
    remember("playing", { ...this });
  }

  hear(position) {
    const step = position - this.position;
    if (step > 0 && step < LONGEST_TICK_S) this.heard += step;
    this.position = position;
  }

  isFinished(duration) {
    return this.heard >= FINISHED_FRACTION * (duration || Infinity);
  }

  // Written once; returns what was written, or null.
  report(duration, ended = false) {
    if (this.reported) return null;
    this.reported = true;
    const kind = ended || this.isFinished(duration) ? "play" : "skip";
    record(kind, this.trackId, {
      key: this.key,
      listened_at: this.startedAt,
      played_s: this.heard,
      source: this.source,
    });
    this.keep();
    return { kind, trackId: this.trackId, playedS: this.heard };
  }
}
