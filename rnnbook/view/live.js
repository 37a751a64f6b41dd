// One live figure on the page. `still` is the whole figure as SVG with an empty group where each moving artist
// belongs; `part_0`, `part_1`, ... are what those groups hold; `reading` is the sentence beneath. Python sends `still`
// once, and at each move the parts that have changed and the sentence.

// Said when the controls are cut off from the kernel that made them: they still move, and nothing follows.
const LOST = " The controls have lost their kernel: run all cells again.";

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
  let holes = [];
  let shown = [];
  const show = () => {
    if (model.get("still") !== still) {
      still = model.get("still");
      picture.innerHTML = ownIds(still, "still");
      picture.style.maxWidth = picture.firstElementChild.style.maxWidth;
      holes = picture.querySelectorAll(`[id^="${salt}-still-hole-"]`); // one is missing while its axes are hidden
      shown = [];
    }
    for (const hole of holes) {
      const k = hole.id.slice(hole.id.lastIndexOf("-") + 1);
      const part = model.get(`part_${k}`) ?? ""; // a page that was saved leaves empty ones out
      if (part !== shown[k]) hole.innerHTML = ownIds(part, k);
      shown[k] = part;
    }
    picture.firstElementChild.setAttribute("aria-label", model.get("reading"));
    read();
  };
  // A restart sets a class. A kernel that was shut down is only missing, or another one has come in its place.
  const kernel = () => model.widget_manager?.kernel?.id;
  const made = kernel();
  const read = () => {
    const lost = el.closest(".jupyter-widgets-disconnected") || kernel() !== made;
    const text = model.get("reading") + (lost ? LOST : "");
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
    controls = new MutationObserver(() => {
      nameControls(explorer);
      read();
    });
    const attributeFilter = ["aria-valuetext", "disabled", "class"]; // a class says that the kernel is lost
    const watched = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter };
    controls.observe(explorer, watched);
  });
  entered.observe(el);

  return () => {
    model.off("change", show);
    entered.disconnect();
    controls?.disconnect();
  };
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
