"""The picture of the site."""

from __future__ import annotations

import re

from audits import recorded
from pages import parsed

from auditor.report.html.plots import inline
from auditor.report.pictures.topology_plot import WIDTH, topology_plot
from auditor.report.told.standing import State
from auditor.report.told.topology import Edge, Node, Topology, drawable, topology
from auditor.report.told.view import View


def drawn(name: str) -> str:
    return str(inline(topology_plot(drawable(topology(View(recorded(name)))))))


def test_every_end_and_every_edge_is_drawn() -> None:
    page = parsed(drawn("modes"))
    texts = [one.text for one in page.find("text")]
    assert {"fd1", "fd2", "fd3", "sd1", "sd2", "bareos-dir", "MyCatalog"} <= {*texts}
    numbers = {one.attributes["data-numbers"] for one in page.find("g")}
    assert numbers == {"1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9", "10", "11", "12"}


def test_strangers_are_apart_and_fails_are_marked_by_more_than_colour() -> None:
    page = parsed(drawn("trouble"))
    texts = [one.text for one in page.find("text")]
    assert "unknown to the configuration" in texts
    assert [text for text in texts if "✕" in text].count("3 ✕") == 1
    (svg,) = page.find("svg")
    assert "1 of them unknown to the configuration" in svg.attributes["aria-label"]


def test_everything_is_inside_the_picture() -> None:
    for name in ("modes", "trouble"):
        text = drawn(name)
        (height,) = re.findall(rf'viewBox="0 0 {WIDTH} (\d+)"', text)
        for path in re.findall(r' d="([^"]*)"', text):
            places = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)
            assert all(-5 <= float(x) <= WIDTH + 5 for x, _ in places)
            assert all(-5 <= float(y) <= float(height) + 5 for _, y in places)


def test_any_two_ends_may_be_joined() -> None:
    roles = ["director", "file daemon", "storage daemon", "console", "catalog", "tray monitor", ""]
    nodes = {
        name: Node(name, name.removeprefix("r "), seen=True) for name in (f"r {r}" for r in roles)
    }
    nodes["x"] = Node("x", "", {"1.2.3.4": None}, seen=True, stranger=True)
    nodes["5 file daemons"] = Node("5 file daemons", "file daemon", count=5)
    edges = [Edge(a, b, "8", State.FAIL) for a in nodes for b in nodes]
    page = parsed(str(inline(topology_plot(Topology(nodes, edges)))))
    assert len(page.find("g", data_numbers="8")) == 2 * len(edges)


def test_daemons_of_one_address_are_in_a_frame_that_names_it() -> None:
    page = parsed(drawn("modes"))
    texts = [one.text for one in page.find("text")]
    assert "10.77.0.40" in texts and "10.77.0.41" not in texts
    (svg,) = page.find("svg")
    assert "a frame holds what is at one address" in svg.attributes["aria-label"]
    evil = Node("dir", "director", {"<b>$x$&": None}), Node("fd", "file daemon", {"<b>$x$&": None})
    shown = parsed(str(inline(topology_plot(Topology({one.name: one for one in evil}, [])))))
    assert "<b>$x$&" in [one.text for one in shown.find("text")]


def test_who_was_not_seen_is_said_beside_an_address() -> None:
    ends = {"vault": "10.177.0.20", "six": "2001:db8:12:34:56::31", "name": ""}
    ends["longer"] = "2001:db8:1234:5678:9abc::31"
    nodes = {
        name: Node(f"storage daemon {name}", "storage daemon", {at: None} if at else {})
        for name, at in ends.items()
    }
    page = parsed(str(inline(topology_plot(Topology(nodes, [])))))
    assert {
        "storage daemon 10.177.0.20, not seen",
        "2001:db8:12:34:56::31, not seen",
        "2001:db8:1234:5678:9abc::31",
        "storage daemon, not seen",
    } <= {one.text for one in page.find("text")}


def test_of_nobody_there_is_no_picture() -> None:
    assert topology_plot(Topology({}, [])) is None
