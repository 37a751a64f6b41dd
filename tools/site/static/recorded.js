// Explorers on a page without a kernel. When the pages were made, each explorer's own code was run over its controls, and
// what it showed was written down, by the places of all controls. Here the controls stand beside the same live figure as
// in the notebook, which is told what was written down. A combination of controls that was not written down is said to be
// in the notebook. Without JavaScript, or without the recording, the picture and its sentence stay.
(() => {
  "use strict";
  const NARROW = 560; // CSS pixels of the column below which the form for narrow pages is shown
  const NOT_HERE = "This combination is in the notebook.";
  const BACK = "went back to the start.";
  const NO_NEARER = "The hand goes from place to place here; between them, and for what is drawn, the notebook has more.";
  const TRAINING = "Training is in the notebook.";
  const HERE = document.currentScript.src;
  const waiting = {}; // what to do with a recording that is on its way, by its name

  window.rnnbookRecorded = (name, data) => waiting[name]?.(data);

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = element("script", { src: new URL(`recorded/${name}.js`, HERE) });
      waiting[name] = resolve;
      const missing = () => reject(new Error(`no recording ${name}`)); // of no consequence, once it has arrived
      script.addEventListener("error", missing);
      script.addEventListener("load", missing);
      document.head.append(script);
    });
  }

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // What a widget of the notebook is to its view, with the recording in the kernel's place.
  class Model {
    constructor(answer) {
      this.answer = answer;
      this.values = {};
      this.listeners = {};
    }
    get(name) {
      return this.values[name];
    }
    on(event, listener) {
      (this.listeners[event] ??= []).push(listener);
    }
    off(event, listener) {
      this.listeners[event] = (this.listeners[event] ?? []).filter((one) => one !== listener);
    }
    tell(event, ...news) {
      for (const listener of this.listeners[event] ?? []) listener(...news);
    }
    send(message) {
      this.answer(message, (news) => this.tell("msg:custom", news));
    }
    show(values) {
      const changed = Object.keys(values).some((name) => values[name] !== this.values[name]);
      this.values = values;
      if (changed) this.tell("change");
    }
  }

  class Explorer {
    constructor(data) {
      this.data = data;
      this.places = [...data.start];
      this.names = data.controls.map((control) => control.name);
      this.box = element("div", { class: "rnnbook-explorer recorded" });
      this.box.append(element("strong", { class: "rnnbook-asks" }, data.question));
      this.controls = data.controls.map((control, k) => this.makeControl(control, k));
      this.note = element("p", { class: "recorded-note", role: "status" });
      this.lay();
    }

    // To be called when the box is in the page: what scrolls to a letter must know how large it is.
    begin() {
      this.models = this.data.views.map((view) => this.makeView(view));
      this.show();
    }

    // Where the controls stand, and what was written down there.

    found(places) {
      return this.data.at[places.join(",")];
    }

    // A thing; a picture is put together of its elements when it is first asked for.
    thing(k) {
      const { things, pieces } = this.data;
      if (things[k]?.svg) things[k] = things[k].svg.map((piece) => pieces[piece]).join("");
      return things[k];
    }

    // Its traits by name, for each view: what stands in a state, one after the other.
    shown(state) {
      const row = this.data.states[state].map((k) => this.thing(k));
      const controls = row.shift();
      const views = this.data.views.map(({ traits }) => Object.fromEntries(traits.map((name) => [name, row.shift()])));
      return { controls, views };
    }

    state(places = this.places) {
      const found = this.found(places);
      return Array.isArray(found) ? found[0] : found;
    }

    go(places, said = "", found = this.found(places)) {
      this.places = Array.isArray(found) ? [...found[1]] : [...places];
      this.now = Array.isArray(found) ? found[0] : found;
      this.note.textContent = said;
      this.show();
    }

    // One control to a place, with the others where they are; where that was not written down, with them at the start.
    put(k, place) {
      const { start } = this.data;
      const wanted = this.places.with ? this.places.with(k, place) : Object.assign([...this.places], { [k]: place });
      const goes = (places) => {
        // What was said of this control stays until another one is moved.
        this.go(places, this.said === k ? this.note.textContent : "");
        this.said = this.note.textContent ? k : null;
      };
      if (this.found(wanted) !== undefined) {
        goes(wanted);
        return;
      }
      // A place nearby, in the direction of the hand, that was written down with the others where they are.
      const way = Math.sign(place - this.places[k]);
      for (const by of [1, -1, 2, -2]) {
        const near = Object.assign([...this.places], { [k]: place + by });
        if (this.controls[k].kind === "slider" && (place + by - this.places[k]) * way > 0 && this.found(near) !== undefined) {
          goes(near);
          return;
        }
      }
      const others = this.names.filter((_, j) => j !== k && this.places[j] !== start[j]);
      const labels = others.map((name) => this.label(this.names.indexOf(name)));
      const alone = Object.assign([...start], { [k]: place });
      this.go(alone, `${NOT_HERE} On this page ${labels.join(", ")} ${BACK}`);
      this.said = k;
    }

    press(words) {
      const ways = this.data.pressed[words];
      const here = ways[this.places.join(",")];
      const said = here ? "" : `${NOT_HERE} This is ${words} from the start.`;
      this.go(null, said, here ?? ways[this.data.start.join(",")]);
    }

    // What the reader moves.

    label(k) {
      return this.labels?.[k] ?? this.names[k];
    }

    makeControl(control, k) {
      const slider = control.kind === "slider";
      const id = `recorded-${Math.random().toString(36).slice(2)}`;
      const label = element("label", { for: id });
      const output = slider ? element("output", { for: id }) : null;
      const input = slider
        ? element("input", { id, type: "range", min: 0, max: control.shown.length - 1, step: 1 })
        : element("select", { id });
      if (!slider) {
        const named = control.shown.map((words, place) => element("option", { value: place }, words || "(empty)"));
        input.append(...named);
      }
      input.addEventListener("input", () => {
        this.pause();
        this.put(k, Number(input.value));
      });
      const row = element("div", { class: "recorded-control", "data-name": control.name }, label, input, ...(output ? [output] : []));
      return { ...control, row, label, input, output };
    }

    lay() {
      const kept = this.controls.filter((control) => this.moves(control)).sort((a, b) => a.order - b.order);
      const seen = kept.filter((control) => !control.more);
      const more = kept.filter((control) => control.more);
      const button = (words, act, tip) => {
        const node = element("button", { type: "button", ...(tip ? { title: tip } : {}) }, words);
        node.addEventListener("click", act);
        return node;
      };
      const presses = (more) => Object.keys(this.data.pressed).filter((words) => this.data.buttons[words].more === more)
        .map((words) =>
          button(words, () => {
            this.pause();
            this.press(words);
          }, this.data.buttons[words].tip));
      const reset = button("Reset", () => {
        this.pause();
        this.go(this.data.start);
      }, "Back to the values at the start");
      const played = this.controls.find((control) => control.play);
      const play = played ? [this.makePlay(played)] : [];
      const grid = (controls) => element("div", { class: "recorded-grid" }, ...controls.map((control) => control.row));
      this.box.append(grid(seen));
      const row = element("div", { class: "recorded-buttons" }, ...play, reset, ...presses(false));
      this.box.append(row);
      if (this.data.trains) row.append(element("small", {}, TRAINING));
      if (more.length || presses(true).length) {
        const preset = element("div", { class: "recorded-buttons" }, ...presses(true));
        const rest = element("details", { class: "recorded-more" }, element("summary", {}, "More"), preset, grid(more));
        this.box.append(rest);
      }
      this.box.append(this.note);
    }

    // Whether a control has more than one place, and changes what is shown, or is greyed out as it stands.
    moves(control) {
      const k = this.names.indexOf(control.name);
      const [, disabled] = this.thing(this.data.states[this.state(this.data.start)][0])[k];
      if (disabled) return true;
      return Object.keys(this.data.at).some((key) => {
        const places = key.split(",").map(Number);
        if (places[k] === this.data.start[k]) return false;
        const same = Object.assign(places, { [k]: this.data.start[k] });
        return this.found(same) !== undefined && this.pictured(key) !== this.pictured(same.join(","));
      });
    }

    pictured(key) {
      const found = this.data.at[key];
      return String(this.data.states[Array.isArray(found) ? found[0] : found].slice(1));
    }

    makePlay(control) {
      const k = this.names.indexOf(control.name);
      const node = element("button", { type: "button", class: "recorded-play" });
      const say = () => { node.textContent = this.timer ? "Pause" : "Play"; };
      this.pause = () => {
        clearInterval(this.timer);
        this.timer = null;
        say();
      };
      const step = () => {
        const held = (place) => this.found(Object.assign([...this.places], { [k]: place })) !== undefined;
        const next = control.shown.findIndex((_, place) => place > this.places[k] && held(place));
        if (next >= 0) this.put(k, next);
        if (next >= 0 && this.places[k] === next) return;
        if (next < 0 && this.places[k] < control.shown.length - 1) this.note.textContent = NOT_HERE;
        this.pause(); // at the end, or where another control lets it end
      };
      node.addEventListener("click", () => {
        if (this.timer) {
          this.pause();
          return;
        }
        if (this.places[k] >= control.shown.length - 1) this.put(k, 0);
        this.timer = setInterval(step, control.play);
        say();
      });
      say();
      return node;
    }

    pause() {}

    // What the reader sees.

    makeView(view) {
      const node = element("div", view.reasons ? { class: "recorded-reasons" } : {});
      this.box.append(node);
      const answer = (message, reply) => this.touched(view, message, reply);
      const model = new Model(answer);
      if (view.kind === "HTML") model.on("change", () => { node.innerHTML = model.get("value"); });
      else model.begin = () => rnnbookViews[view.kind].render({ model, el: node });
      return model;
    }

    show() {
      this.now ??= this.state();
      const { controls, views } = this.shown(this.now);
      this.labels = controls.map(([label]) => label);
      this.controls.forEach((control, k) => {
        const [label, disabled] = controls[k];
        control.label.textContent = label;
        control.input.disabled = disabled;
        control.input.value = String(this.places[k]);
        if (!control.output) return;
        control.output.textContent = control.shown[this.places[k]];
        control.input.setAttribute("aria-valuetext", control.shown[this.places[k]]);
      });
      // Why a control is greyed out is said where the control is in sight.
      const grey = this.controls.some((control) => !control.more && control.input.disabled && control.row.isConnected);
      this.box.classList.toggle("recorded-grey", grey);
      this.models.forEach((model, k) => {
        model.show({ ...views[k], dark: this.data.dark });
        model.begin?.();
        delete model.begin;
      });
    }

    // A hand on the picture or on a text. It goes where it wants to be, as near as was written down.
    touched(view, message, reply) {
      if ("chosen" in message || "taken" in message) this.lost = ""; // what this gesture has put back
      if ("chosen" in message && view.moves) {
        this.pause();
        this.nearest([view.moves], (views) => [views[this.data.views.indexOf(view)].chosen - message.chosen, 0]);
      }
      if (message.handle === undefined) return;
      this.pause();
      const way = this.data.handles[message.handle];
      if ("right" in message) {
        for (const [moved, by] of [[way.right, message.right], [way.up, message.up]]) {
          if (moved && by) this.step(moved[0], moved[1] * by);
        }
      } else if ("x" in message) {
        const live = this.data.views.findIndex(({ kind }) => kind === "Live");
        this.nearest(way.drag, (views) => {
          const { axes, handles } = views[live].touch;
          const handle = handles[message.handle];
          if (!handle.at) return null;
          const { x, y } = axes[handle.axes];
          const share = rnnbookViews.Live.share;
          return [share(handle.at[0], x) - share(message.x, x), share(handle.at[1], y) - share(message.y, y)];
        });
      }
      reply({ handled: message.handle });
    }

    step(name, by) {
      const k = this.names.indexOf(name);
      const last = this.controls[k].shown.length - 1;
      this.put(k, Math.min(last, Math.max(0, this.places[k] + by)));
    }

    // Of all that was written down with the other controls where they are, or else where they start, what is nearest by
    // some measure of how far it is to the right and up.
    nearest(names, distance) {
      const free = names.map((name) => this.names.indexOf(name));
      const { at, start } = this.data;
      const keys = Object.keys(at).map((key) => key.split(",").map(Number));
      const along = (from) => keys.filter((places) => places.every((place, k) => free.includes(k) || place === from[k]));
      const others = this.names.map((_, k) => k).filter((k) => !free.includes(k) && this.places[k] !== start[k]);
      let reached = along(this.places);
      let said = "";
      if (reached.length < 2 && others.length && free.length) {
        reached = along(start);
        said = `${NOT_HERE} On this page ${others.map((k) => this.label(k)).join(", ")} ${BACK}`;
      }
      const offs = reached.map((places) => distance(this.shown(this.state(places)).views));
      const across = offs.filter(Boolean).map(([x]) => x);
      // A handle that one slider takes across the picture follows the hand sideways, however high the curve stands there.
      const alongX = free.length === 1 && Math.max(...across) - Math.min(...across) > 0.5;
      let best = null;
      offs.forEach((off, k) => {
        const far = off === null ? Infinity : Math.hypot(off[0], (alongX ? 0.1 : 1) * off[1]);
        if (best === null || far < best.far) best = { far, places: reached[k] };
      });
      this.lost = said || this.lost;
      if (best && best.places.join(",") !== this.places.join(",")) this.go(best.places, this.lost);
      else if (!best || (best.far > 0.2 && best.far < Infinity && !alongX)) this.note.textContent = NO_NEARER;
      this.said = null;
    }
  }

  async function open(figure) {
    const column = figure.parentElement.clientWidth;
    const { recorded, narrow } = figure.dataset;
    try {
      const explorer = new Explorer(await load(column < NARROW && narrow !== undefined ? `${recorded}-narrow` : recorded));
      figure.replaceWith(explorer.box);
      explorer.begin();
    } catch (error) {
      const said = "The recording of this explorer could not be shown. This picture is its start; it moves in the notebook.";
      figure.append(element("p", { class: "recorded-note", role: "status" }, said));
      console.warn(error);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const figures = document.querySelectorAll("figure[data-recorded]");
    if (!("IntersectionObserver" in window)) {
      figures.forEach(open);
      return;
    }
    const coming = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        coming.unobserve(target);
        open(target);
      }
    }, { rootMargin: "400px" });
    figures.forEach((figure) => coming.observe(figure));
  });
})();
