"""Captures → evidence in a folder, by an engine; what is there already is not made again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from auditor.engines.engine import Engine
from auditor.engines.passing_folder import PassingFolder
from auditor.engines.unit import Failed, Task
from auditor.engines.work_folder import WorkFolder
from auditor.errors import OutputError
from auditor.packets.decode_as import rules_of
from auditor.packets.remote import FileState, is_url, shown_url, url_state


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of one capture."""

    capture: str
    """Its path as given."""
    evidence: str = ""
    """Path of its evidence; empty: there is none."""
    missing: str = ""
    """Why there is none, as a sentence."""


def gather(
    captures: Sequence[str],
    ports: Collection[int],
    engine: Engine,
    folder: str,
    progress: Callable[[int], None] | None = None,
    *,
    passing: bool = False,
) -> list[Gathered]:
    """Return what came of each capture, in their order; a capture given twice is thinned once.

    ``folder`` is made if need be; evidence that it holds of the same state of a capture is used.
    One that is ``passing`` is empty, and removed afterwards. ``progress`` is called with the bytes
    of captures that were read, or need not be, since its last call. Raises EngineError and
    OutputError.
    """
    wanted, tunnels = tuple(sorted(ports)), rules_of(ports)
    names = list(dict.fromkeys(captures))
    _refuse_within(folder, names)
    kept = PassingFolder(folder) if passing else WorkFolder(folder, wanted, tunnels)
    tell = progress or (lambda _: None)
    found = dict[str, Gathered]()
    tasks = list[Task]()
    states = [capture_state(name) for name in names]
    for number, (name, state) in enumerate(zip(names, states, strict=True)):
        entry = kept.known(_place(name), state.mark)
        if entry is None:
            tasks.append(Task(number, name, wanted, tunnels, state.octets))
        else:
            found[name] = Gathered(name, entry.evidence)
            tell(entry.octets)
    for outcome in engine.run(tasks) if tasks else ():
        name = names[outcome.number]
        if isinstance(outcome, Failed):
            found[name] = Gathered(name, missing=outcome.reason)
        else:
            place, state = _place(name), states[outcome.number]
            entry = kept.keep(place, state.mark, outcome.evidence, outcome.octets)
            found[name] = Gathered(name, entry.evidence)
            tell(outcome.octets)
    return [found[name] for name in names]


def _refuse_within(folder: str, captures: Sequence[str]) -> None:
    """Raise OutputError if captures lie where their evidence would: it would be audited as well."""
    work = Path(folder).resolve()
    for path in captures:
        if not is_url(path) and work in Path(path).absolute().parents:
            raise OutputError(
                f"{folder} cannot hold the evidence: {path} is in it, and evidence would be read "
                "as another capture; name another --work."
            )


def _place(path: str) -> str:
    """Return what the manifest calls a capture: the same from wherever it is named."""
    if not is_url(path):
        return str(Path(path).absolute())
    _, asks, query = path.partition("?")  # which may tell files of one address apart, and is secret
    return shown_url(path) + (f"#{sha256(query.encode()).hexdigest()[:16]}" if asks else "")


def capture_state(path: str) -> FileState:
    """Return what tells this state of a file from a later one."""
    if is_url(path):
        return url_state(path)
    try:
        state = Path(path).stat()
    except (OSError, ValueError):
        return FileState("", 0)
    mark = f"{state.st_size}:{state.st_mtime_ns}:{state.st_ino}"
    return FileState(mark, state.st_size)
