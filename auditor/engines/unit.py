"""The unit of work: one capture becomes evidence, or the reason why it does not.

It is run by another process or another machine, so everything that goes in and out can be pickled,
and nothing is raised: one file that cannot be read does not stop the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.errors import BareosAuditError
from auditor.packets.decode_as import Watched
from auditor.packets.remote import shown_url

#: Evidence that one unit may hand back (bytes, compressed): a gigabyte of capture becomes 0.3 MB,
#: a million half-open connections some 40 MB.
MAX_EVIDENCE = 1 << 30


@dataclass(frozen=True, slots=True)
class Task:
    """One capture to be thinned."""

    number: int
    """Its place among all, from 0."""
    path: str
    ports: tuple[int, ...]
    decode_as: tuple[str, ...] = ()
    """Which UDP ports are tunnels, as ``Watched`` takes it."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """What became of a capture that could be read."""

    number: int
    evidence: bytes
    """A thinned capture (docs/thinning.md), compressed by zstd: the same bytes wherever it was
    made."""
    octets: int
    """Bytes of the capture as it lies in its place."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A capture of which nothing is known."""

    number: int
    reason: str
    """One sentence for people."""


Outcome = Thinned | Failed


def thin_one(task: Task) -> Outcome:
    """Thin one capture. Raises nothing that could be said in a sentence."""
    from auditor.evidence.thin_file import thin_capture

    ports = Watched(dict.fromkeys(task.ports, ""), task.decode_as)
    try:
        with TemporaryDirectory(prefix="bareos-audit-") as folder:
            file = Path(folder) / "evidence.pcapng"
            done = thin_capture(task.path, str(file), ports, piece=True)
            evidence = _compressed(file)
    except BareosAuditError as error:
        return Failed(task.number, str(error))
    except (OSError, MemoryError) as error:
        return Failed(task.number, f"{shown_url(task.path)} could not be thinned: {_why(error)}.")
    if len(evidence) > MAX_EVIDENCE:
        return Failed(
            task.number,
            f"{shown_url(task.path)} came to {len(evidence) >> 20} MiB of evidence, more than is "
            "handed on: audit it by itself.",
        )
    return Thinned(task.number, evidence, done.octets_in)


def _compressed(file: Path) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=3).compress(file.read_bytes())


def _why(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
