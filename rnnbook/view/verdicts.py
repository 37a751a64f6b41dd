"""Still pictures of a network that judges: its verdict word by word, and whether its probabilities hold."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator

from rnnbook.lab.reading import Calibration
from rnnbook.nn.checks import as_numbers, check_instance, check_shape
from rnnbook.view.style import COLORS, figure, line, look

STYLES = ("gru", "baseline", "rnn", "lstm")  # of the curves, in their order
NAMED = 30  # words beyond which an axis counts them


def verdict_picture(words, p, parts=None):
    """Draw the probability of yes after every word, and below it what each word has to do with the last verdict.

    The words stand upright beneath, and the picture is as narrow as they allow, so that they can be read on a narrow
    page too.

    Parameters
    ----------
    words : list of str
        The text, as `rnnbook.lab.tasks.split_words` gives it.
    p : ndarray or dict of str to ndarray
        Probabilities, (words,), as `rnnbook.lab.reading.verdicts` gives them; several by name.
    parts : dict of str to ndarray, optional
        Signed numbers for the words by name, (words,): gradient times input, occlusion; bars, a row each.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture.
    sentence : str
        The last verdict, the word at which it changes most, and the words with the largest bars.

    Raises
    ------
    TypeError
        If `words` is not a list of strings, or numbers are not numbers.
    ValueError
        If there is no word, or not one number a word.

    Examples
    --------
    >>> verdict_picture(["not", "dull"], np.array([0.4, 0.9]))[1]
    'Probability of good after each of 2 words: 0.90 at the end; it changes most at dull, from 0.40 to 0.90.'
    """
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        raise TypeError(f"words is a list of strings, at least one; got {words!r:.60}")
    curves = {name: _by_word(words, name, values) for name, values in (p if isinstance(p, dict) else {"": p}).items()}
    bars = {name: _by_word(words, name, values) for name, values in (parts or {}).items()}
    T = len(words)
    width = float(np.clip(0.3 * T + 1.0, 4.6, 11.5))
    heights = [2.0, *[1.1] * len(bars)]
    fig, axes = figure(
        nrows=len(heights), width=width, height=sum(heights) + 0.9, height_ratios=heights, sharex=True, squeeze=False
    )
    verdict, *below = axes[:, 0]
    with look():
        for style, (name, values) in zip(STYLES, curves.items(), strict=False):
            own = {"linestyle": "-"} if style == "gru" else {}
            verdict.plot(range(1, T + 1), values, **line(style, markevery=None, markersize=5, label=name, **own))
        verdict.axhline(0.5, color=COLORS["muted"], linewidth=0.8, zorder=1)
        verdict.set(ylim=(-0.03, 1.03), yticks=(0, 0.5, 1), ylabel="probability\nof good")
        if len(curves) > 1:
            verdict.legend(loc="lower left", bbox_to_anchor=(-0.02, 1), ncols=2)
        for ax, (name, values) in zip(below, bars.items(), strict=True):
            colors = [COLORS["lstm"] if value > 0 else COLORS["rnn"] for value in values]
            ax.bar(range(1, T + 1), values, color=colors, width=0.7)
            ax.axhline(0, color=COLORS["muted"], linewidth=0.8)
            ax.yaxis.set_major_locator(MaxNLocator(3))
            ax.set_ylabel(name.replace(" times ", " ×\n").replace(" × ", " ×\n"))
        last = axes[-1, 0]
        last.set_xlim(0.4, T + 0.6)
        if T <= NAMED:
            last.set_xticks(range(1, T + 1), words, rotation=90)
        else:
            last.set_xlabel("word")
    said = [_told(words, name, values) for name, values in curves.items()]
    for name, values in bars.items():
        said.append(f"{name}: most for good {_most(words, values, 1)}, for bad {_most(words, values, -1)}")
    return fig, f"Probability of good after each of {T} words: {'; '.join(said)}."


def calibration_picture(found, name=""):
    """Draw the share of good reviews against the probability that was given, bin by bin.

    Parameters
    ----------
    found : Calibration or dict of str to Calibration
        From `rnnbook.lab.reading.calibration`; several by name.
    name : str
        Of a single one, for the sentence.

    Returns
    -------
    fig : matplotlib.figure.Figure
        The picture: below the diagonal the probability is too high. On top, how many reviews each bin has.
    sentence : str
        The expected calibration error, the Brier score, and the bin that is furthest from the diagonal.

    Raises
    ------
    TypeError
        If `found` does not come from `calibration`.

    Examples
    --------
    >>> from rnnbook.lab.reading import calibration
    >>> calibration_picture(calibration([0.9] * 4, [1, 1, 1, 0]))[1].split(";")[0]
    'Share of good reviews against the probability given, 4 reviews: calibration error 0.150, Brier score 0.210'
    """
    every = found if isinstance(found, dict) else {name: found}
    for one in every.values():
        check_instance("found", one, Calibration, "calibration")
    fig, (above, ax) = figure(nrows=2, width=4.8, height=4.8, height_ratios=[1, 2.6], sharex=True)
    with look():
        ax.plot([0, 1], [0, 1], **line("theory", label="as given"))
        for style, (name, one) in zip(STYLES, every.items(), strict=False):
            own = {"linestyle": "-"} if style == "gru" else {}
            style = line(style, markevery=None, label=name or "network", **own)
            ax.plot(one.means, one.shares, **style)
            above.plot(one.means, one.counts, **style)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        ax.set(xlabel="probability of good, mean of a bin", ylabel="share of good")
        above.set(yscale="log", ylim=(min(one.counts.min() for one in every.values()) / 2, None), ylabel="reviews")
        above.minorticks_off()
        ax.legend(loc="upper left")
    said = "; ".join(_held(*pair) for pair in every.items())
    return fig, f"Share of good reviews against the probability given, {said}."


def _by_word(words, name, values):
    """One number a word."""
    values = as_numbers(name or "p", values)
    check_shape(name or "p", values, "words", (len(words),))
    if not np.isfinite(values).all():
        raise ValueError(f"{name or 'p'} has a finite number for every word")
    return values


def _told(words, name, values):
    """The last verdict, and where it changes most."""
    said = f"{name}{' ' if name else ''}{values[-1]:.2f} at the end"
    if len(values) < 2:
        return said
    k = int(np.abs(np.diff(values)).argmax()) + 1
    return f"{said}; it changes most at {words[k]}, from {values[k - 1]:.2f} to {values[k]:.2f}"


def _most(words, values, sign):
    """The word with the largest bar of a sign."""
    k = int((sign * values).argmax())
    return f"{words[k]} ({values[k]:+.1f})" if sign * values[k] > 0 else "none"


def _held(name, found):
    """How well probabilities hold, in words."""
    k = int(np.abs(found.shares - found.means).argmax())
    return (
        f"{name}{', ' if name else ''}{found.counts.sum():,} reviews: calibration error {found.error:.3f}, Brier score "
        f"{found.brier:.3f}; furthest off where {found.counts[k]:,} have a mean probability of {found.means[k]:.2f} "
        f"and {found.shares[k]:.2f} are good"
    )
