// The sentence under the picture: how long it stands there, and what does not wait for that.

const HOLD = 1500; // ms, so that it can be read

export class Saying {
  constructor(line) {
    this.line = line;
    this.until = 0;
    this.rests = ""; // what it says there is none of
  }

  tell(text, bad = false, hold = HOLD) {
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.dataset.bad = bad ? "1" : "0";
    this.rests = "";
    this.until = performance.now() + hold;
  }

  /** What was said is of another moment. */
  over() {
    this.until = 0;
  }

  /**
   * The sentence of this moment. While time goes on, bad news does not wait its turn, nor does anything when "no message yet"
   * or "nothing moves" is true no more; and no picture is told for long to be worse than it is.
   */
  moment({ text, bad, rests = "" }, now, going) {
    const urgent = going && ((bad && this.line.dataset.bad !== "1") || (this.rests && rests !== this.rests));
    if (text === this.line.textContent || (now <= this.until && !urgent)) return;
    this.tell(text, bad, HOLD / (bad ? 6 : 3));
    this.rests = rests;
  }
}
