"""The few icons that the pages show, as style: the theme's script with all icons weighs half a megabyte."""

import re
from urllib.parse import quote

SHAPE = r'"?(?<![\w-]){name}"?:\[(\d+),(\d+),\[[^\]]*\],"\w+","([^"]+)"\]'
SHOWN = [
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "circle-half-stroke",
    "list",
    "magnifying-glass",
    "moon",
    "sun",
]


def icons(script, names=SHOWN):
    """Return a style sheet that draws icons in the colour of the text around them.

    Parameters
    ----------
    script : str
        Font Awesome's script, which holds all icons.
    names : list of str
        Those that are wanted. The solid ones stand last in the script.

    Returns
    -------
    str
        CSS.
    """
    rules = [
        ".fa-solid { display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em; }",
        ".fa-solid { background: currentColor; -webkit-mask: var(--icon) center / contain no-repeat; "
        "mask: var(--icon) center / contain no-repeat; }",
        ".fa-lg { font-size: 1.25em; } .fa-fw { width: 1.25em; }",
    ]
    for name in names:
        found = re.findall(SHAPE.format(name=re.escape(name)), script)
        if not found:
            raise ValueError(f"The theme's icons have no {name}.")
        width, height, path = found[-1]
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>'
        rules.append(f'.fa-{name} {{ --icon: url("data:image/svg+xml,{quote(svg)}"); }}')
    return "\n".join(rules) + "\n"
