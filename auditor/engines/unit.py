"""The unit of work: one capture becomes evidence, or the reason why it does not.

It is run by another process or another machine, so everything that goes in and out can be pickled,
and nothing is raised: one file that cannot be read does not stop the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.engines.packed import MAX_EVIDENCE, Packed, TooLargeError
from auditor.errors import BareosAuditError, system_words
from auditor.packets.decode_as import Watched
from auditor.packets.remote import shown_url
from auditor.version import __version__

#: Captures that are handed over together, and their bytes at most: what is done with a small one
#: takes as long as telling somebody to do it.
TOGETHER, TOGETHER_OCTETS = 16, 1 << 20


@dataclass(frozen=True, slots=True)
class Task:
    """One capture to be thinned."""

    number: int
    """Its place among all, from 0."""
    path: str
    ports: tuple[int, ...]
    decode_as: tuple[str, ...] = ()
    """Which UDP ports are tunnels, as ``Watched`` takes it."""
    octets: int = 0
    """Its size, if that is known; 0: it is not."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """What became of a capture that could be read."""

    number: int
    evidence: bytes
    """A thinned capture (docs/thinning.md), compressed by zstd: the same bytes wherever it was
    made."""
    octets: int
    """Bytes of the capture as it lies in its place."""
    program: str = __version__
    """Version of the program that made it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A capture of which nothing is known."""

    number: int
    reason: str
    """One sentence for people."""


Outcome = Thinned | Failed


def thin_one(task: Task) -> Outcome:
    """Thin one capture. Raises nothing that could be said in a sentence."""
    from auditor.evidence.thin_file import thin_to

    ports, shown = Watched(dict.fromkeys(task.ports, ""), task.decode_as), shown_url(task.path)
    try:
        packed = Packed()
        done = thin_to(task.path, packed.write, ports, piece=True)
        evidence = packed.made()
    except TooLargeError:
        most = f"more than {MAX_EVIDENCE >> 20} MiB of evidence, which is not handed on"
        return Failed(task.number, f"{shown} came to {most}: audit it by itself.")
    except BareosAuditError as error:
        return Failed(task.number, str(error))
    except (OSError, MemoryError) as error:
        return Failed(task.number, f"{shown} could not be thinned: {system_words(error)}.")
    return Thinned(task.number, evidence, done.octets_in)


def thin_all(tasks: Sequence[Task]) -> list[Outcome]:
    """Thin captures that were handed over together, as ``thin_one`` does each."""
    return [thin_one(task) for task in tasks]


def together(tasks: Sequence[Task]) -> Iterator[tuple[Task, ...]]:
    """Yield what is handed over together: small captures by several, any other by itself."""
    some: list[Task] = []
    octets = 0
    for task in tasks:
        known = task.octets or TOGETHER_OCTETS
        if some and (len(some) == TOGETHER or octets + known > TOGETHER_OCTETS):
            yield tuple(some)
            some, octets = [], 0
        some.append(task)
        octets += known
    if some:
        yield tuple(some)
