"""Wrong checksums count only where right ones were seen of the same side."""

from __future__ import annotations

from typing import Any

import pytest
from records import row
from tape import Endpoint, Tape

from auditor.flows.checksums import has_wrong_checksum, learn_checksum
from auditor.flows.tables import SIDE
from auditor.flows.tcp_state import CHECKSUM_SEEN

ENDS = {
    "IPv4": (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    "IPv6": (Endpoint("2001:db8::31", 49999), Endpoint("2001:db8::20", 9102)),
}


@pytest.fixture(params=ENDS)
def sent(request: pytest.FixtureRequest) -> Any:
    """SYN, then data, of one side, and the bytes that they are in."""
    fd, sd = ENDS[request.param]
    batch = Tape().syn(fd, sd).send(fd, b"hello").batch()
    return batch.segments, batch.buffer.copy()


def broken(segment: Any, buffer: Any) -> None:
    buffer[int(segment["payload"]) - int(segment["header"]) + 16] ^= 0x5A


@pytest.mark.parametrize("wrong", [True, False])
def test_where_the_syn_is_right_a_wrong_one_is_wrong(sent: Any, *, wrong: bool) -> None:
    (syn, data), buffer = sent
    side = row(SIDE)
    learn_checksum(side, syn, buffer)
    assert side["bits"] & CHECKSUM_SEEN
    if wrong:
        broken(data, buffer)
    assert has_wrong_checksum(side, data, buffer) == wrong


def test_where_the_syn_is_wrong_nothing_is(sent: Any) -> None:
    (syn, data), buffer = sent
    broken(syn, buffer)
    broken(data, buffer)
    side = row(SIDE)
    learn_checksum(side, syn, buffer)
    assert not has_wrong_checksum(side, data, buffer)


def test_without_a_syn_the_first_segment_tells(sent: Any) -> None:
    (_, data), buffer = sent
    side, later = row(SIDE), row(SIDE, segments=1)
    for one in (side, later):
        learn_checksum(one, data, buffer)
    assert (bool(side["bits"] & CHECKSUM_SEEN), bool(later["bits"])) == (True, False)
