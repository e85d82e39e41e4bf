// A whole view: mount(host, source) puts it into the page. source = {title, live, replay?, act?, ask?, height?,
// options?: {colour, follow, xray}, also in a replay, loop?: begin again at the end, from?: where to begin (ms), at?: stand still there until somebody presses Play}.
import { Clock, Speed } from "./clock.js";
import { newView } from "./model.js";
import { watchTheme } from "./theme.js";
import { takeControls } from "./slot.js";
import { build } from "./dom.js";
import { buildTools, drawFamilies, drawLegend } from "./tools.js";
import { messageCard } from "./card.js";
import { keepInSight } from "./camera.js";
import { actionBar } from "./actions.js";
import { boxMenu } from "./boxmenu.js";
import { xrayPanel } from "./xray.js";
import { arrangeView, drawMoving, drawScene, moveOn, resize } from "./picture.js";
import { drawTimeline, TL_HEIGHT } from "./timeline.js";
import { describe, eventWords, sentence } from "./words.js";
import { wireControls } from "./wiring.js";
import { News } from "./news.js";
import { Saying } from "./saying.js";
import { Gaze } from "./gaze.js";

const SCENE_MS = 80,
  TEXT_MS = 120,
  LABEL_MS = 2000;
let serial = 0;

export function mount(host, source) {
  const id = `zl${++serial}-${Math.random().toString(36).slice(2, 7)}-`,
    dom = build(source.title || "", source.live, id);
  const clock = new Clock(source.live),
    calm = matchMedia("(prefers-reduced-motion: reduce)");
  if (!source.live) Object.assign(clock, { loop: !!source.loop, from: source.from || 0, T: source.from || 0 });
  const view = newView(source, calm);
  view.over = () => source.live && clock.finished && clock.T >= end() - 1;
  const scene = dom.scene.getContext("2d"),
    dots = dom.dots.getContext("2d"),
    tl = dom.tl.getContext("2d");
  const saying = new Saying(dom.say),
    speed = new Speed();
  const panel = xrayPanel(() => {
    view.chosen = null;
    view.closed = true;
    dom.edges.value = "";
    changed();
  });
  const bar = actionBar(dom.actions, action => source.act && source.act(action));
  const menu = boxMenu(view, dom.stage, bar.buttons);
  buildTools(dom);
  const card = messageCard(view, {
    changed: () => changed(),
    seek: t => seek(t),
    live: () => clock.mode === "live",
    say: text => saying.tell(text, false, 4000),
  });
  dom.root.append(dom.foot, dom.legend, dom.families, dom.slot, card.finder, card.root, panel.root, dom.tail, dom.tip);
  host.append(dom.root);

  let raf = 0,
    timer = 0,
    last = performance.now(),
    off = false,
    dead = false,
    dirty = true,
    width = 0;
  let sceneAt = 0,
    textAt = 0,
    labelAt = 0,
    drawnVersion = -1,
    legend = "";

  const end = () =>
    Math.max(1, source.live ? Math.max(clock.heard.now, view.store.now) : source.replay.dur || view.store.now);
  const changed = () => {
    dirty = true;
    wake();
  };
  /** Draws again. Time that passed unseen is left out; where the view only dozed in a quiet stretch it counts. */
  const wake = (dozed = false) => {
    if (dead || raf || off) return;
    clearTimeout(timer);
    timer = 0;
    if (!dozed && performance.now() - last > 250) last = performance.now() - 16;
    raf = requestAnimationFrame(frame);
  };
  const seek = t => {
    clock.T = Math.min(end(), Math.max(0, t));
    saying.over();
    changed();
  };
  const setMode = mode => {
    clock.mode = mode;
    saying.over();
    showMode();
    changed();
  };

  function showMode() {
    const paused = clock.mode === "pause";
    dom.play.textContent = paused ? "Play" : "Pause";
    dom.play.setAttribute("aria-label", paused ? "Play" : "Pause");
    dom.live.setAttribute("aria-pressed", String(clock.mode === "live"));
    dom.loop.setAttribute("aria-pressed", String(clock.loop));
    dom.root.dataset.mode = clock.mode;
  }

  /** Next event that says something: that one, and not what else happened at the same time. */
  function step() {
    setMode("pause");
    view.state.advance(clock.T);
    for (let i = view.state.i; i < view.store.ev.length; i++) {
      const e = view.store.ev[i],
        words = eventWords(view, e);
      if (!words) continue;
      seek(view.state.stepTo(i));
      saying.tell(words, e[1] === "b" || e[1] === "x", 4000);
      return;
    }
    saying.tell("That was the last event.", false, 3000);
  }

  const news = new News({ view, clock, dom, bar, source, changed, wake, rearrange, showMode });
  wireControls({ view, dom, clock, source, seek, setMode, showMode, step, end, changed, bar, menu, card, rearrange, toggle });

  function rearrange() {
    arrangeView(view, Math.max(300, width || host.clientWidth || 700), performance.now());
    const edges = view.graph.edges.filter(e => view.store.alive("e" + e.id, clock.T + 500));
    if (view.xrayOpen && view.chosen === null && !view.closed && view.graph.routes.length === 1) view.chosen = view.graph.routes[0].id;
    news.listEdges(edges);
    drawFamilies(dom, view, toggle);
    changed();
  }

  /** Show each of a family of roles, or all as one. */
  function toggle(stem) {
    if (!view.opened.delete(stem)) view.opened.add(stem);
    rearrange();
  }

  function sizes() {
    const w = dom.root.clientWidth;
    if (!w || Math.abs(w - width) < 1) return;
    width = w;
    view.dpr = Math.min(2, window.devicePixelRatio || 1);
    rearrange();
  }

  function frame(now) {
    raf = 0;
    if (dead || off) return;
    const dt = Math.min(400, Math.max(0, now - last)),
      before = clock.T;
    last = now;
    const was = clock.mode;
    if (clock.advance(dt, end()) === "ended" || clock.mode !== was) {
      showMode();
      saying.over();
      dirty = true;
      labelAt = 0; // where it comes to rest no frame follows
    }
    const jumped = clock.T < view.state.T || clock.T - before > 700 || Math.abs(clock.T - view.state.T) > 700;
    view.calm = calm.matches;
    view.T = clock.T;
    view.still = clock.mode === "pause";
    view.state.advance(clock.T);
    const moves = moveOn(view, now);
    const { W, H } = view.stage;
    if (resize(dom.scene, W, H, view.dpr) | resize(dom.dots, W, H, view.dpr)) {
      dom.stage.style.height = H + "px";
      dirty = true;
    }
    const stale = view.state.version !== drawnVersion || view.anyBlocked();
    if (dirty || moves || jumped || (stale && now - sceneAt > SCENE_MS)) {
      drawScene(scene, view);
      sceneAt = now;
      drawnVersion = view.state.version;
    }
    const moving = drawMoving(dots, view, dt, jumped || clock.mode === "pause");
    view.frames++;
    if (dirty || now - textAt > TEXT_MS) {
      textAt = now;
      texts(now);
    }
    dirty = view.asked && view.zoom.z > 1 && follow();
    if (dirty) wake();
    const due = view.state.i < view.store.ev.length && view.store.ev[view.state.i][0] - clock.T < 300 * Math.max(1, clock.speed);
    const going = clock.mode !== "pause";
    if (!view.calm && (moves || (going && (moving || due)))) raf = raf || requestAnimationFrame(frame);
    else if (going)
      timer = setTimeout(
        () => {
          timer = 0;
          wake(true);
        },
        view.anyBlocked() || view.calm ? 120 : 250,
      );
  }

  /** Keeps what is asked for in sight. Returns whether the picture had to move. */
  function follow() {
    const was = `${view.zoom.x} ${view.zoom.y}`;
    if (view.mark) keepInSight(view, view.mark.x, view.mark.y);
    return was !== `${view.zoom.x} ${view.zoom.y}`;
  }

  function texts(now) {
    const sum = view.state.totals(),
      put = (node, text) => {
        if (node.textContent !== text) node.textContent = text;
      };
    for (const key of ["sent", "recv", "waiting", "drop"]) put(dom.stat[key], sum[key].toLocaleString("en"));
    dom.stat.drop.parentNode.dataset.bad = sum.drop > 0 ? "1" : "0";
    const rate = speed.at(clock.T, sum.recv);
    if (rate) put(dom.stat.rate, rate);
    put(dom.time, `${(clock.T / 1000).toFixed(1)} s / ${(Math.max(end(), clock.T) / 1000).toFixed(1)} s`);
    timeline();
    const route = view.graph.routes.find(r => r.id === view.chosen);
    panel.update(view, route || null);
    card.update();
    legend = drawLegend(dom, view, legend);
    dom.whole.hidden = view.zoom.z <= 1;
    news.check(now);
    saying.moment(sentence(view), now, clock.mode !== "pause");
    if (now > labelAt) {
      labelAt = now + LABEL_MS;
      dom.dots.setAttribute("aria-label", describe(view));
    }
  }

  function timeline() {
    const w = width - 28;
    if (w < 50) return;
    resize(dom.tl, w, TL_HEIGHT, view.dpr);
    tl.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
    view.flags = drawTimeline(tl, view, w, 0, Math.max(1000, end()));
    if (document.activeElement !== dom.range || clock.mode !== "pause")
      dom.range.value = String((1000 * clock.T) / Math.max(1000, end()));
    dom.range.setAttribute("aria-valuetext", `${(clock.T / 1000).toFixed(1)} seconds`);
  }

  const theme = watchTheme(host, dom.root, view, changed),
    controls = takeControls(dom.root, dom.slot);
  const watch = new ResizeObserver(() => {
    controls.look();
    sizes();
    theme.look();
  });
  watch.observe(dom.root);
  const gaze = new Gaze(
    dom.root,
    seen => {
      off = !seen;
      if (seen) changed();
    },
    source.look,
  );
  calm.addEventListener("change", changed);

  theme.look();
  news.begin();
  sizes();
  if (!view.geo.boxes.size) rearrange();
  if (!source.live && source.at !== undefined) {
    clock.mode = "pause";
    clock.T = Math.min(end(), Math.max(0, source.at));
  }
  showMode();
  dom.root.zmqlive = { view, clock, end, store: () => view.store }; // for tests and the curious
  changed();

  return {
    push: b => news.push(b),
    load: b => news.load(b),
    error: text => news.error(text),
    /** Another record takes the place of this one (a replay's), at `at` or at the same moment where it has that. */
    change(replay, at = clock.T) {
      source.replay = replay;
      clock.from = replay.from || 0;
      card.leave();
      news.renew();
      speed.forget();
      seek(at < end() ? Math.max(at, clock.from) : clock.from);
    },
    /** Buttons of a replay; `source.act` is called with the one that is pressed. */
    offer: actions => bar.set(actions),
    destroy() {
      dead = true;
      cancelAnimationFrame(raf);
      clearTimeout(timer);
      watch.disconnect();
      gaze.end();
      theme.end();
      controls.end();
      calm.removeEventListener("change", changed);
      dom.root.remove();
    },
  };
}
