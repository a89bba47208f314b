"""Blocks are written whole, in groups, and no comment is lost for want of room on a block."""

from __future__ import annotations

from capture_stage import packet

from auditor import __version__
from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Interface
from auditor.evidence.pcapng_writer import PcapngWriter


def test_nothing_is_written_before_it_is_asked_for() -> None:
    groups: list[bytes] = []
    writer = PcapngWriter(groups.append)
    writer.section("x86_64", "Linux", ("one",))
    writer.interface(Interface("eth0", 1), "tcp port 9103", "Linux")
    writer.names({"10.0.0.1": "bareos-dir"})
    expected = (
        blocks.section(f"bareos-audit {__version__}", "x86_64", "Linux", ("one",))
        + blocks.interface(Interface("eth0", 1), "tcp port 9103", "Linux")
        + blocks.names({"10.0.0.1": "bareos-dir"})
    )
    assert (groups, writer.pending, writer.bytes_written) == ([], len(expected), 0)
    writer.flush()
    writer.flush()
    assert (groups, writer.pending, writer.bytes_written) == ([expected], 0, len(expected))


def test_a_burst_of_packets_is_written_in_groups_of_whole_blocks() -> None:
    groups: list[bytes] = []
    writer = PcapngWriter(groups.append)
    block = blocks.packet(packet(), ["x" * 4096])
    for _ in range(101):
        writer.packet(packet(), ["x" * 4096])
    assert len(groups) == 1
    assert groups[0] == block * (len(groups[0]) // len(block))
    writer.flush()
    assert b"".join(groups) == block * 101
    assert (writer.packets, writer.bytes_written) == (101, 101 * len(block))


def test_comments_that_one_block_cannot_hold_go_onto_further_ones_that_count_the_same() -> None:
    groups: list[bytes] = []
    writer = PcapngWriter(groups.append)
    comments = [f"comment {number:03}" for number in range(blocks.MAX_COMMENTS * 2)]
    writer.statistics(0, Counters(5, 4, 3, 2, 1), 10, 20, comments)
    writer.flush()
    (group,) = groups
    step = blocks.MAX_COMMENTS - 1
    parts = [comments[:step], comments[step : 2 * step], comments[2 * step :]]
    assert group == b"".join(
        blocks.statistics(0, Counters(5, 4, 3, 2, 1), 10, 20, part) for part in parts
    )
    assert all(group.count(text.encode()) == 1 for text in comments)


def test_statistics_without_comments_are_one_block() -> None:
    groups: list[bytes] = []
    writer = PcapngWriter(groups.append)
    writer.statistics(1, Counters(), 10, 20)
    writer.flush()
    assert groups == [blocks.statistics(1, Counters(), 10, 20)]
