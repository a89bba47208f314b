"""Every part of a recording's configuration, and what an audit with a part says that is not so.

The recording's packets are read once; each part is then another configuration of the same flows.
``tests/judge/test_parts.py`` holds them to it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from mutation import COUNTED
from paths import CAPTURES

import auditor
from auditor.errors import BareosAuditError
from auditor.pipeline.build_audit import build_audit
from auditor.pipeline.track_capture import TrackedCapture, track_capture
from auditor.site.model import Site


class Tap(NamedTuple):
    """One capture of a recording."""

    recording: str
    capture: str

    @property
    def folder(self) -> Path:
        """The folder of the recording, which holds ``config``."""
        return CAPTURES / self.recording

    @property
    def config(self) -> Path:
        """All of its configuration."""
        return self.folder / "config"


#: Every capture whose connections are known, and those made on one of the hosts meanwhile.
SWITCHES = tuple(
    Tap(path.relative_to(CAPTURES).parts[0], "/".join((*path.relative_to(CAPTURES).parts[1:-1],
    "capture.pcap"))) for path in sorted(CAPTURES.rglob("truth.csv"))
)  # fmt: skip
HOSTS = tuple(Tap(path.parent.name, path.name) for path in sorted(CAPTURES.glob("*/live-*.pcapng")))

#: Numbers that nothing on the wire tells apart: they may be mistaken for each other as a guess.
ALIKE = tuple(map(frozenset, (("1", "9"), ("3", "10"), ("5a", "11"), ("5a", "5b"))))

#: What the Directors of the recordings call daemons that call themselves otherwise.
SAME = {
    "store1": "sd1",
    "store1b": "sd1",
    "store2": "sd2",
    "FD_LAN": "fdl",
    "FD_WAN": "fdw",
    "SD_LAN": "sdl",
    "SD_WAN": "sdw",
}

#: What identifies a flow or, for a finding about none, an expectation.
Key = tuple[Any, ...]
Row = Mapping[str, Any]


class Offence(NamedTuple):
    """One thing that an audit with a part of the configuration says, and that is not so."""

    kind: str
    """``number``; ``sure`` (one that may be mistaken, but is no guess); ``name``; ``guessed`` (a
    name that only a guess gives); ``fail``; ``interval``; ``pass``; ``lost`` (a true finding that a
    smaller part has)."""
    tap: Tap
    part: str
    what: str


class Part(NamedTuple):
    """A part of a recording's configuration."""

    name: str
    paths: tuple[Path, ...]

    def holds(self, other: Part) -> bool:
        """Tell whether all of another part belongs to this one."""
        return all(any(p.is_relative_to(mine) for mine in self.paths) for p in other.paths)


class Judged(NamedTuple):
    """An audit with a part."""

    part: Part
    audit: auditor.Audit
    site: Site


def trees(tap: Tap) -> Iterator[Part]:
    """Yield each host's tree alone, each pair, and all but one. At a host that recorded itself,
    each of them holds its own tree: that of another would be taken for its."""
    hosts = sorted(path for path in tap.config.iterdir() if path.is_dir())
    here = tap.config / tap.capture.split("-")[1] if tap in HOSTS else None
    for count in sorted({1, 2, len(hosts) - 1}):
        for chosen in combinations(hosts, count):
            if here is None or here in chosen:
                yield Part("+".join(host.name for host in chosen), chosen)


def files(tap: Tap) -> Iterator[Part]:
    """Yield every single file, at a host that recorded itself those that are its own."""
    here = tap.capture.split("-")[1] if tap in HOSTS else ""
    for file in sorted((tap.config / here).rglob("*.conf")):
        yield Part(str(file.relative_to(tap.config)), (file,))


@cache
def tracked(tap: Tap, ports: frozenset[int]) -> TrackedCapture:
    """Return the flows of a capture, read once for each set of ports."""
    return track_capture(str(tap.folder / tap.capture), ports)


def judge(tap: Tap, part: Part) -> Judged | None:
    """Return the audit of a capture with a part of its configuration; None: it is none."""
    hosts = tap.config / "hosts"
    try:
        network = auditor.load_network(
            config=part.paths, resolve=False, hosts=hosts if hosts.exists() else None
        )
    except BareosAuditError:
        return None
    audit = build_audit([tracked(tap, frozenset(network.ports))], network)
    assert network.site is not None
    return Judged(part, audit, network.site)


@cache
def whole(tap: Tap) -> Judged:
    """Return the audit of a capture with all of its configuration."""
    judged = judge(tap, Part("all", (tap.config,)))
    assert judged is not None
    return judged


@cache
def truth(tap: Tap) -> Mapping[Key, str]:
    """Return the number of each connection that is known to be true; ``none`` where it has none."""
    path = (tap.folder / tap.capture).with_name("truth.csv")
    with path.open(newline="") as file:
        return {ends(row): row["connection"] for row in csv.DictReader(file)}


def ends(row: Row) -> Key:
    """Return what identifies a flow."""
    names = ("initiator_address", "initiator_port", "acceptor_address", "acceptor_port")
    return tuple(str(row[name]) for name in names)


def offences(tap: Tap, parts: Iterable[Part]) -> list[Offence]:
    """Return what the audits with these parts say that is not so."""
    judged = [one for part in parts if (one := judge(tap, part)) is not None]
    found = [
        Offence(kind, tap, one.part.name, what)
        for one in judged
        for kind, what in (*_about_flows(tap, one), *_false_fails(tap, one))
    ]
    return found + [Offence("lost", tap, *lost) for lost in _lost(tap, judged)]


def kept(tap: Tap, part: Part) -> int:
    """Return how many right numbers an audit with a part gives."""
    judged = judge(tap, part)
    rows = judged.audit.tables["flows"].rows() if judged is not None else []
    return sum(row["connection"] == truth(tap).get(ends(row)) for row in rows)


def _about_flows(tap: Tap, one: Judged) -> Iterator[tuple[str, str]]:
    full = {ends(row): row for row in whole(tap).audit.tables["flows"].rows()}
    placed = _placed(one) if tap not in HOSTS else None
    for row in one.audit.tables["flows"].rows():
        right = full.get(ends(row))
        if right is None:
            continue
        number = truth(tap).get(ends(row), right["connection"] or "none")
        shown = f"{' '.join(ends(row))} is {number}, called {row['connection'] or 'none'}"
        for kind, what in (*_number(row, number), *_names(row, right, placed), *_beat(row, right)):
            yield kind, f"{shown} ({row['confidence']}){what}"


def _placed(one: Judged) -> set[tuple[str, str]]:
    """Return who is surely at which address: as the part of the configuration has it, or by a key
    that an acceptor took."""
    placed = {(str(peer), address) for peer in one.site.peers for address in peer.addresses}
    rows = one.audit.tables["flows"].rows()
    proven = (row for row in rows if row["identity_proven"])
    return placed | {(row["initiator_daemon"], row["initiator_address"]) for row in proven}


def _number(row: Row, number: str) -> Iterator[tuple[str, str]]:
    said = row["connection"]
    if not said or said == number:
        return
    if frozenset({said, number}) not in ALIKE:
        yield "number", ""
    elif row["confidence"] != "guess":
        yield "sure", ""


def _names(row: Row, right: Row, placed: set[tuple[str, str]] | None) -> Iterator[tuple[str, str]]:
    """``placed``: None where the recording itself says which addresses are its host's."""
    for end in ("initiator", "acceptor"):
        name, address = row[f"{end}_daemon"], row[f"{end}_address"]
        if name == address or name.startswith("any "):
            continue
        if _plain(name) != _plain(right[f"{end}_daemon"]):
            yield "name", f": its {end} is {right[f'{end}_daemon']}, called {name}"
        guessed = row["connection"] and row["confidence"] == "guess"
        if guessed and placed is not None and (name, address) not in placed:
            yield "guessed", f": its {end} is called {name}"


def _plain(name: str) -> str:
    role, _, own = name.rpartition(" ")
    return f"{role} {SAME.get(own, own)}"


def _beat(row: Row, right: Row) -> Iterator[tuple[str, str]]:
    said, true = row["heartbeat_expected_s"], right["heartbeat_expected_s"]
    if said is not None and true is not None and said != true:
        yield "interval", f": {said} s is expected where {true} s is right"
    if row["heartbeat_verdict"] == "pass" and right["heartbeat_verdict"] != "pass":
        yield "pass", ": its heartbeat passes"


def _fails(audit: auditor.Audit) -> dict[Key, str]:
    """Return the findings that count, by rule and flow, with their messages."""
    ids = {row["id"]: ends(row) for row in audit.tables["flows"].rows()}
    return {
        (row["rule"], ids.get(flow, row["expectation"])): row["message"]
        for row in audit.tables["findings"].rows()
        if row["verdict"] == "fail" and row["severity"] in COUNTED
        for flow in row["flows"] or [""]
    }


def _false_fails(tap: Tap, one: Judged) -> Iterator[tuple[str, str]]:
    known = _fails(whole(tap).audit)
    for key, message in _fails(one.audit).items():
        if key not in known:
            yield "fail", f"{key[0]}: {message}"


def _lost(tap: Tap, judged: list[Judged]) -> Iterator[tuple[str, str]]:
    true = _fails(whole(tap).audit).keys()
    found = [(one.part, _fails(one.audit).keys() & true) for one in judged]
    for smaller, has in found:
        for larger, kept_ in found if has else ():
            if larger.holds(smaller) and not has <= kept_ and not _is_ambiguous(tap, larger):
                yield larger.name, f"{sorted(map(str, has - kept_))} of {smaller.name}"


def _is_ambiguous(tap: Tap, part: Part) -> bool:
    """Tell whether a host recorded itself, and this part has the files of two such hosts without
    those of the Director: nothing tells which of them it is."""
    hosts = {path.relative_to(tap.config).parts[0] for path in part.paths if path != tap.config}
    kinds = [host.rstrip("0123456789") for host in hosts]
    return tap in HOSTS and bool(hosts) and "dir" not in hosts and len(set(kinds)) < len(kinds)
