"""How colours look: contrast as WCAG 2 measures it, and what people with a colour-vision deficiency see."""

import re

import numpy as np
from matplotlib.colors import to_rgb

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A physiologically-based model for simulation of color vision
# deficiency. IEEE Transactions on Visualization and Computer Graphics 15 (6), 2009. Severity 1.0, for linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour):
    """Linear RGB of a colour, shape (3,)."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    """Relative luminance: 0 for black, 1 for white."""
    return linear(colour) @ XYZ[1]


def contrast(colour, other="white"):
    """Contrast ratio of WCAG 2, from 1 to 21."""
    dark, pale = sorted([luminance(colour), luminance(other)])
    return (pale + 0.05) / (dark + 0.05)


def seen(colour, sight="full"):
    """CIE L*a*b* of a colour as an eye sees it."""
    x = XYZ @ np.clip(SIGHT[sight] @ linear(colour), 0, 1) / WHITE
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one, two, sight="full"):
    """How far two colours are apart to an eye: Delta E of 1976. About 2 is the least that is noticed."""
    return np.linalg.norm(seen(one, sight) - seen(two, sight))


HOSTILE = {  # a reader's settings of Matplotlib that would be seen in a picture, or break it
    "dark": "dark_background",
    "ggplot": "ggplot",
    "TeX": {"text.usetex": True},
    "family": {"font.family": ["monospace"], "mathtext.fontset": "stix"},
    "size": {"font.size": 30, "figure.titlesize": 40, "legend.title_fontsize": 30},
    "markers": {"lines.marker": "x", "lines.linestyle": ":", "lines.markersize": 20, "scatter.marker": "s"},
    "cycle": {"axes.prop_cycle": "cycler('color', ['yellow'])", "image.cmap": "hot", "hist.bins": 3},
    "axes": {"axes.facecolor": "red", "axes.grid": False, "axes.xmargin": 0.4, "axes.formatter.limits": [0, 1]},
    "ticks": {"xtick.direction": "in", "xtick.color": "red", "ytick.minor.visible": True, "ytick.labelsize": 30},
    "legend": {"legend.frameon": True, "legend.facecolor": "black", "legend.labelcolor": "white"},
    "savefig": {"savefig.bbox": "tight", "savefig.facecolor": "black", "savefig.dpi": 30, "path.sketch": (9, 9, 9)},
    "layout": {"figure.constrained_layout.w_pad": 1.0, "figure.facecolor": "black", "text.color": "white"},
}


def as_seen(live):
    """A live figure's SVG, its clip paths numbered in the order in which they come.

    Matplotlib names a clip path by a hash of its rectangle in full precision. A figure that is laid out anew may differ
    there in the last digit, six digits beyond what is drawn.
    """
    names = {}
    parts = "\n".join((live.still, *live.moving))
    return re.sub(r"\bp[0-9a-f]{10}\b", lambda name: names.setdefault(name[0], f"clip-{len(names)}"), parts)
