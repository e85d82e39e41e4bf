// Whether anybody sees the view: not one that is scrolled away, on a hidden tab, or collapsed. The kernel is told, so that
// a picture that nobody looks at costs next to nothing.

const AGAIN = 10_000; // ms: said again so often, or the kernel takes it that the page is gone

export class Gaze {
  /** `turned(seen)` is called when it changes; `tell(seen)`, if given, then and every ten seconds while it is seen. */
  constructor(root, turned, tell) {
    this.inSight = false;
    this.seen = null;
    this.turned = turned;
    this.tell = tell || (() => {});
    this.look = () => this.update();
    this.watch = new IntersectionObserver(x => {
      this.inSight = x[x.length - 1].isIntersecting;
      this.update();
    });
    this.watch.observe(root);
    document.addEventListener("visibilitychange", this.look);
    this.timer = setInterval(() => {
      if (this.seen) this.tell(true);
    }, AGAIN);
  }

  update() {
    const seen = this.inSight && document.visibilityState !== "hidden";
    if (seen === this.seen) return;
    this.seen = seen;
    this.turned(seen);
    this.tell(seen);
  }

  end() {
    this.watch.disconnect();
    document.removeEventListener("visibilitychange", this.look);
    clearInterval(this.timer);
    if (this.seen) this.tell(false);
  }
}
