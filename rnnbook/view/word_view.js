// The words of a text in the browser's own fonts, each with a shade: blue for, orange and underlined against. One of
// them is chosen: by a click, or with the arrow keys.

const STYLE = `
.rnnbook-words { --rnnbook-most: 1; color: black; background: white; max-height: 10em; overflow-y: auto;
  font: 16px/1.75 system-ui, sans-serif; padding: 4px 6px; position: relative; forced-color-adjust: none }
.rnnbook-words b { color: #6b6b6b; font-weight: normal; margin-right: 8px }
.rnnbook-words span { --hue: 75 163 227; padding: 1px 3px; margin-right: 3px; border-radius: 3px;
  overflow-wrap: anywhere; background: rgb(var(--hue) / calc(var(--level) / 8 * var(--rnnbook-most))) }
.rnnbook-words span.against { --hue: 240 150 60; text-decoration: underline }
.rnnbook-words span.unknown { font-style: italic; outline: 1px dashed #8c8c8c }
.rnnbook-words span.chosen { outline: 2px solid currentColor }
.rnnbook-words[tabindex] { cursor: pointer }
@media screen {
  :is([data-jp-theme-light="false"], [data-theme="dark"]) .rnnbook-words { --rnnbook-most: 0.55; color: #f2f2f2;
    background: #111111 }
  :is([data-jp-theme-light="false"], [data-theme="dark"]) .rnnbook-words b { color: #a6a6a6 }
}`;

function render({ model, el }) {
  const style = document.createElement("style");
  style.textContent = STYLE;
  const box = document.createElement("div");
  box.className = "rnnbook-words";
  el.append(style, box);

  let wanted = null; // asked for, and not answered yet
  const show = () => {
    const [words, levels, known] = ["words", "levels", "known"].map((name) => model.get(name));
    const chosen = model.get("chosen");
    wanted = null;
    box.hidden = words.length === 0;
    const name = document.createElement("b");
    name.textContent = model.get("name");
    box.replaceChildren(name);
    words.forEach((word, k) => {
      const span = document.createElement("span");
      span.dataset.place = k;
      span.textContent = word;
      span.style.setProperty("--level", Math.abs(levels[k]));
      span.classList.toggle("against", levels[k] < 0);
      span.classList.toggle("unknown", !known[k]);
      span.classList.toggle("chosen", k === chosen);
      box.append(span, " ");
    });
    box.setAttribute("aria-label", model.get("name"));
    if (chosen < 0) {
      box.setAttribute("role", "group");
      return;
    }
    const says = levels[chosen] > 0 ? ", for good" : levels[chosen] < 0 ? ", for bad" : "";
    for (const [key, value] of Object.entries({
      role: "slider", tabindex: "0", "data-lm-suppress-shortcuts": "true", "aria-valuemin": "1",
      "aria-valuemax": String(words.length), "aria-valuenow": String(chosen + 1),
      "aria-valuetext": `${chosen + 1}: ${words[chosen]}${says}`,
    })) {
      box.setAttribute(key, value);
    }
    const frame = box.querySelector(".chosen");
    if (frame && (frame.offsetTop < box.scrollTop || frame.offsetTop + 30 > box.scrollTop + box.clientHeight)) {
      box.scrollTop = frame.offsetTop - box.clientHeight / 2;
    }
  };
  const choose = (k) => {
    wanted = Math.min(model.get("words").length - 1, Math.max(0, k));
    model.send({ chosen: wanted });
  };

  box.addEventListener("click", (event) => {
    const span = event.target.closest("span[data-place]");
    if (span && model.get("chosen") >= 0) choose(Number(span.dataset.place));
  });
  box.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (!by || model.get("chosen") < 0) return;
    event.preventDefault();
    event.stopPropagation();
    choose((wanted ?? model.get("chosen")) + by);
  });
  show();
  model.on("change", show);
  return () => model.off("change", show);
}

export default { render };
