"""Which flows are of one network, where one tap sees several that have the same addresses.

Networks (VLANs, tunnels) that one connection passes through are parts of one, and so are those that
the site file says are. Of others each host is its own if hosts of the same address talk in both:
then nothing that is seen in one says anything of the other. Where no address is in both nothing
speaks against one network of several VLANs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from auditor.flows.flow import Flow
from auditor.flows.numbered_twice import BEYOND
from auditor.packets.segments import Array

Told = TypeVar("Told")

#: So many networks are told apart; of all others the hosts are taken for the last one's.
_MOST = 64


def networks_of(
    seen_in: Array, flows: Sequence[Flow], same: Sequence[Sequence[int]] = ()
) -> list[int]:
    """Return which network each of these flows is of, from 1 on in order of first sight; all 0: it
    is one network. ``seen_in``: the numbers of two networks, or of one twice, that each was seen
    in, shape (n, 2), dtype u2; ``same``: those that are one, as the site file says.
    """
    if not len(seen_in) or (seen_in[:, 0] == seen_in[0, 0]).all():
        return [0] * len(flows)
    parts = _parts(seen_in, same)
    if len(set(parts)) < 2:
        return [0] * len(flows)
    hosts, talking = _hosts(parts, flows)
    sizes = Counter(parts)
    # Where somebody talks first: anybody can send something that nobody answers.
    order = sorted(sizes, key=lambda part: (not talking[part], -sizes[part]))
    found: list[_Network] = []
    for part in order:
        one = next((one for one in found if one.may_have(hosts[part], talking[part])), None)
        if one is None:
            one = _Network() if len(found) < _MOST else found[-1]
            if one not in found:
                found.append(one)
        one.add(part, hosts[part], talking[part])
    if len(found) < 2:
        return [0] * len(flows)
    whose = {part: index for index, one in enumerate(found) for part in one.parts}
    ranks: dict[int, int] = {}
    return [ranks.setdefault(whose[part], len(ranks) + 1) for part in parts]


def by_network(networks: Sequence[int]) -> list[list[int]]:
    """Return the places of each network's flows, in order of first sight."""
    found: dict[int, list[int]] = {}
    for place, network in enumerate(networks):
        found.setdefault(network, []).append(place)
    return list(found.values())


def of_each_network(
    flows: Sequence[Flow], say: Callable[[list[Flow]], Sequence[Told]]
) -> list[Told]:
    """Return what ``say`` has to say of each flow, asked of those of each network alone."""
    told: dict[int, Told] = {}
    for places in by_network([flow.network for flow in flows]):
        told.update(zip(places, say([flows[place] for place in places]), strict=True))
    return [told[place] for place in range(len(flows))]


class _Network:
    def __init__(self) -> None:
        self.parts: list[int] = []
        self._hosts: set[str] = set()
        self._talking: set[str] = set()

    def may_have(self, hosts: set[str], talking: set[str]) -> bool:
        """Tell whether no host of a part has the address of another here."""
        if talking:
            return self._talking.isdisjoint(talking)
        return self._hosts.isdisjoint(hosts)

    def add(self, part: int, hosts: set[str], talking: set[str]) -> None:
        """Take in a part."""
        self.parts.append(part)
        self._hosts |= hosts
        self._talking |= talking


def _parts(seen_in: Array, same: Sequence[Sequence[int]]) -> list[int]:
    """Return of each flow a number that is the same of all networks which flows pass through, or
    which are said to be the ``same``."""
    pairs = np.unique(seen_in[:, 0].astype("u4") << 16 | seen_in[:, 1]).tolist()
    leads: dict[int, int] = {}

    def lead(network: int) -> int:
        while leads.setdefault(network, network) != network:
            leads[network] = network = leads[leads[network]]
        return network

    for pair in pairs:
        leads[lead(pair >> 16)] = lead(pair & 0xFFFF)
    for one in same:
        for network in one[1:]:
            leads[lead(network)] = lead(one[0])
    for network in list(leads):
        if network ^ BEYOND in leads:  # its second numbering
            leads[lead(network)] = lead(network ^ BEYOND)
    return [lead(network) for network in seen_in[:, 0].tolist()]


def _hosts(
    parts: Sequence[int], flows: Sequence[Flow]
) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Return the addresses in each part, and those of hosts that talk with each other."""
    hosts: dict[int, set[str]] = {part: set() for part in parts}
    talking: dict[int, set[str]] = {part: set() for part in parts}
    for part, flow in zip(parts, flows, strict=True):
        ends = flow.initiator.address, flow.acceptor.address
        hosts[part].update(ends)
        if flow.initiator.spoke is not None and flow.acceptor.spoke is not None:
            talking[part].update(ends)
    return hosts, talking
