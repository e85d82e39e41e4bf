// Light or dark, as the page is: followed while the view is there.
import { DARK, LIGHT, isDark, paintRoot } from "./palette.js";

const ATTRIBUTES = ["data-jp-theme-light", "data-jp-theme-name", "class", "data-vscode-theme-kind", "data-theme", "data-mode", "style"];

/** `changed()` is called after view.pal was set anew. {look, end}. */
export function watchTheme(host, root, view, changed) {
  const look = () => {
    view.pal = isDark(host.parentElement || document.body) ? DARK : LIGHT;
    paintRoot(root, view.pal);
    changed();
  };
  const watch = new MutationObserver(() => setTimeout(look, 60));
  watch.observe(document.body, { attributes: true, attributeFilter: ATTRIBUTES.slice(0, 5) });
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ATTRIBUTES.slice(2) });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", look);
  return {
    look,
    end() {
      watch.disconnect();
      scheme.removeEventListener("change", look);
    },
  };
}
