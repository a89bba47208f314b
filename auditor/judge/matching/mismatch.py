"""When a name on the wire is not the one that the configuration gives its sender."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from auditor.config.resources import Source
from auditor.flows.flow import Flow, Identity
from auditor.judge.matching.agreement import job_name
from auditor.judge.matching.index import Bucket
from auditor.site.connections import connections
from auditor.site.model import Claim, Expectation
from auditor.text import printable
from auditor.text.listing import first_of

#: A target may expect a thousand names, and a daemon have proved its name at a thousand addresses:
#: so many are shown.
_SHOWN_NAMES = 5
#: And so many lines of the configuration are named.
_SHOWN_SOURCES = 8


class NameMismatch(NamedTuple):
    """What is wrong with a name."""

    reason: str
    """In words; empty: nothing is wrong."""
    sources: tuple[Source, ...] = ()
    """The lines of the configuration that have another name."""


NO_MISMATCH = NameMismatch("")


class _Expected(NamedTuple):
    """What the hellos of one type must carry at a target."""

    names: str
    sources: tuple[Source, ...]
    directors: frozenset[str]
    job_sources: tuple[Source, ...]


class NameCheck:
    """Compares names on the wire with those of one site."""

    def __init__(self, jobs: Mapping[str, frozenset[str]]) -> None:
        """``jobs``: the Job names that each Director knows."""
        self._jobs = jobs
        # A scanner may send a thousand names to a target that expects a thousand others.
        self._expected: dict[tuple[Bucket, str], _Expected] = {}

    def of_match(self, flow: Flow, rows: Sequence[Expectation]) -> NameMismatch:
        """Return what is wrong with the names of a flow that was matched with these rows."""
        identity = flow.hello.identity
        if identity is None or connections()[rows[0].connection].identity != identity.type:
            return _in_challenges(flow, rows)
        if identity.type == "R_JOB":
            found = self._unknown_job(identity.name, _expected(rows))
        elif all(any(c.name != identity.name for c in row.claims) for row in rows):
            found = _other_name(identity, _expected(rows, identity.name))
        else:
            found = _other_address(flow, rows)
        return found if found.reason else _in_challenges(flow, rows)

    def of_target(self, flow: Flow, bucket: Bucket | None) -> NameMismatch:
        """Return what is wrong with the name in a hello that no row of its target explains."""
        identity = flow.hello.identity
        if identity is None or bucket is None:
            return NO_MISMATCH
        if named := bucket.named(identity):
            return _other_address(flow, named)
        if not (rows := bucket.typed(identity.type)):
            shown = _shown(identity)
            return NameMismatch(
                f"the hello says {shown}, which nothing that dials this port may say"
            )
        key = (bucket, identity.type)
        if key not in self._expected:
            self._expected[key] = _expected(rows)
        if identity.type == "R_JOB":
            return self._unknown_job(identity.name, self._expected[key])
        return _other_name(identity, self._expected[key])

    def _unknown_job(self, name: str, expected: _Expected) -> NameMismatch:
        """A job that the Director does not have; the planned jobs of the pair are the best places
        to look for it."""
        job = job_name(name)
        for director in expected.directors:
            if director not in self._jobs or job in self._jobs[director]:
                return NO_MISMATCH
        shown = printable(job)
        reason = f"the hello names a job {shown!r} that no Director of the site has"
        return NameMismatch(reason, expected.job_sources)


def _expected(rows: Sequence[Expectation], sent: str | None = None) -> _Expected:
    """Sum up which names rows expect, but for the name that was sent."""
    claims = [claim for row in rows for claim in row.claims if claim.name != sent]
    jobs = dict.fromkeys(job.source for row in rows for job in row.jobs)
    return _Expected(
        *_listed(claims),
        frozenset(row.director for row in rows),
        tuple(jobs)[:_SHOWN_SOURCES],
    )


def _listed(claims: Iterable[Claim]) -> tuple[str, tuple[Source, ...]]:
    """Return the first names, and the first lines that write them."""
    found = list(dict.fromkeys(claims))
    names = sorted({repr(printable(claim.name)) for claim in found})
    sources = dict.fromkeys(claim.source for claim in found if claim.source is not None)
    return first_of(names, _SHOWN_NAMES), tuple(sources)[:_SHOWN_SOURCES]


def _other_address(flow: Flow, rows: Sequence[Expectation]) -> NameMismatch:
    """The name is right; it is a mismatch where its owner is known at other addresses only."""
    if flow.hello.proven or any(
        not row.initiator.located
        or flow.initiator.address in row.initiator.addresses
        or flow.initiator.address == flow.acceptor.address
        for row in rows
    ):
        return NO_MISMATCH
    owner = rows[0].initiator
    places = first_of(sorted(owner.addresses), _SHOWN_NAMES)
    source = (owner.source,) if owner.source is not None else ()
    return NameMismatch(f"the hello names {owner}, which is known at {places} only", source)


def _in_challenges(flow: Flow, rows: Sequence[Expectation]) -> NameMismatch:
    """In cleartext both ends also name themselves in their challenges (bareos.md §3.3): the
    acceptor always, the initiator to some purpose where its hello names only a job."""
    acceptor = flow.hello.acceptor
    if acceptor is not None and acceptor.type:
        found = _own_name("acceptor", acceptor, [row.acceptor_claims for row in rows])
        if found.reason:
            return found
    type_, _, name = (flow.hello.challenge_name or "").partition("::")
    if not name:
        return NO_MISMATCH
    return _own_name("initiator", Identity(type_, name), [row.initiator_claims for row in rows])


def _own_name(end: str, identity: Identity, claims: Sequence[Sequence[Claim]]) -> NameMismatch:
    """Compare an end's own name, where each row's configuration of that end is at hand."""
    known = [claim for group in claims for claim in group]
    if not all(claims) or identity.name in {claim.name for claim in known}:
        return NO_MISMATCH
    names, sources = _listed(known)
    reason = f"the {end} calls itself {_shown(identity)} where the configuration has {names}"
    return NameMismatch(reason, sources)


def _other_name(identity: Identity, expected: _Expected) -> NameMismatch:
    reason = f"the hello says {_shown(identity)} where the configuration has {expected.names}"
    return NameMismatch(reason, expected.sources)


def _shown(identity: Identity) -> str:
    return f"{printable(identity.type)} {printable(identity.name)!r}".strip()
