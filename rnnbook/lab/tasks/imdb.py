"""IMDB: fifty thousand film reviews as they were written, downloaded once and kept in one file."""

from __future__ import annotations

import gzip
import os
import re
import tarfile
import zipfile
import zlib
from itertools import product
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from rnnbook.lab.tasks.corpus import Corpus
from rnnbook.lab.tasks.download import BLOCK, alone, check_file, count_blocks, download, steps, writing
from rnnbook.nn.checks import check_count, check_function, check_number, check_seed

URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
SIZE = 84_125_825  # bytes
SHA256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"
ARCHIVE, LOCK = "aclImdb_v1.tar.gz", "imdb.lock"
FORM = 1  # of the cache; another one gets another name
PARTS, LABELS = ("train", "test"), ("neg", "pos")
REVIEW = re.compile(r"aclImdb/(train|test)/(neg|pos)/(\d+)_\d+\.txt")
FILMS = re.compile(r"aclImdb/(train|test)/urls_(neg|pos)\.txt")
SHARE = 0.2  # of the training reviews, kept for validation


def show_nothing(steps, total, label):
    """Pass on the steps of a work that nobody follows.

    Parameters
    ----------
    steps : iterable
        What is done, step by step.
    total : int
        How many steps there will be.
    label : str
        What is done.

    Returns
    -------
    iterable
        The steps.
    """
    return steps


def load_imdb(*, seed=0, follow=show_nothing, folder=None, url=URL, size=SIZE, sha256=SHA256, timeout=30.0):
    """Load the film reviews of IMDB, from the network the first time and from a file ever after.

    The archive has 25,000 reviews for training and 25,000 for the test, of other films, half of each negative, with at
    most 4 of 10 stars, and half positive, with at least 7. A fifth of the training reviews is kept for validation, of
    films of its own too. Each tag <br /> becomes a space; nothing else of a review is changed.

    The archive is read without being unpacked. Then its texts stand in one compressed file of the folder, and it is
    removed. A copy from elsewhere, put into the folder under the name aclImdb_v1.tar.gz, serves as well. Of several
    calls at once, one does the work and the others wait, at an empty file imdb.lock.

    Parameters
    ----------
    seed : int
        Draws the films kept for validation, and the order of each split.
    follow : function
        Shows how far it is: called with an iterable of steps, their number and a label, it passes the steps on. With
        `rnnbook.view.follow` a bar moves.
    folder : str or Path, optional
        Where the file is kept; the folder for caches of this user and system, if not given.
    url : str
        Where the archive is.
    size : int
        Its bytes.
    sha256 : str
        Its SHA-256.
    timeout : float
        Seconds of silence after which the server is given up.

    Returns
    -------
    Corpus
        Texts, labels, 0 for negative and 1 for positive, and splits.

    Raises
    ------
    ConnectionError
        If the server cannot be reached, refuses, falls silent or breaks off. What came is kept.
    OSError
        If a file cannot be written, as on a full disk. What came is kept.
    ValueError
        If what came is not the archive, or what is in the archive are not the reviews.

    References
    ----------
    Maas, Daly, Pham, Huang, Ng & Potts (2011), "Learning Word Vectors for Sentiment Analysis", section 4.

    Examples
    --------
    >>> from rnnbook.lab.tasks.corpus import Reviews
    >>> from rnnbook.view import follow
    >>> task = Reviews(load_imdb(follow=follow), n=10_000, T=200)  # doctest: +SKIP
    """
    check_seed(seed)
    check_function("follow", follow)
    check_count("size", size)
    check_number("timeout", timeout, above=True)
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise ValueError(f"url begins with https:// or http://; got {url!r}")
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError(f"sha256 has 64 digits from 0 to f; got {sha256!r}")
    if folder is not None and not isinstance(folder, str | os.PathLike):
        raise TypeError(f"folder is a path; got {folder!r}")
    folder = user_cache_path("rnnbook", appauthor=False) if folder is None else Path(folder)
    cache = folder / f"imdb-{sha256[:8]}-{FORM}.npz"
    if not cache.is_file():
        _make_cache(cache, follow, size=size, url=url, sha256=sha256, timeout=timeout)
    return _divide(*_read_cache(cache), np.random.default_rng(seed))


def _make_cache(cache, follow, *, size, sha256, **server):
    """Download the archive unless it is there, read it, write the cache, remove the archive."""
    folder, archive, total = cache.parent, cache.parent / ARCHIVE, count_blocks(size)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / LOCK):
        if cache.is_file():  # made by whom we waited for
            return
        if archive.is_file():
            check_file(archive, size, sha256)
        else:
            try:
                coming = download(path=archive, size=size, sha256=sha256, **server)
                _finish(coming, follow, total, "IMDB: download")
            except ConnectionError as error:
                raise ConnectionError(f"{error}. A copy from elsewhere may be put at {archive}") from error
        texts, films = {}, {}
        _finish(_read_archive(archive, texts, films), follow, total, "IMDB: read the archive")
        _write_cache(cache, _arrays(texts, films))
        archive.unlink()


def _finish(work, follow, total, label):
    """Do all of a work, also what is left where the bar stops looking."""
    for _ in follow(steps(work), total, label):
        pass
    for _ in work:
        pass


def _read_archive(path, texts, films):
    """Read an archive without unpacking it; yield the places in the file that it comes to.

    Fills two dicts: the text of each review by part, label and number; the addresses of the films, one for each number,
    by part and label.
    """
    try:
        with (
            path.open("rb") as file,
            gzip.open(file) as content,
            tarfile.open(fileobj=content, mode="r|", bufsize=BLOCK) as archive,
        ):
            for member in archive:
                _read_member(archive, member, texts, films)
                archive.members.clear()  # it would keep the heads of all
                yield file.tell()
            while rest := archive.fileobj.read(BLOCK):
                if any(rest):  # behind the last member are zeros
                    raise tarfile.ReadError("the head of a file in it is damaged")
        yield path.stat().st_size
        _check_complete(texts, films)
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}. Nothing of it is used") from error
    except ValueError as error:
        raise ValueError(f"{path} is not the archive of IMDB: {error}. Nothing of it is used") from error


def _read_member(archive, member, texts, films):
    """Keep the text of a member that is a review or a list of films; refuse what could reach outside."""
    name = member.name
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
        raise ValueError(f"the path {name!r} leads out of it")
    if not (member.isfile() or member.isdir()):
        raise ValueError(f"{name!r} is a link or a device")
    review, films_of = REVIEW.fullmatch(name), FILMS.fullmatch(name)
    if member.isdir() or not (review or films_of):
        return
    try:
        text = archive.extractfile(member).read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not a text in UTF-8, {error.reason} at byte {error.start}") from error
    if films_of:
        films[films_of.groups()] = text.split()
    else:
        part, label, number = review.groups()
        texts[part, label, int(number)] = text.replace("<br />", " ")


def _check_complete(texts, films):
    """Refuse what lacks a folder of reviews, or the film of a review."""
    for part, label in product(PARTS, LABELS):
        last = max((number for *of, number in texts if of == [part, label]), default=None)
        if last is None:
            raise ValueError(f"there is no review in aclImdb/{part}/{label}")
        if len(films.get((part, label), ())) <= last:
            raise ValueError(f"aclImdb/{part}/urls_{label}.txt does not say which film review {last} is about")


def _arrays(texts, films):
    """The reviews as arrays, training first, by label and number."""
    keys = sorted(texts, key=lambda key: (PARTS.index(key[0]), LABELS.index(key[1]), key[2]))
    encoded = [texts[key].encode() for key in keys]
    _, film = np.unique([films[part, label][number] for part, label, number in keys], return_inverse=True)
    return {
        "text": np.frombuffer(b"".join(encoded), np.uint8),
        "lengths": np.array([len(text) for text in encoded]),
        "labels": np.array([LABELS.index(label) for _, label, _ in keys]),
        "films": film,
        "testing": np.array([part == "test" for part, *_ in keys]),
    }


def _write_cache(cache, arrays):
    """Write the arrays to a file that has no name until it is whole."""
    part = cache.with_name(cache.name + ".part")
    try:
        with writing(part), part.open("wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        with writing(cache):
            part.replace(cache)
    finally:
        part.unlink(missing_ok=True)


def _read_cache(cache):
    """Texts, labels, films, and which reviews are for the test."""
    try:
        with cache.open("rb") as file, np.load(file, allow_pickle=False) as data:
            text, lengths = data["text"].tobytes(), data["lengths"]
            labels, films, testing = data["labels"], data["films"], data["testing"]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise ValueError(f"{cache} is damaged: {error}. Remove it, and the next call makes it anew") from error
    ends = np.cumsum(lengths)
    texts = tuple(text[end - length : end].decode() for end, length in zip(ends, lengths, strict=True))
    return texts, labels, films, testing


def _divide(texts, labels, films, testing, rng):
    """Keep some films of the training reviews for validation, and shuffle each split."""
    training = np.flatnonzero(~testing)
    names, counts = np.unique(films[training], return_counts=True)
    order = rng.permutation(len(names))
    before = np.cumsum(counts[order]) - counts[order]  # reviews of the films that were drawn earlier
    kept = np.isin(films[training], names[order[before < SHARE * len(training)]])
    splits = {"train": training[~kept], "validation": training[kept], "test": np.flatnonzero(testing)}
    return Corpus(texts, labels, {split: rng.permutation(places) for split, places in splits.items()}, "IMDB")
