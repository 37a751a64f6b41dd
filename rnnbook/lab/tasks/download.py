"""A file that is downloaded once: an attempt goes on where the last one ended, and only the right bytes get a name."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None

BLOCK = 1 << 16  # the most bytes that are read at once; a bar moves once for each
FULL = {errno.ENOSPC, errno.EDQUOT}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def download(url, path, *, size, sha256, timeout=30.0):
    """Download a file whose size and checksum are known.

    What has come stands in a file of the same name with ".part" behind it, until all of it is there and right. An
    attempt that ends before leaves that file, and the next one asks for the rest (RFC 9110, section 14). A server that
    does not send parts makes it start over.

    Parameters
    ----------
    url : str
        Where the file is.
    path : Path
        Where it goes, in a folder that exists.
    size : int
        Its bytes.
    sha256 : str
        Its SHA-256, 64 hexadecimal digits in lower case.
    timeout : float
        Seconds of silence after which the server is given up.

    Yields
    ------
    int
        How many bytes are there, after each block.

    Raises
    ------
    ConnectionError
        If the server cannot be reached, refuses, falls silent or breaks off.
    OSError
        If the file cannot be written, as on a full disk.
    ValueError
        If what comes is not the file: it has another size or another checksum.
    """
    part = path.with_name(path.name + ".part")
    kept = part.stat().st_size if part.exists() else 0
    kept = kept if kept <= size else 0  # of another file
    yield kept
    if kept < size:
        yield from _receive(url, part, kept, size, timeout)
    try:
        check_file(part, size, sha256)
    except ValueError as error:
        part.unlink()
        raise ValueError(f"{url} sent another file: {error}. It is removed; the next call begins anew") from error
    with writing(path):
        part.replace(path)


def check_file(path, size, sha256):
    """Refuse a file of another size or with another checksum."""
    with path.open("rb") as file:
        found, digest = os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()
    if found != size:
        raise ValueError(f"{path} has {found:,} bytes; expected {size:,}")
    if digest != sha256:
        raise ValueError(f"{path} has the SHA-256 {digest}; expected {sha256}")


def _receive(url, part, kept, size, timeout):
    """Write what a file lacks behind what is kept of it; yield how many bytes are there, after each block."""
    with _network(f"{url} cannot be reached", kept, part, size):
        answer = _ask(url, kept, size, timeout)
    with answer, _unbuffered(part, "r+b" if kept else "wb") as file:
        there = file.seek(kept if answer.status == HTTPStatus.PARTIAL_CONTENT else 0)
        file.truncate()  # all that is sent anew
        while there < size:
            with _network(f"{url} broke off", there, part, size):
                block = answer.read1(min(BLOCK, size - there))  # what has come, and waits for no more
                if not block:
                    raise EOFError("its answer ended")
            _write(file, block, part)
            there += len(block)
            yield there


def _ask(url, start, size, timeout):
    """A server's answer with the file from some byte on, or all of it; refused where it announces another size."""
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        answer = urlopen(request, timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise ValueError(f"{url} has no bytes beyond the first {start:,}; expected {size:,}") from error
        raise
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        name, right = "Content-Range", rf"bytes {start}-\d+/({size}|\*)"
    else:
        name, right = "Content-Length", str(size)
    announced = answer.headers.get(name)
    if announced is not None and not re.fullmatch(right, announced):
        answer.close()
        raise ValueError(f"{url} announces {name} {announced}; expected {size:,} bytes in all, from {start:,} on")
    return answer


@contextmanager
def _network(what, kept, part, size):
    """Say in words what the network did not do, and from where the next attempt goes on."""
    try:
        yield
    except (OSError, HTTPException, EOFError) as error:
        if isinstance(error, HTTPError):
            reason = f"it answers {error.code} {error.reason}"
        else:
            found = getattr(error, "reason", error)  # what urllib names, or the error itself
            words = getattr(found, "strerror", None) or str(found) or type(found).__name__
            reason = "it stays silent" if isinstance(found, TimeoutError) else words
        news = f"{kept:,} of {size:,} bytes are in {part}; the next call goes on there" if kept else "Nothing came yet"
        raise ConnectionError(f"{what}: {reason}. {news}") from error


def _unbuffered(part, mode):
    """A file in which every byte that is written stays, however the writing ends."""
    with writing(part):
        return part.open(mode, buffering=0)


def _write(file, block, part):
    """Write all of a block; the system may take a part of it at a time."""
    with writing(part):
        while block:
            block = block[file.write(block) :]


@contextmanager
def writing(path):
    """Say in words why a file cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in FULL:
            reason = "the disk is full; free some space and call again"
        elif error.errno in FORBIDDEN:
            reason = "it is forbidden here; choose another folder"
        raise OSError(error.errno, f"{path} cannot be written: {reason}") from error


@contextmanager
def alone(path):
    """Wait until no other process and no other thread holds a lock file; a crash lets go of it."""
    with writing(path):
        file = path.open("ab")
    with file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        else:
            _lock_on_windows(file)
        yield


def _lock_on_windows(file):
    """Ask for the first byte of a file until it is free."""
    while True:
        file.seek(0)
        try:
            return msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            time.sleep(0.1)


def steps(places):
    """Yield once for each block of a file that its places have come to, whether read before or now or twice."""
    passed = 0
    for place in places:
        while passed < count_blocks(place):
            passed += 1
            yield passed


def count_blocks(size):
    """How many blocks a file of some size has, the last one not full."""
    return -(-size // BLOCK)
