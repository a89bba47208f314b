"""What a reader must know of the captures themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from audits import CAPTURE, FLOW, made
from paths import CAPTURES

from auditor.judge.tables.table import Table
from auditor.pipeline.capture_statements import (
    clock,
    only_counted,
    several_networks,
    translated,
    undecoded,
)
from auditor.pipeline.network import load_network
from auditor.site.site_file import SiteFile

NETWORK = load_network()


def of(**column: object) -> dict[str, Table]:
    return made(captures=[CAPTURE, {**CAPTURE, **column}]).tables


def test_what_could_not_be_decoded_is_told_with_its_layers() -> None:
    tables = of(undecoded=1234, undecoded_layers=["ESP: 1230", "a: 1", "b: 1", "c: 1", "d: 1"])
    (said,) = undecoded(NETWORK, tables)
    assert said.startswith("1,234 packets could not be decoded (ESP: 1230, a: 1, b: 1 and 2 more)")
    assert said.endswith("not seen, and none of those is called missing")


@pytest.mark.parametrize("steps", [1, 2])
def test_how_often_a_clock_was_set_back_is_told(steps: int) -> None:
    (said,) = clock(NETWORK, of(clock_steps=["then -1.000 s"] * steps))
    assert f"set {'once' if steps == 1 else '2 times'}: no silence" in said


def test_so_are_the_first_of_what_was_only_counted() -> None:
    said = list(only_counted(NETWORK, of(summarised=["a", "b", "c", "d", "e"])))
    assert said == ["a", "b", "c", "and so are attempts of 2 more kinds: see CAPTURES"]


def test_what_has_a_row_for_each_side_of_a_nat_is_counted_and_one_is_named() -> None:
    names = {"f1": ["f3"], "f2": [], "f3": ["f1"]}
    rows = [{**FLOW, "id": name, "translated_as": others} for name, others in names.items()]
    (said,) = translated(NETWORK, made(flows=rows).tables)
    assert said.startswith("2 flows are connections that were seen on both sides")
    assert said.endswith(": f1 and f3 are one")


@pytest.mark.parametrize("say", [undecoded, clock, translated, only_counted])
def test_of_an_ordinary_capture_and_of_none_there_is_nothing_to_say(say) -> None:
    assert list(say(NETWORK, of())) == []
    assert list(say(NETWORK, {})) == []


def test_hosts_of_several_networks_are_told_by_their_vlans() -> None:
    seen = [["VLAN 10"], ["no VLAN", "VLAN 20"], ["VLAN 10"], []]
    tables = made(flows=[{**FLOW, "networks": some} for some in seen]).tables
    (said,) = several_networks(NETWORK, tables)
    assert said == (
        "hosts of several networks have the same addresses (VLAN 10, no VLAN and VLAN 20): their "
        "connections are told apart"
    )
    (said,) = several_networks(load_network(config=CAPTURES / "trouble" / "config"), tables)
    assert "each held against this configuration by itself" in said
    assert "`same_network` of the site file" in said
    known = replace(NETWORK, site_file=SiteFile(same_network=(("VLAN 10", "no VLAN"),)))
    seen = [["VLAN 10"], ["VLAN 30"], ["no VLAN"]]
    tables = made(flows=[{**FLOW, "networks": some} for some in seen]).tables
    (said,) = several_networks(known, tables)
    assert "(VLAN 10 and no VLAN, VLAN 30)" in said
    assert list(several_networks(NETWORK, made(flows=[FLOW]).tables)) == []
    assert list(several_networks(NETWORK, {})) == []
