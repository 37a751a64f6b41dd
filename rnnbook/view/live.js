// One live figure on the page. `still` is the whole figure as SVG with an empty group where each moving artist
// belongs; `moving` is what those groups hold; `reading` is the sentence beneath. Python sends `still` once and
// the other two at each move.

const IDS = /(\bid="|url\(#|href="#)/g;

function render({ model, el }) {
  // Ids hold for the whole page, and a figure may be on it twice: with equal ids, one view's clip paths would
  // vanish when the other is hidden. So every view gives its ids, and what refers to them, a prefix of its own.
  const salt = `live-${Math.random().toString(36).slice(2)}`;
  const ownIds = (svg, part) => svg.replace(IDS, `$1${salt}-${part}-`);

  const picture = document.createElement("div");
  picture.style.background = "white"; // also in a dark theme: the figure's colours are made for it
  // This node stays: screen readers announce changes in a live region, not a new region.
  const reading = document.createElement("p");
  reading.setAttribute("role", "status");
  reading.setAttribute("aria-live", "polite");
  reading.style.cssText =
    "margin: 4px 0; font-size: 15px; line-height: 1.4; color: var(--jp-ui-font-color1, currentColor)";
  el.append(picture, reading);

  let still = "";
  let moving = [];
  const show = () => {
    if (model.get("still") !== still) {
      still = model.get("still");
      picture.innerHTML = ownIds(still, "still");
      picture.style.maxWidth = picture.firstElementChild.style.maxWidth;
      moving = [];
    }
    model.get("moving").forEach((svg, k) => {
      // A hole is missing while its axes are hidden.
      const hole = svg !== moving[k] && picture.querySelector(`[id="${salt}-still-hole-${k}"]`);
      if (hole) hole.innerHTML = ownIds(svg, k);
    });
    moving = model.get("moving");
    const text = model.get("reading");
    picture.firstElementChild.setAttribute("aria-label", text);
    if (reading.textContent !== text) reading.textContent = text;
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
    controls = new MutationObserver(() => nameControls(explorer));
    controls.observe(explorer, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-valuetext"],
    });
  });
  entered.observe(el);

  return () => {
    model.off("change", show);
    entered.disconnect();
    controls?.disconnect();
  };
}

// What ipywidgets leaves out: sliders and groups of buttons have a label to the eye, but none for a screen reader.
// (Its check boxes, menus and text fields do.) A logarithmic slider would tell its exponent as its value.
function nameControls(explorer) {
  for (const handle of explorer.querySelectorAll(".noUi-handle")) {
    const slider = handle.closest(".widget-slider");
    setOnce(handle, "aria-label", slider?.querySelector(".widget-label")?.textContent);
    setOnce(handle, "aria-valuetext", slider?.querySelector(".widget-readout")?.textContent);
    // Notebook 7's command mode would take the arrow keys.
    setOnce(handle, "data-lm-suppress-shortcuts", "true");
  }
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
