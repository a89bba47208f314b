"""When a name that was said on the wire is not the one that the configuration gives its sender."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.config.model import Source
from auditor.config.site.model import Claim, Expectation
from auditor.flows.model import Flow, Identity
from auditor.judge.index import Bucket
from auditor.judge.witnesses import job_name
from auditor.rulebook import connections
from auditor.text import printable

Wrong = tuple[str, tuple[Source, ...]]
"""What is wrong, in words (empty: nothing), and the lines that say otherwise."""

_NOTHING: Wrong = ("", ())

#: A target may expect a thousand names: so many are shown.
_SHOWN = 5
#: And so many lines are named.
_MOST_SOURCES = 8


class Mismatches:
    """Compares names on the wire with those of one site."""

    def __init__(self, jobs: Mapping[str, frozenset[str]]) -> None:
        """``jobs``: the Job names that each Director knows."""
        self._jobs = jobs

    def of_match(self, flow: Flow, rows: Sequence[Expectation]) -> Wrong:
        """Return what is wrong with the names of a flow that was matched with these rows."""
        found = self._initiator(flow, rows) if flow.hello.identity is not None else _NOTHING
        return found if found[0] else _challenges(flow, rows)

    def of_target(self, flow: Flow, bucket: Bucket | None) -> Wrong:
        """Return what is wrong with the name in a hello that no row of its target explains."""
        identity = flow.hello.identity
        if identity is None or bucket is None:
            return _NOTHING
        rows = bucket.speaking(identity)
        return self._initiator(flow, rows) if rows else (_unheard_of(identity), ())

    def _initiator(self, flow: Flow, rows: Sequence[Expectation]) -> Wrong:
        identity = flow.hello.identity
        assert identity is not None
        fitting = [row for row in rows if connections()[row.connection].identity == identity.type]
        if not fitting:
            return _unheard_of(identity), ()
        if identity.type == "R_JOB":
            return self._unknown_job(identity.name, fitting)
        wrong = [[claim for claim in row.claims if claim.name != identity.name] for row in fitting]
        if not all(wrong):
            return _elsewhere(flow, fitting)
        return _other_name("the hello says", identity, (c for row in wrong for c in row))

    def _unknown_job(self, name: str, rows: Sequence[Expectation]) -> Wrong:
        """A job that the Director does not have; the planned jobs of the pair are the best places
        to look for it."""
        job = job_name(name)
        for director in {row.director for row in rows}:
            if director not in self._jobs or job in self._jobs[director]:
                return _NOTHING
        planned = dict.fromkeys(source for row in rows for source in row.job_sources)
        shown = printable(job)
        message = f"the hello names a job {shown!r} that no Director of the site has"
        return message, tuple(planned)[:_MOST_SOURCES]


def _unheard_of(identity: Identity) -> str:
    return f"the hello says {_spelt(identity)}, which nothing that dials this port may say"


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
        claims = [row.acceptor_claims for row in rows]
        if all(claims) and acceptor.name not in {c.name for group in claims for c in group}:
            said = "the acceptor calls itself"
            return _other_name(said, acceptor, (c for group in claims for c in group))
    type_, _, name = (flow.hello.challenge_name or "").partition("::")
    claims = [row.initiator_claims for row in rows]
    if name and all(claims) and name not in {c.name for group in claims for c in group}:
        said = "the initiator calls itself"
        return _other_name(said, Identity(type_, name), (c for group in claims for c in group))
    return _NOTHING


def _other_name(said: str, identity: Identity, claims: Iterable[Claim]) -> Wrong:
    found = list(dict.fromkeys(claims))
    names = sorted({repr(printable(claim.name)) for claim in found})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = ", ".join(names[:_SHOWN]) + more
    sources = dict.fromkeys(c.source for c in found if c.source is not None)
    message = f"{said} {_spelt(identity)} where the configuration has {shown}"
    return message, tuple(sources)[:_MOST_SOURCES]


def _spelt(identity: Identity) -> str:
    return f"{printable(identity.type)} {printable(identity.name)!r}".strip()
