// One virtual time for live, pause, step, scrub and replay. Times in ms of the trace.

const DELAY = 140, // live shows the past by this much: by then most predictions are corrected
  REST = 1200; // a loop stands still at its end for so long

export class Clock {
  constructor(live) {
    this.live = live;
    this.mode = live ? "live" : "play";
    this.T = 0;
    this.speed = 1;
    this.loop = false;
    this.from = 0; // where a replay begins, and a loop again
    this.rest = 0;
    this.heard = { now: 0, at: performance.now() }; // the kernel's time, and when it was heard
    this.finished = false;
  }

  hear(now) {
    this.heard = { now, at: performance.now() };
  }

  /** Where live is now. Without news it soon stands still. */
  target() {
    const ahead = this.finished ? 0 : Math.min(300, performance.now() - this.heard.at) - DELAY;
    return Math.max(0, this.heard.now + ahead);
  }

  /** Moves on by dt ms of real time. `end` is the last moment to be shown. */
  advance(dt, end) {
    if (this.mode === "live") {
      const miss = this.target() - (this.T + dt);
      this.T += dt + (Math.abs(miss) > 800 ? miss : miss * Math.min(1, dt / 250));
      this.T = Math.max(0, this.T);
      if (this.finished && this.T >= end) {
        this.T = end;
        this.mode = "pause";
        return "ended";
      }
    } else if (this.mode === "play") {
      this.T += dt * this.speed;
      if (this.T >= end) {
        this.T = end;
        if (this.loop) {
          this.rest += dt;
          if (this.rest < REST) return "";
          this.rest = 0;
          this.T = this.from;
          return "";
        }
        this.mode = this.live && !this.finished ? "live" : "pause";
        return "ended";
      }
    }
    return "";
  }
}

const SPAN = 700; // ms over which messages are counted

/** Messages a second, as words. */
export class Speed {
  constructor() {
    this.t = 0;
    this.n = 0;
  }

  /** Another record, or another part of it: it is counted anew. */
  forget() {
    this.t = Infinity;
  }

  /** At T so many have been received. "" until enough time is over to tell. */
  at(T, n) {
    if (T < this.t) [this.t, this.n] = [T, n];
    if (T - this.t <= SPAN) return "";
    const rate = Math.max(0, ((n - this.n) * 1000) / (T - this.t));
    [this.t, this.n] = [T, n];
    return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
  }
}
