// A learner's own widgets stand right under the picture: a notebook puts them below the whole view, from where they are
// taken over. Where a page is built otherwise they stay below.

/** Takes them into `slot` as soon as they are there. {look, end}: `end` puts them back. */
export function takeControls(root, slot) {
  let watch = null,
    home = null;
  const look = () => {
    if (home) return;
    const whole = root.closest(".zl-with-controls"),
      own = whole && [...whole.children].find(e => e.classList.contains("zl-controls"));
    if (own) {
      home = whole;
      slot.append(own);
      watch?.disconnect();
    } else if (whole && !watch) {
      watch = new MutationObserver(look);
      watch.observe(whole, { childList: true });
    }
  };
  return {
    look,
    end() {
      watch?.disconnect();
      if (home) home.append(...slot.children);
    },
  };
}
