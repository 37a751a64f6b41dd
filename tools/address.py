"""Where the book is published: one place says it, `repository` under `[tool.rnnbook]` in pyproject.toml.

An empty address means not published yet. What needs an address is then left out: badges, links, the sitemap.
"""

import os
import re
import tomllib
from pathlib import Path

import rnnbook

ROOT = Path(__file__).resolve().parents[1]


def repository(project=ROOT / "pyproject.toml"):
    """Return the address of the repository.

    Parameters
    ----------
    project : Path
        The file in which it stands.

    Returns
    -------
    str
        As in "https://github.com/OWNER/NAME", without a slash at the end. Where the file has none, the address of the
        repository whose workflow is running on GitHub, or "".
    """
    written = (
        tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("rnnbook", {}).get("repository", "")
    )
    running = [os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")]
    found = (written or ("/".join(running) if all(running) else "")).removesuffix("/").removesuffix(".git")
    if found and not re.fullmatch(r"https://[^/\s]+/[^/\s]+/[^/\s]+", found):
        raise SystemExit(f"{found} is no address of a repository: https://github.com/OWNER/NAME is expected.")
    return found


def slug(project=ROOT / "pyproject.toml"):
    """Return "OWNER/NAME" of a repository on GitHub, or "" where there is none, or it lies elsewhere."""
    found = re.fullmatch(r"https://github\.com/(.+)", repository(project))
    return found[1] if found else ""


def site(project=ROOT / "pyproject.toml"):
    """Return the address of the pages on GitHub Pages, with a slash at the end, or "" where there is no repository."""
    if not slug(project):
        return ""
    owner, name = slug(project).split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def release():
    """Return the name of the tag of this release, as in "v0.9.0"."""
    return f"v{rnnbook.__version__}"
