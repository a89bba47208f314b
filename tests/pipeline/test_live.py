"""An audit that grows with its recording comes to what an audit of the whole comes to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audits import ROOT
from cutting import cut
from pcapfile import shortened
from scene import DIR, FD1, Wire, cleartext, network, planted, refused

import auditor
from auditor.api import live_audit
from auditor.errors import CaptureError
from auditor.evidence import blocks
from auditor.evidence.packet import Interface, Packet
from auditor.packets.pcapng_comments import THINNED
from auditor.pipeline.live import MOST_FLOWS, LiveAudit

#: Bytes that are fed at once: never a whole number of blocks.
_PIECE = 997


@pytest.fixture(scope="module")
def thinned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("live") / "thin.pcapng"
    auditor.thin(ROOT / "captures/modes/capture.pcap", path, config=config(), resolve=False)
    return path


def config() -> Path:
    return ROOT / "captures/modes/config"


def fed(path: Path, *, warm: bool = False) -> LiveAudit:
    live = live_audit(config=config(), resolve=False)
    if warm:
        live.warm()
    data = path.read_bytes()
    for at in range(0, len(data), _PIECE):
        live.feed(data[at : at + _PIECE])
    return live


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_it_comes_to_the_audit_of_the_whole(thinned: Path, warm: bool) -> None:
    whole = auditor.audit(thinned, config=config(), resolve=False)
    grown = fed(thinned, warm=warm).audit(str(thinned))
    for table in ("captures", "flows", "probes", "findings"):
        assert getattr(grown, table).equals(getattr(whole, table)), table
    assert grown.summary() == whole.summary()


@pytest.mark.parametrize("kind", ["full", "short", "thinned", "cut"])
@pytest.mark.parametrize("recording", ["modes", "trouble", "heartbeat"])
def test_a_capture_that_others_write_comes_to_the_audit_of_the_file(
    tmp_path: Path, recording: str, kind: str
) -> None:
    options: Any = {"config": ROOT / f"captures/{recording}/config", "resolve": False}
    path = tmp_path / "a.pcap"
    data = (ROOT / f"captures/{recording}/capture.pcap").read_bytes()
    path.write_bytes(shortened(data, 90, 65535) if kind == "short" else data)
    if kind == "thinned":
        auditor.thin(path, tmp_path / "thin.pcapng")
        path = tmp_path / "thin.pcapng"
    live = LiveAudit(auditor.load_network(**options), here=False, name=str(path))
    data = path.read_bytes()
    if kind == "cut":  # in the middle of a record that is being written
        data = data[: len(data) // 2]
        path.write_bytes(data)
    for at in range(0, len(data), 99_991):
        live.feed(data[at : at + 99_991])
        live.look(live.latest)
    whole, grown = auditor.audit(path, **options), live.audit(str(path))
    if kind == "cut":
        assert whole.captures["incomplete"].all() and not grown.captures["incomplete"].any()
        assert len(grown.flows) == len(whole.flows)
        return
    for table in ("captures", "flows", "probes", "findings"):
        assert getattr(grown, table).equals(getattr(whole, table)), table
    assert grown.summary() == whole.summary()


def test_how_it_was_made_is_noted(thinned: Path) -> None:
    audit = fed(thinned).audit("eth0", ["Backend x."])
    assert audit.captures["name"].tolist() == ["eth0"]
    assert audit.captures["notes"].iloc[0][-1] == "Backend x."


def test_a_look_changes_nothing(thinned: Path) -> None:
    live = fed(thinned)
    last = int(live.audit("x").captures["last"].iloc[0].value)
    before = live.audit("x").flows
    first, second = live.look(last), live.look(last)
    assert first == second
    assert live.audit("x").flows.equals(before)


def test_a_look_shows_what_was_heard_lately_as_the_audit_does(thinned: Path) -> None:
    live = fed(thinned)
    flows = live.audit("x").flows
    last = int(live.audit("x").captures["last"].iloc[0].value)
    ports = set(flows["initiator_port"])
    seen = live.look(last)
    assert 0 < len(seen) <= min(len(flows), MOST_FLOWS)
    assert {one.flow["initiator_port"] for one in seen} <= ports
    alike = {(one.flow["initiator_port"], one.flow["connection"]) for one in seen} <= set(
        zip(flows["initiator_port"], flows["connection"], strict=True)
    )
    assert alike


def test_only_segments_are_news(thinned: Path) -> None:
    live = live_audit(config=config(), resolve=False)
    data = thinned.read_bytes()
    assert not live.feed(data[:40])
    assert live.feed(data[40:])


def test_the_names_of_the_configuration_are_at_hand() -> None:
    names = live_audit(config=config(), resolve=False).names()
    assert names["10.77.0.20" if "10.77.0.20" in names else "10.0.0.20"]
    assert all(name.isprintable() for name in names.values())


def looked_at(tape: Wire, folder: Path) -> list[tuple[str, ...]]:
    """Return the rules that each flow of a tape fails, as seen while it is recorded."""
    live = live_audit(config=planted(folder, network()), resolve=False)
    live.feed(blocks.section("bareos-audit", "", "", [THINNED]))
    live.feed(blocks.interface(Interface("eth0", 1), "", ""))
    for frame in tape.frames:
        live.feed(blocks.packet(Packet(frame.time, 0, frame.data, len(frame.data)), []))
    return [one.fails for one in live.look(tape.now)]


def test_a_refused_login_fails_as_it_happens(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, 9102, refused("R_DIRECTOR\x1edir")).turn_away()
    assert looked_at(tape, tmp_path) == [("login-refused",)]


def test_the_fallback_to_cleartext_is_no_refusal_while_it_happens(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, 9102, refused("R_DIRECTOR\x1edir", 40)).turn_away()
    tape.dial(DIR, FD1, 9102, cleartext("Director dir calling", "R_CLIENT::fd1"))
    first, _ = looked_at(tape, tmp_path)
    assert first == ()


#: What a recording does once its rights are gone: nothing is imported, nothing compiled any more.
_CONFINED = """
import sys
from auditor.api import live_audit
from auditor.errors import CaptureError
from auditor.kernels import native
from auditor.report.formats import Format, reporter

live = live_audit(resolve=False)
reports = [reporter(each) for each in Format]
warm = live.warm()
for report in reports:
    list(report.audit_parts(warm))


class Refused:
    def find_spec(self, name, *rest):
        raise AssertionError(f"{name} is imported")


def load(function, *rest):
    raise AssertionError(f"{function.__name__} is loaded")


sys.meta_path.insert(0, Refused())
native._load = load
live.feed(sys.stdin.buffer.read())
live.look(1 << 60)
audit = live.audit("flood")
for report in reports:
    print("".join(report.audit_parts(audit)))
"""


@pytest.mark.slow
def test_a_flood_asks_for_nothing_that_was_not_loaded_before() -> None:
    """Machine code that only a flood calls was compiled without the right to."""
    flood = [blocks.section("", "", "", [THINNED]), blocks.interface(Interface("eth0", 1), "", "")]
    syn = Wire().dial(DIR, FD1, 9102).frames[0].data
    for number in range(9000):  # more than have rows
        data = syn[:26] + (number + (11 << 24)).to_bytes(4, "big") + syn[30:]
        flood.append(blocks.packet(Packet(number, 0, data, len(data))))
    command = [sys.executable, "-c", _CONFINED]
    told = subprocess.run(
        command, check=False, cwd=ROOT, input=b"".join(flood), capture_output=True
    )
    assert told.returncode == 0, told.stderr.decode()
    assert b"attempts to 10.0.0.31 port 9102" in told.stdout


@pytest.mark.parametrize("most", [8, 30])
def test_its_table_grows_no_further_than_its_report_has_room_and_time_for(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("auditor.pipeline.live.MOST_ROWS", most)
    live = live_audit(config=config(), resolve=False)
    live.warm()
    wire = Wire()
    for number in range(40):
        wire.dial(f"10.1.0.{number}", FD1, 9102, refused(f"R_CONSOLE\x1e{number}"))
    live.feed(blocks.section("", "", "", [THINNED]) + blocks.interface(Interface("e", 1), "", ""))
    for number, frame in enumerate(wire.frames):
        live.feed(blocks.packet(Packet(number, 0, frame.data, len(frame.data))))
    audit = live.audit("live")
    assert len(audit.flows) == most
    assert f"found the table of {most} flows full" in audit.captures["incomplete_reason"].iloc[0]


@pytest.mark.parametrize("begun", [b"", b"\x0a\x0d\x0d\x0a"])
@pytest.mark.parametrize("thin", [False, True])
def test_files_of_a_ring_are_one_recording(tmp_path: Path, begun: bytes, thin: bool) -> None:
    """Also where of the next one no whole header is there yet."""
    options: Any = {"config": ROOT / "captures/trouble/config", "resolve": False}
    pieces = cut(ROOT / "captures/trouble/capture.pcap", [200, 500], tmp_path)
    if thin:
        for piece in pieces:
            auditor.thin(piece, tmp_path / "thin", force=True)
            (tmp_path / "thin").replace(piece)
    live = LiveAudit(auditor.load_network(**options), here=False, name=str(pieces[0]))
    for piece in pieces:
        if piece != pieces[0]:
            live.begin_file(str(piece))
        live.feed(piece.read_bytes())
        live.look(live.latest)
    live.begin_file("next")
    live.feed(begun)
    live.look(live.latest)
    grown, whole = live.audit(str(pieces[0])), auditor.audit(pieces, **options)
    for table in ("captures", "flows", "probes", "findings"):
        assert getattr(grown, table).equals(getattr(whole, table)), table


def test_what_never_was_a_capture_is_none() -> None:
    live = LiveAudit(auditor.load_network(resolve=False), here=False, name="a")
    with pytest.raises(CaptureError, match="a is empty"):
        live.audit("a")
    with pytest.raises(CaptureError, match="a is empty"):
        live.begin_file("b")
