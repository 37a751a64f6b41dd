"""How long a slider takes to change its picture, in JupyterLab in a real browser.

    python -m benchmarks.latency [--moves 36] [--settings "cell='LSTM', T=200"]

Each way of moving a picture is one cell of a notebook; all run in the same kernel and page, and their sliders are
moved in turn, so that whatever else the machine does hits all of them alike. Prints, writes nothing.

What is measured, for each press of an arrow key on the focused slider:

- The clock starts with the browser's own time stamp of the key press, and so contains everything a reader waits
  for: the slider's message, the kernel's computing and drawing, the answer, and the page's taking it in.
- The picture counts as changed at the *last* change of the cell's output (nodes, text, loaded images) after the
  press, the slider and its readout excepted. A quarter of a second without a further change says that it was
  the last.
- Painting comes up to one screen refresh later, in every case alike, and is not contained.
- A move whose picture has not changed after five seconds is missed. It is counted, and stands in no percentile.
- The first moves of each case are warm-up and are left out.
"""

import argparse
import math
import statistics
import tempfile
from pathlib import Path

from tests.browser import jupyter

WARM_UP = 4

EXPLORER = """\
from rnnbook.view.explorers import GradientFlow
GradientFlow({settings})
"""
# The same sums and the same picture, moved the usual way: drawn anew, and shown by IPython as a PNG.
INTERACT = """\
import matplotlib as mpl
import matplotlib.pyplot  # switches on inline figures
from IPython.display import display
from ipywidgets import FloatSlider, interact
from rnnbook.view.explorers import GradientFlow

explorer = GradientFlow({settings})

@interact(gain=FloatSlider(value=explorer.values()["gain"], min=0, max=2, step=0.01))
def show(gain):
    arrays = explorer.compute(**{{**explorer.values(), "gain": gain}})
    explorer.fig, _ = explorer.draw(arrays)
    explorer.move(arrays)
    explorer.fig.set_dpi(mpl.rcParams["figure.dpi"])
    display(explorer.fig)
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


def measure(cases, moves=36):
    """Measure cases side by side, in one page of JupyterLab.

    Parameters
    ----------
    cases : list of (str, str)
        Name and source of a cell. The cell shows something with a slider; its first one is moved.
    moves : int
        Moves of each slider.

    Returns
    -------
    dict of str to list of (float or None)
        Milliseconds of each move, by case; None for a missed one.

    Raises
    ------
    RuntimeError
        When there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    executable = jupyter.find_chromium()
    if executable is None:
        raise RuntimeError("no Chromium or Chrome found; the environment variable CHROMIUM may name one")
    times = {name: [] for name, _ in cases}
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter.jupyter_server(folder) as server,
        sync_playwright() as playwright,
        jupyter.chromium(playwright, executable) as (context, _),
    ):
        jupyter.write_notebook(Path(folder) / "latency.ipynb", [source for _, source in cases])
        page = context.new_page()
        jupyter.open_notebook(page, server, "latency.ipynb")
        jupyter.run_all(page)
        hands = [Hand(page, cell) for cell in range(len(cases))]
        for k in range(WARM_UP + moves):
            for (name, _), hand in zip(cases, hands, strict=True):
                time = hand.move()
                if k >= WARM_UP:
                    times[name].append(time)
        jupyter.close(page)
    return times


class Hand:
    """Moves the first slider in the output of a cell to and fro, and takes the time."""

    def __init__(self, page, cell):
        self.page, self.cell, self.key = page, cell, "ArrowRight"
        self.handle = page.locator(f"{jupyter.PANEL} .jp-Cell").nth(cell).locator(".noUi-handle").first
        self.handle.wait_for()
        page.evaluate(WATCH, cell)

    def move(self):
        """Move by one step; return the milliseconds until the picture has changed, or None."""
        now, low, high = (float(self.handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
        self.key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else self.key
        self.handle.focus()
        self.page.keyboard.press(self.key)
        return self.page.evaluate(LAST_CHANGE, [self.cell, 250, 5000])


def summary(times):
    """Say median, 95th percentile, missed moves and the ratio to the last case, one line for each case."""

    def percentile(values, share):  # by rank: a value that was measured
        return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]

    seen = {name: [time for time in all_times if time is not None] for name, all_times in times.items()}
    reference = list(seen.values())[-1]
    rows = [f"{'slider to picture':<28}{'median':>10}{'p95':>10}{'missed':>12}{'times as fast':>16}"]
    for name, values in seen.items():
        missed = f"{len(times[name]) - len(values)} of {len(times[name])}"
        if not values:
            rows.append(f"{name:<28}{'-':>10}{'-':>10}{missed:>12}{'-':>16}")
            continue
        median = statistics.median(values)
        ratio = f"{statistics.median(reference) / median:.1f}" if reference else "-"
        rows.append(f"{name:<28}{median:>7.1f} ms{percentile(values, 0.95):>7.1f} ms{missed:>12}{ratio:>16}")
    return "\n".join(rows)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--moves", type=int, default=36, help="moves of each slider (default: 36)")
    parser.add_argument("--settings", default="", help="of the explorer, as \"cell='all three', T=200, H=128\"")
    given = parser.parse_args(arguments)
    cases = [("live figure", EXPLORER), ("interact + inline figure", INTERACT)]
    cases = [(name, source.format(settings=given.settings)) for name, source in cases]
    print(summary(measure(cases, given.moves)))


if __name__ == "__main__":
    main()
