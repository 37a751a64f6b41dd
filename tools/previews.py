"""What the pages tell others of themselves: a description, a picture for previews of links, and a list of all pages."""

import html
import re

from docutils import nodes

LONGEST = 200


def description(doctree):
    """Return what a page says of itself first.

    Parameters
    ----------
    doctree : docutils.nodes.document
        The page.

    Returns
    -------
    str
        The first sentences of its first paragraph, as many as fit into 200 letters; "" where there is no paragraph.
    """
    return shorten(next((paragraph.astext() for paragraph in doctree.findall(nodes.paragraph)), ""))


def shorten(paragraph):
    """Return the first sentences of a paragraph that fit, or the first words of a sentence that is too long."""
    words = " ".join(paragraph.split())
    if len(words) <= LONGEST:
        return words
    sentences = re.match(rf".{{20,{LONGEST - 1}}}[.?](?= )", words)
    return sentences[0] if sentences else words[: LONGEST - 2].rsplit(" ", 1)[0] + " …"


def tags(title, said, site="", page="", picture=""):
    """Return the elements of a page's head that previews of links are made from.

    Parameters
    ----------
    title, said : str
        The page's title and description.
    site : str
        The public address of all pages, with a slash at the end, or "".
    page, picture : str
        Their addresses from there. Without a public address both are left out: previews want whole addresses.

    Returns
    -------
    str
        HTML.
    """
    named = {"og:type": "article", "og:site_name": "rnnbook", "og:title": title, "og:description": said}
    if site:
        named |= {"og:url": site + page, "og:image": site + picture}
    made = [f'<meta property="{name}" content="{html.escape(value)}">' for name, value in named.items()]
    cards = {
        "description": said,
        "twitter:card": "summary_large_image" if site else "summary",
        "twitter:title": title,
        "twitter:description": said,
    }
    if site:
        cards["twitter:image"] = site + picture
    made += [f'<meta name="{name}" content="{html.escape(value)}">' for name, value in cards.items()]
    return "\n".join(made)


def sitemap(site, pages):
    """Return the list of all pages as search engines read it.

    Parameters
    ----------
    site : str
        The public address of all pages, with a slash at the end.
    pages : list of str
        Their addresses from there.

    Returns
    -------
    str
        XML.
    """
    listed = "".join(f"<url><loc>{html.escape(site + page)}</loc></url>\n" for page in pages)
    opening = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{listed}</urlset>\n'
