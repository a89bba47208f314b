"""Flows → connection numbers: every step, in order. ``docs/classification.md`` is made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from auditor.flows.flow import Flow
from auditor.judge.matching.classifier import Classifier
from auditor.judge.matching.copies import doubt_5a, mark_5b
from auditor.judge.matching.correlation import resolve_6_or_8
from auditor.judge.matching.decision import flow_facts
from auditor.judge.matching.homes import Homes, with_homes
from auditor.judge.matching.learned import learned_addresses, with_addresses
from auditor.judge.matching.left_out import with_neighbours
from auditor.judge.matching.loopback import resolve_on_loopback
from auditor.judge.matching.match import Match
from auditor.judge.matching.port_classifier import PortClassifier
from auditor.judge.verdicts import Confidence
from auditor.site.model import Role, Site


class Step(NamedTuple):
    """One step of the classification, for a reader."""

    name: str
    rule: str
    source: str
    """Where the fact comes from: a section of ``docs/bareos.md``; empty: our own rule."""
    code: str
    """Module and name of what does it, in this package."""


STEPS: tuple[Step, ...] = (
    Step(
        "candidates",
        "The expectations to compare a flow with are those whose acceptor has the address and "
        "port dialled (target `match`), and those on that port whose acceptor has no known "
        "address (target `none`). Where no expectation has that address and port, and no daemon "
        "of the site is known at that address or it is a loopback address, the expectations on "
        "that port from the initiator's configured address are compared too (target `mismatch`). "
        "A 5b is never a candidate, because alone it looks like a 5a.",
        "§0, §3.5",
        "candidates.CandidateSearch",
    ),
    Step(
        "decision",
        "The table says for each candidate whether the flow can be it, and how sure that is.",
        "§3, §9.1",
        "decision.TABLE",
    ),
    Step(
        "preference",
        "Of all candidates that the table lets pass, the best remain: the first preference "
        "decides, and each further one only where all before it are equal.",
        "",
        "decision.PREFERENCES",
    ),
    Step(
        "several numbers",
        "If candidates of different numbers remain, the flow has no number yet: it is ambiguous, "
        "and its report names them all.",
        "§3.5",
        "classifier.Classifier",
    ),
    Step(
        "anybody",
        "If the best candidate is a console's or tray monitor's, and neither name nor address is "
        "evidence for it, the flow has no number: consoles dial from anywhere, and so may a "
        "stranger.",
        "§1.1, §1.8",
        "classifier.Classifier",
    ),
    Step(
        "a part of the configuration",
        "Where the whole configuration of a Director is missing, another daemon may be at any "
        "address. Then a number rests on candidates only if the acceptor is at a known address, "
        "and the initiator is too or names itself; else it is what the hello alone leaves, if "
        "the acceptor took its key or the initiator is at its own address: R_CLIENT 4, "
        "R_CONSOLE 1, 2 or 9, R_DIRECTOR 3 or 10 at a File Daemon's and 5a or 11 at a Storage "
        "Daemon's port, R_JOB 7 at a File Daemon's, and 6 or 8 at a Storage Daemon's. The same "
        "holds for an acceptor that is known, but whose own configuration is not at hand.",
        "§3.5, §9.1",
        "hello_number.HelloReader",
    ),
    Step(
        "names",
        "An end has a daemon's name only where its address, a key that the acceptor took, a "
        "challenge in cleartext or the whole configuration leaves no other. A flow of which an "
        "end has no name is held to no daemon's configuration, unless that is whole.",
        "",
        "naming.Naming",
    ),
    Step(
        "uncertain acceptor",
        "If the acceptor has no known address, and several hosts accept on its port that no "
        "expectation has, the number is a guess and names are not compared: the daemon may be any "
        "of these hosts.",
        "",
        "classifier.Classifier",
    ),
    Step(
        "further addresses",
        "A Director or File Daemon that proved its name from an address that the configuration "
        "does not have, with no router before the tap, is known at that address too, unless the "
        "host there was seen to talk with that daemon, and all flows take the steps above once "
        "more.",
        "§9.10",
        "learned.learned_addresses",
    ),
    Step(
        "second pass",
        "Initiators that are certain by now and were let in are known at their address from then "
        "on. Flows without a number from these addresses take the steps above once more. So the "
        "flows of a tray monitor that began before the capture are known by its later ones. At a "
        "Director, what has no hello stays any of the numbers that the site has for consoles: "
        "default and named ones run on one host.",
        "§1.1",
        "classifier.Classifier",
    ),
    Step(
        "6 or 8",
        "A flow that may be 6 or 8, as from a host that is File Daemon and Storage Daemon at "
        "once, is a 6 if a 3 or 4 of that client or host was open when it began, and an 8 if a 5a "
        "to that storage or host was; likely. If both or neither were, it stays ambiguous.",
        "§3.5",
        "correlation.resolve_6_or_8",
    ),
    Step(
        "5b",
        "For every 8, in order of time, a 5a to the same acceptor that was open when it began is a "
        "5b. Of several it is the one that most closely followed a 5a to the initiator of the 8, "
        "else the youngest; each belongs to one 8 only.",
        "§1.4, §3.5",
        "copies.mark_5b",
    ),
    Step(
        "5a or 5b",
        "A 5a that began while its Director had another to a Storage Daemon open is a guess where "
        "the capture cannot show the 8 that would make it a 5b: no third host was seen to speak "
        "with the acceptor, or a flow between 6 and 8 began meanwhile. So is one of "
        "several that are older than the capture, and one that began in its last 10 s beside "
        "another and is still open, if no 6 or 7 of that Storage Daemon was open since. Without "
        "a Copy or Migrate job between two daemons there is no 8.",
        "§1.4, §4.1",
        "copies.doubt_5a",
    ),
    Step(
        "another daemon's port",
        "A flow whose hello has the right name, and that dials what the configuration says, but "
        "where a daemon of another kind listens and the one that is meant does not, has no number.",
        "§0",
        "targets.Targets",
    ),
    Step(
        "no number",
        "That a flow has no number is certain, unless only the port numbers tell who dialled, or "
        "candidates remain: then it is a guess.",
        "§9.3",
        "classification.classify",
    ),
    Step(
        "a name that was left out",
        "A flow of a thinned capture whose hello had a name that was not kept has no number at "
        "last: the name may tell another than its addresses. A flow that only such a number, or "
        "its lack, makes a 6, 8 or 5b has none either.",
        "",
        "left_out.with_neighbours",
    ),
    Step(
        "loopback",
        "An undecided flow over loopback is that of a daemon on the host that recorded it, whose "
        "address takes part in every other flow of the capture: a 6 where that client's 3 or 4 "
        "was open, else what only one daemon there dials. A refused one is that of whom alone the "
        "configuration tells to dial a loopback address there. The number is `likely`.",
        "§4.1, §7",
        "loopback.resolve_on_loopback",
    ),
    Step(
        "known process",
        "Of the recording host's own sockets the process is known, in `sockets` and in a recording "
        "that was made there. Only expectations of such a program at that end are candidates then, "
        "and where the initiator's is known a guess becomes likely.",
        "",
        "classifier.Classifier",
    ),
    Step(
        "recording host",
        "The recording host's addresses are those of its daemons: of one that is known at any of "
        "them, and of the only one of its kind that may be there, if its own configuration is at "
        "hand and such a program runs there. If the configuration was read elsewhere and daemons "
        "may be missing from it, that may be another host's: then it gives no name, a number is at "
        "most likely, and only the heartbeat of what the program dialled is held to it.",
        "",
        "own_host.at_host",
    ),
)


def classify(
    flows: Sequence[Flow],
    site: Site | None,
    ports: Mapping[int, Role],
    against: Classifier | None = None,
) -> list[Match]:
    """Return the connection number of each flow of one capture and what led to it, in order.

    ``site``: None where no configuration was given; then ``ports``, acceptor roles by listening
    port, and the hellos have to do. ``against`` is what was made of ``site`` before.
    """
    if site is None:
        matches = PortClassifier(ports).classify(flows)
        return _final(flows, matches, lambda some: mark_5b(flows, some, ()), None)
    known = site
    against = against or Classifier(site, ports)
    matches, homes = against.classify(flows), Homes(against.homes, flows)
    learned = learned_addresses(flows, matches, homes)
    if learned:
        known = with_addresses(site, learned)
        matches = Classifier(known, ports).classify(flows)

    def resolve(some: Sequence[Match]) -> list[Match]:
        some = resolve_6_or_8(flows, some)
        some = resolve_on_loopback(flows, some)
        some = mark_5b(flows, some, known.expectations)
        return with_homes(flows, some, homes)

    return _final(flows, matches, resolve, known)


def _final(
    flows: Sequence[Flow],
    matches: Sequence[Match],
    resolve: Callable[[Sequence[Match]], list[Match]],
    site: Site | None,
) -> list[Match]:
    """Return the matches with what flows tell of each other, and their last confidence."""
    matches = with_neighbours(flows, matches, lambda some: doubt_5a(flows, resolve(some), site))
    return list(map(_confident, flows, matches))


def _confident(flow: Flow, match: Match) -> Match:
    """Return the match with its last confidence: that of having no number."""
    confidence = match.confidence
    if match.connection is None:
        doubtful = flow_facts(flow).direction_guessed or match.possible
        confidence = Confidence.GUESS if doubtful else Confidence.CERTAIN
    return match if confidence is match.confidence else replace(match, confidence=confidence)
