"""What several files of one recording are together."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from auditor.packets.joining import HOW, joined
from auditor.packets.segments import CaptureInfo, Clock, ClockStep, Drop, Undecoded

ONE = CaptureInfo(
    "a.pcap", "pcap", "dumpcap", "Ethernet, PPP", packets=3, segments=2, first=10, last=20,
    notes=("both", "one"), layers=(Undecoded("ESP", 1, may_hold=True),),
)  # fmt: skip
OTHER = CaptureInfo(
    "b.pcapng", "pcapng", "tcpdump", "Ethernet", packets=4, before=3, segments=4, first=15, last=40,
    dropped=7, truncated=True, unread="it is cut", snaplen=96, thinned=True,
    clock=Clock(2, (ClockStep(9, 4),), 1, 8),
    notes=("both", "other"), addresses=("10.0.0.1",),
    layers=(Undecoded("GRE", 2, may_hold=True), Undecoded("ESP", 2, may_hold=True)),
)  # fmt: skip


def test_of_every_field_it_is_said_what_becomes_of_it() -> None:
    assert [field.name for field in fields(CaptureInfo) if field.name not in HOW] == []
    assert len(HOW) == len(fields(CaptureInfo))


def test_one_file_is_itself() -> None:
    assert joined([ONE]) is ONE


def test_what_is_counted_is_added_up_and_what_is_said_is_said_once() -> None:
    both = joined([ONE, OTHER])
    assert (both.name, both.format, both.before) == ("a.pcap", "pcap", 0)
    assert (both.packets, both.segments) == (7, 6)
    assert both.clock == OTHER.clock
    assert (both.backend, both.link) == ("dumpcap, tcpdump", "Ethernet, PPP")
    assert both.notes == ("both", "one", "other")
    assert both.layers == (Undecoded("ESP", 3, may_hold=True), Undecoded("GRE", 2, may_hold=True))
    assert (both.addresses, both.facts) == (("10.0.0.1",), ())


def test_what_is_wrong_with_one_is_wrong_with_all() -> None:
    both = joined([ONE, OTHER])
    assert (both.truncated, both.unread, both.thinned) == (True, "it is cut", True)


@pytest.mark.parametrize("name", ["first", "last", "dropped", "snaplen"])
def test_what_is_not_known_of_one_is_what_is_known_of_the_other(name: str) -> None:
    unknown = replace(ONE, first=None, last=None)
    for files in ([unknown, OTHER], [OTHER, unknown]):
        assert getattr(joined(files), name) == getattr(OTHER, name)
    assert getattr(joined([unknown, unknown]), name) in {None, 0}


def test_what_was_lost_of_a_file_was_lost_in_its_time() -> None:
    told = Drop(12, 13, 2)
    both = joined([replace(ONE, dropped=2, drops=(told, told)), OTHER, replace(OTHER, first=None)])
    assert both.drops == (told, told, Drop(15, 40, 7))


def test_they_begin_with_the_first_and_end_with_the_last() -> None:
    assert (joined([ONE, OTHER]).first, joined([ONE, OTHER]).last) == (10, 40)
    least = joined([replace(ONE, snaplen=64), OTHER])
    assert least.snaplen == 64
