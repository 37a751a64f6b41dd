// A button that plays a slider. It moves the slider itself, which alone tells the kernel: the button's own value, as
// ipywidgets' Play sends it, would be a second message at every step, and the picture would wait for it.

const sliderOf = (model) => model.widget_manager.get_model(model.get("slider").replace("IPY_MODEL_", ""));

function initialize({ model }) {
  let timer = null;
  const go = (slider, value) => {
    slider.set("value", value);
    slider.save_changes();
  };
  const step = async () => {
    const slider = await sliderOf(model);
    if (!model.get("playing")) return;
    if (slider.get("disabled")) return model.set("playing", false);
    // Counted in steps: a sum of many 0.1 would end beside the last.
    const [least, most, by] = ["min", "max", "step"].map((name) => slider.get(name));
    const next = Math.round((slider.get("value") - least) / by) + 1;
    if (next <= Math.round((most - least) / by)) go(slider, Number((least + next * by).toFixed(10)));
    else model.set("playing", false);
  };
  model.on("change:playing", async () => {
    clearInterval(timer);
    if (!model.get("playing")) return;
    timer = setInterval(step, model.get("interval"));
    const slider = await sliderOf(model);
    if (slider.get("value") >= slider.get("max") && !slider.get("disabled")) go(slider, slider.get("min"));
    else step();
  });
  model.on("change:stopped", async () => {
    const slider = await sliderOf(model);
    go(slider, slider.get("min"));
  });
  return () => clearInterval(timer);
}

async function render({ model, el }) {
  el.classList.add("widget-play");
  const button = (act) => {
    const node = document.createElement("button");
    node.className = "jupyter-button";
    node.append(document.createElement("i"));
    node.addEventListener("click", act);
    el.append(node);
    return (icon, said, disabled) => {
      node.disabled = disabled;
      node.firstChild.className = `fa fa-${icon}`;
      node.title = said;
      node.setAttribute("aria-label", said);
    };
  };
  const play = button(() => model.set("playing", !model.get("playing")));
  const stop = button(() => {
    model.set("playing", false);
    model.set("stopped", model.get("stopped") + 1);
  });
  const slider = await sliderOf(model);
  const show = () => {
    const [playing, disabled] = [model.get("playing"), slider.get("disabled")];
    play(playing ? "pause" : "play", playing ? "Pause" : "Play", disabled);
    stop("stop", "Stop, and back to the slider's left end", disabled);
  };
  show();
  model.on("change:playing", show);
  slider.on("change:disabled", show);
  return () => {
    model.off("change:playing", show);
    slider.off("change:disabled", show);
  };
}

export default { initialize, render };
