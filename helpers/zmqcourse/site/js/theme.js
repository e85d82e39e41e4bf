// The switch between light and dark. What the system prefers needs not be kept.
const root = document.documentElement,
  button = document.querySelector(".theme"),
  dark = matchMedia("(prefers-color-scheme: dark)");

const now = () => root.dataset.theme || (dark.matches ? "dark" : "light");

function tell() {
  button.setAttribute("aria-pressed", String(now() === "dark"));
  button.title = now() === "dark" ? "Light theme" : "Dark theme";
}

button.hidden = false;
button.addEventListener("click", () => {
  const wanted = now() === "dark" ? "light" : "dark",
    system = dark.matches ? "dark" : "light";
  if (wanted === system) delete root.dataset.theme;
  else root.dataset.theme = wanted;
  try {
    if (wanted === system) localStorage.removeItem("zmqcourse.theme");
    else localStorage.setItem("zmqcourse.theme", wanted);
  } catch {
    /* until the page is left */
  }
  tell();
});
dark.addEventListener("change", tell);
tell();
