// One notebook as slides in JupyterLab: full window, live widgets, code that runs. An extension without a build step;
// `tools/present.py` puts it where the JupyterLab that it starts looks for extensions, and nowhere else.
//
// A cell tagged slide or subslide begins a slide, a cell without a tag stands on the slide before it, skip leaves it
// out. A slide that is taller than the screen gets smaller type; where that does not suffice it becomes pages, and a
// cell that is taller than the screen by itself scrolls, so that nothing is ever out of reach.
//
// The output of a cell tagged hide-output answers a question. Where the question stands on the same slide, the key that
// turns pages first shows the answer, and what the slide says of it.

const SCALES = [1, 0.92, 0.85]; // of the type, for a slide to stay on one page
const SMALLEST = 0.65; // for a cell that is alone on its page
const WITHIN = "input, textarea, select, .cm-editor, [contenteditable=true]";
const SLIDER_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
const HELP =
  "Space, →, PageDown: the answer (?), then on · Shift+Space, ←, PageUp: back · Home: the first slide, answers closed · End · Shift+Enter: run · C: code · + −: type · " +
  "R: run all · F: full screen · Escape: leave a field or slider · F8: leave the slides and return";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(ready) {
  let answer;
  while (!(answer = ready())) await pause(50);
  return answer;
}

const hasPicture = (cell) =>
  cell.model.type === "code" && cell.model.outputs.toJSON().some((output) => output.data?.["image/png"]);

const isAnswer = (cell) => cell.model.type === "code" && (cell.model.getMetadata("tags") ?? []).includes("hide-output");

const isHeading = (cell) => cell.model.type === "markdown" && /^#+ [^\n]*$/.test(cell.model.sharedModel.source.trim());

class Deck {
  constructor(app, panel) {
    Object.assign(this, { app, panel, on: false, slide: 0, page: 0, size: 1, withCode: new Map(), answered: new Set() });
    panel.node.classList.add("rnnbook-deck");
    this.pages = [];
    [this.heading, this.message, this.number] = ["heading", "message", "number"].map((name) => {
      const node = Object.assign(document.createElement("div"), { className: `rnnbook-deck-${name}` });
      panel.node.append(node);
      return node;
    });
    // An observer speaks up at once when it is told to observe: only another height is news.
    const grew = () => this.heights() !== this.laidOut && this.overflows() > 0;
    this.settle = () => this.on && !this.held && grew() && this.layOut(); // nothing moves away from under a hand
    this.grown = new ResizeObserver(this.settle);
    this.listen();
    app.shell.currentChanged?.connect(() => this.on && app.shell.currentWidget !== panel && this.leave());
    panel.sessionContext.statusChanged.connect((_, status) => {
      if (/restarting|dead/.test(status)) this.say("The kernel was restarted: R runs all cells");
    });
  }

  listen() {
    let byMouse = false;
    const hear = (kind, heard) => window.addEventListener(kind, heard, true);
    hear("keydown", (event) => {
      byMouse = false;
      this.key(event);
    });
    hear("pointerdown", (event) => {
      byMouse = true;
      this.held = event.target.closest("[role=slider], .widget-slider") !== null;
    });
    const letGo = () => setTimeout(() => {
      this.held = false;
      // After a drag or a choice the keys turn slides again: a hand on the mouse does not expect them to move on there.
      if (this.on) this.free("[role=slider], button");
      this.settle();
    });
    hear("pointerup", letGo);
    hear("pointercancel", letGo);
    hear("change", () => this.on && byMouse && this.free("select, input[type=checkbox]"));
    // A double click would open the text of prose for editing.
    hear("dblclick", (event) => this.on && event.target.closest(".jp-MarkdownCell") && this.take(event));
    hear("resize", () => this.on && this.layOut());
  }

  get box() { return this.panel.node.querySelector(".jp-WindowedPanel-outer") ?? this.panel.content.node; }
  get slides() {
    const slides = [];
    for (const cell of this.panel.content.widgets) {
      const type = cell.model.getMetadata("slideshow")?.slide_type;
      if (type === "skip" || type === "notes") continue;
      if (!slides.length || type === "slide" || type === "subslide") slides.push([]);
      slides.at(-1).push(cell);
    }
    return slides;
  }
  cells() { return this.pages[this.page] ?? []; }
  heights() { return this.cells().map((cell) => cell.node.offsetHeight).join(); }
  // The cell in use, or the first one in sight: what another layout of the slide must keep in sight.
  get kept() {
    const active = this.panel.content.activeCell;
    return this.cells().includes(active) ? active : this.cells()[0];
  }

  // The first cell of the slide whose answer is still to be shown; undefined if there is none.
  get asked() {
    const cells = this.slides[this.slide];
    const said = cells.findIndex((cell) => !isHeading(cell)); // before it, nothing was asked
    return cells.find((cell, k) => k > said && isAnswer(cell) && !this.answered.has(cell));
  }

  // Keep back what comes after a question. It keeps its room: pages stay as they are when it is shown.
  keepBack() {
    const { asked } = this;
    const cells = this.slides[this.slide];
    const from = asked ? cells.indexOf(asked) : cells.length;
    for (const cell of this.panel.content.widgets) {
      cell.node.classList.toggle("rnnbook-asked", this.on && cell === asked);
      cell.node.classList.toggle("rnnbook-later", this.on && cells.indexOf(cell) > from);
    }
  }

  answer(cell) {
    this.answered.add(cell);
    this.keepBack();
    this.count();
    cell.outputArea?.node.scrollIntoView({ block: "nearest" });
  }

  // Where the talk is, and a question mark while the page keeps an answer back.
  count() {
    const of = this.pages.length > 1 ? ` (${this.page + 1} of ${this.pages.length})` : "";
    const waits = this.cells().includes(this.asked) ? " ?" : "";
    this.number.textContent = `${this.slide + 1}${of} / ${this.slides.length}${waits}`;
  }

  // By how much the cells that are shown are taller than the room there is. (The box scrolls further than its cells.)
  overflows() {
    const shown = this.panel.content.widgets.map((cell) => cell.node).filter((node) => node.offsetHeight);
    if (!shown.length) return 0;
    const { paddingTop, paddingBottom } = getComputedStyle(this.box);
    const room = this.box.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
    return shown.at(-1).getBoundingClientRect().bottom - shown[0].getBoundingClientRect().top - room;
  }

  enter() {
    this.on = true;
    document.body.classList.add("rnnbook-presenting");
    this.fit();
    const active = this.panel.content.activeCell;
    const found = this.slides.findIndex((cells) => cells.includes(active));
    this.show(found < 0 ? this.slide : found, (page) => page.includes(active));
  }

  leave() {
    this.on = false;
    this.grown.disconnect();
    document.body.classList.remove("rnnbook-presenting");
    this.fit();
    for (const cell of this.panel.content.widgets) cell.node.classList.remove("rnnbook-off", "rnnbook-no-code");
    this.keepBack();
    const active = this.panel.content.activeCell;
    requestAnimationFrame(() => active?.node.scrollIntoView({ block: "center" }));
  }

  // Tell JupyterLab that the notebook has another size; it lays out by numbers of its own.
  fit() { this.panel.processMessage({ type: "resize", width: -1, height: -1 }); }

  // Show a slide, on the first of its pages that `choose` accepts.
  show(slide, choose = () => true) {
    const slides = this.slides;
    this.slide = Math.max(0, Math.min(slide, slides.length - 1));
    this.free("*");
    // What plays would go on out of sight, and have ended by the time the slide is back.
    for (const icon of this.panel.node.querySelectorAll(".widget-play .fa-pause")) icon.closest("button").click();
    for (const cell of slides[this.slide]) {
      const code = this.withCode.get(this.slide) ?? !hasPicture(cell);
      cell.node.classList.toggle("rnnbook-no-code", cell.model.type === "code" && !code);
    }
    this.keepBack();
    this.layOut(null, choose);
    const first = this.cells().find((cell) => cell.model.type === "code") ?? this.cells()[0];
    this.panel.content.activeCellIndex = this.panel.content.widgets.indexOf(first);
    this.panel.content.mode = "command";
    this.box.scrollTop = 0;
    // Editors and formulas that were never in sight have their true height only some moments after they are drawn.
    const shown = this.slide;
    const again = () => this.on && this.slide === shown && this.layOut();
    requestAnimationFrame(again);
    setTimeout(again, 200);
  }

  // Divide the slide into pages by the heights its cells have now, and show the page that has the cell `keep`.
  layOut(keep = this.kept, choose = (page) => page.includes(keep)) {
    const cells = this.slides[this.slide];
    this.grown.disconnect();
    this.heading.textContent = "";
    this.reveal(cells);
    const fitting = SCALES.find((scale) => this.scale(scale) && this.overflows() <= 0);
    this.pages = fitting ? [cells] : this.pack(cells);
    this.page = Math.max(0, this.pages.findIndex(choose));
    this.reveal(this.cells());
    const title = this.cells().includes(cells[0]) ? "" : cells[0].model.sharedModel.source.match(/^#+ (.*)/)?.[1];
    this.heading.textContent = (title ?? "").replaceAll("$", ""); // a formula, as it is written
    for (let scale = fitting ?? 1; this.overflows() > 0 && scale > SMALLEST; scale -= 0.05) this.scale(scale);
    this.count();
    this.laidOut = this.heights();
    this.cells().forEach((cell) => this.grown.observe(cell.node));
  }

  pack(cells) {
    this.scale(1);
    const room = this.box.clientHeight - 80; // without padding and some air
    const pages = [];
    let height = Infinity;
    for (const cell of cells) {
      const needs = cell.node.offsetHeight;
      if (height + needs > room) {
        pages.push([]);
        height = 0;
      }
      pages.at(-1).push(cell);
      height += needs;
    }
    return pages.filter((page) => !page.every(isHeading)); // every page without its heading repeats it
  }

  reveal(cells) {
    const shown = new Set(cells);
    for (const cell of this.panel.content.widgets) cell.node.classList.toggle("rnnbook-off", !shown.has(cell));
  }

  // Everything is made for 1280 x 720 and follows the window; the type has a scale of its own besides.
  scale(scale) {
    this.panel.node.style.setProperty("--deck-window", Math.min(innerWidth / 1280, innerHeight / 720));
    this.panel.node.style.setProperty("--deck-type", scale * this.size);
    return true;
  }

  move(by) {
    const { asked } = this;
    if (by > 0 && this.cells().includes(asked)) return this.answer(asked);
    if (by > 0 && asked && this.cells().every((cell) => cell.node.classList.contains("rnnbook-later"))) {
      return this.show(this.slide, (page) => page.includes(asked)); // a page after an answer that was not given yet
    }
    const more = by > 0 ? this.overflows() - this.box.scrollTop : this.box.scrollTop;
    if (more > 5) return this.box.scrollBy(0, by * Math.min(more, this.box.clientHeight * 0.8));
    const page = this.pages[this.page + by];
    const slide = this.slide + by;
    if (page) this.show(this.slide, (candidate) => candidate[0] === page[0]);
    else if (slide in this.slides) this.show(slide, by > 0 ? undefined : (_, k, pages) => k === pages.length - 1);
  }

  resize(factor) {
    this.size = Math.max(0.6, Math.min(2, this.size * factor));
    this.layOut();
  }

  toggleCode() {
    const cells = this.slides[this.slide].filter((cell) => cell.model.type === "code");
    this.withCode.set(this.slide, cells.some((cell) => cell.node.classList.contains("rnnbook-no-code")));
    const first = this.cells()[0];
    this.show(this.slide, (page) => page.includes(first));
  }

  // Take the keyboard back from what has it, if that is of this kind.
  free(kind) {
    const focused = document.activeElement;
    if (focused?.matches(kind) && focused !== document.body) focused.blur();
  }

  key(event) {
    const target = event.target.closest ? event.target : document.body;
    if (this.panel.isDisposed || target.closest(".jp-Dialog")) return;
    if (event.key === "F8") return this.take(event, () => (this.on ? this.leave() : void this.comeBack()));
    if (!this.on) return;
    if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
      return this.take(event, () => void this.run()); // in place, whichever of the three is usual
    }
    if (target.closest(WITHIN)) {
      if (event.key === "Escape" && !target.closest(".cm-editor")) this.take(event, () => this.free("*"));
      return;
    }
    const slider = target.closest("[role=slider]"); // a picture's handles and values too
    if (slider && SLIDER_KEYS.includes(event.key)) return;
    if (target.closest("button, a, summary") && [" ", "Enter"].includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || ["Tab", "Enter", "Shift"].includes(event.key)) return;
    if (/^F\d+$/.test(event.key) && event.key !== "F5") return; // the browser's own; a reload would end the talk
    // Nothing else reaches JupyterLab: its single letters would cut cells, or delete them.
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    this.take(event, this.actions(event.shiftKey)[key]);
  }

  actions(shift) {
    const on = () => this.move(1), back = () => this.move(-1);
    const bigger = () => this.resize(1.1), smaller = () => this.resize(1 / 1.1);
    const page = document.documentElement;
    const screen = () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen());
    return {
      " ": shift ? back : on, ArrowRight: on, ArrowDown: on, PageDown: on, n: on,
      ArrowLeft: back, ArrowUp: back, PageUp: back, p: back,
      Home: () => (this.answered.clear(), this.show(0)), // a rehearsal leaves no answer open
      End: () => this.show(this.slides.length - 1),
      c: () => this.toggleCode(), r: () => void this.runAll(), f: screen, "+": bigger, "=": bigger, "-": smaller,
      Escape: () => this.free("*"),
      "?": () => this.say(this.message.textContent === HELP ? "" : HELP),
    };
  }

  take(event, action) {
    event.preventDefault();
    event.stopImmediatePropagation();
    action?.();
  }

  async comeBack() {
    this.app.shell.activateById(this.panel.id); // another notebook may be in front
    await until(() => this.app.shell.currentWidget === this.panel);
    this.enter();
  }

  async run() {
    const cell = this.panel.content.activeCell;
    await this.app.commands.execute("notebook:run-cell");
    if (cell === this.asked) this.answer(cell);
    if (this.on && this.cells().includes(cell)) cell.outputArea?.node.scrollIntoView({ block: "nearest" });
  }

  say(text) { this.message.textContent = text; }

  async runAll() {
    if (this.running) return;
    this.running = true;
    const session = this.panel.sessionContext;
    const kernel = () => session.session?.kernel;
    this.say("Starting the kernel");
    // The status says idle before the kernel is connected, and what is run then is lost.
    await until(() => session.isReady && kernel()?.connectionStatus === "connected" && kernel().status === "idle");
    const cells = this.panel.content.widgets.filter((cell) => cell.model.type === "code");
    const told = setInterval(() => {
      const running = cells.findIndex((cell) => cell.model.executionState === "running");
      if (running >= 0) this.say(`Running cell ${running + 1} of ${cells.length}`);
    }, 200);
    try {
      await this.app.commands.execute("notebook:run-all-cells");
    } finally {
      clearInterval(told);
      this.running = false;
    }
    const failed = cells.findIndex((cell) => cell.model.outputs.toJSON().some((o) => o.output_type === "error"));
    this.say(failed < 0 ? "" : `Cell ${failed + 1} of ${cells.length} failed; the cells after it were not run`);
    const writing = document.activeElement?.closest(WITHIN); // nobody's hand is moved
    if (this.on && !writing) this.show(this.slide, (_, page) => page === this.page); // it stands on the last cell
    document.body.dataset.rnnbookDeck = failed < 0 ? "ready" : "failed";
  }
}

const style = document.createElement("link");
Object.assign(style, { rel: "stylesheet", href: document.currentScript.src.replace("deck.js", "deck.css") });
document.head.append(style);

async function start(app) {
  await app.restored;
  const panel = await until(() => app.shell.currentWidget?.sessionContext && app.shell.currentWidget);
  await panel.context.ready;
  await until(() => panel.content.widgets.length);
  const deck = new Deck(app, panel);
  deck.enter();
  deck.show(0);
  await deck.runAll();
}

// Not async: JupyterLab is restored only after every extension is activated.
const plugin = { id: "rnnbook-deck:plugin", autoStart: true, activate: (app) => void start(app) };
const module = { __esModule: true, default: plugin };
(window._JUPYTERLAB ??= {})["rnnbook-deck"] = { init() {}, get: async () => () => module };
