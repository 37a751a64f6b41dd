"""How long an explorer takes to change its picture, in JupyterLab in a real browser.

    python -m benchmarks.latency [GradientFlow ...] [--moves 24] [--interact] [--write]

For every explorer of the book (or those named) there is a cell with the explorer as it starts, and one with all its
controls where a move takes longest; with --interact also the same sums and picture moved the usual way, by `interact`
and an inline figure. Their main controls are moved in turn, a few explorers to a page. On every page stands the least
that Jupyter can do on this machine, too: a slider that moves one straight line. Whatever else the machine does hits all
of them alike, so that an explorer's ratio to the line of its own page says more than its milliseconds.

What is measured, for each press of an arrow key on the focused control:

- The clock starts with the browser's own time stamp of the key press, and so contains everything a reader waits
  for: the control's message, the kernel's computing and drawing, the answer, and the page's taking it in.
- The picture counts as changed at the *last* change of the cell's output (nodes, text, loaded images) after the
  press, the control and its readout excepted. A quarter of a second without a further change says that it was
  the last.
- Painting comes up to one screen refresh later, in every case alike, and is not contained.
- A move whose picture has not changed after three seconds is missed, as one beyond the last thing to see. It is
  counted, stands in no percentile, and those after it go the other way.
- A control makes nine moves before the next one's turn, as a hand does; the first of them is left out. The line has
  two turns for one of the others'.

Prints; with --write also stores latency.csv beside this file, where and when in latency.json, and the table of
README.md, which is made of them; that takes all explorers, some ten minutes, and a machine that does nothing else.
"""

import argparse
import csv
import datetime
import json
import math
import os
import platform
import re
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import jupyterlab

from benchmarks.machine import processor
from rnnbook.view import explorers
from rnnbook.view.explorers.controls import first_slider
from tests.browser import jupyter
from tests.browser.driving import EXPLORERS

BLOCK = 8  # moves of one control that count, before the next one's turn
PAGE = 5  # explorers on a page
GOAL = 2, 3  # times the least: the median, and the 95th percentile
COLUMNS = ("explorer", "case", "control", "settings", "moves", "missed", "median", "p95", "ratio", "ratio95")
DATA, README = (Path(__file__).with_name(name) for name in ("latency.csv", "README.md"))
TABLE = re.compile(r"(?<=<!-- latency -->\n).*(?=<!-- end of latency -->)", re.DOTALL)  # in README

EXPLORER = """\
from rnnbook.view.explorers import {name}
explorer = {name}()
explorer.set(**{settings})
explorer
"""
# The same sums and the same picture, moved the usual way: drawn anew, and shown by IPython as a PNG.
INTERACT = """\
import matplotlib as mpl
import matplotlib.pyplot  # switches on inline figures
from IPython.display import display
from ipywidgets import interact
from rnnbook.view.explorers import {name}

def usual():
    explorer = {name}()
    control = explorer.controls["{control}"]
    more = {{"options": control.options}} if hasattr(control, "options") else {{
        "min": control.min, "max": control.max, "step": control.step}}

    @interact(value=type(control)(value=control.value, description=control.description, **more))
    def show(value):
        arrays = explorer.compute(**{{**explorer.values(), "{control}": value}})
        explorer.fig, _ = explorer.draw(arrays)
        explorer.move(arrays)
        explorer.fig.set_dpi(mpl.rcParams["figure.dpi"])
        display(explorer.fig)

usual()
"""

# One straight line: what a move costs when there is nothing to compute and next to nothing to draw.
LEAST = """\
from ipywidgets import FloatSlider, VBox
from rnnbook.view import style
from rnnbook.view.live import Live

def least():
    fig, ax = style.figure(width=6, height=2.4)
    (line,) = ax.plot([0, 1], [0, 0])
    ax.set_ylim(0, 1)
    slider, live = FloatSlider(max=1, step=0.01, description="Slope"), Live(fig, [line])

    def move(change):
        line.set_ydata([0, change["new"]])
        live.update(f"ends at {change['new']:.2f}")

    slider.observe(move, "value")
    return VBox([slider, live])

least()
"""

# Notes, for one cell's output, when it changes.
WATCH = """(cell) => {
    const output = window.jupyterapp.shell.currentWidget.content.widgets[cell].outputArea.node;
    const watch = window.watch ??= {};
    const changes = watch[cell] = [];
    const note = (node) => {
        const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
        if (!element?.closest(".widget-slider, .widget-dropdown")) changes.push(performance.now());
    };
    new MutationObserver((records) => records.forEach((record) => note(record.target)))
        .observe(output, {subtree: true, childList: true, characterData: true});
    output.addEventListener("load", (event) => note(event.target), true);
    if (!watch.listens) window.addEventListener("keydown", (event) => { watch.pressed = event.timeStamp }, true);
    watch.listens = true;
}"""
# Resolves to the milliseconds from the key press to the last change, or to null if there is none.
LAST_CHANGE = """([cell, quiet, patience]) => new Promise((resolve) => {
    const {pressed, [cell]: changes} = window.watch;
    const look = () => {
        const last = changes.findLast((time) => time >= pressed), now = performance.now();
        if (last && now - last > quiet) resolve(last - pressed);
        else if (!last && now - pressed > patience) resolve(null);
        else setTimeout(look, 20);
    };
    look();
})"""


def extremes(control):
    """Where a control may stand that is worth trying: a slider's ends, every option of a list."""
    if hasattr(control, "step"):
        return [control.min, control.max]
    return [option[1] if isinstance(option, tuple) else option for option in getattr(control, "options", [])]


def seconds_of_a_move(explorer):
    """What the kernel needs for a move of the main control; the best of three."""
    name = first_slider(explorer.controls, explorer.in_sight)
    control, times = explorer.controls[name], []
    if hasattr(control, "step"):
        step = control.step if control.value < control.max else -control.step
        places = [type(control.value)(control.value + step), control.value]
    else:
        places = [*[value for value in extremes(control) if value != control.value][:1], control.value]
    for value in places * 2:
        start = time.perf_counter()
        explorer.set(**{name: value})
        times.append(time.perf_counter() - start)
    return min(times[1:])


def slowest(explorer):
    """Put one control after the other where a move takes longest, and return the values that differ from the start."""
    start, first = explorer.values(), first_slider(explorer.controls, explorer.in_sight)
    for name, control in explorer.controls.items():
        if name == first or not extremes(control):
            continue
        longest = seconds_of_a_move(explorer), control.value
        for value in extremes(control):
            explorer.set(**{name: value})
            if control.value == value:  # some choices stand for a button and go back at once
                longest = max(longest, (seconds_of_a_move(explorer), value), key=lambda pair: pair[0])
        explorer.set(**{name: longest[1]})
    return {name: value for name, value in explorer.values().items() if value != start[name] and name != first}


def cases_of(name, interact=False):
    """What is measured of an explorer: a list of (case, control's name and label, settings, cell)."""
    explorer = getattr(explorers, name)()
    control = first_slider(explorer.controls, explorer.in_sight)
    label = explorer.controls[control].description
    settings = slowest(explorer)
    found = [("start", label, {}, EXPLORER.format(name=name, settings={}))]
    if settings:
        label = explorer.controls[control].description  # which another control may have changed
        found.append(("slowest", label, settings, EXPLORER.format(name=name, settings=settings)))
    if interact:
        label = found[0][1]
        found.append(("interact", label, {}, INTERACT.format(name=name, control=control)))
    return found


def measure(cells, moves):
    """Measure cells side by side, in one page of JupyterLab.

    Parameters
    ----------
    cells : list of (str, str)
        Each the label of the control that is moved, and what shows it.
    moves : int
        Moves of each control.

    Returns
    -------
    list of list of (float or None)
        Milliseconds of each move, by cell, twice as many of the first; None for a missed one.

    Raises
    ------
    RuntimeError
        When there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    executable = jupyter.find_chromium()
    if executable is None:
        raise RuntimeError("no Chromium or Chrome found; the environment variable CHROMIUM may name one")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter.jupyter_server(folder) as server,
        sync_playwright() as playwright,
        jupyter.chromium(playwright, executable) as (context, _),
    ):
        jupyter.write_notebook(Path(folder) / "latency.ipynb", [source for _, source in cells])
        page = context.new_page()
        jupyter.open_notebook(page, server, "latency.ipynb")
        jupyter.run_all(page)
        hands = [Hand(page, k, label) for k, (label, _) in enumerate(cells)]
        times = [[] for _ in cells]
        middle = (len(cells) + 1) // 2
        for start in range(0, moves, BLOCK):
            for k in [*range(middle), 0, *range(middle, len(cells))]:
                hands[k].move()
                times[k] += [hands[k].move() for _ in range(min(BLOCK, moves - start))]
        jupyter.close(page)
    return times


class Hand:
    """Moves a control in the output of a cell to and fro, by its label, and takes the time."""

    def __init__(self, page, cell, label):
        self.page, self.cell, self.key, self.followed = page, cell, "ArrowRight", True
        output = page.locator(f"{jupyter.PANEL} .jp-Cell").nth(cell).locator(".jp-Cell-outputArea")
        named = output.locator(".jupyter-widgets").filter(has=page.locator(f"xpath=./*[normalize-space()={label!r}]"))
        self.control = named.locator(".noUi-handle, select").first
        self.control.wait_for()
        page.evaluate(WATCH, cell)

    def ends(self):
        """Where the control stands, and between which ends."""
        return self.control.evaluate("""(node) => node.options
            ? [node.selectedIndex, 0, node.options.length - 1]
            : ['now', 'min', 'max'].map((end) => Number(node.getAttribute(`aria-value${end}`)))""")

    def move(self):
        """Move by one step; return the milliseconds until the picture has changed, or None."""
        now, low, high = self.ends()
        self.key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else self.key
        self.control.focus()
        self.page.keyboard.press(self.key)
        time = self.page.evaluate(LAST_CHANGE, [self.cell, 250, 3000])
        if time is None and self.followed:  # turn once, and come back over what has nothing to see
            self.key = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}[self.key]
        self.followed = time is not None
        return time


def summary(times):
    """Median and 95th percentile, by rank; None without times."""
    seen = sorted(time for time in times if time is not None)
    return (statistics.median(seen), seen[math.ceil(0.95 * len(seen)) - 1]) if seen else (None, None)


def row(name, case, control, settings, times, least):
    """Return a row of the table, from the times of a case and of the line on its page.

    Raises
    ------
    RuntimeError
        When no move changed the picture.
    """
    (median, p95), (low, low95) = summary(times), summary(least)
    if median is None:
        raise RuntimeError(f"{name}, {case}: no move of {control!r} changed the picture")
    where = ", ".join(f"{key} {value}" for key, value in settings.items())
    missed = sum(time is None for time in times)
    numbers = [f"{median:.1f}", f"{p95:.1f}", f"{median / low:.2f}", f"{p95 / low95:.2f}"]
    return dict(zip(COLUMNS, [name, case, control, where, len(times) - missed, missed, *numbers], strict=True))


def measured(names, moves, interact=False):
    """Rows of the explorers as they are measured, page by page; that of the line comes last, from all pages."""
    lines = []
    for start in range(0, len(names), PAGE):
        cases = [(name, *case) for name in names[start : start + PAGE] for case in cases_of(name, interact)]
        cells = [("Slope", LEAST), *((control, source) for _, _, control, _, source in cases)]
        least, *taken = measure(cells, moves)
        lines += least
        for (name, case, control, settings, _), times in zip(cases, taken, strict=True):
            yield row(name, case, control, settings, times, least)
    yield row("one straight line", "start", "Slope", {}, lines, lines)


def told(found):
    """What is printed of a row."""
    goal = "" if float(found["ratio"]) <= GOAL[0] and float(found["ratio95"]) <= GOAL[1] else "  above the goal"
    missed = f"; {found['missed']} missed" if int(found["missed"]) else ""
    return (
        f"{found['explorer']:<18}{found['case']:<9}{found['control']:<20}{found['median']:>7} ({found['p95']:>5}) ms"
        f"{found['ratio']:>7} ({found['ratio95']:>5})  {found['settings']}{missed}{goal}"
    )


def table(found):
    """The rows as a table in Markdown, one line an explorer, the straight line first.

    Parameters
    ----------
    found : list of dict
        Rows as they are stored, numbers as texts or as numbers.

    Returns
    -------
    str
        The table.
    """

    def pair(entry, one, other, digits):
        return f"{float(entry[one]):.{digits}f} ({float(entry[other]):.{digits}f})" if entry else ""

    lines = [
        "| explorer | control that is moved | ms at the start | times the least | ms where slowest | times the least "
        "| slowest at |",
        "|---|---|---|---|---|---|---|",
    ]
    by_case = {(entry["explorer"], entry["case"]): entry for entry in found}
    for name in sorted({entry["explorer"] for entry in found}, key=lambda name: (name in EXPLORERS, name)):
        start, slow = by_case[name, "start"], by_case.get((name, "slowest"))
        cells = [name, start["control"]]
        for entry in (start, slow):
            cells += [pair(entry, "median", "p95", 0), pair(entry, "ratio", "ratio95", 1)]
        cells.append(slow["settings"] if slow else "")
        lines.append(f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|")
    return "\n".join(lines)


def where():
    """What belongs to the milliseconds, and when they were taken."""
    from rnnbook.view.live import anywidget

    versions = {"python": platform.python_version(), "jupyterlab": jupyterlab.__version__}
    return {"date": datetime.date.today().isoformat(), **versions, "anywidget": anywidget.__version__, **processor()}


def store(found, data=DATA, readme=README):
    """Write the table, what belongs to it, and README's copy of it."""
    with data.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    data.with_suffix(".json").write_text(json.dumps(where()) + "\n", encoding="utf-8")
    readme.write_text(page(readme.read_text("utf-8"), found, where()), encoding="utf-8")


def page(text, found, told_where):
    """README with the table, and the sentence of when and where, of these rows."""
    date = datetime.date.fromisoformat(told_where["date"])
    said = (
        f"Measured on {date.day} {date:%B %Y} with JupyterLab {told_where['jupyterlab']} and Python "
        f"{told_where['python']} on {told_where['processor']}, {told_where['cores']} cores, {found[0]['moves']} moves "
        f"each."
    )
    return TABLE.sub(lambda _: f"{table(found)}\n\n{said}\n", text)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="explorer", help="by its class (default: all)")
    parser.add_argument("--moves", type=int, default=24, help="moves of each control (default: 24)")
    parser.add_argument("--interact", action="store_true", help="measure the usual way, too (half as long again)")
    parser.add_argument("--write", action="store_true", help="store the table, of all explorers")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(EXPLORERS):
        parser.error(f"no explorer {', '.join(sorted(unknown))}; there are {', '.join(EXPLORERS)}")
    if given.write and (given.names or given.interact):
        parser.error("--write takes all explorers, without --interact")
    print("median (p95), and both as times the least that Jupyter takes on the same page")
    found = []
    for entry in measured(given.names or EXPLORERS, given.moves, given.interact):
        found.append(entry)
        print(told(entry), flush=True)
    if given.write:
        store(found)


if __name__ == "__main__":
    main()
