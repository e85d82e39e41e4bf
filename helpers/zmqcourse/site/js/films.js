// Pictures in steps: Play goes through them, the slider to any one.
const STEP_MS = 1200;

for (const film of document.querySelectorAll(".film")) {
  const steps = JSON.parse(film.querySelector("script").textContent),
    picture = film.querySelector(".film-picture"),
    [button, slider, output] = film.querySelector(".film-bar").children;
  let timer = 0;

  function show(step) {
    picture.innerHTML = steps[step - 1];
    slider.value = step;
    output.textContent = `${step} / ${steps.length}`;
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    button.textContent = "Play";
  }
  button.addEventListener("click", () => {
    if (timer) return stop();
    button.textContent = "Pause";
    show(+slider.value >= steps.length ? 1 : +slider.value + 1);
    timer = setInterval(() => (+slider.value >= steps.length ? stop() : show(+slider.value + 1)), STEP_MS);
  });
  slider.addEventListener("input", () => {
    stop();
    show(+slider.value);
  });
}
