"""Addresses that open a chapter without an installation, in Binder and in Colab."""

from tools import address, colab


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
        The link's words to the address; empty where the repository's address is not known.
    """
    slug = address.slug() if slug is None else slug
    if not slug:
        return {}
    return {
        "open in Binder": binder(stem, slug, address.release()),
        "open in Colab": colab.opened(stem, slug),
    }
