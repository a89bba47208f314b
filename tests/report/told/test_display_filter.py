"""Display filters: as Wireshark itself makes them for a conversation."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from audits import FLOW, made
from paths import CAPTURES

from auditor.report.cells import records
from auditor.report.told.display_filter import display_filter
from auditor.report.told.groups import Row
from auditor.report.told.shown_frames import ShownFrames

ENDS = "ip.addr == 192.0.2.10 && ip.addr == 192.0.2.20 && tcp.port == 9103"


def rows(*changes: dict[str, Any]) -> list[Row]:
    return records(made(flows=[{**FLOW, **change} for change in changes]).tables["flows"])


def test_one_connection_is_named_by_both_ends() -> None:
    assert display_filter(rows({})) == f"{ENDS} && tcp.port == 40000"


def test_ipv6_has_a_field_of_its_own() -> None:
    told = display_filter(rows({"initiator_address": "2001:db8::1", "acceptor_address": "::1"}))
    assert told.startswith("ipv6.addr == 2001:db8::1 && ipv6.addr == ::1 && ")


def test_attempts_that_share_a_row_came_from_other_ports_too() -> None:
    assert display_filter(rows({"attempts": 7})) == ENDS


@pytest.mark.parametrize(
    ("networks", "told"),
    [
        (["VLAN 10"], " && vlan.id == 10"),
        (["no VLAN"], " && !vlan"),
        (["VLAN 10", "no VLAN"], " && ((vlan.id == 10) || (!vlan))"),
        (["VLAN 7 VNI 5001"], " && vlan.id == 7 && (vxlan.vni == 5001 || geneve.vni == 5001)"),
        (["VLAN 10", "network 0x8a31"], ""),
        (["VLAN 10 || frame"], ""),
    ],
)
def test_of_several_networks_with_the_same_addresses_one_is_named(
    networks: list[str], told: str
) -> None:
    shown = display_filter(rows({"networks": networks}))
    assert shown == f"{ENDS} && tcp.port == 40000{told}"


def test_several_are_joined() -> None:
    told = display_filter(rows({}, {"initiator_port": 40001}, {}))
    assert told == f"({ENDS} && tcp.port == 40000) || ({ENDS} && tcp.port == 40001)"


def test_many_are_named_by_their_ends() -> None:
    assert display_filter(rows(*({"initiator_port": n} for n in range(1, 40)))) == ENDS


@pytest.mark.parametrize("name", ["", "fe80::1%eth0", "evil || frame", "<b>"])
def test_what_is_no_address_is_in_no_filter(name: str) -> None:
    assert display_filter(rows({"initiator_address": name})) == ""


@pytest.mark.parametrize(
    "told",
    [
        display_filter(rows({"initiator_address": "2001:db8::1"}, {})),
        ShownFrames([]).display_filter(
            rows({"tampering_frames": ["1", "2"], "first_frame": 7}), {}
        ),
        ShownFrames([]).display_filter(rows({"first_frame": 7}), {}),
    ],
)
def test_wireshark_takes_them(told: str) -> None:
    capture = CAPTURES / "cases/40-bacula-site/capture.pcap"
    subprocess.run(["tshark", "-r", capture, "-Y", told], check=True, capture_output=True)
