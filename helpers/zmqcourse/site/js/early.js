// Before anything is drawn: the theme that the reader chose, and that scripts run.
try {
  const chosen = localStorage.getItem("zmqcourse.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  /* a browser that keeps nothing follows the system */
}
document.documentElement.classList.add("js");
