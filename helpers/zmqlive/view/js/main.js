// Ways in: a widget in a notebook (render), a page without a kernel (mountAll), any other page (mount).
import { mount } from "./view.js";

/** Widget model → view. Live: batches come as custom messages; requests go over a comm of their own (`control`). */
async function render({ model, el: host }) {
  const uid = Math.random().toString(36).slice(2);
  let view = null;
  const control = await controlOf(model);
  const tell = message => {
    try {
      control.send(message);
    } catch {
      if (view) view.error("The kernel cannot be reached.");
    }
  };
  const make = () => {
    if (view) view.destroy();
    const replay = model.get("replay"),
      live = !replay && model.get("live");
    const source = {
      title: model.get("title"),
      height: model.get("height"),
      options: model.get("options"),
      code: { module: model.get("_esm"), style: model.get("_css") },
      live,
      replay: replay || { topo: model.get("topo") || {}, ev: [], dur: 0 },
    };
    if (live)
      Object.assign(source, {
        act: id => tell({ act: id }),
        ask: () => tell({ ask: "history", view: uid }),
        look: on => tell({ look: on, view: uid }),
      });
    view = mount(host, source);
  };
  const hear = message => {
    if (message.history) {
      if (message.view === uid) view.load(message.history);
    } else if (message.error && message.now === undefined) view.error(message.error);
    else view.push(message);
  };
  model.on("msg:custom", hear);
  model.on("change:replay", make);
  make();
  return () => {
    model.off("msg:custom", hear);
    model.off("change:replay", make);
    view.destroy();
  };
}

/** The kernel never sends on this comm, so its messages are not held back behind a busy cell. */
async function controlOf(model) {
  const ref = model.get("control");
  if (typeof ref === "string" && ref.startsWith("IPY_MODEL_") && model.widget_manager) {
    try {
      return await model.widget_manager.get_model(ref.slice(10));
    } catch {
      /* a host without models of its own */
    }
  }
  return model;
}

/** Pages made without a kernel: <div data-zmqlive="id"></div> and <script type="application/json" id="id">. */
function mountAll(doc = document) {
  for (const place of doc.querySelectorAll("[data-zmqlive]")) {
    if (place.dataset.done) continue;
    place.dataset.done = "1";
    const replay = JSON.parse(doc.getElementById(place.dataset.zmqlive).textContent);
    place.replaceChildren();
    mount(place, { title: replay.title, live: false, replay });
  }
}

export { mount, mountAll };
export default { render };
