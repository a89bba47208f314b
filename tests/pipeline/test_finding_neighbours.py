"""What is between the same ends as a connection, and not its own."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made

from auditor.pipeline.finding_neighbours import neighbours
from auditor.pipeline.recordings.saved import Captures

VLANS = [["VLAN 10"], ["VLAN 20"]]


def beside(*changes: dict[str, Any]) -> Any:
    rows = [{**FLOW, "id": f"f{at}", "started": at, **one} for at, one in enumerate(changes)]
    audit = made(flows=rows)
    return neighbours(audit, audit.tables["flows"].rows(), Captures(audit.tables["captures"]))


def test_the_next_connection_begins_where_one_ends() -> None:
    found = beside({}, {"initiator_port": 7}, {}, {})
    assert found.next_start == {"f0": 2, "f2": 3}
    assert found.networks == {}


def test_attempts_that_share_a_row_have_no_ports_of_others() -> None:
    found = beside({}, {"attempts": 5}, {"initiator_port": 7})
    assert found.ports == {"f1": frozenset({FLOW["initiator_port"], 7})}
    assert found.next_start == {}


def test_another_network_is_beside_and_ends_nothing() -> None:
    found = beside(*({"networks": VLANS[at % 2]} for at in range(4)))
    assert found.next_start == {"f0": 2, "f1": 3}
    assert found.networks["f0"] == {20}
    assert found.networks["f1"] == {10}


@pytest.mark.parametrize("words", ["nonsense", "VLAN x"])
def test_networks_that_nobody_wrote_are_passed_over(words: str) -> None:
    assert beside({"networks": [words]}, {"networks": VLANS[0]}).networks["f1"] == frozenset()
