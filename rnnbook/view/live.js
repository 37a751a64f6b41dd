// One live figure on the page. `still` is the whole figure as SVG with an empty group where each moving artist
// belongs; `part_0`, `part_1`, ... are what those groups hold; `reading` is the sentence beneath. Python sends `still`
// once, and at each move the parts that have changed and the sentence. `touch` says where axes lie and handles stand.

// Said when the controls are cut off from the kernel that made them: they still move, and nothing follows.
const LOST = " The controls have lost their kernel: run all cells again.";

const IDS = /(\bid="|url\(#|href="#)/g;
const ROOM = 780; // CSS pixels that the widest pictures need
const STEP = 48; // half an inch
const PAUSE = 700; // milliseconds without a move after which the next one is another gesture
const STYLE = `
.rnnbook-live { position: relative }
.rnnbook-picture { position: relative; background: var(--rnnbook-ffffff, white) }
.rnnbook-picture > svg { fill: var(--rnnbook-000000, black) }
.rnnbook-ghost { opacity: 0.25; pointer-events: none }
.rnnbook-text span, .rnnbook-picture, .rnnbook-handle, .rnnbook-cross { forced-color-adjust: none }
.rnnbook-ghost use { display: none }
.rnnbook-ghost path { marker: none; vector-effect: non-scaling-stroke }
.rnnbook-probe { position: absolute; cursor: crosshair; outline-offset: 2px; touch-action: pan-y }
.rnnbook-cross { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1px dashed var(--rnnbook-666666, #666);
  pointer-events: none }
.rnnbook-values { position: absolute; top: 2px; padding: 2px 8px; font: 13px/1.5 var(--jp-ui-font-family, sans-serif);
  white-space: pre; pointer-events: none; border-radius: 4px; box-shadow: 0 0 3px #0006;
  background: var(--rnnbook-ffffff, white); color: var(--rnnbook-000000, black) }
.rnnbook-handle { position: absolute; width: 32px; height: 32px; margin: -16px 0 0 -16px; border-radius: 50%;
  cursor: grab; touch-action: none; border: 2px solid var(--rnnbook-000000, black); opacity: 0.35; box-sizing: border-box }
.rnnbook-handle:hover, .rnnbook-handle:focus-visible { opacity: 1 }
@media (prefers-reduced-motion: reduce) { .rnnbook-explorer .widget-play { display: none } }
.rnnbook-handle:active { cursor: grabbing; opacity: 1 }`;

function render({ model, el }) {
  // Ids hold for the whole page, and a figure may be on it twice: with equal ids, one view's clip paths would
  // vanish when the other is hidden. So every view gives its ids, and what refers to them, a prefix of its own.
  const salt = `live-${Math.random().toString(36).slice(2)}`;
  const dark = model.get("dark") ?? {};
  const colour = (hex) => (dark[hex] ? `var(--rnnbook-${hex.slice(1)}, ${hex})` : hex);
  const own = (svg, part) =>
    svg.replace(IDS, `$1${salt}-${part}-`).replace(/#[0-9a-f]{6}\b(?!-)/g, colour);

  el.classList.add("rnnbook-live");
  const style = document.createElement("style");
  const stand_ins = Object.entries(dark).map(([light, other]) => `--rnnbook-${light.slice(1)}: ${other}`).join("; ");
  style.textContent = `${STYLE}
    @media screen { :is([data-jp-theme-light="false"], [data-theme="dark"]) .rnnbook-live { ${stand_ins} } }`;
  const picture = document.createElement("div");
  picture.className = "rnnbook-picture";
  // This node stays: screen readers announce changes in a live region, not a new region.
  const reading = document.createElement("p");
  reading.setAttribute("role", "status");
  reading.setAttribute("aria-live", "polite");
  reading.style.cssText =
    "margin: 4px 0; font-size: 15px; line-height: 1.4; color: var(--jp-ui-font-color1, currentColor)";
  el.append(style, picture, reading);
  const hand = touchable(model, picture);

  let still = "";
  let holes = [];
  let shown = [];
  let windows = {};
  let before = null; // what the ghosts show: parts, and the windows they were drawn in
  let era = model.get("era");
  let last = 0; // when the picture changed
  const show = () => {
    const now = performance.now();
    const old = { parts: [...shown], windows };
    const touch = model.get("touch") ?? {};
    windows = touch.ghosts ?? {};
    if (model.get("still") !== still) {
      still = model.get("still");
      picture.querySelector("svg")?.remove();
      picture.insertAdjacentHTML("afterbegin", own(still, "still"));
      const { width, height } = picture.firstElementChild.viewBox.baseVal;
      // As wide as it was made, and in a talk as high as the slide has room.
      picture.style.maxWidth = `min(${(96 / 72) * width}px, ${width / height} * var(--rnnbook-highest, 9999px))`;
      holes = picture.querySelectorAll(`[id^="${salt}-still-hole-"]`); // one is missing while its axes are hidden
      shown = [];
    }
    let changed = false;
    for (const hole of holes) {
      const k = hole.id.slice(hole.id.lastIndexOf("-") + 1);
      const part = model.get(`part_${k}`) ?? ""; // a page that was saved leaves empty ones out
      if (part !== shown[k]) hole.innerHTML = own(part, k);
      changed ||= part !== old.parts[k];
      shown[k] = part;
    }
    if (model.get("era") !== era) {
      era = model.get("era");
      before = null;
      haunt();
    } else if (changed && old.parts.length && now - last > PAUSE) {
      before = old;
    }
    if (changed) {
      last = now;
      haunt();
    }
    picture.firstElementChild.setAttribute("aria-label", model.get("reading"));
    hand.show(touch, picture.firstElementChild.viewBox.baseVal);
    read();
  };
  // A restart sets a class. A kernel that was shut down is only missing, or another one has come in its place.
  const kernel = () => model.widget_manager?.kernel?.id;
  const made = kernel();

  // Where the curves were before this gesture, moved to where that is if the axes have other limits since.
  // One that is there already stays: this happens at every move.
  const ghosts = {};
  const haunt = () => {
    for (const hole of holes) {
      const k = hole.id.slice(hole.id.lastIndexOf("-") + 1);
      const there = before && windows[k] && before.parts[k] && before.parts[k] !== shown[k];
      const way = there ? moved(before.windows[k], windows[k]) : null;
      const old = ghosts[k];
      if (there && old?.before === before && old.way === way && old.node.nextSibling === hole) continue;
      old?.node.remove();
      delete ghosts[k];
      if (!there) continue;
      const node = document.createElementNS("http://www.w3.org/2000/svg", "g");
      node.setAttribute("class", "rnnbook-ghost");
      node.innerHTML = own(before.parts[k], `ghost-${k}`);
      if (way) {
        // Clipped where the axes are now: the path's own clip would be moved with it.
        const [left, top, right, bottom] = windows[k].box;
        for (const path of node.querySelectorAll("path")) path.removeAttribute("clip-path");
        node.innerHTML = `<clipPath id="${salt}-clip-${k}"><rect x="${left}" y="${top}" width="${right - left}"
          height="${bottom - top}"/></clipPath><g clip-path="url(#${salt}-clip-${k})"><g transform="${way}">${
          node.innerHTML}</g></g>`;
      }
      hole.before(node);
      ghosts[k] = { node, before, way };
    }
  };
  const read = () => {
    const lost = el.closest(".jupyter-widgets-disconnected") || kernel() !== made;
    const text = model.get("reading") + (lost ? LOST : "");
    if (reading.dataset.text !== text) {
      reading.dataset.text = text;
      reading.replaceChildren(...symbols(text));
    }
  };
  show();
  model.on("change", show); // once a message, after all of it has arrived

  // The controls stand beside this widget, not in it, and `el` enters the page later than this call: its first
  // size says when.
  let controls = null;
  const entered = new ResizeObserver(() => {
    const explorer = el.closest(".rnnbook-explorer");
    if (!explorer) return;
    entered.disconnect();
    nameControls(explorer);
    explorer.addEventListener("pointerdown", pause, true);
    explorer.addEventListener("keydown", pause, true);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) model.send({ calm: true });
    controls = new MutationObserver(() => {
      nameControls(explorer);
      read();
    });
    const attributeFilter = ["aria-valuetext", "disabled", "class"]; // a class says that the kernel is lost
    const watched = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter };
    controls.observe(explorer, watched);
  });
  entered.observe(el);

  // Letters are 11 px high where the picture is as wide as it was made; on less, Python draws another.
  // Several views of one figure show one picture, which is drawn for the narrowest of them.
  const views = viewsOf(model.get("layout") ?? el);
  const tell = () => {
    const width = Math.min(...views.widths.values());
    if (!views.widths.size || width === views.told) return;
    views.told = width;
    model.send({ room: width < ROOM ? width : 0 });
  };
  const resized = new ResizeObserver(() => {
    if (!el.clientWidth) return;
    if (document.body.dataset.rnnbookDeck !== undefined) return; // a talk counts the pages of its slides once
    views.widths.set(el, el.clientWidth < ROOM ? STEP * Math.floor(el.clientWidth / STEP) : ROOM);
    tell();
  });
  resized.observe(el);

  return () => {
    model.off("change", show);
    resized.disconnect();
    views.widths.delete(el);
    tell();
    hand.end();
    entered.disconnect();
    controls?.disconnect();
  };
}

// How wide the views of one figure are, and what Python was told: a figure is known by its layout, which is its own.
const figures = new WeakMap();
function viewsOf(figure) {
  if (!figures.has(figure)) figures.set(figure, { widths: new Map(), told: null });
  return figures.get(figure);
}

// A sentence in nodes, with W_hh as W and a subscript.
function symbols(text) {
  return text.split(/(\b[A-Za-z]_[A-Za-z0-9]+)/).map((piece, k) => {
    if (k % 2 === 0) return piece;
    const [letter, index] = piece.split("_");
    const sub = document.createElement("sub");
    sub.textContent = index;
    const symbol = document.createElement("i");
    symbol.append(letter, sub);
    return symbol;
  });
}

// A place along one axis: from 0 to 1 for a value, and back.
const scaled = (value, scale) => (scale === "log" ? Math.log10(Math.max(value, 1e-300)) : value);
function share(value, [low, high, scale]) {
  return (scaled(value, scale) - scaled(low, scale)) / (scaled(high, scale) - scaled(low, scale));
}
function valueAt(part, [low, high, scale]) {
  const value = scaled(low, scale) + part * (scaled(high, scale) - scaled(low, scale));
  return scale === "log" ? 10 ** value : value;
}

// The SVG transform from where things lie in one window of axes to where the same data lie in another.
function moved(from, to) {
  if (!from || !to || JSON.stringify(from) === JSON.stringify(to)) return null;
  const [left, top, right, bottom] = to.box;
  const x = (value) => left + share(value, to.x) * (right - left);
  const y = (value) => bottom - share(value, to.y) * (bottom - top);
  const sx = (x(from.x[1]) - x(from.x[0])) / (from.box[2] - from.box[0]);
  const sy = (y(from.y[0]) - y(from.y[1])) / (from.box[3] - from.box[1]);
  return `translate(${x(from.x[0]) - sx * from.box[0]} ${y(from.y[1]) - sy * from.box[1]}) scale(${sx} ${sy})`;
}

// Handles to drag and curves to read, as elements over the picture, which keep the keyboard's focus while it changes.
function touchable(model, picture) {
  let handles = [];
  let probes = [];
  let waiting = false; // for the kernel to say that it has followed a handle
  let queue = []; // since then: what was taken, the last place of each handle, the sum of its steps
  const send = (message) => {
    if (!waiting) {
      waiting = true;
      model.send(message);
      return;
    }
    const last = queue.at(-1);
    const same = last?.handle === message.handle && !last.taken && !message.taken;
    if (same && "right" in message && "right" in last) {
      last.right += message.right;
      last.up += message.up;
    } else if (same && "x" in message && "x" in last) queue[queue.length - 1] = message;
    else queue.push(message);
  };
  const followed = (message) => {
    if (message?.handled === undefined) return;
    waiting = false;
    if (queue.length) send(queue.shift());
  };
  model.on("msg:custom", followed);

  const data = (event, frame) => {
    const area = picture.firstElementChild.getBoundingClientRect();
    const unit = area.width / picture.firstElementChild.viewBox.baseVal.width;
    const [left, top, right, bottom] = frame.box;
    const x = Math.min(1, Math.max(0, ((event.clientX - area.left) / unit - left) / (right - left)));
    const y = Math.min(1, Math.max(0, (bottom - (event.clientY - area.top) / unit) / (bottom - top)));
    return { x: valueAt(x, frame.x), y: valueAt(y, frame.y) };
  };

  const makeHandle = (k) => {
    const node = element("div", { class: "rnnbook-handle", role: "slider", tabindex: "0",
      "aria-valuenow": "0", "data-lm-suppress-shortcuts": "true" });
    const go = (event) => send({ handle: k, ...data(event, node.frame) });
    let off = [0, 0]; // from the handle's middle to where the hand took hold
    node.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      const box = node.getBoundingClientRect();
      off = [event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2];
      node.setPointerCapture(event.pointerId);
      node.focus();
      event.preventDefault();
      waiting = false; // an answer that was lost does not hold the hand for ever
      queue = [];
      send({ handle: k, taken: true });
    });
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      go({ clientX: event.clientX - off[0], clientY: event.clientY - off[1] });
    });
    node.addEventListener("keydown", (event) => {
      const far = event.shiftKey || event.key.startsWith("Page") ? 10 : 1;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
        PageUp: [0, 1], PageDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      send({ handle: k, right: far * way[0], up: far * way[1] });
    });
    picture.append(node);
    return node;
  };

  const makeProbe = () => {
    const node = element("div", { class: "rnnbook-probe", role: "slider", tabindex: "0", "aria-valuenow": "0",
      "data-lm-suppress-shortcuts": "true" });
    const cross = element("div", { class: "rnnbook-cross", hidden: "" });
    const words = element("div", { class: "rnnbook-values", hidden: "" });
    node.append(cross, words);
    node.at = null;
    node.read = () => {
      cross.hidden = words.hidden = node.at === null;
      if (node.at === null) return;
      const { frame, probe } = node;
      const place = share(node.at, frame.x);
      const found = Object.entries(probe.curves).flatMap(([name, curve]) => {
        const y = curveAt(curve, node.at, frame.y);
        return y === null ? [] : `${name} ${short(y)}`;
      });
      words.textContent = [`${probe.x} = ${short(node.at)}`, ...found].join("\n");
      node.setAttribute("aria-valuetext", words.textContent.replaceAll("\n", ", "));
      node.setAttribute("aria-valuenow", String(node.at));
      cross.style.left = `${100 * place}%`;
      words.style[place < 0.5 ? "left" : "right"] = `calc(${100 * (place < 0.5 ? place : 1 - place)}% + 8px)`;
      words.style[place < 0.5 ? "right" : "left"] = "auto";
    };
    const put = (x) => {
      const [low, high] = node.probe.span;
      node.at = Math.min(high, Math.max(low, node.probe.whole ? Math.round(x) : x));
      node.read();
    };
    for (const kind of ["pointerdown", "pointermove"]) {
      node.addEventListener(kind, (event) => put(data(event, node.frame).x));
    }
    node.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch" && document.activeElement !== node) node.at = null;
      node.read();
    });
    node.addEventListener("blur", () => {
      node.at = null;
      node.read();
    });
    node.addEventListener("keydown", (event) => {
      const [low, high] = node.probe.span;
      const step = node.probe.whole ? 1 : (high - low) / 100;
      const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
      if (!by && !["Home", "End"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      put(by ? (node.at ?? high + (by < 0 ? -by * step : 0)) + by * step : event.key === "Home" ? low : high);
    });
    picture.append(node);
    return node;
  };

  const lay = (node, box, size) => {
    const [left, top, right, bottom] = box;
    node.style.left = `${(100 * left) / size.width}%`;
    node.style.top = `${(100 * top) / size.height}%`;
    if (right === undefined) return;
    node.style.width = `${(100 * (right - left)) / size.width}%`;
    node.style.height = `${(100 * (bottom - top)) / size.height}%`;
  };
  const show = (touch, size) => {
    (touch.probes ?? []).forEach((probe, k) => {
      const node = (probes[k] ??= makeProbe());
      Object.assign(node, { probe, frame: touch.axes[probe.axes] });
      node.setAttribute("aria-valuemin", String(probe.span[0]));
      node.setAttribute("aria-valuemax", String(probe.span[1]));
      if (node.at === null) node.setAttribute("aria-valuetext", "the arrow keys read values");
      node.setAttribute("aria-label", `Values of the curves, along ${probe.x}`);
      lay(node, node.frame.box, size);
      node.read();
    });
    (touch.handles ?? []).forEach((handle, k) => {
      const node = (handles[k] ??= makeHandle(k));
      node.frame = touch.axes[handle.axes];
      node.hidden = handle.at === null;
      if (node.hidden) return;
      const [left, top, right, bottom] = node.frame.box;
      const inside = (part) => Math.min(1, Math.max(0, part));
      const x = left + inside(share(handle.at[0], node.frame.x)) * (right - left);
      node.setAttribute("aria-valuenow", String(Math.round(100 * inside(share(handle.at[0], node.frame.x)))));
      lay(node, [x, bottom - inside(share(handle.at[1], node.frame.y)) * (bottom - top)], size);
      node.setAttribute("aria-label", handle.name);
      node.setAttribute("aria-valuetext", handle.said);
      node.title = `${handle.name}: drag, or use the arrow keys`;
    });
  };
  return { show, end: () => model.off("msg:custom", followed) };
}

function element(tag, attributes) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// Three significant digits, as the book prints them.
function short(value) {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 0.01 && size < 1e4 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

// The value of a curve at x: between its points to the left and right, along the axis' scale; null beside it.
function curveAt([xs, ys], x, axis) {
  const k = xs.findIndex((one) => one >= x - 1e-9);
  if (k < 0 || (k === 0 && xs[0] > x + 1e-9)) return null;
  if (Math.abs(xs[k] - x) < 1e-9) return ys[k];
  const part = (x - xs[k - 1]) / (xs[k] - xs[k - 1]);
  const [low, high] = [scaled(ys[k - 1], axis[2]), scaled(ys[k], axis[2])];
  const value = low + part * (high - low);
  return axis[2] === "log" ? 10 ** value : value;
}

// Whatever plays stops at a touch of anything else in the explorer.
function pause(event) {
  const playing = event.currentTarget.querySelector(".widget-play .fa-pause")?.closest("button");
  if (playing && !event.target.closest(".widget-play")) playing.click();
}

// What ipywidgets leaves out: sliders and groups of buttons have a label to the eye, but none for a screen reader.
// (Its check boxes, menus and text fields do.) A logarithmic slider would tell its exponent as its value. The number
// beside a slider takes a typed value, and Tab stops there. A button's icon would be read as a letter.
function nameControls(explorer) {
  for (const handle of explorer.querySelectorAll(".noUi-handle")) {
    const slider = handle.closest(".widget-slider");
    const label = slider?.querySelector(".widget-label")?.textContent;
    const readout = slider?.querySelector(".widget-readout");
    setOnce(handle, "aria-label", label);
    setOnce(handle, "aria-valuetext", readout?.textContent);
    const off = handle.closest("[disabled]") !== null; // greyed out, but to the keyboard still there
    setOnce(handle, "aria-disabled", String(off));
    setOnce(handle, "tabindex", off ? "-1" : "0");
    if (readout?.isContentEditable) {
      setOnce(readout, "role", "textbox");
      setOnce(readout, "aria-label", label && `${label}, number`);
    }
  }
  // Command mode would take the arrow keys, which then leave the cell, and letters, which add cells and delete them.
  for (const control of explorer.querySelectorAll(".noUi-handle, select, button")) {
    setOnce(control, "data-lm-suppress-shortcuts", "true");
  }
  const more = explorer.querySelector(".rnnbook-more");
  if (more) setOnce(more, "aria-expanded", String(more.classList.contains("mod-active")));
  for (const icon of explorer.querySelectorAll("button > i")) setOnce(icon, "aria-hidden", "true");
  for (const group of explorer.querySelectorAll(".widget-toggle-buttons, .widget-radio")) {
    setOnce(group, "role", "group");
    setOnce(group, "aria-label", group.querySelector(".widget-label")?.textContent);
  }
}

// Writing an equal value would wake the observer again, for ever.
function setOnce(node, name, value) {
  if (value && node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export default { render };
