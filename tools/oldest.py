"""Print the lower bounds of the requirement files as constraints: the oldest set that should work.

    python tools/oldest.py > constraints.txt
    python -m pip install -r requirements-dev.txt -c constraints.txt

Fails when requirements.txt and pyproject.toml give one package different bounds; with `--check` it does that alone.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)>=([0-9.]+)(,<[0-9.]+)?")


def parse(lines):
    """Read the requirements that have a lower bound.

    Parameters
    ----------
    lines : iterable of str
        Lines such as ``numpy>=2.0,<3``; others are passed over.

    Returns
    -------
    dict
        Name to match: the whole requirement, the name, the lower bound, the cap.
    """
    matches = (REQUIREMENT.fullmatch(line.strip()) for line in lines)
    return {match[1]: match for match in matches if match}


def main():
    """Print the constraints, unless they are only checked.

    Returns
    -------
    int
        Exit status: 1 if the files disagree.
    """
    reader = parse((ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines())
    others = (f"requirements-{name}.txt" for name in ("dev", "frameworks"))
    developer = parse(line for file in others for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    status = 0
    for requirement in project["dependencies"]:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)[0]
        other = reader[name][0] if name in reader else "nothing"
        if requirement != other:
            print(f"pyproject.toml has {requirement}, requirements.txt has {other}", file=sys.stderr)
            status = 1
    shown = {} if "--check" in sys.argv[1:] else reader | developer
    for match in shown.values():
        print(f"{match[1]}=={match[2]}")
    return status


if __name__ == "__main__":
    sys.exit(main())
