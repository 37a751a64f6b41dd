"""A picture that moves without a kernel: an explorer's frames in one SVG, which runs inside an image, as in a README.

The frames stand side by side, and CSS moves the strip from one to the next. It stands still at one of them where a
reader's system asks for less motion.
"""

import re
from html import escape

import numpy as np

from rnnbook.view.explorers import GradientFlow
from rnnbook.view.style import COLORS, DARK, INK, LINES

WIDTH, HEIGHT = 640, 502  # units of a frame; letters of 19 units are 11.6 pixels high on a phone of 390
LEFT, STEP = 80, 5.25  # the axes: where they begin, and the width of a time step
TOP, BOTTOM = 102, 354
DECADES = -12, 4  # from the lower border to the upper
FINE = 4  # curves are drawn on a grid of a quarter of a unit
ROWS = 430  # the first of the lines that say what is seen
RIGHT = 624  # where numbers end
TRACK = 130, 540  # the slider from end to end
GAINS = np.arange(80, 141) / 100
STILL = 20  # the frame that stands where nothing may move: gain 1
SECONDS = 6  # from low to high, a tenth of it at rest at either end
CELLS = {"RNN": "tanh RNN", "LSTM": "LSTM", "GRU": "GRU"}  # the explorer's names, and those of its sentence
READING = re.compile(
    r"(?P<cell>\w[\w ]*): the gradient (?P<way>[a-z ]+): a factor (?P<factor>[\d.]+) a step in the mean, "
    r"from 1 to (?P<end>\S+) over \d+ steps back\."
)


def frames():
    """What the explorer shows at each gain: its sentence by cell, and the magnitudes (T,) by cell."""
    explorer = GradientFlow(cell="all three", gate_bias=2.0, gain=GAINS[0])
    for gain in GAINS:
        explorer.set(gain=float(gain))
        sentence = {found["cell"]: found for found in READING.finditer(explorer.live.reading)}
        yield sentence, {cell: part.flow.norms[0] for cell, part in explorer.arrays.items()}


def height(norm):
    """Where a magnitude stands, in units from above."""
    low, high = DECADES
    return TOP + (high - np.log10(norm)) / (high - low) * (BOTTOM - TOP)


def curve(norms):
    """The path of one curve in quarters of a unit, from the loss at the last step back to the first."""
    T = len(norms)
    x = np.rint(FINE * (LEFT + STEP * np.arange(T))).astype(int)[::-1]
    y = np.rint(FINE * height(norms)).astype(int)[::-1]
    moves = "".join(f" {dx}{dy: d}" for dx, dy in zip(np.diff(x), np.diff(y), strict=True))
    return f"M{x[0]} {y[0]}l" + moves.replace(" -", "-").lstrip()


def text(x, y, what, kind=""):
    """A line of type; kind is its class."""
    kind = f' class="{kind}"' if kind else ""
    return f'<text{kind} x="{x:g}" y="{y:g}">{what}</text>'


def frame(number, gain, sentence, norms):
    """One frame: the slider's knob and number, the curves, and what the explorer says of each."""
    at = TRACK[0] + gain / 2 * (TRACK[1] - TRACK[0])
    parts = [f'<circle class="knob" cx="{at:g}" cy="36" r="13"/>', text(RIGHT, 43, f"{gain:.2f}", "end")]
    for row, (cell, name) in enumerate(CELLS.items()):
        said, y = sentence[name], ROWS + 27 * row
        parts.append(f'<path class="curve {cell.lower()}" d="{curve(norms[cell])}"/>')
        parts.append(text(188, y, said["way"]))
        parts.append(text(RIGHT, y, f"× {said['factor']} a step, 1 to {said['end']}", "end"))
    return f'<g transform="translate({WIDTH * number})">\n' + "\n".join(parts) + "\n</g>"


def still():
    """What does not move: the slider's track, the axes, and the name of each cell beside a piece of its line."""
    last = LEFT + STEP * 99
    lowered = '<tspan class="small" dy="4">t</tspan><tspan dy="-4">'
    parts = [
        f'<path class="track" d="M{TRACK[0]} 36H{TRACK[1]}"/>',
        *(text(16, 43, "Gain"), text(TRACK[0] - 14, 43, "0", "end"), text(TRACK[1] + 14, 43, "2")),
        text(16, 82, f"Gradient magnitude |dL/dh{lowered}|, loss at step 100</tspan>"),
        text((LEFT + last) / 2, BOTTOM + 44, "time step t", "middle"),
        *(text(LEFT + STEP * (t - 1), BOTTOM + 22, t, "middle") for t in (1, 20, 40, 60, 80, 100)),
    ]
    for norm in 10.0 ** np.arange(DECADES[0], DECADES[1] + 1, 4):
        parts.append(f'<path class="{"one" if norm == 1 else "grid"}" d="M{LEFT} {height(norm):g}H{last:g}"/>')
        parts.append(text(LEFT - 8, height(norm) + 6, f"{norm:.0e}", "end"))
    for row, (cell, name) in enumerate(CELLS.items()):
        y = ROWS + 27 * row
        parts.append(f'<path class="sample {cell.lower()}" d="M16 {y - 6}h54"/>')
        parts.append(text(80, y, name, f"name {cell.lower()}"))
    return "\n".join(parts)


def rules(colours):
    """CSS rules of what has a colour, each given as on white paper and changed by `colours`."""
    plain = {".paper": "fill:#ffffff;stroke:#8c8c8c", "text": "fill:#000000", ".grid": "stroke:#e3e3e3"}
    plain |= {".one": "stroke:#8c8c8c", ".track": "stroke:#8c8c8c", ".knob": "fill:#ffffff;stroke:#000000"}
    for cell in CELLS:
        plain[f".{cell.lower()}"] = f"stroke:{COLORS[cell.lower()]}"
        plain[f".name.{cell.lower()}"] = f"stroke:none;fill:{INK[cell.lower()]}"
    written = "\n".join(f"{what}{{{look}}}" for what, look in plain.items())
    return re.sub(r"#\w{6}", lambda found: colours.get(found[0].lower(), found[0]), written)


def style():
    """The whole of the CSS: looks, dashes as in every picture of the book, and the strip's way from end to end."""
    last = len(GAINS) - 1
    dashed = ""
    for cell in ("lstm", "gru"):
        for what, units in ((".sample", 3), (".curve", 3 * FINE)):
            dashes = " ".join(f"{units * part:g}" for part in LINES[cell]["linestyle"][1])
            dashed += f"{what}.{cell}{{stroke-dasharray:{dashes}}}\n"
    return f"""text{{font:19px Helvetica,Arial,"Liberation Sans",sans-serif}}
.small{{font-size:14px}} .name{{font-weight:bold}} .end{{text-anchor:end}} .middle{{text-anchor:middle}}
path{{fill:none}} .curve,.sample{{stroke-width:3;stroke-linejoin:round}} .knob{{stroke-width:3}}
.track{{stroke-width:6;stroke-linecap:round}} .curve{{transform:scale({1 / FINE:g});stroke-width:{3 * FINE}}}
{dashed}{rules({})}
@media (prefers-color-scheme:dark){{
{rules(DARK)}
}}
.strip{{transform:translateX({-WIDTH * STILL}px)}}
@media (prefers-reduced-motion:no-preference){{.strip{{animation:gain {SECONDS}s infinite alternate}}}}
@keyframes gain{{0%{{transform:none}}10%{{transform:none;animation-timing-function:steps({last})}}
90%,to{{transform:translateX({-WIDTH * last}px)}}}}"""


def gradient_in_motion():
    """The README: the main explorer with all three cells, bias of f and z 2, while its gain moves to and fro.

    Returns
    -------
    svg : str
        The file.
    sentence : str
        Its alternative text.
    """
    shown = list(frames())
    strip = "\n".join(frame(k, gain, *part) for k, (gain, part) in enumerate(zip(GAINS, shown, strict=True)))
    ends = {cell: [shown[k][0][cell]["end"] for k in (0, STILL, -1)] for cell in CELLS.values()}
    arrives = "; ".join(f"{low}, {middle} and {high} in the {cell}" for cell, (low, middle, high) in ends.items())
    gains = [f"{GAINS[k]:.2f}" for k in (0, STILL, -1)]
    sentence = (
        f"A slider moves the gain of W_hh from {gains[0]} to {gains[2]} and back, and three curves follow it: the "
        "gradient magnitude at every time step, on a log axis, for a loss at step 100. Of a gradient of length 1, this "
        f"arrives at step 1 at the gains {gains[0]}, {gains[1]} and {gains[2]}: {arrives}."
    )
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>{escape(sentence)}</title>
<style>
{style()}
</style>
<rect class="paper" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}"/>
{still()}
<svg {size}><g class="strip">
{strip}
</g></svg>
</svg>
"""
    return svg, sentence
