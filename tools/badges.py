"""What opens a chapter without an installation: addresses and badges of Binder and Colab.

Badges are drawn here rather than fetched, so that a page asks no other host before its reader does.
"""

import html

from tools import address, colab

BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}">\
<rect width="{width}" height="20" rx="3" fill="#2f5d8a"/>\
<text x="{middle}" y="14" fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" \
text-anchor="middle" textLength="{length}">{label}</text></svg>"""


def binder(stem, slug, release):
    """Return the address under which Binder starts the book of a release and opens a chapter in JupyterLab."""
    return f"https://mybinder.org/v2/gh/{slug}/{release}?labpath=notebooks%2F{stem.replace('/', '%2F')}.ipynb"


def links(stem, slug=None):
    """Return what opens a notebook elsewhere.

    Parameters
    ----------
    stem : str
        The notebook's path below the book's folder, without ending.
    slug : str, optional
        "OWNER/NAME" of the repository on GitHub; that of `tools.address` if omitted.

    Returns
    -------
    dict of str to str
        The badge's words to the address; empty where the repository's address is not known.
    """
    slug = address.slug() if slug is None else slug
    if not slug:
        return {}
    return {
        "open in Binder": binder(stem, slug, address.release()),
        "open in Colab": colab.opened(stem, slug),
    }


def badges(stem, slug=None):
    """Return the badges of a notebook as HTML, each a link with a picture of its own; "" where there is no address."""
    return " ".join(
        f'<a class="badge-link" href="{html.escape(target)}">{badge(label)}</a>'
        for label, target in links(stem, slug).items()
    )


def badge(label):
    """Return a small sign with words as SVG."""
    length = 6 * len(label)
    return BADGE.format(label=html.escape(label), length=length, width=length + 16, middle=length / 2 + 8)
