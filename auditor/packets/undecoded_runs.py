"""Between whom and when what could not be decoded passed, as a capture and as evidence says it.

One line of text, a comment beside a thinned capture's statistics, ``any`` for a host that is not
known::

    bareos-audit undecoded 192.0.2.1 192.0.2.2 from=1800… until=1800… packets=12 ESP
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator

import numpy as np

from auditor.packets.counters import FRAGMENTS, RUN_COUNT, RUN_FIELDS, RUNS
from auditor.packets.fragments import note_incomplete
from auditor.packets.pcapng_comments import LATEST, MAX_NOTE
from auditor.packets.segments import Array, UndecodedRun
from auditor.packets.undecoded import layer_named, layer_of
from auditor.packets.undecoded_table import BEGUN, COUNTED, ENDED, KEY, new_run, put_new
from auditor.text.endpoint_text import address_to_text

#: What every such line begins with.
UNDECODED_RUN = "bareos-audit undecoded "
#: More than any capture writes of itself.
MAX_TOLD = 4096
_ANY = "any"
_LINE = re.compile(
    rf"{UNDECODED_RUN}(?P<source>[0-9a-f.:]{{2,45}}|any) (?P<target>[0-9a-f.:]{{2,45}}|any)"
    r" from=(?P<first>-?[0-9]{1,19}) until=(?P<last>-?[0-9]{1,19})"
    r" packets=(?P<packets>[1-9][0-9]{0,17}) (?P<layer>[ -~]{1,80})",
    re.ASCII,
)


def runs_of(
    counters: Array, fragments: Array, told: Iterable[UndecodedRun] = ()
) -> tuple[UndecodedRun, ...]:
    """Return the runs that are counted, the datagrams in ``fragments`` that are not whole, and what
    a thinned capture has ``told`` of the full one, in order of time."""
    if counters[FRAGMENTS] > 0:
        counters = counters.copy()
        waiting = (fragments["key"] != 0) & (fragments["whole"] == 0) & (fragments["pieces"] > 0)
        for slot in np.flatnonzero(waiting[:-1]):
            note_incomplete(fragments[slot], counters)
    return tuple(sorted((*told, *_told(counters)), key=lambda one: (one.first, one.last, one)))


def add_runs(counters: Array, other: Array) -> None:
    """Count in ``counters`` the runs in ``other``."""
    for run in _rows(other):
        key, first, last, packets = (int(run[k]) for k in (KEY, BEGUN, ENDED, COUNTED))
        place = new_run(counters, key, first, last, packets)
        counters[place : place + KEY] = run[:KEY]
        put_new(counters)


def _rows(counters: Array) -> Array:
    count = int(counters[RUN_COUNT])
    rows: Array = counters[RUNS : RUNS + RUN_FIELDS * count].reshape(count, RUN_FIELDS)
    return rows


def _told(counters: Array) -> Iterator[UndecodedRun]:
    for run in _rows(counters):
        source, target = _address(run[:4]), _address(run[4:KEY])
        layer = layer_of(int(run[KEY])).name
        yield UndecodedRun(
            source, target, layer, int(run[BEGUN]), int(run[ENDED]), int(run[COUNTED])
        )


def _address(words: Array) -> str:
    number = 0
    for word in words:
        number = number << 32 | int(word)
    return address_to_text(number) if number else ""


def run_to_comment(run: UndecodedRun) -> str:
    """Return the line for a run."""
    return (
        f"{UNDECODED_RUN}{run.source or _ANY} {run.target or _ANY} from={run.first}"
        f" until={run.last} packets={run.packets} {run.layer}"
    )


def run_from_comment(text: str) -> UndecodedRun | None:
    """Return the run that a comment states, or None for any text that is not such a line."""
    found = _LINE.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None:
        return None
    first, last = int(found["first"]), int(found["last"])
    layer = layer_named(found["layer"])
    if layer is None or not layer.may_hold or not -LATEST <= first <= last <= LATEST:
        return None
    try:
        source, target = (
            "" if one == _ANY else str(ipaddress.ip_address(one))
            for one in (found["source"], found["target"])
        )
    except ValueError:
        return None
    return UndecodedRun(source, target, layer.name, first, last, int(found["packets"]))
