// A text with a shade for each character, in the browser's own fonts: whatever script the reader types is shown as
// the browser shows it. One character is chosen: by a click, or with the arrow keys.

const STYLE = `
.rnnbook-text { --rnnbook-most: 1; color: black; background: white; white-space: break-spaces; overflow-wrap: anywhere;
  max-height: 16em; overflow-y: auto; font: 16px/1.6 ui-monospace, Menlo, Consolas, monospace; padding: 4px 6px;
  cursor: pointer; position: relative }
.rnnbook-text { forced-color-adjust: none }
.rnnbook-text span { background: rgb(75 163 227 / calc(var(--level) / 8 * var(--rnnbook-most))) }
.rnnbook-text .rest { color: #666666; background: none }
.rnnbook-text .chosen { outline: 2px solid #d55e00; font-weight: bold; background: none }
@media screen {
  :is([data-jp-theme-light="false"], [data-theme="dark"]) .rnnbook-text { --rnnbook-most: 0.6; color: #f2f2f2;
    background: #111111 }
  :is([data-jp-theme-light="false"], [data-theme="dark"]) .rnnbook-text .rest { color: #a6a6a6 }
}`;

function render({ model, el }) {
  const style = document.createElement("style");
  style.textContent = STYLE;
  const box = document.createElement("div");
  box.className = "rnnbook-text";
  for (const [name, value] of Object.entries({ role: "slider", tabindex: "0", "data-lm-suppress-shortcuts": "true" })) {
    box.setAttribute(name, value);
  }
  el.append(style, box);

  let letters = []; // code points, as Python counts them
  const show = () => {
    letters = Array.from(model.get("text"));
    const chosen = model.get("chosen");
    wanted = null;
    const kinds = letters.map((_, k) => (k === chosen ? "chosen" : model.get("levels")[k] ?? "rest"));
    box.replaceChildren();
    for (let k = 0; k < letters.length; ) {
      let end = k + 1;
      while (end < letters.length && kinds[end] === kinds[k]) end += 1;
      const span = document.createElement("span");
      span.dataset.first = k;
      if (kinds[k].length > 1) span.className = kinds[k];
      else span.style.setProperty("--level", kinds[k]);
      span.textContent = letters.slice(k, end).join("").replaceAll("\n", "↵\n");
      box.append(span);
      k = end;
    }
    box.setAttribute("aria-label", model.get("name"));
    box.setAttribute("aria-valuemin", "1");
    box.setAttribute("aria-valuemax", String(letters.length));
    box.setAttribute("aria-valuenow", String(chosen + 1));
    box.setAttribute("aria-valuetext", `${chosen + 1}: ${letters[chosen]}`);
    const frame = box.querySelector(".chosen");
    if (frame && (frame.offsetTop < box.scrollTop || frame.offsetTop + 30 > box.scrollTop + box.clientHeight)) {
      box.scrollTop = frame.offsetTop - box.clientHeight / 2;
    }
  };
  let wanted = null; // asked for, and not answered yet
  const choose = (k) => {
    wanted = Math.min(letters.length - 1, Math.max(0, k));
    model.send({ chosen: wanted });
  };

  box.addEventListener("click", (event) => {
    const place = placeOf(event);
    const span = place?.node.parentElement.closest("span[data-first]");
    if (!span) return;
    const before = place.node.textContent.slice(0, place.offset).replaceAll("↵\n", "\n");
    choose(Number(span.dataset.first) + Array.from(before).length);
  });
  box.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    choose((wanted ?? model.get("chosen")) + by);
  });
  show();
  model.on("change", show);
  return () => model.off("change", show);
}

// The character under the pointer: the caret stands between two, so look which of them is hit.
function placeOf(event) {
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const range = caret ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
  const node = caret?.offsetNode ?? range?.startContainer;
  const offset = caret?.offset ?? range?.startOffset;
  if (node?.nodeType !== Node.TEXT_NODE) return null;
  const hit = document.createRange();
  const half = (k) => /[\udc00-\udfff]/.test(node.textContent[k] ?? ""); // the second half of one code point
  for (let first of [offset - 1, offset]) {
    if (half(first)) first -= 1;
    if (first < 0 || first >= node.length) continue;
    hit.setStart(node, first);
    hit.setEnd(node, first + (half(first + 1) ? 2 : 1));
    const box = hit.getBoundingClientRect();
    if (event.clientX >= box.left && event.clientX < box.right) return { node, offset: first };
  }
  return { node, offset: Math.min(offset, node.length - 1) };
}

export default { render };
