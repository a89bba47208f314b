"""The test language itself: its captures are real ones to tshark and to our decoder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tape import SECOND, Endpoint, Tape

FD = Endpoint("10.77.0.31", 40001)
SD = Endpoint("10.77.0.20", 9103)
FD6 = Endpoint("2001:db8::31", 40001)
SD6 = Endpoint("2001:db8::20", 9103)

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(path: Path, tape: Tape, show: str, *fields: str) -> list[list[str]]:
    path.write_bytes(tape.pcap())
    command = ["tshark", "-n", "-r", str(path), "-Y", show, "-T", "fields", "-E", "separator=|"]
    for name in fields:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("|") for line in done.stdout.splitlines()]


@needs_tshark
@pytest.mark.parametrize(("fd", "sd"), [(FD, SD), (FD6, SD6)])
def test_tshark_finds_no_fault_in_a_clean_conversation(
    fd: Endpoint, sd: Endpoint, tmp_path: Path
) -> None:
    tape = Tape().syn(fd, sd, 0xFFFFFFF0).synack().ack()
    tape.send(fd, b"hello" * 9).ack().send(sd, b"x" * 1400).ack().fin(fd).ack().fin(sd).ack()
    rows = tshark(tmp_path / "tape.pcap", tape, "tcp.analysis.flags || _ws.malformed", "tcp.seq")
    assert rows == []
    assert len(tshark(tmp_path / "tape.pcap", tape, "tcp", "tcp.stream")) == len(tape.frames)


@needs_tshark
def test_tshark_and_we_see_the_same_probes(tmp_path: Path) -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x").ack()
    tape.silence(60).probe(FD).answer().silence(61).probe(FD, b"\0").answer()
    tape.silence(70).probe(SD).silence(75).probe(SD).answer()
    rows = tshark(tmp_path / "tape.pcap", tape, "tcp.analysis.keep_alive", "frame.time_epoch")
    flow = tape.flow()
    ours = sorted(probe.time for side in (flow.initiator, flow.acceptor) for probe in side.probes)
    assert [int(row[0].replace(".", "")) for row in rows] == ours
    assert len(ours) == 4


@needs_tshark
def test_tshark_and_we_see_the_same_retransmissions_and_gaps(tmp_path: Path) -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"abc").silence(0.5).resend(FD).ack()
    tape.send(FD, b"unseen").drop().ack().send(FD, b"seen").ack()
    path = tmp_path / "tape.pcap"
    flow = tape.flow()
    assert len(tshark(path, tape, "tcp.analysis.retransmission", "tcp.seq")) == 1
    assert tshark(path, tape, "tcp.analysis.ack_lost_segment", "tcp.seq")
    assert (flow.initiator.retransmissions, flow.initiator.missing) == (1, 6)


def test_a_step_takes_a_millisecond_and_a_silence_what_it_says() -> None:
    tape = Tape().syn(FD, SD).synack().silence(60).ack()
    times = [frame.time - tape.frames[0].time for frame in tape.frames]
    assert times == [0, SECOND // 1000, 60 * SECOND + SECOND // 1000]


def test_what_the_capture_misses_was_said_all_the_same() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"abc").drop().send(FD, b"def")
    last, before = tape.batch().segments[-1], tape.batch().segments[-2]
    assert last["seq"] - before["seq"] == 3


def test_swapping_keeps_time_in_order_unless_told_otherwise() -> None:
    for keep, backwards in ((False, False), (True, True)):
        tape = Tape().syn(FD, SD).synack().swap(keep_times=keep)
        times = tape.batch().segments["time"]
        assert (times[0] > times[1]) == backwards
        assert tape.batch().segments["sport"][0] == SD.port


def test_a_snapped_frame_still_says_how_long_it_was() -> None:
    segment = Tape().syn(FD, SD).synack().ack().send(FD, b"abcdef").snap(2).batch().segments[-1]
    assert (segment["length"], segment["captured"]) == (6, 2)


def test_a_tape_may_turn_between_connections() -> None:
    other = Endpoint("10.77.0.32", 40002)
    tape = Tape().syn(FD, SD).synack().ack().syn(other, SD).synack().ack()
    flows = tape.on(FD, SD).send(FD, b"a").ack().on(other, SD).send(other, b"bc").follow().flows
    assert [flow.initiator.payload_bytes for flow in flows] == [1, 2]
