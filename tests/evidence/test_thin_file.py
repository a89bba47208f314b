"""Thinning a file: what it comes to, what it says is lacking, and what it refuses to overwrite."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hello_pairs import drawn
from hello_wire import record
from tape import PORTS, SECOND, Endpoint, Frame, Tape
from thinning_stage import follow, judged

from auditor.errors import CaptureError, OutputError
from auditor.evidence import blocks, reread, thin_file
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.thin_file import ThinnedCapture, thin_capture
from auditor.flows import ConnectionTracker, TrackingResult
from auditor.packets import CaptureInfo, read_capture
from auditor.packets.link_types import ETHERNET
from auditor.packets.segments import CapturedOn

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


def conversation() -> Tape:
    tape = Tape().syn(FD, SD).synack().ack()
    for _ in range(50):
        tape.send(FD, b"x" * 100).ack()
    return tape.silence(2).other()


class Files:
    """A full capture and the place of the thinned one."""

    def __init__(self, folder: Path) -> None:
        self.full, self.thin = folder / "full.pcap", folder / "thin.pcapng"

    def thinned(self, tape: Tape) -> ThinnedCapture:
        self.full.write_bytes(tape.pcap())
        return thin_capture(str(self.full), str(self.thin), PORTS)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_packets_and_bytes_are_counted_in_and_out(files: Files) -> None:
    result = files.thinned(conversation())
    assert (result.packets_in, result.matched) == (104, 103)
    assert 3 <= result.packets_out < 20
    assert result.octets_in == files.full.stat().st_size
    assert result.octets_out == files.thin.stat().st_size
    assert (result.lost, result.lacks) == (0, ())


def test_what_comes_out_leads_to_the_same_judgement(files: Files) -> None:
    tape = conversation().on(FD, SD).probe(FD).answer()
    files.thinned(tape)
    flows, full = follow(tape.pcap())
    again, account = follow(files.thin.read_bytes())
    assert [judged(flow) for flow in again] == [judged(flow) for flow in flows]
    assert (account.first, account.last) == (full.first, full.last)


@pytest.mark.parametrize("back", [0.0005, 0.9, 2, 3600])
def test_packets_stay_in_order_where_the_clock_goes_back(
    files: Files, back: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = conversation().silence(30).on(FD, SD).probe(FD).answer()
    tape.silence(-back).send(FD, b"later").ack()
    for _ in range(3):
        tape.silence(5).probe(FD).answer()
    result = files.thinned(tape)
    assert result.lost == 0
    with read_capture(str(files.full), PORTS) as reader:  # in order, as thinning has it
        tracker = ConnectionTracker(PORTS)
        for batch in reader:
            tracker.feed(batch)
    full = reader.info
    flows = tracker.finish(full.ended).flows
    again, account = follow(files.thin.read_bytes())
    assert [judged(flow) for flow in again] == [judged(flow) for flow in flows]
    assert (account.clock, account.last) == (full.clock, full.last)
    assert full.clock.late == 1
    assert bool(full.clock.steps) == (back > 0.125)
    monkeypatch.setattr("auditor.evidence.thinning.thinner._MOST_WAITING", 2)
    assert files.thinned(tape).packets_out == result.packets_out


def test_progress_adds_up_to_the_bytes_of_the_file(files: Files) -> None:
    files.full.write_bytes(conversation().pcap())
    steps: list[int] = []
    thin_capture(str(files.full), str(files.thin), PORTS, progress=steps.append)
    assert sum(steps) == files.full.stat().st_size
    assert min(steps) >= 0


def test_a_capture_that_was_thinned_before_loses_no_header_more(files: Files) -> None:
    """Other rules may have thinned it, such as those of the filter in the kernel."""
    tape = conversation()
    written: list[bytes] = []
    evidence = Evidence(written.append, "")
    evidence.describe((CapturedOn("eth0", 1),))
    evidence.add(Packet(one.time, 0, one.data, one.wire) for one in tape.frames[:-1])
    info = CaptureInfo("", "pcap", "", "", first=tape.frames[0].time, last=tape.now)
    evidence.end(info, Counters(), ())
    files.full.write_bytes(b"".join(written))
    result = thin_capture(str(files.full), str(files.thin), PORTS)
    assert (result.packets_in, result.packets_out, result.lacks) == (103, 103, ())
    assert b"x" * 100 not in files.thin.read_bytes()


def test_what_a_recorder_counted_is_passed_on(files: Files) -> None:
    written: list[bytes] = []
    evidence = Evidence(written.append, "")
    evidence.describe((CapturedOn("eth0", 1),))
    tape = conversation()
    evidence.add(Packet(one.time, 0, one.data, one.wire) for one in tape.frames)
    info = CaptureInfo("", "pcap", "", "", first=tape.frames[0].time, last=tape.now)
    evidence.end(info, Counters(lost=9, withheld=5, lost_new=4), ())
    files.full.write_bytes(b"".join(written))
    thin_capture(str(files.full), str(files.thin), PORTS)
    info = follow(files.thin.read_bytes())[1]
    assert (info.dropped, info.withheld, info.lost_new) == (9, 5, 4)


def test_a_capture_without_packets_gives_a_file_without_packets(files: Files) -> None:
    result = files.thinned(Tape())
    assert (result.packets_in, result.packets_out, result.matched, result.lost) == (0, 0, 0, 0)
    assert follow(files.thin.read_bytes())[1].thinned


def test_flows_beyond_the_bound_are_lost_and_counted(files: Files) -> None:
    tape = conversation().syn(replace(FD, port=40002), SD)
    files.full.write_bytes(tape.pcap())
    result = thin_capture(str(files.full), str(files.thin), PORTS, max_flows=1)
    assert (result.matched, result.lost) == (104, 1)
    assert follow(files.thin.read_bytes())[1].dropped == 1


def cut_in_the_tcp_header() -> Tape:
    tape = conversation().on(FD, SD).send(FD, b"").send(FD, b"")
    for frame in (tape.frames[-2], tape.frames[-1]):
        tape.frames[tape.frames.index(frame)] = replace(frame, data=frame.data[:40])
    return tape


def not_decodable() -> Tape:
    tape = conversation()
    data = tape.frames[0].data
    tape.frames.append(Frame(tape.now + SECOND, data[:20], len(data)))
    return tape


def never_captured() -> Tape:
    return conversation().on(FD, SD).send(FD, b"x" * 17).drop().send(SD, b"y" * 4).drop().ack()


@pytest.mark.parametrize(
    ("tape", "sentence"),
    [
        (cut_in_the_tcp_header(), "2 packets: TCP headers that were cut by the recorder (2)"),
        (not_decodable(), "1 packets: headers that were cut by the recorder (1)"),
    ],
)
def test_what_nobody_could_read_is_told_and_is_of_no_connection(
    files: Files, tape: Tape, sentence: str
) -> None:
    """Whoever can send such a packet would void all that a thinned capture shows."""
    sentence = sentence.replace("packets:", "packets could not be decoded:")
    for _ in range(2):  # and again, of the thinned one
        assert files.thinned(tape).lacks == (sentence,)
        info = follow(files.thin.read_bytes())[1]
        assert (info.unreadable, info.lacks) == ((), ())
        assert [f"{one.packets} packets could not be decoded: {one.layer} ({one.packets})"
                for one in info.may_hold] == [sentence]  # fmt: skip
        files.full.write_bytes(files.thin.read_bytes())
        assert thin_capture(str(files.full), str(files.thin), PORTS).lacks == (sentence,)


@pytest.mark.parametrize("port", [40002, 9])
def test_bytes_that_were_never_captured_are_those_of_their_connection(
    files: Files, port: int
) -> None:
    """Whoever can acknowledge what nobody sent would void all others."""
    tape = never_captured().ack(SD).syn(replace(FD, port=port), SD).synack().ack().silence(3)
    for _ in range(2):
        tape.syn(replace(FD, port=port + 1), SD).silence(1)
    said = ("21 acknowledged bytes were never captured",)
    assert files.thinned(tape).lacks == said
    missing = [(one.initiator.missing, one.acceptor.missing) for one in tape.follow().flows]
    assert missing[0] == (17, 4)
    for _ in range(2):
        flows, info = follow(files.thin.read_bytes())
        assert [(one.initiator.missing, one.acceptor.missing) for one in flows] == missing
        assert (info.lacks, info.unreadable) == ((), ())
        files.full.write_bytes(files.thin.read_bytes())
        assert thin_capture(str(files.full), str(files.thin), PORTS).lacks == said


def test_a_file_that_ends_inside_a_record_says_so_and_passes_it_on(files: Files) -> None:
    files.full.write_bytes(conversation().pcap()[:-3])
    sentences = ("the full file ended inside a record",)
    assert thin_capture(str(files.full), str(files.thin), PORTS).lacks == sentences
    files.full.write_bytes(files.thin.read_bytes())
    assert thin_capture(str(files.full), str(files.thin), PORTS).lacks == sentences


@pytest.mark.parametrize("described", [False, True])
def test_a_damaged_file_without_any_packet_does_not_become_a_whole_one(
    files: Files, described: bool
) -> None:
    interface = blocks.interface(Interface("", ETHERNET), "", "") if described else b""
    cut = blocks.interface(Interface("", ETHERNET), "", "")[:-3]
    files.full.write_bytes(blocks.section("", "", "") + interface + cut)
    assert follow(files.full.read_bytes())[1].truncated
    sentences = ("the full file ended inside a record",)
    assert thin_capture(str(files.full), str(files.thin), PORTS).lacks == sentences
    assert follow(files.thin.read_bytes())[1].unreadable == sentences


def test_what_was_dropped_from_a_file_without_any_packet_is_passed_on(files: Files) -> None:
    files.full.write_bytes(
        blocks.section("", "", "")
        + blocks.interface(Interface("", ETHERNET), "", "")
        + blocks.statistics(0, Counters(7, 0, 0, 7, 0), SECOND, SECOND)
    )
    thin_capture(str(files.full), str(files.thin), PORTS)
    assert follow(files.thin.read_bytes())[1].dropped == 7


@pytest.mark.parametrize("way", ["the same name", "a hard link", "a symbolic link"])
def test_the_capture_itself_is_never_overwritten(files: Files, way: str) -> None:
    files.full.write_bytes(conversation().pcap())
    if way == "the same name":
        files.thin = files.full
    elif way == "a hard link":
        files.thin.hardlink_to(files.full)
    else:
        files.thin.symlink_to(files.full)
    with pytest.raises(CaptureError, match=r"is the capture itself: name another file with -o\.$"):
        thin_capture(str(files.full), str(files.thin), PORTS)
    assert files.full.read_bytes() == conversation().pcap()


def test_what_is_no_capture_leaves_the_output_as_it_was(files: Files) -> None:
    files.full.write_text("no capture at all, but a text that is long enough")
    files.thin.write_text("before")
    with pytest.raises(CaptureError):
        thin_capture(str(files.full), str(files.thin), PORTS)
    assert files.thin.read_text() == "before"
    assert sorted(path.name for path in files.full.parent.iterdir()) == ["full.pcap", "thin.pcapng"]


def test_an_output_that_cannot_be_written_is_no_fault_of_the_capture(files: Files) -> None:
    files.full.write_bytes(conversation().pcap())
    with pytest.raises(OutputError, match="No such file or directory"):
        thin_capture(str(files.full), str(files.thin / "below"), PORTS)


def console_logins(count: int) -> Tape:
    """Logins of two consoles with all that is drawn at random drawn, which end in order."""
    at_random, tape = random.Random(count), Tape()
    for k in range(count):
        end = Endpoint(f"10.66.0.{k % 2 + 1}", 20_000 + k)
        said = drawn(at_random, b"R_CONSOLE\x1emon")
        sealed = b"".join(record(bytes(40 + k % 9), kind=23) for _ in range(5))
        tape.syn(end, SD).synack().ack().send(end, said[0] + sealed).ack()
        tape.send(SD, said[1]).ack().fin(end).ack().fin(SD).ack()
    return tape


@pytest.mark.bulk
@pytest.mark.parametrize("count", [100, 300])
def test_a_flood_of_logins_takes_a_few_rows_of_both_captures(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection is kept, none is built by itself, and nothing is noted of any."""
    built: list[TrackingResult] = []

    class Counting(ConnectionTracker):
        def finish(self, *args: object, **options: object) -> TrackingResult:
            built.append(super().finish(*args, **options))  # type: ignore[arg-type]
            return built[-1]

    for module in (thin_file, reread):
        monkeypatch.setattr(module, "ConnectionTracker", partial(Counting, max_flows=128))
    files, tape = Files(tmp_path), console_logins(count)
    done = files.thinned(tape)
    assert (done.lost, done.lacks) == (0, ())
    assert len(built) == 2
    for result in built:
        assert len(result.flows) <= 16
        assert sum(flow.attempts for flow in result.flows) == count
    flows, info = follow(files.thin.read_bytes())
    assert (len(flows), info.flow_notes) == (count, ())
