"""TLS logins that were refused because the same attempt then went on in cleartext.

A Director whose Client does not require TLS, and python-bareos without a PSK module, try TLS first
and then dial again in cleartext, up to three times for one login (bareos.md §1.1, §1.2): with an
old File Daemon this is a healthy network.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from auditor.flows.flow import Flow, Transport
from auditor.judge.matching.hello_number import agreed_in_cleartext
from auditor.judge.tables.judged import Judged

#: Between two of these attempts no time is left; so long (ns) covers a slow host.
_AT_ONCE_NS = 10_000_000_000


def refused_before_cleartext(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of refused TLS logins after which the same two hosts agreed in cleartext."""
    accepted: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for one in judged:
        if agreed_in_cleartext(one.flow):
            accepted[_ends(one)].append(one.flow.started)
    for starts in accepted.values():
        starts.sort()
    return frozenset(
        one.id
        for one in judged
        if one.flow.refusal is not None
        and one.flow.hello.transport is Transport.TLS
        and _follows(accepted.get(_ends(one), []), one.flow)
    )


def _ends(one: Judged) -> tuple[object, ...]:
    flow = one.flow
    return one.network, flow.initiator.address, flow.acceptor.address, flow.acceptor.port


def _follows(starts: Sequence[int], refused: Flow) -> bool:
    index = bisect_left(starts, refused.started)
    return index < len(starts) and starts[index] <= refused.last + _AT_ONCE_NS
