"""Who is there, and who dialled whom."""

from __future__ import annotations

from typing import Any

from audits import FLOW, made, recorded

from auditor.report.told.standing import State
from auditor.report.told.topology import Topology, drawable, topology
from auditor.report.told.view import View

ROW = {
    "id": "5a:dir>sd",
    "connection": "5a",
    "initiator": "director dir",
    "acceptor": "storage daemon sd",
    "permission": "allowed",
    "addresses": ["192.0.2.20"],
}
KNOWN = {
    **FLOW,
    "initiator_known": True,
    "acceptor_known": True,
    "expectation": "5a:dir>sd",
}


def of(*flows: dict[str, Any], rows: Any = (ROW,)) -> Topology:
    return topology(View(made(flows=[{**KNOWN, **flow} for flow in flows], expectations=rows)))


def test_all_that_the_configuration_names_are_there_and_edges_are_what_was_seen() -> None:
    whole = of()
    assert {name: node.seen for name, node in whole.nodes.items()} == {
        "director dir": False,
        "storage daemon sd": False,
    }
    assert whole.edges == []
    assert of(rows=[{**ROW, "initiator": "any console"}]).nodes.keys() == {"storage daemon sd"}


def test_an_edge_counts_its_connections_and_stands_as_its_worst() -> None:
    whole = of({}, {"attempts": 3}, {"confidence": "guess"})
    (edge,) = whole.edges
    assert (edge.number, edge.flows, edge.state) == ("5a", 5, State.UNKNOWN)
    assert [*edge.dialled] == ["192.0.2.20:9103"]
    assert whole.nodes["storage daemon sd"].role == "storage daemon"


def test_whom_the_configuration_does_not_know_is_apart() -> None:
    stranger = {"initiator_daemon": "198.51.100.9", "initiator_address": "198.51.100.9",
                "initiator_known": False, "connection": ""}  # fmt: skip
    assert of(stranger).nodes["198.51.100.9"].stranger
    assert not of(stranger, rows=()).nodes["198.51.100.9"].stranger


def test_a_name_that_comes_from_elsewhere_is_not_the_daemon() -> None:
    whole = of({"identity_elsewhere": True, "initiator_address": "198.51.100.9"})
    assert whole.nodes["director dir at 198.51.100.9"].stranger
    assert not whole.nodes["director dir"].seen


def test_many_clients_that_are_alike_are_drawn_as_one() -> None:
    clients = [
        {"initiator_daemon": f"file daemon fd{n}", "initiator_address": f"10.0.0.{n}",
         "connection": "6"}
        for n in range(100)
    ]  # fmt: skip
    odd = {**clients[0], "initiator_daemon": "file daemon odd", "confidence": "guess"}
    shown = drawable(of(*clients, odd))
    names = [name for name, node in shown.nodes.items() if node.role == "file daemon"]
    assert names == ["100 file daemons like fd0", "file daemon odd"]
    assert shown.nodes[names[0]].count == 100
    assert {(edge.initiator, edge.flows) for edge in shown.edges} == {
        (names[0], 100),
        (names[1], 1),
    }


def test_very_many_that_differ_end_in_a_rest() -> None:
    clients = [
        {"initiator_daemon": f"file daemon fd{n}", "acceptor_daemon": f"storage daemon s{n}",
         "initiator_address": f"10.0.0.{n}", "connection": "6"}
        for n in range(100)
    ]  # fmt: skip
    shown = drawable(of(*clients))
    assert sum(node.count for node in shown.nodes.values()) == 202
    assert len(shown.nodes) <= 18


def test_a_flood_of_strangers_is_one_box() -> None:
    flood = [
        {"initiator_daemon": f"10.1.0.{n}", "initiator_address": f"10.1.0.{n}",
         "initiator_known": False, "connection": ""}
        for n in range(200)
    ]  # fmt: skip
    shown = drawable(of(*flood))
    strangers = [node for node in shown.nodes.values() if node.stranger]
    assert (len(strangers), strangers[-1].name) == (6, "195 more unknown hosts")


def test_a_recording_has_the_edges_that_were_recorded() -> None:
    whole = topology(View(recorded("trouble")))
    assert [name for name, node in whole.nodes.items() if node.stranger] == ["10.77.0.66"]
    found = {(edge.initiator, edge.acceptor, edge.number) for edge in whole.edges}
    assert ("file daemon fd1", "storage daemon sd1", "6") in found
    assert [edge.number for edge in whole.edges][-1] == ""
