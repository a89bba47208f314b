"""How many bytes of a side are missing, by the gaps that the kernel remembers."""

from __future__ import annotations

import pytest

from auditor.capture.ebpf import layout
from auditor.capture.ebpf.layout import SideStruct
from auditor.capture.ebpf.unseen import unseen_octets
from auditor.flows import tables, tcp_state
from auditor.flows.tcp_state import ACKED


@pytest.mark.parametrize(
    ("acked", "octets"), [(0, 7), (100, 7), (101, 8), (150, 57), (250, 57), (299, 106), (9999, 108)]
)
def test_what_was_acknowledged_of_a_gap_is_missing(acked: int, octets: int) -> None:
    side = SideStruct(bits=ACKED, acked=acked, missing=7, gap_count=2)
    side.gaps[:6] = [100, 150, 250, 301, 400, 500]
    assert unseen_octets(side) == octets
    side.bits = 0
    assert unseen_octets(side) == 7, "nothing is known to have been acknowledged"


def test_the_numbers_are_those_of_the_tables() -> None:
    assert (layout.GAPS, ACKED) == (tables.GAPS, tcp_state.ACKED)
