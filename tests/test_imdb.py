"""IMDB: what a download, an archive and a cache can meet, and what is there afterwards."""

import errno
import gzip
import hashlib
import os
import re
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnbook.lab.tasks import download as downloading
from rnnbook.lab.tasks import imdb, load_imdb
from rnnbook.lab.tasks.corpus import SPLITS, Vocabulary
from rnnbook.lab.tasks.download import count_blocks, download, steps
from rnnbook.view import follow
from tests.archives import pack, review_files, tarball

CONTENT = pack(review_files())
SIZE, SHA256 = len(CONTENT), hashlib.sha256(CONTENT).hexdigest()
HALF = SIZE // 2


class Server(ThreadingHTTPServer):
    """Sends one file from 127.0.0.1, in ways that can be set."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/aclImdb_v1.tar.gz"
        self.over = threading.Event()
        self.behave()

    def behave(self, content=CONTENT, ranges=True, cut=None, how="closes", status=None, headers=()):
        """What it has; whether it sends parts; after how many bytes it stops, and how; what else it says."""
        self.content, self.ranges, self.cut, self.how = content, ranges, cut, how
        self.status, self.headers, self.asked = status, dict(headers), []


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server, asked = self.server, self.headers["Range"]
        server.asked.append(asked)
        if server.how == "says nothing":
            return server.over.wait(10)
        if server.status:
            return self.send_error(server.status)
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and server.ranges else 0
        if start >= len(server.content):
            return self.send_error(416)
        body = server.content[start:]
        headers = {"Content-Length": str(len(body))}
        if asked and server.ranges:
            headers["Content-Range"] = f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
        self.send_response(206 if asked and server.ranges else 200)
        for name, value in (headers | server.headers).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: server.cut])
        if server.how == "hangs":
            server.over.wait(10)
        elif server.how == "resets":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def log_message(self, *args):
        """Nothing is printed."""


@pytest.fixture(scope="module")
def running():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(running, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(downloading, "BLOCK", 256)  # several blocks, although the file is small
    running.behave()
    return running


def get(server, path, **changed):
    """The bytes of the file, and how many bytes there were after each block."""
    places = list(download(server.url, path, **{"size": SIZE, "sha256": SHA256, "timeout": 5.0} | changed))
    return path.read_bytes(), places


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def kept(folder):
    """How many bytes of an attempt are kept."""
    part = folder / "a.part"
    return part.stat().st_size if part.exists() else 0


def test_a_whole_answer(server, tmp_path):
    content, places = get(server, tmp_path / "a")
    assert content == CONTENT
    assert names(tmp_path) == ["a"]
    assert server.asked == [None]
    assert places[0] == 0
    assert places[-1] == SIZE
    assert 0 < np.diff(places).min() <= np.diff(places).max() <= 256


@pytest.mark.parametrize("how", ["closes", "resets"])
@pytest.mark.parametrize("ranges", [True, False])
def test_the_next_attempt_goes_on_where_one_broke_off(server, tmp_path, how, ranges):
    server.behave(cut=HALF, how=how)
    with pytest.raises(
        ConnectionError, match=r"(broke off|cannot be reached): .*(a\.part; the next call|Nothing came)"
    ):
        get(server, tmp_path / "a")
    there = kept(tmp_path)
    assert there == HALF if how == "closes" else there <= HALF  # a reset may overtake what was sent
    assert names(tmp_path) == ["a.part"] or not there
    assert not there or CONTENT.startswith((tmp_path / "a.part").read_bytes())
    server.behave(ranges=ranges)
    content, places = get(server, tmp_path / "a")
    assert content == CONTENT
    assert server.asked == [f"bytes={there}-" if there else None]
    assert places[0] == there
    assert 0 < places[1] - (there if ranges else 0) <= 256
    assert names(tmp_path) == ["a"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(cuts=st.lists(st.tuples(st.integers(0, SIZE - 1), st.booleans()), max_size=4))
def test_however_often_it_breaks_off_the_file_is_whole_in_the_end(server, tmp_path_factory, cuts):
    folder = tmp_path_factory.mktemp("cut")
    bar = []
    for cut, ranges in [*cuts, (None, True)]:
        server.behave(cut=cut, ranges=ranges)
        bar.clear()
        try:
            bar.extend(steps(download(server.url, folder / "a", size=SIZE, sha256=SHA256, timeout=5.0)))
        except ConnectionError:
            assert names(folder) == ["a.part"]
            assert CONTENT.startswith((folder / "a.part").read_bytes())
        else:
            break
    assert bar == list(range(1, count_blocks(SIZE) + 1))  # as many steps, however the bytes came
    assert names(folder) == ["a"]
    assert (folder / "a").read_bytes() == CONTENT


@pytest.mark.parametrize(("how", "cut"), [("says nothing", 0), ("hangs", 0), ("hangs", HALF)])
def test_a_server_that_falls_silent_is_given_up(server, tmp_path, how, cut):
    server.behave(cut=cut, how=how)
    with pytest.raises(ConnectionError, match="it stays silent"):
        get(server, tmp_path / "a", timeout=0.2)
    assert names(tmp_path) in ([], ["a.part"])
    server.behave()
    assert get(server, tmp_path / "a")[0] == CONTENT


def test_a_server_that_is_not_there(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(ConnectionError, match=r"cannot be reached: .*refused.*\. Nothing came yet"):
            list(download(url, tmp_path / "a", size=SIZE, sha256=SHA256))
    assert names(tmp_path) == []


@pytest.mark.parametrize("status", [404, 416, 500])
def test_a_server_that_refuses(server, tmp_path, status):
    (tmp_path / "a.part").write_bytes(CONTENT[:HALF])
    server.behave(status=status)
    with pytest.raises((ConnectionError, ValueError), match=f"it answers {status}|no bytes beyond the first"):
        get(server, tmp_path / "a")
    assert names(tmp_path) == ["a.part"]
    assert kept(tmp_path) == HALF


WRONG_SIZES = [SIZE - 1, SIZE + 1, 0, 10**12]


@pytest.mark.parametrize("size", WRONG_SIZES)
@pytest.mark.parametrize("there", [0, HALF])
def test_a_size_that_is_announced_and_wrong_ends_it_before_it_begins(server, tmp_path, size, there):
    if there:
        (tmp_path / "a.part").write_bytes(CONTENT[:there])
        server.behave(headers={"Content-Range": f"bytes {there}-{size - 1}/{size}"})
    else:
        server.behave(headers={"Content-Length": str(size)})
    with pytest.raises(ValueError, match=rf"announces Content-(Range|Length) .*{size}; expected {SIZE:,} bytes"):
        get(server, tmp_path / "a")
    assert names(tmp_path) == ["a.part"] * bool(there)
    assert not there or kept(tmp_path) == there


def test_a_part_from_another_place_is_not_written(server, tmp_path):
    (tmp_path / "a.part").write_bytes(CONTENT[:HALF])
    server.behave(headers={"Content-Range": f"bytes {HALF + 1}-{SIZE - 1}/{SIZE}"})
    with pytest.raises(ValueError, match=rf"announces .* from {HALF:,} on"):
        get(server, tmp_path / "a")
    assert kept(tmp_path) == HALF


@pytest.mark.parametrize("more", [-1, 1])
def test_a_size_that_is_not_announced_is_found_out(server, tmp_path, more):
    """Too few bytes are a break; of too many the first are taken, and right."""
    server.behave(content=CONTENT[:more] if more < 0 else CONTENT + b"!", headers={"Content-Length": None})
    if more < 0:
        with pytest.raises(ConnectionError, match="broke off: its answer ended"):
            get(server, tmp_path / "a")
        assert kept(tmp_path) == SIZE - 1
    else:
        assert get(server, tmp_path / "a")[0] == CONTENT


@pytest.mark.parametrize("there", [0, HALF, SIZE])
def test_what_is_corrupted_gets_no_name(server, tmp_path, there):
    wrong = bytearray(CONTENT)
    wrong[HALF - 1] ^= 1
    server.behave(content=bytes(wrong))
    if there:
        (tmp_path / "a.part").write_bytes(wrong[:there])
    with pytest.raises(
        ValueError, match=rf"sent another file: .* has the SHA-256 \w+; expected {SHA256}\. It is removed"
    ):
        get(server, tmp_path / "a")
    assert names(tmp_path) == []
    server.behave()
    assert get(server, tmp_path / "a")[0] == CONTENT


def test_a_part_longer_than_the_file_is_of_another(server, tmp_path):
    (tmp_path / "a.part").write_bytes(CONTENT + b"!")
    assert get(server, tmp_path / "a")[0] == CONTENT
    assert server.asked == [None]


def test_an_attempt_that_ended_before_it_gave_the_name_needs_no_network(server, tmp_path):
    (tmp_path / "a.part").write_bytes(CONTENT)
    assert get(server, tmp_path / "a") == (CONTENT, [SIZE])
    assert server.asked == []


def test_it_can_be_stopped(server, tmp_path):
    coming = download(server.url, tmp_path / "a", size=SIZE, sha256=SHA256)
    told = [next(coming) for _ in range(3)]
    coming.close()
    assert 0 == told[0] < told[1] < told[2] == kept(tmp_path)
    assert get(server, tmp_path / "a")[0] == CONTENT
    assert server.asked[1] == f"bytes={told[2]}-"


class FullDisk:
    """A file on a disk with room for some bytes; a write takes what has room, as the system does."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, block):
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = self.file.write(block[: self.room])
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 1, HALF, SIZE - 1])
def test_a_full_disk_keeps_what_has_room(server, tmp_path, monkeypatch, room):
    opened = downloading._unbuffered
    with monkeypatch.context() as full:
        full.setattr(downloading, "_unbuffered", lambda *how: FullDisk(opened(*how), room))
        with pytest.raises(OSError, match=r"a\.part cannot be written: the disk is full; free some space") as caught:
            get(server, tmp_path / "a")
    assert caught.value.errno == errno.ENOSPC
    assert names(tmp_path) == ["a.part"]
    assert (tmp_path / "a.part").read_bytes() == CONTENT[:room]
    assert get(server, tmp_path / "a")[0] == CONTENT


# From here on the whole way: to a Corpus.

CACHE = f"imdb-{SHA256[:8]}-{imdb.FORM}.npz"
DONE, UNDONE, UNREAD = [CACHE, imdb.LOCK], [imdb.ARCHIVE + ".part", imdb.LOCK], [imdb.ARCHIVE, imdb.LOCK]
NOWHERE = "http://127.0.0.1:9/"


def load(server, folder, **changed):
    return load_imdb(**{"folder": folder, "url": server.url, "size": SIZE, "sha256": SHA256, "timeout": 5.0} | changed)


def load_archive(content, folder):
    """Load an archive that was put into the folder by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / imdb.ARCHIVE).write_bytes(content)
    return load_imdb(folder=folder, url=NOWHERE, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def same(one, other):
    return (
        one.texts == other.texts
        and (one.labels == other.labels).all()
        and all(np.array_equal(one.splits[split], other.splits[split]) for split in SPLITS)
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return load_archive(CONTENT, tmp_path_factory.mktemp("by hand"))


def test_every_review_is_there_as_it_was_written(corpus):
    files = {name: data.decode() for name, data in review_files().items()}
    for part, splits in (("train", ("train", "validation")), ("test", ("test",))):
        texts, labels = zip(*map(corpus.part, splits), strict=True)
        found = sorted(zip(np.concatenate(labels).tolist(), sum(texts, ()), strict=True))
        expected = [
            (int(folder == "pos"), text.replace("<br />", " "))
            for folder in ("neg", "pos")
            for name, text in files.items()
            if name.startswith(f"aclImdb/{part}/{folder}/")
        ]
        assert found == sorted(expected)
    assert any("n°" in text for text in corpus.texts)
    assert not any("<br" in text or "Without a label" in text for text in corpus.texts)
    assert corpus.name == "IMDB"


def test_no_film_is_trained_on_and_kept_for_validation(corpus):
    """The small archive has three reviews a film and label; a review's number is in its text."""
    films = {
        split: {int(re.search(r"n° (\d+)", text)[1]) // 3 for text in corpus.part(split)[0]} for split in SPLITS[:2]
    }
    assert films["train"] | films["validation"] == set(range(4))
    assert not films["train"] & films["validation"]
    assert len(corpus.splits["validation"]) == 6  # the first film reaches a fifth of 24


@settings(max_examples=50)
@given(
    films=st.lists(st.integers(0, 40), min_size=40, max_size=80).filter(lambda films: len(set(films)) > 8),
    seed=st.integers(0, 2**32),
)
def test_films_are_divided_at_about_a_fifth_whatever_they_are(films, seed):
    films = np.array(films)
    texts, labels, testing = tuple(map(str, films)), films % 2, np.arange(len(films)) % 2 > 0
    corpus = imdb._divide(texts, labels, films, testing, np.random.default_rng(seed))
    here = {split: films[corpus.splits[split]] for split in SPLITS}
    assert not set(here["train"]) & set(here["validation"])
    assert sorted([*here["train"], *here["validation"]]) == sorted(films[~testing])
    most = np.unique(films[~testing], return_counts=True)[1].max()
    assert 0 <= len(here["validation"]) - imdb.SHARE * (~testing).sum() < most


def test_the_order_of_an_archive_makes_no_difference_and_the_seed_does(corpus, tmp_path):
    files = review_files()
    other = load_archive(pack(dict(sorted(files.items(), reverse=True))), tmp_path)
    assert same(corpus, other)
    words = [Vocabulary.of(loaded.part("train")[0]).words for loaded in (corpus, other)]
    assert words[0] == words[1]
    content = pack(dict(sorted(files.items(), reverse=True)))
    again = {"folder": tmp_path, "url": NOWHERE, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert same(corpus, load_imdb(**again, seed=0))
    assert not same(corpus, load_imdb(**again, seed=1))


def test_the_first_texts_of_a_split_have_both_labels(corpus):
    for split in SPLITS:
        assert set(corpus.part(split)[1][:6]) == {0, 1}


def test_what_was_loaded_once_needs_neither_network_nor_a_place_to_write(server, tmp_path, monkeypatch):
    first = load(server, tmp_path)
    assert names(tmp_path) == sorted(DONE)
    (tmp_path / imdb.LOCK).unlink()
    for name in ("mkdir", "replace", "unlink"):
        monkeypatch.setattr(Path, name, lambda *args, **more: pytest.fail("the folder was touched"))
    assert same(first, load(server, tmp_path, url=NOWHERE))
    assert names(tmp_path) == [CACHE]
    assert len(server.asked) == 1


def test_the_folder_is_that_of_the_user(server, tmp_path, monkeypatch):
    monkeypatch.setattr(imdb, "user_cache_path", lambda name, appauthor: tmp_path / name)
    load(server, None)
    assert names(tmp_path / "rnnbook") == sorted(DONE)


def test_the_cache_holds_no_pickles(server, tmp_path):
    load(server, tmp_path)
    with np.load(tmp_path / CACHE, allow_pickle=False) as data:
        assert {data[name].dtype.kind for name in data.files} <= set("bui")


@pytest.mark.parametrize("there", [0, HALF, SIZE])
def test_a_bar_has_as_many_steps_however_much_was_there(server, tmp_path, there):
    if there:
        (tmp_path / (imdb.ARCHIVE + ".part")).write_bytes(CONTENT[:there])
    seen = []

    def watch(steps, total, label):
        made = list(steps)
        seen.append((label, total, len(made)))
        return made

    load(server, tmp_path, follow=watch)
    total = count_blocks(SIZE)
    assert seen == [("IMDB: download", total, total), ("IMDB: read the archive", total, total)]


def test_the_bar_of_the_book_leaves_two_lines(server, tmp_path, capsys):
    load(server, tmp_path, follow=follow)
    assert capsys.readouterr().out.splitlines() == ["IMDB: download", "IMDB: read the archive"]


@pytest.mark.parametrize("share", [0, 0.3, 0.49, 0.51, 0.99])
def test_an_interrupt_leaves_what_can_be_gone_on_with(server, tmp_path, share):
    left = iter(range(int(2 * count_blocks(SIZE) * share)))

    def interrupted(steps, total, label):
        for step in steps:
            if next(left, None) is None:
                raise KeyboardInterrupt
            yield step

    with pytest.raises(KeyboardInterrupt):
        load(server, tmp_path, follow=interrupted)
    assert names(tmp_path) == sorted(UNDONE if share < 0.5 else UNREAD)
    load(server, tmp_path)
    assert names(tmp_path) == sorted(DONE)


def test_a_bar_that_stops_looking_loses_nothing(server, tmp_path, corpus):
    assert same(corpus, load(server, tmp_path, follow=lambda steps, total, label: [next(iter(steps))]))


# Archives that are wrong, although size and checksum are those that were asked for.


def member(name, kind=tarfile.REGTYPE, target=""):
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def without(start):
    return {name: data for name, data in review_files().items() if not name.startswith(start)}


def broken_head():
    """An archive with a damaged head in it: Python's tarfile takes it for the end, and says nothing."""
    content = bytearray(tarball(review_files()))
    place = content.index(b"aclImdb/test/pos/3_10.txt")
    content[place] ^= 1
    return gzip.compress(bytes(content))


def latin(name):
    return review_files() | {name: "Naïve.".encode("latin-1")}


REVIEW = "aclImdb/test/pos/3_10.txt"
WRONG_ARCHIVES = {
    "a way up": (pack(review_files(), member("aclImdb/../../up.txt")), "the path 'aclImdb/../../up.txt' leads out"),
    "a way up on Windows": (pack(review_files(), member(r"aclImdb\..\up.txt")), "leads out of it"),
    "absolute": (pack(review_files(), member("/etc/passwd")), "the path '/etc/passwd' leads out of it"),
    "symlink": (
        pack(review_files(), member("aclImdb/a", tarfile.SYMTYPE, "/etc")),
        "'aclImdb/a' is a link or a device",
    ),
    "hard link": (pack(review_files(), member(REVIEW, tarfile.LNKTYPE, "aclImdb/README")), "is a link or a device"),
    "device": (pack(review_files(), member(REVIEW, tarfile.CHRTYPE)), "is a link or a device"),
    "not UTF-8": (pack(latin(REVIEW)), f"{REVIEW} is not a text in UTF-8, invalid continuation byte at byte 2"),
    "no test/pos": (pack(without("aclImdb/test/pos")), "there is no review in aclImdb/test/pos"),
    "no train": (pack(without("aclImdb/train/")), "there is no review in aclImdb/train/neg"),
    "no films": (
        pack(without("aclImdb/train/urls_neg")),
        r"aclImdb/train/urls_neg.txt does not say which film review 11",
    ),
    "few films": (pack(review_files() | {"aclImdb/test/urls_pos.txt": b"a\nb\n"}), "which film review 11 is about"),
    "other archive": (pack({"a.txt": b"a"}), "there is no review in aclImdb/train/neg"),
    "no archive": (b"<html>Log in</html>", "is damaged: Not a gzipped file"),
    "empty": (gzip.compress(b""), "is damaged: empty file"),
    "no tar": (gzip.compress(b"abc" * 999), "is damaged: "),
    "cut off": (CONTENT[:HALF], "is damaged: Compressed file ended before the end-of-stream marker"),
    "cut off at the end": (CONTENT[:-4], "is damaged: Compressed file ended before"),
    "a flipped bit": (CONTENT[:HALF] + bytes([CONTENT[HALF] ^ 4]) + CONTENT[HALF + 1 :], "is damaged: "),
    "a flipped bit at the end": (
        CONTENT[:-5] + bytes([CONTENT[-5] ^ 4]) + CONTENT[-4:],
        "is damaged: CRC check failed",
    ),
    "a damaged head": (broken_head(), "is damaged: the head of a file in it is damaged"),
}


@pytest.mark.parametrize("name", WRONG_ARCHIVES)
def test_an_archive_that_is_wrong_makes_no_cache(tmp_path, name):
    content, message = WRONG_ARCHIVES[name]
    with pytest.raises(ValueError, match=r"aclImdb_v1\.tar\.gz is .*Nothing of it is used$") as caught:
        load_archive(content, tmp_path / "a" / "b")
    assert message in str(caught.value)
    assert names(tmp_path) == ["a"]
    assert names(tmp_path / "a" / "b") == sorted(UNREAD)
    assert (tmp_path / "a" / "b" / imdb.ARCHIVE).read_bytes() == content


@settings(max_examples=60)
@given(place=st.integers(0, SIZE - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_changes_a_text_unseen(tmp_path_factory, corpus, place, bit):
    content = bytearray(CONTENT)
    content[place] ^= 1 << bit
    try:
        found = load_archive(bytes(content), tmp_path_factory.mktemp("flipped"))
    except ValueError as error:
        told = str(error)
    else:
        told = "Nothing of it is used" if same(found, corpus) else "another corpus"  # the same: where gzip notes a time
    assert "Nothing of it is used" in told


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"!", CONTENT[:-1] + b"!"])
def test_another_file_in_place_of_the_archive_is_left_alone(server, tmp_path, content):
    (tmp_path / imdb.ARCHIVE).write_bytes(content)
    with pytest.raises(ValueError, match=r"aclImdb_v1\.tar\.gz has (the SHA-256 \w+|[\d,]+ bytes); expected"):
        load(server, tmp_path)
    assert names(tmp_path) == sorted(UNREAD)
    assert server.asked == []


# The cache.


@pytest.mark.parametrize("damage", [b"", b"abc", "cut", "flip", "other"])
def test_a_cache_that_was_damaged_is_told_and_left(server, tmp_path, corpus, damage):
    load(server, tmp_path)
    cache = tmp_path / CACHE
    content = cache.read_bytes()
    if damage == "other":
        np.savez_compressed(cache, text=np.zeros(3, np.uint8))
    else:
        place = len(content) // 2
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        cache.write_bytes({"cut": content[:place], "flip": flipped}.get(damage, damage))
    with pytest.raises(ValueError, match=r"\.npz is damaged: .*\. Remove it, and the next call makes it anew$"):
        load(server, tmp_path)
    cache.unlink()
    assert same(corpus, load(server, tmp_path))


@pytest.mark.parametrize("room", [0, 1, 1000])
def test_a_disk_that_is_full_before_the_cache_is_whole_keeps_the_archive(server, tmp_path, monkeypatch, room):
    def save(file, **arrays):
        file.write(bytes(room))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(np, "savez_compressed", save)
        with pytest.raises(OSError, match=r"\.npz\.part cannot be written: the disk is full; free some space"):
            load(server, tmp_path)
    assert names(tmp_path) == sorted(UNREAD)
    load(server, tmp_path, url=NOWHERE)  # nothing is downloaded again
    assert names(tmp_path) == sorted(DONE)


def test_what_a_crash_left_of_a_cache_is_written_over(server, tmp_path, corpus):
    (tmp_path / f"{CACHE}.part").write_bytes(b"half")
    assert same(corpus, load(server, tmp_path))
    assert names(tmp_path) == sorted(DONE)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EPERM])
@pytest.mark.parametrize("place", ["mkdir", "open"])
def test_a_folder_that_may_not_be_written_to_is_told(server, tmp_path, monkeypatch, number, place):
    def refuse(*args, **more):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as forbidden:
        forbidden.setattr(Path, place, refuse)
        with pytest.raises(OSError, match="cannot be written: it is forbidden here; choose another folder") as caught:
            load(server, tmp_path)
    assert caught.value.errno == number
    assert names(tmp_path) == []
    assert server.asked == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(server, tmp_path):
    (tmp_path / "mine").mkdir(mode=0o555)
    with pytest.raises(PermissionError, match="it is forbidden here"):
        load(server, tmp_path / "mine")
    assert names(tmp_path / "mine") == []


def test_a_file_in_place_of_the_folder_is_told(server, tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    for folder in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(OSError, match=r"cannot be written: (File exists|Not a directory)"):
            load(server, folder)
    assert (tmp_path / "a").read_bytes() == b"mine"


@pytest.mark.parametrize("failure", ["refuses", "breaks off", "is silent", "sends another", "lies"])
def test_after_a_failed_download_there_is_nothing_that_is_taken_for_whole(server, tmp_path, corpus, failure):
    wrong = CONTENT[:HALF] + b"!" + CONTENT[HALF + 1 :]
    ways = {
        "refuses": ({"status": 404}, ConnectionError, [imdb.LOCK]),
        "breaks off": ({"cut": HALF}, ConnectionError, UNDONE),
        "is silent": ({"cut": HALF, "how": "hangs"}, ConnectionError, UNDONE),
        "sends another": ({"content": wrong}, ValueError, [imdb.LOCK]),
        "lies": ({"headers": {"Content-Length": "12"}}, ValueError, [imdb.LOCK]),
    }
    behaviour, kind, left = ways[failure]
    server.behave(**behaviour)
    with pytest.raises(kind) as caught:
        load(server, tmp_path, timeout=0.3)
    assert ("A copy from elsewhere may be put at" in str(caught.value)) == (kind is ConnectionError)
    assert names(tmp_path) == sorted(left)
    server.behave()
    assert same(corpus, load(server, tmp_path))
    assert names(tmp_path) == sorted(DONE)


# Several at once.


def test_threads_that_load_at_once_download_once(server, tmp_path, corpus):
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda k: load(server, tmp_path), range(4)))
    assert all(same(corpus, one) for one in found)
    assert server.asked == [None]
    assert names(tmp_path) == sorted(DONE)


PROGRAM = """
import sys
from rnnbook.lab.tasks import load_imdb
folder, url, size, sha256 = sys.argv[1:]
print(load_imdb(folder=folder, url=url, size=int(size), sha256=sha256))
"""


def start(server, folder):
    """Load in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, folder, server.url, str(SIZE), SHA256]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(imdb.__file__).parents[3])


def test_processes_that_load_at_once_download_once(server, tmp_path):
    processes = [start(server, tmp_path) for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in processes] == [
        "Corpus('IMDB': train 18, validation 6, test 24)\n"
    ] * 3
    assert server.asked == [None]
    assert names(tmp_path) == sorted(DONE)


def test_a_process_that_is_killed_holds_up_no_other(server, tmp_path, corpus):
    server.behave(cut=HALF, how="hangs")
    process = start(server, tmp_path)
    part = tmp_path / (imdb.ARCHIVE + ".part")
    end = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill()
    process.communicate()
    there = part.stat().st_size
    server.behave()
    assert same(corpus, load(server, tmp_path))
    assert server.asked == [f"bytes={there}-"]


@pytest.mark.parametrize(
    "bad", [{"url": "file:///etc/passwd"}, {"sha256": SHA256.upper()}, {"sha256": SHA256[:-1]}, {"folder": b"a"}]
)
def test_what_names_no_archive_is_refused(server, tmp_path, bad):
    where = {"folder": tmp_path, "url": server.url, "size": SIZE, "sha256": SHA256}
    with pytest.raises(
        (TypeError, ValueError), match=rf"{next(iter(bad))} (begins with|has 64 digits|is a path).*; got"
    ):
        load_imdb(**where | bad)
    assert server.asked == []
    assert names(tmp_path) == []
