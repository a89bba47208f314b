"""What others send, or a tap writes beside: it changes no verdict on anybody, and hides nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changed import RECORDINGS, among, frames_of, said, said_of, written
from frames import ethernet
from paths import CAPTURES

import auditor
from auditor.cli.errors import ExitCode, exit_code

STRANGER, OTHER = "192.0.2.66", "192.0.2.67"
SIX = "2001:db8:66::1", "2001:db8:66::2"
_MACS = bytes.fromhex("020000000001020000000002")


def tcp(sport: int, dport: int, *, length: int = 20) -> bytes:
    """Return an ACK that nobody asked for, cut to ``length`` bytes."""
    ports = sport.to_bytes(2, "big") + dport.to_bytes(2, "big")
    return (ports + bytes(8) + b"\x50\x10\1\xf4" + bytes(4))[:length]


def link(kind: int, data: bytes) -> bytes:
    return _MACS + kind.to_bytes(2, "big") + data


def cut(frame: bytes, kept: int) -> tuple[bytes, int]:
    """Return a frame of which the recorder kept so many bytes, and how long it was."""
    return frame[:kept], len(frame)


def longer(frame: bytes, total: int) -> bytes:
    """Return a frame whose IPv4 header claims another length."""
    return frame[:16] + total.to_bytes(2, "big") + frame[18:]


UDP, ESP, ICMPV6 = 17, 50, 58
#: Frames that can hold no segment of Bareos, or none of which anything is missing: of each the
#: bytes, and its length on the wire.
HARMLESS = {
    "a runt": (_MACS[:9], 9),
    "half a VLAN tag": (link(0x8100, b"\0"), 15),
    "LLDP": (link(0x88CC, bytes(46)), 60),
    "802.1X": (link(0x888E, bytes(46)), 60),
    "spanning tree": (_MACS + b"\0\x26\x42\x42\3" + bytes(43), 60),
    "an EtherType that nobody knows": (link(0x1234, bytes(46)), 60),
    "ARP": (link(0x0806, bytes(28)), 42),
    "malformed ARP": (link(0x0806, b"\0"), 15),
    "UDP that is shorter than its header": (ethernet(STRANGER, OTHER, UDP, b"\0\1"), 36),
    "UDP that claims to be longer": (longer(ethernet(STRANGER, OTHER, UDP, bytes(8)), 99), 42),
    "cut UDP": cut(ethernet(STRANGER, OTHER, UDP, bytes(40)), 38),
    "TCP that is shorter than its header": (
        ethernet(STRANGER, OTHER, 6, tcp(9102, 9, length=6)),
        40,
    ),
    "TCP of others": (ethernet(STRANGER, OTHER, 6, tcp(22, 40000)), 54),
    "cut TCP of others": cut(ethernet(STRANGER, OTHER, 6, tcp(22, 40000)), 40),
    "cut TCP of others over IPv6": cut(ethernet(*SIX, 6, tcp(22, 40000)), 60),
    "half a neighbour solicitation": (ethernet(*SIX, ICMPV6, b"\x87"), 55),
}
#: Frames that may have held one.
DOUBTFUL = {
    "cut TCP of Bareos": cut(ethernet(STRANGER, OTHER, 6, tcp(40000, 9102)), 40),
    "cut TCP without ports": cut(ethernet(STRANGER, OTHER, 6, tcp(40000, 9102)), 36),
    "cut in the IP header": cut(ethernet(STRANGER, OTHER, 6, tcp(40000, 9102)), 30),
    "cut in the IPv6 header": cut(ethernet(*SIX, 6, tcp(40000, 9102)), 40),
}


@pytest.mark.parametrize("late", [0, 7000])
@pytest.mark.parametrize("name", RECORDINGS)
def test_what_holds_no_segment_of_bareos_changes_nothing(
    name: str, late: int, tmp_path: Path
) -> None:
    """Nor the exit code: of the findings none is more and none is less."""
    frames = among(name, *HARMLESS.values(), late=late)
    assert said_of(written(tmp_path / "x.pcap", name, frames), name) == said(name)


@pytest.mark.parametrize("what", HARMLESS)
def test_each_of_it_by_itself(what: str, tmp_path: Path) -> None:
    name = "cases/19-client-initiated-heartbeat-at-director"
    frames = among(name, HARMLESS[what])
    assert said_of(written(tmp_path / "x.pcap", name, frames), name) == said(name)


@pytest.mark.parametrize("name", RECORDINGS)
def test_what_may_have_held_one_is_a_loss_and_changes_no_other_verdict(
    name: str, tmp_path: Path
) -> None:
    """It is of a stranger: whoever sends it hides no finding, and voids nothing of others."""
    known, frames = said(name), among(name, *DOUBTFUL.values())
    found = said_of(written(tmp_path / "x.pcap", name, frames), name)
    assert found.flows == known.flows
    more = found.findings - known.findings
    assert set(more) <= {("capture-incomplete", "fail", "low")}
    assert {key[0] for key in known.findings - found.findings} <= {"expected-connection-unseen"}


@pytest.mark.parametrize("what", DOUBTFUL)
def test_the_first_lines_say_by_layer_what_was_not_decoded(what: str, tmp_path: Path) -> None:
    name = "cases/19-client-initiated-heartbeat-at-director"
    config = CAPTURES / name / "config"
    path = written(tmp_path / "x.pcap", name, among(name, DOUBTFUL[what]))
    audit = auditor.audit(path, config=config, resolve=False)
    (layer,) = audit.captures["undecoded_layers"][0]
    assert layer.endswith(f"by the recorder: {audit.captures['undecoded'][0]}")
    assert any(layer in sentence for sentence in audit.statements)
    auditor.thin(path, tmp_path / "thin.pcapng", config=config)
    thinned = auditor.audit(tmp_path / "thin.pcapng", config=config, resolve=False)
    assert thinned.captures["undecoded_layers"][0] == [layer]
    assert thinned.captures["incomplete_reason"][0] == audit.captures["incomplete_reason"][0]


@pytest.mark.parametrize("name", RECORDINGS)
def test_acknowledgements_of_a_stranger_change_no_verdict_on_others(
    name: str, tmp_path: Path
) -> None:
    """Of what nobody sent, to every port of Bareos that a recording has, and in the name of each:
    they are a connection of his own."""
    known = said(name)
    ends = {(flow[2], int(flow[3])) for flow in known.flows}
    frames = []
    for address, port in ends:
        stranger = SIX[0] if ":" in address else STRANGER
        frames += [ethernet(stranger, address, 6, tcp(40000, port))]
        frames += [ethernet(address, stranger, 6, tcp(port, 40000))]
    inserted = among(name, *((frame, len(frame)) for frame in frames))
    found = said_of(written(tmp_path / "x.pcap", name, inserted), name)
    assert known.flows <= found.flows
    assert all({STRANGER, SIX[0]} & {*flow[:4]} for flow in found.flows - known.flows)
    assert known.findings <= found.findings
    assert not [key for key in found.findings - known.findings if key[1] == "fail"]


# ---------------------------------------------------------------------- nothing seen at all


@pytest.mark.parametrize(("number", "name"), [(195, "IEEE 802.15.4"), (189, "USB of Linux")])
def test_a_capture_of_a_link_type_that_nobody_knows_shows_nothing(
    number: int, name: str, tmp_path: Path
) -> None:
    """Not that something is wrong: exit code 3, with the name of the type."""
    frames = frames_of("cases/19-client-initiated-heartbeat-at-director")
    path = written(tmp_path / "x.pcap", "", frames, link=number)
    audit = auditor.audit(path, resolve=False)
    assert (audit.verdict, exit_code(audit)) == ("unknown", ExitCode.BLIND)
    told = f"link type {number} ({name}): {len(frames)}"
    assert any(told in sentence for sentence in audit.statements)
    assert audit.captures["undecoded_layers"][0] == [told]
    (capture,) = json.loads(audit.to_json())["captures"]
    assert (capture["undecoded"], capture["undecoded_layers"]) == (len(frames), [told])
    auditor.thin(path, tmp_path / "thin.pcapng")
    thinned = auditor.audit(tmp_path / "thin.pcapng", resolve=False)
    assert exit_code(thinned) is ExitCode.BLIND
    assert thinned.captures["undecoded_layers"][0] == [told]
