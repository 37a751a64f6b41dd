"""A live figure's SVG in fewer letters: rounded to what the eye sees, and taken apart into elements that recur."""

import re
from functools import lru_cache

TENTHS = 1  # digits of a point that are kept: a tenth of a point is a seventh of a screen's pixel
HUNDREDTHS = 2  # of small shapes with curves, as markers are
_COMMAND = re.compile(r"[MLHVCSQTAZz]|-?\d*\.?\d+(?:e[-+]?\d+)?")
_PAIRS = {"M": 1, "L": 1, "C": 3, "Q": 2}  # points that a command takes


def elements(svg):
    """Take SVG apart into its elements, each with rounded numbers.

    Parameters
    ----------
    svg : str
        As `Live` has it: elements without text between them.

    Returns
    -------
    list of str
        Joined, they draw the same picture to a twentieth of a point.

    Examples
    --------
    >>> elements('<g id="part">\\n <path d="M 10.04 20 \\nL 30.08 19.96"/>\\n</g>')
    ['<g id="part">', '<path d="M10 20l20.1 0"/>', '</g>']
    """
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    return [_rounded(" ".join(tag.split())) for tag in re.findall(r"<[^>]+>", svg)]


@lru_cache(maxsize=50_000)  # letters, ticks and frames come again at every move
def _rounded(tag):
    if "data:image" in tag:
        return tag
    tag = re.sub(r' d="([^"]*)"', lambda found: f' d="{path(found[1])}"', tag)
    tag = re.sub(r' (x|y|width|height)="(-?\d+\.\d{2,})"', lambda found: f' {found[1]}="{float(found[2]):.2f}"', tag)
    return re.sub(r"translate\(([^)]*)\)", lambda found: f"translate({_few(found[1])})", tag)


def _few(numbers):
    return " ".join(f"{float(number):.2f}".rstrip("0").rstrip(".") for number in re.split("[ ,]+", numbers))


def path(d):
    """Write an SVG path in steps from point to point, each end rounded.

    Parameters
    ----------
    d : str
        Commands M, L, C, Q and z with absolute coordinates, as Matplotlib writes them.

    Returns
    -------
    str
        The same path; no point is off by more than half a tenth, or half a hundredth where there are curves.

    Raises
    ------
    ValueError
        If there is another command.
    """
    digits = HUNDREDTHS if "C" in d else TENTHS
    words, written, k = _COMMAND.findall(d), [], 0
    here = first = (0, 0)  # in tenths or hundredths: whole numbers add up without error
    command = ""
    while k < len(words):
        if words[k].isalpha():
            command, k = words[k], k + 1
            if command in "Zz":
                written.append("z")
                here = first
                continue
        if command not in _PAIRS:
            raise ValueError(f"paths have the commands M, L, C, Q and z; got {command or words[k]!r}")
        n = _PAIRS[command]
        points = [
            (round(float(words[k + 2 * j]) * 10**digits), round(float(words[k + 2 * j + 1]) * 10**digits))
            for j in range(n)
        ]
        k += 2 * n
        absolute = command == "M" and not written
        steps = points if absolute else [(x - here[0], y - here[1]) for x, y in points]
        written.append(("M" if absolute else command.lower()) + "".join(_number(v, digits) for xy in steps for v in xy))
        here = points[-1]
        if command == "M":
            first, command = here, "L"  # what follows a move without a command are lines
    return _join(written)


def _number(whole, digits):
    """A number with a space before it, which a minus sign makes needless."""
    text = f"{whole / 10**digits:.{digits}f}".rstrip("0").rstrip(".")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    text = "0" if text in ("-0", "") else text
    return text if text.startswith("-") else f" {text}"


def _join(written):
    """A command that is that of the piece before stands once."""
    pieces, last = [], ""
    for piece in written:
        same = piece[0] == last and piece[0] in "lcq"
        pieces.append(piece[1:] if same else piece[0] + piece[1:].lstrip())
        last = piece[0]
    return "".join(pieces)
