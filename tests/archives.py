"""A small archive laid out as that of IMDB is, made in memory."""

import gzip
import io
import tarfile

WORDS = ("the", "film", "was", "not", "good", "but", "a", "bad", "plot", "and", "great", "acting", "made", "it", "dull")
FOLDERS = [(split, label) for split in ("train", "test") for label in ("neg", "pos")]


def review_files(number=12):
    """Name to bytes of every file: `number` reviews in each of the four folders, and their films, three to a film."""
    files = {}
    for place, (split, label) in enumerate(FOLDERS):
        for k in range(number):
            words = [WORDS[(k * k + place * step) % len(WORDS)] for step in range(3 + k)]
            text = (
                f"{' '.join(words).capitalize()}.<br /><br />{'Bad' if label == 'neg' else 'Great'}, n° {k} {split}ed!"
            )
            files[f"aclImdb/{split}/{label}/{k}_{1 if label == 'neg' else 10}.txt"] = text.encode()
        films = [f"http://www.imdb.com/title/tt{split}{k // 3}/usercomments\n" for k in range(number)]
        files[f"aclImdb/{split}/urls_{label}.txt"] = "".join(films).encode()
    files["aclImdb/train/unsup/0_0.txt"] = b"Without a label."
    files["aclImdb/README"] = b"Large Movie Review Dataset v1.0"
    return files


def tarball(files, *members):
    """The bytes of a .tar with these files, and with further members, each a TarInfo without content."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in members:
            archive.addfile(member)
    return content.getvalue()


def pack(files, *members):
    """The same, compressed to a .tar.gz, equal bytes every time."""
    return gzip.compress(tarball(files, *members), mtime=0)
