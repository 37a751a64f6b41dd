"""The picture that moves: its curves and words are the explorer's own at every gain, and it needs no other file."""

import re
import xml.etree.ElementTree as ElementTree
from functools import cache

import numpy as np
import pytest

from figures import motion
from rnnbook.view.explorers import GradientFlow
from tests.browser.jupyter import ROOT

FILE = ROOT / "figures" / "gradient_in_motion.svg"
SVG = "{http://www.w3.org/2000/svg}"
MOST = 150_000  # bytes


@cache
def stored():
    """The root of the stored file."""
    return ElementTree.parse(FILE).getroot()


def stored_frames():
    """The group of each gain."""
    return list(stored().find(f"{SVG}svg/{SVG}g"))


def points(path):
    """The corners of a stored curve in units of the picture, from step 1 on, shape (T, 2)."""
    start, moves = path.get("d")[1:].split("l")
    numbers = [np.array(re.findall(r"-?\d+", part), float).reshape(-1, 2) for part in (start, moves)]
    return np.cumsum(np.concatenate(numbers), axis=0)[::-1] / motion.FINE


@cache
def explorer():
    return GradientFlow(cell="all three", gate_bias=2.0)


@pytest.mark.parametrize("number", range(len(motion.GAINS)), ids=lambda number: f"{motion.GAINS[number]:.2f}")
def test_curves_are_the_packages_numbers_and_words_the_explorers(number):
    group, gain = stored_frames()[number], motion.GAINS[number]
    flows = explorer().compute(**explorer().values() | {"gain": gain})
    curves = list(group.iter(f"{SVG}path"))
    assert [path.get("class") for path in curves] == [f"curve {cell.lower()}" for cell in flows]
    for path, part in zip(curves, flows.values(), strict=True):
        x, y = points(path).T
        norms = part.flow.norms[0]
        assert np.allclose(x, motion.LEFT + motion.STEP * np.arange(len(norms)), rtol=0)
        low, high = motion.DECADES
        drawn = high - (y - motion.TOP) / (motion.BOTTOM - motion.TOP) * (high - low)
        grid = (high - low) / (motion.BOTTOM - motion.TOP) / motion.FINE
        assert np.abs(drawn - np.log10(norms)).max() <= 0.501 * grid
        assert ((y >= motion.TOP) & (y <= motion.BOTTOM)).all()  # nothing leaves the picture
    said = [text.text for text in group.iter(f"{SVG}text")]
    assert said[0] == f"{gain:.2f}"
    reading = explorer().reading(flows)
    for name, way, numbers in zip(motion.CELLS.values(), said[1::2], said[2::2], strict=True):
        factor, end = re.fullmatch(r"× (\S+) a step, 1 to (\S+)", numbers).groups()
        there = f"{name}: the gradient {way}: a factor {factor} a step in the mean, from 1 to {end} over 99 steps back."
        assert there in reading


def test_the_knob_stands_where_the_gain_is():
    start, end = motion.TRACK
    at = [float(group.find(f"{SVG}circle").get("cx")) for group in stored_frames()]
    assert np.allclose(
        (np.array(at) - start) / (end - start) * explorer().controls["gain"].max, motion.GAINS, atol=1e-3
    )


def test_it_is_drawn_with_the_same_bytes_every_time():
    drawn = motion.gradient_in_motion()
    assert drawn == motion.gradient_in_motion()
    svg, sentence = drawn
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == sentence == stored().findtext(f"{SVG}title")
    assert len(svg.encode()) < MOST
    assert FILE.stat().st_size < MOST


def test_the_alternative_text_says_what_arrives_at_the_ends_and_where_nothing_moves():
    sentence = stored().findtext(f"{SVG}title")
    for number in (0, motion.STILL, -1):
        flows = explorer().compute(**explorer().values() | {"gain": motion.GAINS[number]})
        assert f"{motion.GAINS[number]:.2f}" in sentence
        for part in flows.values():
            assert f"{part.flow.norms[0][0]:.1e}" in sentence
    index = (ROOT / "figures" / "README.md").read_text(encoding="utf-8")
    assert f"![{sentence}](gradient_in_motion.svg)" in index


def test_it_asks_for_no_script_and_no_other_file():
    assert {node.tag.removeprefix(SVG) for node in stored().iter()} <= {
        *("svg", "title", "style", "rect", "path", "text", "tspan", "g", "circle")
    }
    content = FILE.read_text(encoding="utf-8").replace(SVG.strip("{}"), "")
    assert not re.findall(r"https?:|url\(|@import|@font-face|href", content)


def test_the_readme_shows_it_before_the_first_command():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    picture = f"![{stored().findtext(f'{SVG}title')}](figures/gradient_in_motion.svg)"
    assert 0 < readme.index(picture) < readme.index("make lab")
    assert f"at {len(motion.GAINS)} gains" in readme
