"""How long a slider takes to change its picture, in JupyterLab in a real browser.

    python -m benchmarks.latency [GradientFlow ...] [--moves 24]

For every explorer of the book (or those named) one notebook with three cells: the explorer as it starts, the
explorer with all controls where a move takes longest, and the same sums and picture moved the usual way, by
`interact` and an inline figure. Their first sliders are moved in turn in one page, so that whatever else the machine
does hits all of them alike. Before them stands the least that Jupyter can do on this machine: a slider that moves
one straight line. Prints, writes nothing.

What is measured, for each press of an arrow key on the focused slider:

- The clock starts with the browser's own time stamp of the key press, and so contains everything a reader waits
  for: the slider's message, the kernel's computing and drawing, the answer, and the page's taking it in.
- The picture counts as changed at the *last* change of the cell's output (nodes, text, loaded images) after the
  press, the slider and its readout excepted. A quarter of a second without a further change says that it was
  the last.
- Painting comes up to one screen refresh later, in every case alike, and is not contained.
- A move whose picture has not changed after five seconds is missed, as one beyond the last thing to see. It is
  counted, stands in no percentile, and those after it go the other way.
- A slider makes nine moves before the next one's turn, as a hand does; the first of them is left out.
"""

import argparse
import math
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

from rnnbook.view import explorers
from rnnbook.view.explorers.controls import first_slider
from tests.browser import jupyter
from tests.browser.driving import EXPLORERS

BLOCK = 8  # moves of one slider that count, before the next one's turn

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

explorer = {name}()
slider = explorer.controls["{slider}"]

@interact(value=type(slider)(value=slider.value, min=slider.min, max=slider.max, step=slider.step))
def show(value):
    arrays = explorer.compute(**{{**explorer.values(), "{slider}": value}})
    explorer.fig, _ = explorer.draw(arrays)
    explorer.move(arrays)
    explorer.fig.set_dpi(mpl.rcParams["figure.dpi"])
    display(explorer.fig)
"""

# One straight line: what a move costs when there is nothing to compute and next to nothing to draw.
LEAST = """\
from ipywidgets import FloatSlider, VBox
from rnnbook.view import style
from rnnbook.view.live import Live

fig, ax = style.figure(width=6, height=2.4)
(line,) = ax.plot([0, 1], [0, 0])
ax.set_ylim(0, 1)
slider, live = FloatSlider(max=1, step=0.01), Live(fig, [line])

def move(change):
    line.set_ydata([0, change["new"]])
    live.update(f"ends at {change['new']:.2f}")

slider.observe(move, "value")
VBox([slider, live])
"""

# Notes, for one cell's output, when it changes.
WATCH = """(cell) => {
    const output = window.jupyterapp.shell.currentWidget.content.widgets[cell].outputArea.node;
    const watch = window.watch ??= {};
    const changes = watch[cell] = [];
    const note = (node) => {
        const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
        if (!element?.closest(".widget-slider")) changes.push(performance.now());
    };
    new MutationObserver((records) => records.forEach((record) => note(record.target)))
        .observe(output, {subtree: true, childList: true, characterData: true});
    output.addEventListener("load", (event) => note(event.target), true);
    window.addEventListener("keydown", (event) => { watch.pressed = event.timeStamp }, true);
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
    """What the kernel needs for a move of the first slider; the best of three."""
    name = first_slider(explorer.controls)
    slider = explorer.controls[name]
    times, step = [], slider.step if slider.value < slider.max else -slider.step
    for by in (step, -step, step, -step):
        start = time.perf_counter()
        explorer.set(**{name: type(slider.value)(slider.value + by)})
        times.append(time.perf_counter() - start)
    return min(times[1:])


def slowest(explorer):
    """Put one control after the other where a move takes longest, and return the values that differ from the start."""
    start, first = explorer.values(), first_slider(explorer.controls)
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


def cases_of(name):
    """Return an explorer's name, the cells that are measured, and the settings of the second."""
    explorer = getattr(explorers, name)()
    slider = first_slider(explorer.controls)
    settings = slowest(explorer)
    cells = [EXPLORER.format(name=name, settings={}), EXPLORER.format(name=name, settings=settings)]
    return name, [*cells, INTERACT.format(name=name, slider=slider)], settings


def measure(cells, moves):
    """Measure cells side by side, in one page of JupyterLab.

    Parameters
    ----------
    cells : list of str
        Each shows something with a slider; its first one is moved.
    moves : int
        Moves of each slider.

    Returns
    -------
    list of list of (float or None)
        Milliseconds of each move, by cell; None for a missed one.

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
        jupyter.write_notebook(Path(folder) / "latency.ipynb", cells)
        page = context.new_page()
        jupyter.open_notebook(page, server, "latency.ipynb")
        jupyter.run_all(page)
        hands = [Hand(page, cell) for cell in range(len(cells))]
        times = [[] for _ in cells]
        for start in range(0, moves, BLOCK):
            for hand, taken in zip(hands, times, strict=True):
                hand.move()
                taken += [hand.move() for _ in range(min(BLOCK, moves - start))]
        jupyter.close(page)
    return times


class Hand:
    """Moves the first slider in the output of a cell to and fro, and takes the time."""

    def __init__(self, page, cell):
        self.page, self.cell, self.key, self.followed = page, cell, "ArrowRight", True
        self.handle = page.locator(f"{jupyter.PANEL} .jp-Cell").nth(cell).locator(".noUi-handle").first
        self.handle.wait_for()
        page.evaluate(WATCH, cell)

    def move(self):
        """Move by one step; return the milliseconds until the picture has changed, or None."""
        now, low, high = (float(self.handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
        self.key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else self.key
        self.handle.focus()
        self.page.keyboard.press(self.key)
        time = self.page.evaluate(LAST_CHANGE, [self.cell, 250, 5000])
        if time is None and self.followed:  # turn once, and come back over what has nothing to see
            self.key = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}[self.key]
        self.followed = time is not None
        return time


def row(name, times, settings):
    """Say a case's times: median and 95th percentile of each cell, by rank; the last median by the first; what else."""
    seen = [sorted(time for time in cell if time is not None) for cell in times]
    missed = sum(len(cell) for cell in times) - sum(map(len, seen))
    if not all(seen):
        return f"{name:<18}no move of a slider changed its picture"
    medians = list(map(statistics.median, seen))
    parts = [
        f"{median:.0f} ({cell[math.ceil(0.95 * len(cell)) - 1]:.0f})"
        for median, cell in zip(medians, seen, strict=True)
    ]
    where = ", ".join(f"{key} {value}" for key, value in settings.items()) + (f"; {missed} missed" if missed else "")
    ratio = f"{medians[-1] / medians[0]:.1f}" if len(medians) > 1 else ""
    return f"{name:<18}{''.join(f'{part:>15}' for part in parts)}{ratio:>7}  {where}".rstrip()


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__ and __doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", metavar="explorer", help="by its class (default: all)")
    parser.add_argument("--moves", type=int, default=24, help="moves of each slider (default: 24)")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(EXPLORERS):
        parser.error(f"no explorer {', '.join(sorted(unknown))}; there are {', '.join(EXPLORERS)}")
    print(
        f"{'median (p95) in ms':<18}{'at the start':>15}{'where slowest':>15}{'interact':>15}{'ratio':>7}  slowest at"
    )
    print(row("one straight line", measure([LEAST], given.moves), {}), flush=True)
    for name, cases, settings in map(cases_of, given.names or EXPLORERS):
        print(row(name, measure(cases, given.moves), settings), flush=True)


if __name__ == "__main__":
    main()
