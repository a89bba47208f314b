"""What a reader must know beside the findings: what this configuration, or these captures, cannot
tell, and what its heartbeats survive. The first screen of every report shows it, and the JSON
report's summary holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from auditor.config.problem_kinds import ProblemKind
from auditor.judge.heartbeat.survival import survival
from auditor.pipeline.basis import made_now
from auditor.pipeline.capture_statements import (
    Tables,
    clock,
    only_counted,
    several_networks,
    translated,
    undecoded,
)
from auditor.pipeline.network import Network
from auditor.site.model import Peer, Role
from auditor.text import printable
from auditor.text.listing import first_of
from auditor.text.times import iso

if TYPE_CHECKING:
    pass

_DAY = 86_400_000_000_000
#: Rules that a sentence names.
_MOST_RULES = 6


def statements(network: Network, tables: Tables) -> Iterator[str]:
    """Yield sentences for people, the weightiest first; each is true of the audit as a whole."""
    for say in _ALL:
        yield from say(network, tables)


def _baseline(network: Network, tables: Tables) -> Iterator[str]:
    """What the verdict is only of."""
    baseline = network.baseline
    if baseline is None:
        return
    now = made_now(network.basis).made or 0
    known = sum(since is not None for since in tables["findings"].values("known_since"))
    found = "1 finding was" if known == 1 else f"{known:,} findings were"
    of = f" {printable(baseline.file)}" if baseline.file else ""
    days = max(0, now - baseline.made) // _DAY
    age = "less than a day" if days < 1 else f"{days:,} day{'s' if days > 1 else ''}"
    yield (
        f"only what is new counts: {found} known already, by the baseline{of} "
        f"of {iso(baseline.made)[:10]} ({age} old)"
    )


def _left_out(network: Network, tables: Tables) -> Iterator[str]:
    """What nobody looked for."""
    del tables
    names = network.basis.left_out
    if names:
        rules = "1 rule was" if len(names) == 1 else f"{len(names):,} rules were"
        yield (
            f"{rules} left out on request, and what they would find is not told: "
            f"{first_of(names, _MOST_RULES)}"
        )


def _without_configuration(network: Network, tables: Tables) -> Iterator[str]:
    if network.site is None and len(tables["flows"]):
        yield (
            "no configuration was given: only ports and hellos say what a connection is, and "
            "nothing says who may dial whom, or with which heartbeat"
        )


def _bacula(network: Network, tables: Tables) -> Iterator[str]:
    """Bacula is told once: by its files, or, where none are given, by its hellos."""
    if network.site is not None:
        kind = ProblemKind.BACULA_SITE
        yield from (one.message for one in network.site.problems if one.kind is kind)
    elif any(tables["flows"].values("bacula")):
        yield (
            "some hellos are Bacula's, not Bareos': Bacula speaks cleartext, or TLS after its "
            "hello, so that no connection of its hosts is expected to begin with TLS"
        )


def _hidden(network: Network, tables: Tables) -> Iterator[str]:
    """Where an include could not be followed, connections may be missing from what is expected."""
    del tables
    if network.site is None:
        return
    hiding = [one.source for one in network.site.problems if one.kind.hides]
    if hiding:
        shown = ", ".join(str(source) for source in hiding[:3])
        yield (
            f"{shown}: what this includes was not read, so connections may be missing from those "
            "that are expected, and no host is called unknown because of that"
        )


def _without_directors(network: Network, tables: Tables) -> Iterator[str]:
    """Only a Director's configuration names all who belong to it."""
    site = network.site
    if site is None or site.directors_known or any(one.kind.hides for one in site.problems):
        return
    if len(tables["flows"]):
        yield (
            f"{site.incomplete}: strangers cannot be judged, and a connection is held to a "
            "daemon's files only where an address or a key tells whose it is"
        )


def _without_daemons(network: Network, tables: Tables) -> Iterator[str]:
    """A daemon's own file sets the heartbeat of what it dials to others than the Director."""
    if network.site is None or not network.site.directors_known or not len(tables["flows"]):
        return
    missing = [
        (row.initiator, f" ({_OWN[row.connection]})")
        for row in network.site.expectations
        if row.heartbeat.seconds is None and row.heartbeat.source is None
        if row.connection in _OWN and not row.initiator.generic
    ]
    if missing:
        yield f"no files of {_of_whom(missing)}: the heartbeats that they set are not known"


def _without_other_ends(network: Network, tables: Tables) -> Iterator[str]:
    """What a configuration alone cannot tell: whether two ends agree of which one is at hand."""
    site = network.site
    if site is None or len(tables["flows"]) or not site.expectations:
        return
    if all(role is not Role.DIRECTOR for role, _ in site.described):
        yield (
            f"{site.incomplete}: whether its names, passwords, addresses and directions agree with "
            "these files could not be looked at"
        )
    if not site.directors_known:  # what an include hides is told already, and leaves names open
        return
    ends = (end for row in site.expectations for end in (row.initiator, row.acceptor))
    missing = [
        (end, "")
        for end in ends
        if end.role in _DAEMONS and not end.generic and (end.role, end.name) not in site.described
    ]
    if missing:
        yield (
            f"no files of {_of_whom(missing)}: whether they agree with the Director's in names, "
            "passwords, TLS and where they listen could not be looked at"
        )


#: Who has files of its own that a Director's are compared with.
_DAEMONS = frozenset({Role.FILE_DAEMON, Role.STORAGE_DAEMON})
#: What a File Daemon, and what a Storage Daemon dials with the heartbeat of its own file.
_OWN = {"4": "4, 6", "6": "4, 6", "7": "7, 8", "8": "7, 8"}
#: More rows than that under one finding are said to be summarised.
_MANY = 16
#: So many names are shown.
_SHOWN = 3


def _of_whom(missing: Iterable[tuple[Peer, str]]) -> str:
    """Return daemons by role and what is said after their names, each once."""
    named: dict[tuple[str, str], dict[str, None]] = {}
    for peer, aside in missing:
        named.setdefault((str(peer.role), aside), {})[printable(peer.name)] = None
    parts = [
        f"{role} {first_of(list(names), _SHOWN)}{aside}" for (role, aside), names in named.items()
    ]
    return " and ".join(parts)


def _summarised(network: Network, tables: Tables) -> Iterator[str]:
    """What stands for many: nobody shall take a row for all there was."""
    del network
    flows, findings = tables["flows"], tables.get("findings")
    attempts = sum(value or 1 for value in flows.values("attempts")) if len(flows) else 0
    if attempts > len(flows):
        yield (
            f"{len(flows):,} rows stand for {attempts:,} connections and attempts: those that are "
            "alike share a row, and `attempts` counts them"
        )
    if findings is None or not len(findings):
        return
    counts = [value or 1 for value in findings.values("count")]
    many = [count for count in counts if count > _MANY]
    if many:
        yield (
            f"{sum(many):,} findings that are alike but for their times or initiators are told as "
            f"{len(many):,}: `count` counts them, `flows` names some"
        )


def _survived(network: Network, tables: Tables) -> Iterator[str]:
    """What the heartbeats of the configuration survive."""
    if network.site is None and network.idle_limits and not len(tables["settings"]):
        yield "the idle limit judges nothing: no configuration and no socket says what is set"
    yield from survival(tables["settings"].rows())


#: Each says one kind of thing, or nothing; add yours in the order of its weight.
_ALL: tuple[Callable[[Network, Tables], Iterator[str]], ...] = (
    _baseline,
    _left_out,
    _without_configuration,
    undecoded,
    clock,
    several_networks,
    _bacula,
    _hidden,
    _without_directors,
    _without_daemons,
    _without_other_ends,
    translated,
    _summarised,
    only_counted,
    _survived,
)
