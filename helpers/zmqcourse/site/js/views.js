// Replays: a picture stands still until it comes near, then its record is played there, over and over.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function replay(figure) {
  const place = figure.querySelector(".flow-live"),
    record = JSON.parse(document.getElementById(place.dataset.replay).textContent);
  const source = { title: record.title, live: false, replay: record, loop: true, from: record.from };
  if (calm.matches) source.at = +place.dataset.at; // the moment that the still picture showed; nothing moves unasked
  const view = mount(place, source);
  figure.classList.add("moves");
  figure.dispatchEvent(new CustomEvent("flow:mounted", { bubbles: true, detail: { view, source, record } }));
}

const near = new IntersectionObserver(
  entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      replay(entry.target);
    }
  },
  { rootMargin: "400px 0px" },
);
for (const figure of document.querySelectorAll(".flow")) near.observe(figure);
