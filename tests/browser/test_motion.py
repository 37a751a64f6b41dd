"""The moving picture as an image of a page: it moves, stands still where a reader wants that, and can be read."""

import io
import itertools
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.browser import jupyter
from tests.eyes import contrast

FILE = jupyter.ROOT / "figures" / "gradient_in_motion.svg"
GAINS = re.findall(r'y="43">(\d\.\d\d)<', FILE.read_text(encoding="utf-8"))
PAGE = '<body style="margin:0;background:red"><img src="picture.svg">'

# The boxes of all letters that are seen together at each gain, in units of the picture: x, y, width, height, text.
LETTERS = """() => {
    const box = (node) => {
        const {x, y, width, height} = node.getBBox();
        return [x, y, width, height, node.textContent];
    };
    const fixed = [...document.querySelectorAll('svg > text')].map(box);
    const of = (frame) => [...frame.querySelectorAll('text')].map(box);
    return [...document.querySelectorAll('.strip > g')].map((frame) => [...fixed, ...of(frame)]);
}"""


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page with a picture, in the browser of all tests or in a context of one's own."""
    pages = []

    def opened(svg, context=browser[0]):
        (tmp_path / "picture.svg").write_text(svg, encoding="utf-8")
        (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
        pages.append(context.new_page())
        pages[-1].goto((tmp_path / "page.html").as_uri())
        return pages[-1]

    yield opened
    for page in pages:
        page.close()
    assert browser[1] == []


def look(page):
    """The picture as it is seen: an array (high, wide, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.locator("img").screenshot())).convert("RGB"))


def watch(page, times=6):
    """The picture, every 0.4 seconds."""
    for _ in range(times):
        yield look(page)
        page.wait_for_timeout(400)


def alone(svg, gain):
    """The file with the frame of one gain alone, where all others are."""
    frames = re.findall(r"<g transform.*?</g>", svg, re.DOTALL)
    (kept,) = (frame for frame in frames if f'y="43">{gain}<' in frame)
    head, tail = svg.split(frames[0])[0], svg.split(frames[-1])[1]
    head = re.sub(r"\.strip\{transform.*?\}|@media \(prefers-reduced-motion.*?\}\}", "", head)
    return head + re.sub(r" transform=\"\S+\"", "", kept, count=1) + tail


def test_it_moves(show):
    seen = list(watch(show(FILE.read_text(encoding="utf-8"))))
    assert len({picture.tobytes() for picture in seen}) >= 3


def test_where_a_reader_wants_no_motion_it_stands_at_gain_1(browser, show):
    svg = FILE.read_text(encoding="utf-8")
    kind = SimpleNamespace(chromium=browser[0].browser.browser_type)
    # What Playwright emulates does not reach into images; the system's wish does, and so does this.
    with jupyter.chromium(kind, jupyter.find_chromium(), "--force-prefers-reduced-motion") as (context, outside):
        seen = list(watch(show(svg, context)))
        still = look(show(alone(svg, "1.00"), context))
        other = look(show(alone(svg, "1.01"), context))
        assert outside == []
    assert len({picture.tobytes() for picture in seen}) == 1
    assert (seen[0] == still).all()
    assert (seen[0] != other).any()


@pytest.mark.parametrize(("scheme", "paper"), [("light", "#ffffff"), ("dark", "#111111")])
def test_it_has_a_paper_of_its_own_light_or_dark(browser, show, scheme, paper):
    context = browser[0].browser.new_context(color_scheme=scheme)
    picture = look(show(alone(FILE.read_text(encoding="utf-8"), "1.00"), context))
    context.close()
    colours, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    commonest = colours[counts.argmax()]
    assert "#" + bytes(commonest).hex() == paper
    assert max(contrast(colour / 255, paper) for colour in colours) > 15  # the letters
    assert [255, 0, 0] not in colours.tolist()


def test_no_letters_touch_others_or_leave_the_picture(browser):
    page = browser[0].new_page()
    page.goto(FILE.as_uri())
    width, height = (float(page.locator("svg").first.get_attribute(side)) for side in ("width", "height"))
    frames = page.evaluate(LETTERS)
    page.close()
    assert len(frames) == len(GAINS) > 50
    for letters in frames:
        assert all(x >= 8 and y >= 8 and x + w <= width - 8 and y + h <= height - 8 for x, y, w, h, _ in letters)
        for (x, y, w, h, one), (x2, y2, w2, h2, other) in itertools.combinations(letters, 2):
            beside = x + w < x2 - 2 or x2 + w2 < x - 2
            below = y + h < y2 + 3 or y2 + h2 < y + 3  # boxes are taller than letters
            assert beside or below, (one, other)
