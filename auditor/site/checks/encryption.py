"""TLS that one end switches off and the other does not (bareos.md §3.2, §3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem, Source
from auditor.site.checks.pairs import Pair, pairs
from auditor.site.checks.view import SiteView, problem


def check_encryption(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for every two resources of which one switches TLS off."""
    if any(program.bacula for program in view.config.programs):
        return  # its default is another, and it begins TLS after the hello
    refused: set[frozenset[Source]] = set()
    unwanted: list[Pair] = []
    for pair in pairs(view):
        if pair.doubtful:
            continue
        near, far = pair.near.flag("TlsEnable", True), pair.far.flag("TlsEnable", True)
        if not near and far and not _takes_cleartext(pair):
            refused.add(_lines(pair))
            yield _cleartext_refused(pair)
        # Connection 3 is tried in cleartext too, where TLS is not required (bareos.md §1.2).
        elif near and not far and (pair.numbers != ("3",) or pair.near.flag("TlsRequire", True)):
            unwanted.append(pair)
    yield from (_tls_unwanted(pair) for pair in unwanted if _lines(pair) not in refused)


def _lines(pair: Pair) -> frozenset[Source]:
    return frozenset({pair.near.where("TlsEnable"), pair.far.where("TlsEnable")})


def _takes_cleartext(pair: Pair) -> bool:
    """A Director takes a cleartext hello of a client that need not use TLS; consoles from 18.2 on
    and Directors at a File Daemon are refused all the same (bareos.md §3.2, §3.3)."""
    return pair.numbers == ("4",) and not pair.far.flag("TlsRequire", True)


def _cleartext_refused(pair: Pair) -> Problem:
    off, on = pair.near.where("TlsEnable"), pair.far.where("TlsEnable")
    return problem(
        ProblemKind.TLS_DIFFERS,
        f"{pair.initiator} speaks cleartext to {pair.acceptor}, which wants TLS for "
        f"{pair.far.type} {pair.far.name} ({on}{_default(pair, far=True)})",
        (pair.near, "TlsEnable"),
        pair.initiator,
        others=(on,),
        affects=pair.affects,
        remedy=f"Write TlsEnable = yes at {off}; else TlsEnable = no in {pair.far.type} "
        f"{pair.far.name} at {on}.",
    )


def _tls_unwanted(pair: Pair) -> Problem:
    on, off = pair.near.where("TlsEnable"), pair.far.where("TlsEnable")
    return problem(
        ProblemKind.TLS_OFF_AT_ACCEPTOR,
        f"{pair.acceptor} has TLS switched off for {pair.far.type} {pair.far.name}, but "
        f"{pair.initiator} speaks TLS to it ({on}{_default(pair, far=False)})",
        (pair.far, "TlsEnable"),
        pair.acceptor,
        others=(on,),
        affects=pair.affects,
        remedy=f"Write TlsEnable = yes at {off}; else TlsEnable = no in {pair.near.type} "
        f"{pair.near.name} at {on}.",
    )


def _default(pair: Pair, *, far: bool) -> str:
    resource = pair.far if far else pair.near
    return "" if resource.get("TlsEnable") else ", where yes is the default"
