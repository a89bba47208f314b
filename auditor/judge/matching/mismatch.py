"""When a name that was said on the wire is not the one that the configuration gives its sender."""

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

Wrong = tuple[str, tuple[Source, ...]]
"""What is wrong, in words (empty: nothing), and the lines that say otherwise."""

_NOTHING: Wrong = ("", ())

#: A target may expect a thousand names: so many are shown.
_SHOWN = 5
#: And so many lines are named.
_MOST_SOURCES = 8


class _Expected(NamedTuple):
    """What a target expects to hear in hellos of one type."""

    names: str
    sources: tuple[Source, ...]
    directors: frozenset[str]
    job_sources: tuple[Source, ...]


class Mismatches:
    """Compares names on the wire with those of one site."""

    def __init__(self, jobs: Mapping[str, frozenset[str]]) -> None:
        """``jobs``: the Job names that each Director knows."""
        self._jobs = jobs
        # A scanner may say a thousand names to a target that expects a thousand others.
        self._known: dict[tuple[Bucket, str], _Expected] = {}

    def of_match(self, flow: Flow, rows: Sequence[Expectation]) -> Wrong:
        """Return what is wrong with the names of a flow that was matched with these rows."""
        identity = flow.hello.identity
        if identity is None or connections()[rows[0].connection].identity != identity.type:
            return _challenges(flow, rows)
        if identity.type == "R_JOB":
            found = self._unknown_job(identity.name, _expected(rows))
        elif all(any(c.name != identity.name for c in row.claims) for row in rows):
            found = _other_name(identity, _expected(rows, identity.name))
        else:
            found = _elsewhere(flow, rows)
        return found if found[0] else _challenges(flow, rows)

    def of_target(self, flow: Flow, bucket: Bucket | None) -> Wrong:
        """Return what is wrong with the name in a hello that no row of its target explains."""
        identity = flow.hello.identity
        if identity is None or bucket is None:
            return _NOTHING
        if named := bucket.named(identity):
            return _elsewhere(flow, named)
        if not (rows := bucket.typed(identity.type)):
            return (
                f"the hello says {_spelt(identity)}, which nothing that dials this port may say",
                (),
            )
        key = (bucket, identity.type)
        if key not in self._known:
            self._known[key] = _expected(rows)
        if identity.type == "R_JOB":
            return self._unknown_job(identity.name, self._known[key])
        return _other_name(identity, self._known[key])

    def _unknown_job(self, name: str, expected: _Expected) -> Wrong:
        """A job that the Director does not have; the planned jobs of the pair are the best places
        to look for it."""
        job = job_name(name)
        for director in expected.directors:
            if director not in self._jobs or job in self._jobs[director]:
                return _NOTHING
        shown = printable(job)
        message = f"the hello names a job {shown!r} that no Director of the site has"
        return message, expected.job_sources


def _expected(rows: Sequence[Expectation], said: str | None = None) -> _Expected:
    """Sum up what rows expect to hear, but for the name that was said."""
    claims = [claim for row in rows for claim in row.claims if claim.name != said]
    jobs = dict.fromkeys(job.source for row in rows for job in row.jobs)
    return _Expected(
        *_listed(claims),
        frozenset(row.director for row in rows),
        tuple(jobs)[:_MOST_SOURCES],
    )


def _listed(claims: Iterable[Claim]) -> tuple[str, tuple[Source, ...]]:
    """Return the first names, and the first lines that write them."""
    found = list(dict.fromkeys(claims))
    names = sorted({repr(printable(claim.name)) for claim in found})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    sources = dict.fromkeys(claim.source for claim in found if claim.source is not None)
    return ", ".join(names[:_SHOWN]) + more, tuple(sources)[:_MOST_SOURCES]


def _elsewhere(flow: Flow, rows: Sequence[Expectation]) -> Wrong:
    """The name is right; say so when its owner is known to live at other addresses only."""
    if flow.hello.proven or any(
        not row.initiator.located
        or flow.initiator.address in row.initiator.addresses
        or flow.initiator.address == flow.acceptor.address
        for row in rows
    ):
        return _NOTHING
    owner = rows[0].initiator
    places = ", ".join(sorted(owner.addresses))
    source = (owner.source,) if owner.source is not None else ()
    return f"the hello names {owner}, which is known at {places} only", source


def _challenges(flow: Flow, rows: Sequence[Expectation]) -> Wrong:
    """In cleartext both ends also name themselves in their challenges (bareos.md §3.3): the
    acceptor always, the initiator to some purpose where its hello names only a job."""
    acceptor = flow.hello.acceptor
    if acceptor is not None and acceptor.type:
        found = _other_end("acceptor", acceptor, [row.acceptor_claims for row in rows])
        if found[0]:
            return found
    type_, _, name = (flow.hello.challenge_name or "").partition("::")
    if not name:
        return _NOTHING
    return _other_end("initiator", Identity(type_, name), [row.initiator_claims for row in rows])


def _other_end(end: str, identity: Identity, claims: Sequence[Sequence[Claim]]) -> Wrong:
    """Compare an end's own name, where each row's configuration of that end is at hand."""
    known = [claim for group in claims for claim in group]
    if not all(claims) or identity.name in {claim.name for claim in known}:
        return _NOTHING
    names, sources = _listed(known)
    return f"the {end} calls itself {_spelt(identity)} where the configuration has {names}", sources


def _other_name(identity: Identity, expected: _Expected) -> Wrong:
    message = f"the hello says {_spelt(identity)} where the configuration has {expected.names}"
    return message, expected.sources


def _spelt(identity: Identity) -> str:
    return f"{printable(identity.type)} {printable(identity.name)!r}".strip()
