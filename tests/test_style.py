"""One look: lines that stand out, sizes that can be read, the same bytes, and no trace left behind."""

import base64
import contextlib
import os
import subprocess
import sys

import matplotlib as mpl
import matplotlib.style
import pytest
from matplotlib.figure import Figure

from rnnbook.view import picture, style
from tests.eyes import HOSTILE, contrast


def some_figure():
    fig, ax = style.figure()
    with style.look():
        ax.plot([1, 2, 3], **style.line("lstm", label="LSTM"))
        ax.set_title("$h_t$")
        ax.legend()
    return fig


@pytest.mark.parametrize("name", style.COLORS)
def test_every_line_stands_out_from_white(name):
    assert contrast(style.COLORS[name]) >= 3  # WCAG 2.1, 1.4.11


def test_cells_are_told_apart_without_colour():
    assert set(style.LINES) == set(style.COLORS)
    looks = [(str(style.LINES[n]["linestyle"]), style.LINES[n]["marker"]) for n in style.LINES]
    assert len(set(looks)) == len(looks)
    models = ("rnn", "lstm", "gru")
    assert len({style.LINES[name]["marker"] for name in models}) == 3
    assert len({str(style.LINES[name]["linestyle"]) for name in models}) == 3


def test_line_takes_changes_and_names_what_exists():
    assert style.line("rnn", marker="", label="RNN")["marker"] == ""
    with pytest.raises(ValueError, match="'transformer'; there are rnn, lstm"):
        style.line("transformer")


def test_text_can_be_read_on_a_projector():
    fig = some_figure()
    (ax,) = fig.axes
    fig.draw_without_rendering()
    texts = [ax.title, ax.xaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels(), *ax.get_legend().get_texts()]
    assert min(text.get_fontsize() for text in texts) >= 11


def test_figure_hands_on_what_subplots_takes():
    fig, axes = style.figure(2, 3, width=8, height=4, sharex=True)
    assert axes.shape == (2, 3)
    assert fig.get_size_inches().tolist() == [8, 4]


def test_settings_of_matplotlib_are_left_alone(tmp_path):
    before = mpl.rcParams.copy()
    fig = some_figure()
    style.png(fig)
    style.save(fig, tmp_path / "picture")
    assert mpl.rcParams.copy() == before


def test_matplotlib_still_has_the_private_functions_of_its_settings_that_the_look_uses():
    """`_get` gives a setting without choosing a backend, `_set` gives one without checking it again; both are private.

    Where a release changes them, `_settings` and `_set` of `rnnbook.view.style` have to go another way.
    """
    for name in ("_get", "_set"):
        assert callable(getattr(mpl.RcParams, name, None)), f"Matplotlib {mpl.__version__} has no RcParams.{name}"
    with mpl.rc_context():
        mpl.rcParams._set("lines.linewidth", 7.5)
        assert mpl.rcParams["lines.linewidth"] == mpl.rcParams._get("lines.linewidth") == 7.5
        mpl.rcParams._set("lines.linewidth", "unchecked")
        assert mpl.rcParams._get("lines.linewidth") == "unchecked"


def cell_picture():
    """All that a cell may ask of a figure and its axes, outside of the look as a cell is."""
    fig, axes = style.figure(2, 3, height=5.0)
    (lines, points, bars), (image, log, marks) = axes
    lines.plot([1, 2, 3])
    lines.plot([3, 2, 1], **style.line("gru", label="GRU"))
    lines.axhline(2)
    lines.legend(title="cell")
    lines.set(title="$h_t$", xlabel="step", xticks=[0, 2], xticklabels=["a", "b"])
    points.scatter([1, 2], [1, 2])
    points.errorbar([1, 2], [2, 1], yerr=0.1)
    points.annotate("here", (1, 1), xytext=(1.5, 1.2), arrowprops={})
    bars.bar([1, 2], [1, 2], yerr=0.2)
    bars.hist([1, 1, 2])
    bars.fill_between([1, 2], 0.5)
    bars.set_title("bars", loc="right")
    fig.colorbar(image.imshow([[1, 2], [3, 4]]), ax=image, label="amount")
    log.set_yscale("log")
    log.plot([1, 1e4])
    log.set_ylabel("size")
    log.set_xticks([0, 1], ["none", "all"])
    marks.text(0.1, 0.1, "text")
    marks.axvline(0.5)
    marks.minorticks_on()
    marks.ticklabel_format(axis="y", style="sci")
    fig.suptitle("all of it")
    fig.text(0.5, 0.5, "text")
    fig.legend(loc="lower right")
    added = fig.add_subplot(5, 5, 25)
    added.plot([1, 2], label="late")
    added.legend()
    return style.png(fig, dpi=40)


@pytest.fixture(scope="module")
def plain_picture():
    return cell_picture()


@pytest.mark.parametrize("setting", HOSTILE)
def test_readers_settings_have_no_say_in_what_a_cell_draws(setting, plain_picture):
    with mpl.style.context(HOSTILE[setting]):
        assert cell_picture() == plain_picture


@pytest.mark.parametrize("setting", HOSTILE)
def test_hostile_settings_are_hostile(setting, plain_picture, monkeypatch):
    """Without the look each of them would be seen, so the test above can fail."""
    monkeypatch.setattr(style, "_Figure", Figure)
    monkeypatch.setattr(style, "look", contextlib.nullcontext)
    with mpl.style.context(HOSTILE[setting]), contextlib.suppress(RuntimeError):  # TeX is missing, or draws otherwise
        assert cell_picture() != plain_picture


def test_the_look_ends_when_a_cell_raises():
    _, ax = style.figure()
    with mpl.rc_context({"font.size": 30}):
        with pytest.raises(ValueError, match="nonsense"):
            ax.set_yscale("nonsense")
        assert mpl.rcParams["font.size"] == 30
        with style.look():
            assert mpl.rcParams["font.size"] == 12


def test_same_figure_same_bytes(tmp_path):
    files = [style.save(some_figure(), tmp_path / name, "LSTM rises.") for name in ("one", "two.5")]
    assert [file.name for file in files[1]] == ["two.5.svg", "two.5.png"]
    for one, two in zip(*files, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert b"LSTM rises." in files[0][0].read_bytes()
    assert mpl.__version__.encode() not in files[0][0].read_bytes()


def test_save_wants_no_suffix(tmp_path):
    with pytest.raises(ValueError, match="leave it out"):
        style.save(some_figure(), tmp_path / "picture.png")


def test_picture_carries_its_sentence():
    shown = picture.Picture(some_figure(), "LSTM rises from 1 to 3.")
    data, metadata = shown._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == shown.png
    assert data["text/plain"] == repr(shown) == "LSTM rises from 1 to 3."
    assert metadata["image/png"] == {"alt": "LSTM rises from 1 to 3.", "width": 864}


def test_show_prints_the_sentence_beneath(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    picture.show(some_figure(), "LSTM rises.")
    assert [one.sentence for one in shown] == ["LSTM rises."]
    assert capsys.readouterr().out == "LSTM rises.\n"


def test_pyplot_is_never_loaded_and_bytes_hold_across_processes(tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nlines.marker: x\ntext.usetex: True\naxes.facecolor: red\n")
    code = (
        "import sys, hashlib; from rnnbook.view import picture, style, live\n"
        "fig, ax = style.figure(); (curve,) = ax.plot([1, 2])\n"
        "live.Live(fig, [curve]).update(); print(hashlib.sha256(style.png(fig)).hexdigest())\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, **more},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, more in (("1", {}), ("2", {"MATPLOTLIBRC": str(tmp_path)}))
    ]
    assert runs[0] == runs[1] != ""
