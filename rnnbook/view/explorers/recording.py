"""What an explorer shows, as data for a page without a kernel."""

import hashlib

from rnnbook.view.explorers.controls import stops_of

__all__ = ["record"]


def record(explorer, stops=25):
    """Write down what every control of an explorer shows, moved by itself from the start.

    Parameters
    ----------
    explorer : Explorer
        It ends at its start.
    stops : int
        Places of a slider, from end to end, as far as it has steps.

    Returns
    -------
    dict
        "parts" is SVG by its digest, each once; "start" is a moment, and "controls" has by the control's name a
        list of moments: "value", "reading", "still" and "moving", the last two by their digests.

    Examples
    --------
    >>> from rnnbook.view.explorers import Horizon
    >>> recorded = record(Horizon(), stops=2)
    >>> [moment["value"] for moment in recorded["controls"]["bias"]]
    [0.0, 8.0]
    """
    parts = {}

    def moment(value=None):
        keys = []
        for svg in (explorer.live.still, *explorer.live.moving):
            keys.append(hashlib.sha256(svg.encode()).hexdigest()[:16])
            parts[keys[-1]] = svg
        return {"value": value, "reading": explorer.live.reading, "still": keys[0], "moving": keys[1:]}

    explorer.reset()
    start, moments = moment(), {}
    for name, control in explorer.controls.items():
        moments[name] = []
        for value in stops_of(control, stops):
            explorer.set(**{name: value})
            moments[name].append(moment(value))
            explorer.reset()  # each from the start: one control's end may hold another one back
    return {"parts": parts, "start": start, "controls": moments}
