// Where one is on the page, and code that can be taken along.
const entries = new Map([...document.querySelectorAll(".contents a")].map(a => [a.hash.slice(1), a]));
const headings = [...entries.keys()].map(id => document.getElementById(id)).filter(Boolean);

function mark() {
  let current = null;
  for (const heading of headings) if (heading.getBoundingClientRect().top < 140) current = heading;
  for (const [id, a] of entries) {
    if (current && id === current.id) a.setAttribute("aria-current", "true");
    else a.removeAttribute("aria-current");
  }
}
if (headings.length) {
  let waiting = false;
  addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    },
    { passive: true },
  );
  mark();
}

if (navigator.clipboard) {
  for (const code of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.querySelector("pre").textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    code.append(button);
  }
}
