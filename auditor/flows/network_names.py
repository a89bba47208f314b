"""The words for networks that flows were seen in, while the frames of these are at hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from auditor.flows.numbered_twice import BEYOND
from auditor.packets.named_networks import UNNAMED
from auditor.packets.network_words import network_number, network_words
from auditor.packets.segments import Array

#: Names that are kept, and octets of a frame that are read for one.
_MOST, _OCTETS = 4096, 256
#: Numbers of VLANs; see ``packets.layers.within``.
_VLANS = 0x1000


class NetworkNames:
    """Learns what the numbers of networks stand for."""

    def __init__(self, same: Iterable[Iterable[str]] = ()) -> None:
        """Take which networks are one, in words."""
        numbers = (map(network_number, one) for one in same)
        self.same = tuple(tuple(n for n in one if n is not None) for one in numbers)
        """Which are one, in numbers."""
        self._words: dict[int, str] = {0: network_words(b"", 0)}

    def known_of(self, state: np.void) -> tuple[int, int]:
        """Return how much there is to learn from; ``state`` has the columns of STATE_CORE."""
        return int(state["flow_count"]), int(state["aliased"])

    def learn(
        self, before: tuple[int, int], state: np.void, flows: Array, segments: Array, buffer: Array
    ) -> None:
        """Take in which networks are new since ``before``: their flows, or such as passed into
        them, began with some of ``segments``."""
        count, aliased = self.known_of(state)
        new = set(flows["network"][before[0] : count].tolist())
        if aliased != before[1]:
            new.update(np.unique(segments["network"]).tolist())
        for number in new.difference(self._words):
            (places,) = np.nonzero(segments["network"] == number)
            if len(places) and len(self._words) < _MOST:
                begin = int(segments["frame"][places[0]])
                self._words[number] = _words(buffer[begin : begin + _OCTETS].tobytes(), number)

    def of(self, *numbers: int) -> tuple[str, ...]:
        """Return the words for networks, each once."""
        unlike = dict.fromkeys(numbers)
        return tuple(self._words.get(number) or _unnamed(number) for number in unlike)


def _words(frame: bytes, number: int) -> str:
    words, other = (network_words(frame, one) for one in (number, number ^ BEYOND))
    return other if words.startswith(UNNAMED) and not other.startswith(UNNAMED) else words


def _unnamed(number: int) -> str:
    return f"VLAN {number}" if number < _VLANS else network_words(b"", number)
