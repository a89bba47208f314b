"""Site files, and files in hosts(5) format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from auditor.site.resolver import read_hosts
from auditor.site.site_file import read_site_file
from fuzz.draws import Draws
from fuzz.promises import one_sentence


def check(data: bytes) -> None:
    """Read the bytes as both."""
    path = _folder() / "input"
    path.write_bytes(Draws(data).take(len(data)))
    with one_sentence():
        read_site_file(path)
    with one_sentence():
        read_hosts(path)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def seeds() -> Iterator[bytes]:
    """Yield a site file with every key, and the traps of YAML."""
    yield (
        b"hosts:\n  fd1.example: 10.0.0.31\ndaemons:\n  file daemon fd1: {addresses: [10.0.0.31]}\n"
        b"keepalive: {idle: 7200, interval: 75}\nidle_limit: 60m\nwaivers:\n"
        b"- {rule: unknown-initiator, daemon: x, until: 2027-03-31, reason: it is known}\n"
    )
    yield b"a: &a [1, 2]\nb: &b [*a, *a]\nc: {<<: {d: 1:30:45, e: 0x1F, f: .inf, g: 2027-03-31}}\n"
    yield b"10.0.0.31 fd1.example fd1 # a host\nfd00::31 fd1\n"
