"""Bareos configurations: four programs' files, read, linked, checked and shown."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from auditor.pipeline.check_configuration import check_configuration
from auditor.pipeline.network import load_network
from fuzz.draws import Draws
from fuzz.promises import assert_renders, one_sentence
from fuzz.support import NETWORK

#: Where the pieces of an input are written.
FILES = (
    "dir/bareos-dir.conf",
    "fd1/bareos-fd.conf",
    "sd1/bareos-sd.conf",
    "con/bconsole.conf",
    "included.inc",
)


def check(data: bytes) -> None:
    """Read the files below a folder, and check what they come to."""
    draws = Draws(data)
    folder = _folder()
    for name, piece in zip(FILES, [*draws.pieces(len(FILES)), *[b""] * len(FILES)], strict=False):
        (folder / name).write_bytes(piece)
    with one_sentence():
        assert_renders(check_configuration(load_network(config=folder, resolve=False)))


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
    return folder


def seeds() -> Iterator[bytes]:
    """Yield a small network, one whose Director includes, and the resources one by one."""
    files = [NETWORK[name].replace(" }", "; }").encode() for name in FILES[:3]]
    yield _joined(files)
    yield _joined(
        [b"@../included.inc\n@|\"sh -c 'for f in *.inc; do echo @$f; done'\"\n" + files[0]]
    )
    for text in files[0].split(b"\n}\n"):
        yield _joined([text + b"\n}\n"])


def _joined(pieces: list[bytes]) -> bytes:
    return b"".join(len(piece).to_bytes(2, "big") + piece for piece in pieces)
