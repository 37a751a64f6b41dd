// A question that is answered by hand before the picture answers it. What the reader draws, sets or picks stays in this
// browser (its local storage, by the question), is there when the cell is run again, and is sent to nobody.

const PREDICT = `
.rnnbook-question { font: 15px/1.5 var(--jp-ui-font-family, sans-serif); color: var(--jp-ui-font-color1, currentColor) }
.rnnbook-question fieldset { border: none; padding: 0; margin: 4px 0 }
.rnnbook-question label { display: block; padding: 3px 0 }
.rnnbook-question input[type="range"] { width: min(360px, 80%); vertical-align: middle }
.rnnbook-question button { font: inherit; padding: 4px 14px; margin: 4px 8px 4px 0 }
.rnnbook-draw { position: absolute; cursor: crosshair; touch-action: none; outline-offset: 2px }
.rnnbook-draw svg { width: 100%; height: 100%; overflow: visible }
.rnnbook-draw polyline { fill: none; stroke: var(--rnnbook-a34a7b, #a34a7b); stroke-width: 3; stroke-dasharray: 7 4;
  vector-effect: non-scaling-stroke }
.rnnbook-draw circle { fill: var(--rnnbook-a34a7b, #a34a7b) }
.rnnbook-answer-hidden [id*="-still-hole-"] { visibility: hidden }`;

function renderQuestion({ model, el }) {
  const asks = [model.get("kind"), model.get("question"), model.get("options"), model.get("bar"), model.get("touch")?.axes];
  const { kept, keep, forget } = memory(`rnnbook: ${JSON.stringify(asks)}`);
  const style = element("style", {});
  style.textContent = PREDICT;
  const box = element("div", { class: "rnnbook-question", role: "group", "aria-label": "Prediction" });
  const asked = element("p", {});
  asked.append(...symbols(model.get("question")));
  const show = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" });
  show.textContent = "Show";
  const clear = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" });
  clear.textContent = "Clear";
  const said = element("p", { role: "status", "aria-live": "polite" });
  const middle = element("div", {});
  box.append(asked, middle, show, clear, said);
  el.append(style, box);

  const kind = { curve: drawing, bar, choice }[model.get("kind")](model, middle, kept(), keep);
  const reveal = (open) => {
    middle.classList.toggle("rnnbook-answer-hidden", !open);
    middle.querySelector("svg[role=img]")?.setAttribute("aria-label", open ? model.get("reading") : "Empty axes");
    const words = open ? `${kind.compare()} ${model.get("reading")}`.trim() : "";
    said.replaceChildren(...symbols(words));
  };
  show.addEventListener("click", () => reveal(true));
  clear.addEventListener("click", () => {
    forget();
    kind.clear();
    reveal(false);
  });
  reveal(false);
  return kind.end;
}

// What is kept in this browser, under a key that has the whole question; in a browser that keeps nothing, as long as
// the page is there.
const inPage = new Map();
function memory(key) {
  const tried = (action) => {
    try {
      return action(localStorage);
    } catch (refused) {
      console.info(`Predictions are kept as long as this page is open: ${refused.message}`);
      return null;
    }
  };
  return {
    kept: () => JSON.parse(inPage.get(key) ?? tried((store) => store.getItem(key)) ?? "null"),
    keep: (answer) => {
      inPage.set(key, JSON.stringify(answer));
      tried((store) => store.setItem(key, JSON.stringify(answer)));
    },
    forget: () => {
      inPage.delete(key);
      tried((store) => store.removeItem(key));
    },
  };
}

// One of several answers.
function choice(model, place, before, keep) {
  const name = `choice-${Math.random().toString(36).slice(2)}`;
  const set = element("fieldset", {});
  model.get("options").forEach((option, k) => {
    const label = element("label", {});
    const input = element("input", { type: "radio", name, value: String(k), "data-lm-suppress-shortcuts": "true" });
    input.checked = before === k;
    input.addEventListener("change", () => keep(k));
    label.append(input, " ", ...symbols(option));
    set.append(label);
  });
  place.append(set);
  const chosen = () => set.querySelector("input:checked");
  return {
    compare: () => {
      if (!chosen()) return "";
      const k = Number(chosen().value);
      const right = model.get("options")[model.get("right")];
      return k === model.get("right") ? `As you expected: ${right}.` : `You expected: ${model.get("options")[k]}. It is: ${right}.`;
    },
    clear: () => chosen() && (chosen().checked = false),
    end: () => {},
  };
}

// A number between two ends.
function bar(model, place, before, keep) {
  const [low, high, value, unit] = model.get("bar");
  const label = element("label", {});
  const input = element("input", { type: "range", min: low, max: high, step: (high - low) / 100,
    "data-lm-suppress-shortcuts": "true", "aria-label": "Your guess" });
  const number = element("output", {});
  let set = before !== null;
  input.value = before ?? (low + high) / 2;
  const tell = () => (number.textContent = set ? ` ${short(Number(input.value))} ${unit}` : " not set yet");
  input.addEventListener("input", () => {
    set = true;
    keep(Number(input.value));
    tell();
  });
  tell();
  label.append(input, number);
  place.append(label);
  return {
    compare: () => (set ? `You expected ${short(Number(input.value))} ${unit}; it is ${short(value)} ${unit}.` : ""),
    clear: () => {
      set = false;
      input.value = (low + high) / 2;
      tell();
    },
    end: () => {},
  };
}

// A curve, drawn into the empty axes: by mouse or finger, or with the arrow keys, a point at each place.
function drawing(model, place, before, keep) {
  const end = render({ model: { ...quiet(model), get: (name) => model.get(name) }, el: place });
  place.querySelector("p[role=status]").remove();
  const picture = place.querySelector(".rnnbook-picture");
  picture.querySelector(".rnnbook-probe")?.remove();
  const { axes, probes } = model.get("touch");
  const frame = axes[probes[0].axes];
  const span = probes[0].span.map((x) => share(x, frame.x));
  const size = picture.firstElementChild.viewBox.baseVal;
  const [left, top, right, bottom] = frame.box;
  const area = element("div", { class: "rnnbook-draw", tabindex: "0", role: "slider", "aria-valuenow": "0",
    "aria-label": "Draw the curve that you expect", "data-lm-suppress-shortcuts": "true" });
  for (const [name, part] of [["left", left / size.width], ["top", top / size.height],
    ["width", (right - left) / size.width], ["height", (bottom - top) / size.height]]) {
    area.style[name] = `${100 * part}%`;
  }
  area.innerHTML = '<svg viewBox="0 0 1 1" preserveAspectRatio="none"><polyline points=""/></svg>';
  picture.append(area);

  let points = before ?? []; // [x, y], both from 0 to 1 of the axes, by x
  let at = span[0];
  let last = null;
  const tell = () => {
    area.querySelector("polyline").setAttribute("points", points.map(([x, y]) => `${x},${1 - y}`).join(" "));
    const y = heightOf(at);
    const height = y === null ? "nothing drawn" : short(valueAt(y, frame.y));
    area.setAttribute("aria-valuetext", `${probes[0].x} = ${short(valueAt(at, frame.x))}: ${height}`);
  };
  const heightOf = (x) => {
    for (let k = 0; k + 1 < points.length; k += 1) {
      const [[x0, y0], [x1, y1]] = points.slice(k, k + 2);
      if (x >= x0 && x <= x1) return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
    }
    return points.find(([px]) => Math.abs(px - x) < 1e-6)?.[1] ?? null;
  };
  const put = (x, y, from = x) => {
    const [low, high] = [Math.min(x, from), Math.max(x, from)];
    points = points.filter(([px]) => px < low - 1e-6 || px > high + 1e-6);
    points.push([x, y]);
    points.sort(([a], [b]) => a - b);
    at = x;
    tell();
  };
  const inside = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
  const placeOf = (event) => {
    const here = area.getBoundingClientRect();
    return [inside((event.clientX - here.left) / here.width, ...span), inside((here.bottom - event.clientY) / here.height)];
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    area.setPointerCapture(event.pointerId);
    area.focus();
    event.preventDefault();
    last = placeOf(event);
    put(...last);
  });
  area.addEventListener("pointermove", (event) => {
    if (!area.hasPointerCapture(event.pointerId)) return;
    const next = placeOf(event);
    put(...next, last[0]);
    if (Math.abs(last[0] - next[0]) > 1e-6) put(...last), put(...next);
    last = next;
  });
  area.addEventListener("pointerup", () => keep(points));
  area.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? 5 : 1;
    if (move[0]) at = inside(at + (far * move[0] * (span[1] - span[0])) / 20, ...span);
    else put(at, inside((heightOf(at) ?? 0.5) + (far * move[1]) / 40));
    tell();
    keep(points);
  });
  tell();
  return { compare: () => (points.length > 1 ? distance() : ""), clear: () => ((points = []), tell()), end };

  function distance() {
    const real = (x) => curveAt(Object.values(probes[0].curves)[0], valueAt(x, frame.x), frame.y);
    const drawn = points.filter(([x]) => real(x) !== null);
    if (drawn.length < 2) return "";
    const [first, final] = [drawn[0], drawn.at(-1)];
    const steps = valueAt(final[0], frame.x) - valueAt(first[0], frame.x);
    if (frame.y[2] === "log" && steps > 0) {
      const back = (one, two) => ((one / two) ** (1 / steps)).toFixed(3); // walking back from the last step
      const yours = back(valueAt(first[1], frame.y), valueAt(final[1], frame.y));
      return `You expected a factor ${yours} a step back; it is ${back(real(first[0]), real(final[0]))}.`;
    }
    const gaps = drawn.map(([x, y]) => [Math.abs(valueAt(y, frame.y) - real(x)), x]);
    const [most, where] = gaps.reduce((a, b) => (b[0] > a[0] ? b : a));
    return `Your curve is at most ${short(most)} away, at ${probes[0].x} = ${short(valueAt(where, frame.x))}.`;
  }
}

// The picture of a question is drawn once: nothing is sent to the kernel, and nothing is waited for.
const quiet = (model) => ({ on: () => {}, off: () => {}, send: () => {}, widget_manager: model.widget_manager });

export default { render: renderQuestion };
