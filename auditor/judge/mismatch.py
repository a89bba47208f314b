"""When the name in a hello is not the one that the configuration gives its sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.config.model import Source
from auditor.config.site.model import Expectation
from auditor.flows.model import Flow
from auditor.judge.witnesses import job_name
from auditor.rulebook import connections
from auditor.text import printable

Wrong = tuple[str, tuple[Source, ...]]
"""What is wrong, in words (empty: nothing), and the lines that say otherwise."""


def mismatch_of(
    flow: Flow, rows: Sequence[Expectation], jobs: Mapping[str, frozenset[str]]
) -> Wrong:
    """Return what is wrong with a flow's identity.

    ``rows`` are the expectations that the flow was matched with, or, where it has no number,
    all that its target may expect; ``jobs`` the Job names each Director knows.
    """
    identity = flow.hello.identity
    if identity is None or not rows:
        return "", ()
    said = f"{identity.type} {printable(identity.name)!r}"
    fitting = [row for row in rows if connections()[row.connection].identity == identity.type]
    if not fitting:
        return f"the hello says {said}, which nothing that dials this port may say", ()
    if identity.type == "R_JOB":
        return _unknown_job(identity.name, fitting, jobs)
    wrong = [[claim for claim in row.claims if claim.name != identity.name] for row in fitting]
    if not all(wrong):
        return _elsewhere(flow, fitting)
    claims = list(dict.fromkeys(claim for row in wrong for claim in row))
    names = ", ".join(sorted({repr(printable(claim.name)) for claim in claims}))
    sources = tuple(dict.fromkeys(c.source for c in claims if c.source is not None))
    return f"the hello says {said} where the configuration has {names}", sources


def _unknown_job(
    name: str, rows: Sequence[Expectation], jobs: Mapping[str, frozenset[str]]
) -> Wrong:
    """A job that the Director does not have; the planned jobs of the pair are the best places
    to look for it."""
    directors = {row.director for row in rows}
    if any(jobs.get(d) is None or job_name(name) in jobs[d] for d in directors):
        return "", ()
    sources = tuple(dict.fromkeys(source for row in rows for source in row.job_sources))
    shown = printable(job_name(name))
    return f"the hello names a job {shown!r} that no Director of the site has", sources[:8]


def _elsewhere(flow: Flow, rows: Sequence[Expectation]) -> Wrong:
    """The name is right; say so when its owner is known to live at other addresses only."""
    if flow.hello.proven or any(
        not row.initiator.located
        or flow.initiator.address in row.initiator.addresses
        or flow.initiator.address == flow.acceptor.address
        for row in rows
    ):
        return "", ()
    owner = rows[0].initiator
    places = ", ".join(sorted(owner.addresses))
    source = (owner.source,) if owner.source is not None else ()
    return f"the hello names {owner}, which is known at {places} only", source
