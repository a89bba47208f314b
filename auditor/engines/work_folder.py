"""A folder in which evidence is kept beside a manifest, so that a run can be taken up again.

The manifest (``manifest.jsonl``) has a line for each capture that is done: its path and state, the
ports and the program that it was thinned with, and name and digest of its evidence. A line is only
added, and the last one of a path counts: a run that was killed leaves at most one torn line, which
is not believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from auditor.engines.private_folder import PrivateFolder
from auditor.version import __version__

MANIFEST = "manifest.jsonl"
_TEXTS = ("path", "state", "program", "evidence", "sha256")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the manifest."""

    path: str
    state: str
    """What tells this state of the capture from another (``capture_state``)."""
    ports: tuple[int, ...]
    decode_as: tuple[str, ...]
    program: str
    evidence: str
    """Name of the file in this folder."""
    sha256: str
    octets: int
    """Bytes of the capture as it lies in its place."""


class Kept(NamedTuple):
    """Evidence of a capture that lies in a folder."""

    evidence: str
    """Its path."""
    octets: int
    """Bytes of the capture as it lies in its place."""


class WorkFolder:
    """The folder, of one set of ports and tunnels. Raises OutputError where others could write."""

    def __init__(self, path: str, ports: Sequence[int], decode_as: Sequence[str] = ()) -> None:
        self._folder = PrivateFolder(path, "name another --work")
        self._read_as = tuple(sorted(ports)), tuple(decode_as)
        self._torn = False
        self._entries = {entry.path: entry for entry in self._read()}

    def known(self, path: str, state: str) -> Kept | None:
        """Return the evidence of a capture if it is here, whole, and made of that state by this
        version of the program; None: it has to be thinned."""
        entry = self._entries.get(path)
        if entry is None or not state or entry.state != state:
            return None
        if (entry.ports, entry.decode_as) != self._read_as or entry.program != __version__:
            return None
        kept = self._folder.read(entry.evidence)
        if kept is None or _digest(kept) != entry.sha256:
            return None
        return Kept(self._folder.file(entry.evidence), entry.octets)

    def keep(self, path: str, state: str, evidence: bytes, octets: int) -> Kept:
        """Keep evidence, and then say so in the manifest. Raises OutputError."""
        name = evidence_name(path)
        kept = self._folder.write(name, evidence)
        digest = _digest(evidence)
        entry = Entry(path, state, *self._read_as, __version__, name, digest, octets)
        self._add(entry)
        self._entries[path] = entry
        return Kept(kept, octets)

    def _read(self) -> list[Entry]:
        found = list[Entry]()
        text = self._folder.read(MANIFEST) or b""
        self._torn = bool(text) and not text.endswith(b"\n")
        for line in text.splitlines():
            try:
                given: dict[str, Any] = json.loads(line)
                lists = {name: tuple(given[name]) for name in ("ports", "decode_as")}
                entry = Entry(**{**given, **lists})
                if all(isinstance(getattr(entry, name), str) for name in _TEXTS):
                    found.append(replace(entry, octets=max(0, int(entry.octets))))
            except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
                continue  # torn, or of another version: what it speaks of is thinned again
        return found

    def _add(self, entry: Entry) -> None:
        line = "\n" * self._torn + json.dumps(asdict(entry)) + "\n"
        self._folder.add(MANIFEST, line.encode())
        self._torn = False


def evidence_name(path: str) -> str:
    """Return the name that the evidence of a capture has: another for each path.

    Those of one series (``tap_00001.pcapng``, ``tap_00002.pcapng``) differ in digits only, as the
    captures' own do: whoever puts them together may ask.
    """
    folder, _, name = path.rpartition("/")
    at = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8].translate(_LETTERS)
    digits = int.from_bytes(hashlib.sha256(os.fsencode(path)).digest()[:8])
    return f"{at}-{_UNSAFE.sub('_', name)[-100:]}-{digits:020}.pcapng.zst"


def _digest(evidence: bytes) -> str:
    return hashlib.sha256(evidence).hexdigest()
