"""A button that takes a text file from the reader's disk."""

from __future__ import annotations

from pathlib import Path

import anywidget
from traitlets import Int, Unicode

from rnnbook.lab.tasks.text import LARGEST, decode_text
from rnnbook.view.explorers.base import InputError


class TextUpload(anywidget.AnyWidget):
    """A button that takes a text file, chosen or dragged onto it; a larger one than is read never leaves the page.

    Parameters
    ----------
    take : callable
        ``take(text)``, called with what the file says.
    refuse : callable
        ``refuse(error)``, called with a `ValueError` that says why a file is no text.
    **kwargs
        Handed to the widget.
    """

    _esm = Path(__file__).parents[1] / "upload.js"

    description = Unicode("Load a text file").tag(sync=True)
    most = Int(LARGEST).tag(sync=True)

    def __init__(self, take, refuse, **kwargs):
        super().__init__(**kwargs)
        self.take, self.refuse = take, refuse
        self.on_msg(self.receive)

    def receive(self, _, said, buffers):
        """Read what the page sends.

        Parameters
        ----------
        _ : TextUpload
            The widget itself.
        said : dict
            The file's name, and an error if the browser could not read it.
        buffers : list of bytes
            What the file holds.
        """
        try:
            if "error" in said:
                raise InputError(f"{said['name']} cannot be read: {said['error']}")
            text = decode_text(bytes(buffers[0]), said["name"], "UTF-8")
        except ValueError as error:
            self.refuse(error)
        else:
            self.take(text)
