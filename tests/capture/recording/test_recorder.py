"""The recorder ends when it should, keeps files readable whatever happens, and counts losses."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from capture_stage import START, HandFedBackend, fact, packet, tshark
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT, SUPPORT

from auditor.capture.recording import output as output_module
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.recording.recorder import Recorder, Summary
from auditor.errors import CaptureError
from auditor.evidence.packet import Counters, Interface
from auditor.packets import Decoder, read_capture
from auditor.packets.pcapng_comments import fact_from_comment


class _Watcher:
    def __init__(self) -> None:
        self.decoder = Decoder({9103})
        self.segments = 0
        self.facts = []

    def written(self, blocks):
        self.segments += sum(len(batch.segments) for batch in self.decoder.feed(blocks))

    def fact(self, fact):
        self.facts.append(fact)


class _Clock:
    """Time that passes by half a second a look."""

    def __init__(self) -> None:
        self.looks = 0

    def monotonic(self) -> float:
        self.looks += 1
        return self.looks / 2

    def utc(self) -> int:
        return START + self.looks * 500_000_000


@pytest.fixture(autouse=True)
def present(monkeypatch):
    """Stay who we are."""
    monkeypatch.setattr(output_module, "remaining_account", lambda: None)


def record(backend, path, limits=None, *, stopped=True, watcher=None) -> Summary:
    limits = limits or Limits()
    stop, clock = Event(), _Clock()
    output = Output(str(path), limits)
    output.open()
    recorder = Recorder(
        backend,
        output,
        limits,
        filter_text="tcp port 9103",
        watcher=watcher,
        monotonic=clock.monotonic,
        clock=clock.utc,
    )
    if stopped:
        stop.set()
    return recorder.run(stop)


def read(path):
    with read_capture(str(path), {9103}) as reader:
        segments = sum(len(batch.segments) for batch in reader)
        return segments, reader.info


def test_what_is_recorded_is_read_back(tmp_path):
    path = tmp_path / "a.pcapng"
    backend = HandFedBackend([[packet(0), packet(1)]], held=[packet(2)])
    summary = record(backend, path)
    segments, info = read(path)
    assert (summary.packets, segments, info.packets) == (3, 3, 3)
    assert summary.ended == "stopped" and summary.bytes_written == path.stat().st_size
    assert info.backend.startswith("bareos-audit ") and not info.truncated


def test_the_file_says_that_it_is_thinned_and_what_the_backend_cannot_see(tmp_path):
    record(HandFedBackend(), tmp_path / "a.pcapng")
    command = ["capinfos", str(tmp_path / "a.pcapng")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Capture comment:     bareos-audit thin/1\n" in told.stdout
    assert "bareos-audit backend handfed: It sees what it is fed." in told.stdout
    assert "Number of stat entries = 1" in told.stdout


def test_a_socket_fact_is_on_its_syn_and_comes_back_from_there(tmp_path):
    path = tmp_path / "a.pcapng"
    summary = record(HandFedBackend([[packet(0), packet(1)]], told=[[fact()]]), path)
    comments = [row[0] if row else "" for row in tshark(path, "frame.comment")]
    assert fact_from_comment(comments[0].replace('\\"', '"')) == fact()
    assert comments[1] == "" and summary.facts == 1


def test_the_fact_of_a_silent_socket_is_in_the_statistics(tmp_path):
    record(HandFedBackend(told=[[fact(remote=("10.0.0.77", 9103))]]), tmp_path / "a.pcapng")
    assert b"bareos-audit socket local=10.0.0.31:40000" in (tmp_path / "a.pcapng").read_bytes()


@given(st.lists(st.lists(st.integers(-300, 300), max_size=6), max_size=8))
def test_times_in_the_files_are_in_order_and_nothing_vanishes_uncounted(tmp_path_factory, polls):
    path = tmp_path_factory.mktemp("ordered") / "a.pcapng"
    fed = [[packet(time=START + ms * 1_000_000) for ms in poll] for poll in polls]
    sent = sum(len(poll) for poll in fed)
    limits = Limits(duration=len(polls) * 3)
    summary = record(HandFedBackend(fed), path, limits, stopped=False)
    segments, info = read(path)
    assert info.clock.late == 0
    assert segments == summary.packets and segments + summary.lost == sent
    assert (info.dropped or 0) == summary.lost


def test_the_number_of_packets_is_kept_exactly(tmp_path):
    backend = HandFedBackend([[packet(number) for number in range(10)]], held=[packet(11)])
    summary = record(backend, tmp_path / "a.pcapng", Limits(packets=7), stopped=False)
    assert (summary.ended, summary.packets) == ("packets", 7)
    assert read(tmp_path / "a.pcapng")[0] == 7


def test_the_duration_ends_a_quiet_recording(tmp_path):
    backend = HandFedBackend()
    summary = record(backend, tmp_path / "a.pcapng", Limits(duration=20), stopped=False)
    assert summary.ended == "duration" and backend.polled > 1


def test_a_ring_of_files_is_in_order_across_files_and_each_stands_alone(tmp_path):
    fed = [[packet(number) for number in range(at, at + 50)] for at in range(0, 300, 50)]
    limits = Limits(file_bytes=8192, ring=3, duration=40)
    backend = HandFedBackend(fed, told=[[fact(state="ESTABLISHED")]])
    summary = record(backend, tmp_path / "a.pcapng", limits, stopped=False)
    infos = [read(path)[1] for path in summary.files]
    assert len(infos) == 3 == len(list(tmp_path.iterdir()))
    assert all(not info.truncated and info.format == "pcapng" for info in infos)
    times = [moment for info in infos for moment in (info.first, info.last)]
    assert times == sorted(times)
    for path in summary.files:
        assert Path(path).stat().st_size < 3 * 8192
        assert b"bareos-audit socket" in Path(path).read_bytes()


def test_losses_of_every_stage_are_in_the_file_and_in_the_summary(tmp_path):
    backend = HandFedBackend(
        counts=(Counters(100, 20, 3, 4, 5), Counters(dropped=1)),
        interfaces=(Interface("eth0", 1), Interface("eth1", 1)),
    )
    summary = record(backend, tmp_path / "a.pcapng")
    assert summary.lost == 10 == read(tmp_path / "a.pcapng")[1].dropped
    assert summary.counters[0] == ("eth0", Counters(100, 20, 3, 4, 5))


def test_the_watcher_sees_what_is_written_and_every_fact(tmp_path):
    watcher = _Watcher()
    record(HandFedBackend([[packet(0)]], told=[[fact()]]), tmp_path / "a", watcher=watcher)
    assert (watcher.segments, watcher.facts) == (1, [fact()])
    assert not watcher.decoder.finish().truncated


def test_a_backend_that_fails_leaves_a_valid_file_with_all_it_had(tmp_path):
    backend = HandFedBackend(
        [[packet(0)]], held=[packet(1)], failure=CaptureError("Interface eth0 was removed.")
    )
    with pytest.raises(CaptureError, match="was removed"):
        record(backend, tmp_path / "a.pcapng", stopped=False)
    segments, info = read(tmp_path / "a.pcapng")
    assert segments == 2 and not info.truncated and info.dropped == 0


@pytest.mark.root
def test_a_full_disk_ends_the_recording_and_leaves_a_valid_file(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], check=True)
    try:
        fed = [[packet(number) for number in range(at, at + 100)] for at in range(0, 2000, 100)]
        with pytest.raises(CaptureError, match="the disk is full"):
            record(HandFedBackend(fed), tmp_path / "a.pcapng", Limits(duration=60), stopped=False)
        segments, info = read(tmp_path / "a.pcapng")
        assert segments > 100 and not info.truncated
    finally:
        subprocess.run(["umount", tmp_path], check=True)


_KILLED = """
import sys
sys.path[:0] = sys.argv[2:]
from threading import Event
from capture_stage import START, HandFedBackend, packet
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.recording.recorder import Recorder

def more(backend):
    backend.polls.append([packet(backend.polled * 10 + n) for n in range(10)])
    if backend.polled == 50:
        print("fifty", flush=True)

backend = HandFedBackend(on_poll=more)
output = Output(sys.argv[1], Limits())
output.open()
Recorder(backend, output, Limits(), filter_text="", clock=lambda: 2 * START).run(Event())
"""


def test_a_recording_that_is_killed_ends_after_a_whole_block(tmp_path):
    path = tmp_path / "a.pcapng"
    roots = [str(SUPPORT), str(ROOT)]
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path), *roots], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as told:
        assert told.readline() == b"fifty\n"
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    segments, info = read(path)
    assert segments >= 490 and not info.truncated
