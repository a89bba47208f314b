"""How blocks are laid out in files: what begins each, and where a fact without a packet goes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from capture_stage import START, HandFedBackend, fact, packet

from auditor.capture.recording.writer import RecordingWriter
from auditor.evidence.annotations import WAIT_NS
from auditor.evidence.packet import Counters, Interface
from auditor.packets.pcapng_comments import fact_from_comment, span_to_comment
from auditor.packets.pcapng_options import options, text

SECTION, INTERFACE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 4, 5, 6
#: Bytes of each block's body before its options (pcapng §4).
_FIXED = {SECTION: 16, INTERFACE: 8, STATISTICS: 12}


class Files:
    """An output that begins a new file at ``most`` bytes."""

    def __init__(self, most: int | None = None) -> None:
        self.files = [b""]
        self.most = most
        self.closed = False

    def write(self, group: bytes) -> None:
        self.files[-1] += group

    def full(self, pending: int) -> bool:
        return self.most is not None and len(self.files[-1]) + pending >= self.most

    def rotate(self) -> None:
        self.files.append(b"")

    def close(self) -> None:
        self.closed = True


def blocks(data: bytes) -> Iterable[tuple[int, list[str]]]:
    """Yield the kind of each block, and its comments."""
    while data:
        kind, size = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4))
        body = data[8 : size - 4]
        fixed = _FIXED.get(kind, len(body))
        if kind == PACKET:
            captured = int.from_bytes(body[12:16], "little")
            fixed = 20 + captured + -captured % 4
        comments = [text(value) for code, value in options(body[fixed:], "little") if code == 1]
        yield kind, comments
        data = data[size:]


def kinds(data: bytes) -> list[int]:
    return [kind for kind, _ in blocks(data)]


@pytest.fixture
def stage():
    """Return what makes a writer over some files, and the list of what a watcher saw."""

    def make(files: Files, *interfaces: Interface, now: int = START) -> RecordingWriter:
        backend = HandFedBackend(interfaces=interfaces or (Interface("eth0", 1),))
        names = {"10.0.0.20": "sd1"}
        own = ("2001:db8::31", "10.0.0.31")
        return RecordingWriter(backend, files, names, "tcp", watched.append, lambda: now, own)

    watched: list[bytes] = []
    make.watched = watched
    return make


def test_a_file_begins_with_what_it_is_where_it_was_captured_and_who_is_who(stage):
    files = Files()
    writer = stage(files, Interface("eth0", 1), Interface("tun0", 101))
    writer.begin()
    assert kinds(files.files[0]) == [SECTION, INTERFACE, INTERFACE, NAMES]
    _, (thinned, told, begun, own) = next(iter(blocks(files.files[0])))
    assert thinned == "bareos-audit thin/1"
    assert told == "bareos-audit backend handfed: It sees what it is fed."
    assert begun == span_to_comment(START, START), "one that is killed says when it began, too"
    assert own == "bareos-audit host 10.0.0.31 2001:db8::31"
    assert writer.bytes_written == len(files.files[0])


def test_a_backend_that_is_blind_to_nothing_says_so(stage):
    files = Files()
    writer = stage(files)
    writer._backend.blind = ()
    writer.begin()
    assert b"backend handfed: It sees all that passes these interfaces." in files.files[0]


def test_nothing_is_in_the_file_that_the_watcher_has_not_seen(stage):
    files = Files()
    writer = stage(files)
    writer.begin()
    writer.add([packet(0), packet(1)])
    writer.end((Counters(2),))
    assert b"".join(stage.watched) == files.files[0]
    assert writer.packets == 2


def test_a_fact_that_finds_no_packet_is_in_the_statistics_once_it_has_waited(stage):
    files = Files()
    early = stage(files, now=START + WAIT_NS)
    early.annotations.add([fact()])
    early.add([])
    early.flush()
    assert files.files == [b""], "its packet may yet come"
    late = stage(files, now=START + WAIT_NS + 1)
    late.annotations.add([fact()])
    late.add([])
    late.flush()
    ((kind, comments),) = blocks(files.files[0])
    assert kind == STATISTICS
    assert fact() in [fact_from_comment(line) for line in comments]


def test_a_full_file_ends_with_statistics_and_the_next_stands_alone(stage):
    files = Files(most=600)
    writer = stage(files)
    writer.begin()
    writer.annotations.add([fact(state="ESTABLISHED")])
    writer.add(packet(number) for number in range(9))
    writer.end((Counters(9),))
    assert len(files.files) > 2
    for data in files.files:
        found = kinds(data)
        assert found[:3] == [SECTION, INTERFACE, NAMES] and found[-1] == STATISTICS
        assert b"bareos-audit socket local=10.0.0.31:40000" in data, "it is still open"
    assert sum(kinds(data).count(PACKET) for data in files.files) == 9 == writer.packets


def test_a_recording_ends_with_what_waits_and_with_its_span_on_every_interface(stage):
    files = Files()
    writer = stage(files, Interface("eth0", 1), Interface("eth1", 1))
    writer.begin()
    writer.annotations.add([fact()])
    writer.end((Counters(1), Counters(2)))
    *_, (_, waited), first, second = blocks(files.files[0])
    assert any("bareos-audit socket " in line for line in waited)
    span = span_to_comment(START, START)
    assert all(kind == STATISTICS and span in lines for kind, lines in (first, second))


def test_a_clock_that_was_set_back_makes_no_span_that_ends_before_it_begins(stage):
    files = Files()
    writer = stage(files)
    writer.begin()
    writer._clock = lambda: START - 1
    writer.end((Counters(),))
    assert span_to_comment(START, START).encode() in files.files[0]
    writer.close()
    assert files.closed
