"""``--decode-as``: a UDP port is a tunnel, for every command that reads captures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import run
from layering import frame, layer, outer, udp, vxlan
from pcapfile import pcap
from tape import Endpoint, Tape

RULE = "--decode-as=udp.port==8473,vxlan"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    director, storage = Endpoint("10.0.0.10", 40001), Endpoint("10.0.0.20", 9103)
    tape = Tape().syn(director, storage).rst(storage)
    path = tmp_path / "tunnel.pcap"
    around = [(one.time, outer(4, 17, udp(8473, vxlan(one.data[14:])))) for one in tape.frames]
    path.write_bytes(pcap([(time, frame(layer(packet))) for time, packet in around]))
    return path


def flows(*arguments: str | Path) -> list[str]:
    done = run("analyze", *arguments, "--format=json", "--exit-zero")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["basis"]["decode_as"] == ["udp.port==8473,vxlan"] * (RULE in arguments)
    return [flow["initiator"]["address"] for flow in report["flows"]]


def test_what_is_in_the_tunnel_is_audited_with_the_rule_only(capture: Path) -> None:
    assert flows(capture) == []
    assert flows(capture, RULE) == ["10.0.0.10"]


def test_others_who_thin_it_are_told(capture: Path, tmp_path: Path) -> None:
    kept = (f"--work={tmp_path / 'work'}",)
    assert flows(capture, *kept) == []
    assert flows(capture, RULE, *kept) == flows(capture, RULE, *kept) == ["10.0.0.10"]


@pytest.mark.parametrize("more", [(), ("--anonymize",)])
def test_what_was_thinned_with_it_is_read_with_it(
    capture: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    thinned = tmp_path / "thinned.pcapng"
    assert run("thin", capture, "-o", thinned, RULE, *more).exit_code == 0
    assert len(flows(thinned, RULE)) == (not more)


def test_that_a_capture_without_names_has_no_tunnels_is_told_as_a_loss(
    capture: Path, tmp_path: Path
) -> None:
    thinned = tmp_path / "thinned.pcapng"
    run("thin", capture, "-o", thinned, RULE, "--anonymize")
    report = json.loads(run("analyze", thinned, "--format=json", "--exit-zero").stdout)
    (row,) = report["captures"]
    assert row["incomplete"]
    assert "2 packets are in tunnels" in row["incomplete_reason"]


def test_the_excerpt_of_a_saved_audit_has_what_is_in_the_tunnel(
    capture: Path, tmp_path: Path
) -> None:
    saved, written = tmp_path / "audit.json", tmp_path / "excerpt.pcapng"
    run("analyze", capture, RULE, "-o", saved)
    (finding, *_) = json.loads(saved.read_text())["findings"]
    for source in (saved, capture):
        rule = () if source == saved else (RULE,)
        done = run("excerpt", source, f"--finding={finding['id']}", "-o", written, "--force", *rule)
        assert "2 packets" in done.stderr, done.stderr


def test_what_is_no_rule_is_said_before_anything_is_read(capture: Path, tmp_path: Path) -> None:
    done = run("analyze", tmp_path / "none.pcap", "--decode-as=8473,vxlan")
    assert done.exit_code == 2
    assert "'8473,vxlan' does not say how to decode a port" in done.stderr
    assert run("thin", capture, "-o", "-", "--decode-as=vxlan").exit_code == 2
