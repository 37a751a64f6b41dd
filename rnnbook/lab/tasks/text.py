"""Predicting a text, character by character."""

from __future__ import annotations

import codecs
import contextlib
import io
from collections import Counter
from pathlib import Path

import numpy as np

from rnnbook.lab.tasks.base import Task, check_draw
from rnnbook.nn import Batch
from rnnbook.nn.checks import check_count, check_shape
from rnnbook.nn.layers import check_tokens

LARGEST = 10_000_000  # bytes of a file; ten million characters take three seconds to encode
# A text may begin with a mark that says how its bytes stand for characters. That of UTF-32 begins with UTF-16's.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode_text(content, name, encoding="utf-8"):
    r"""Read the bytes of a text file: without a byte order mark, and with every end of a line a single newline.

    Parameters
    ----------
    content : bytes
        What the file holds.
    name : str
        What messages call it.
    encoding : str
        How its bytes stand for characters, unless a byte order mark says it.

    Returns
    -------
    str
        At least two characters.

    Raises
    ------
    LookupError
        If no encoding is called so.
    ValueError
        If the bytes are not text in that encoding, too few, or too many.

    Examples
    --------
    >>> decode_text("hello\r\n".encode("utf-8-sig"), "a.txt")
    'hello\n'
    """
    if len(content) > LARGEST:
        raise ValueError(f"{name} has more than {LARGEST:,} bytes, the most that is read: keep a part of it")
    encoding = next((marked for mark, marked in MARKS.items() if content.startswith(mark)), encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"{error.reason} at byte {error.start}"
        raise ValueError(f"{name} is not a text in {encoding}: {place}; save it as UTF-8 if it is a text") from error
    if "\0" in text:
        raise ValueError(f"{name} is not a text in {encoding}: it holds the character NUL, as binary files do")
    if len(text) < 2:
        raise ValueError(f"{name} has {len(text)} characters; a text has at least two, one to see and one to predict")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Text(Task):
    """Predict the next character of a text.

    A character is a Unicode code point, whatever the language. The best memoryless predictor knows how often
    each character follows the current one in this very text; its loss is the conditional entropy of the next
    character given the current one.

    Parameters
    ----------
    text : str
        At least two characters.

    Raises
    ------
    TypeError
        If `text` is not a string.
    ValueError
        If it has fewer than two characters.

    References
    ----------
    Shannon (1948), "A mathematical theory of communication", section 6, for the conditional entropy.

    Examples
    --------
    >>> task = Text("hello")
    >>> task.alphabet, task.encode("hole").tolist(), round(task.baseline, 4)
    ('ehlo', [1, 3, 2, 0], 0.3466)
    """

    loss = "softmax"
    steps = "every"

    def __init__(self, text):
        if not isinstance(text, str):
            raise TypeError(f"text is a string; got {type(text).__name__}")
        if len(text) < 2:
            raise ValueError(f"text has at least two characters, one to see and one to predict; got {len(text)}")
        self.text = text
        self.alphabet = "".join(sorted(set(text)))
        self._index = {char: k for k, char in enumerate(self.alphabet)}
        self.tokens = self.encode(text)
        self.input_size = self.output_size = len(self.alphabet)

    def __repr__(self):
        return f"Text({len(self.text)} characters, {len(self.alphabet)} different)"

    @classmethod
    def from_file(cls, path, encoding="utf-8"):
        """Read the text from a file.

        Parameters
        ----------
        path : str or Path
            The file.
        encoding : str
            How its bytes stand for characters, unless a byte order mark says it: "cp949" for older Korean files,
            "latin-1" for older Western ones.

        Returns
        -------
        Text
            The task, in which every line ends in a single newline.

        Raises
        ------
        LookupError
            If no encoding is called so.
        OSError
            If the file cannot be read.
        ValueError
            If its bytes are not text in that encoding, too few, or more than ten million.
        """
        with Path(path).open("rb") as file:
            return cls(decode_text(file.read(LARGEST + 1), path, encoding))

    @property
    def baseline(self):
        """Conditional entropy of the next character given the current one, in nats."""
        pairs, firsts = Counter(zip(self.text, self.text[1:], strict=False)), Counter(self.text[:-1])
        total = len(self.text) - 1
        return float(sum(n / total * np.log(firsts[first] / n) for (first, _), n in pairs.items()))

    def encode(self, text):
        """Characters to tokens.

        Parameters
        ----------
        text : str
            Characters of this text's alphabet.

        Returns
        -------
        ndarray of int
            Their places in the alphabet.

        Raises
        ------
        TypeError
            If `text` is not a string.
        ValueError
            If a character does not occur in this text.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is a string; got {type(text).__name__}")
        strange = sorted(set(text) - set(self.alphabet))
        if strange:
            raise ValueError(f"the alphabet is {self.alphabet!r}; {''.join(strange)!r} is not in it")
        return np.array([self._index[char] for char in text], dtype=np.int64)

    def decode(self, tokens):
        """Tokens to characters.

        Parameters
        ----------
        tokens : array_like of int
            Places in the alphabet.

        Returns
        -------
        str
            The characters.

        Raises
        ------
        TypeError
            If tokens are not whole numbers.
        ValueError
            If they are not one row, or one is outside the alphabet.
        """
        tokens = check_tokens(tokens, len(self.alphabet))
        check_shape("tokens", tokens, "T", (None,))
        return "".join(self.alphabet[k] for k in tokens)

    def make_batch(self, rng, N, T=None):
        """Draw N windows of the text at random places.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        N : int
            Windows.
        T : int, optional
            Predictions a window; the whole text if not given.

        Returns
        -------
        Batch
            Tokens x (T, N) and the tokens that follow them, y (T, N).
        """
        check_draw(rng, N)
        T = self._check_length(T)
        starts = rng.integers(len(self.tokens) - T, size=N)
        window = self.tokens[starts + np.arange(T + 1)[:, None]]
        return Batch(window[:-1], window[1:])

    def batches(self, rng, N, T=None):
        """Endless batches in reading order, for training with the state carried.

        The text is laid out as N streams side by side; a batch is the next T steps of each. When the streams
        end they start again, each a little later in the text, and the state starts anew.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the offset of each round.
        N : int
            Streams; no more than the text has predictions to make.
        T : int, optional
            Steps a batch; a whole stream if not given.

        Yields
        ------
        Batch
            Tokens x and y (up to T, N); `carry` is True unless the streams have just started.

        Raises
        ------
        ValueError
            If the text is too short for N streams.
        """
        check_draw(rng, N)
        predictions = len(self.tokens) - 1
        if predictions < N:
            raise ValueError(f"N is at most {predictions} for a text of {len(self.tokens)} characters; got {N}")
        length = predictions // N
        T = length if T is None else T
        check_count("T", T)
        T = min(T, length)
        while True:
            offset = rng.integers(predictions - N * length + 1)
            at = offset + length * np.arange(N) + np.arange(length)[:, None]
            for start in range(0, length, T):
                step = at[start : start + T]
                yield Batch(self.tokens[step], self.tokens[step + 1], carry=start > 0)

    def _check_length(self, T):
        longest = len(self.tokens) - 1
        T = longest if T is None else T
        check_count("T", T)
        if longest < T:
            raise ValueError(f"T is at most {longest} for a text of {len(self.tokens)} characters; got {T}")
        return T


def zen_of_python():
    """A text that every Python carries: its own zen, 856 characters.

    Returns
    -------
    str
        The text that ``import this`` prints.

    References
    ----------
    Peters (2004), PEP 20.

    Examples
    --------
    >>> len(zen_of_python())
    856
    """
    with contextlib.redirect_stdout(io.StringIO()):  # it prints itself when it is loaded
        import this
    return codecs.decode(this.s, "rot13")
