"""What stands before and after the rules, and what the command says of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from firewalls import of_two
from scene import DIR, edited
from site_of import site_of

from auditor.judge.openings_seen import Cut, Seen
from auditor.report.firewall.preface import epilogue, preface, summary
from auditor.site.openings.opening import Direction, Openings
from auditor.site.openings.plan import plan_openings
from auditor.version import __version__

SITE = f"daemons: {{director dir: {{addresses: [{DIR}]}}}}\n"


def planned(folder: Path, host: str = "", **changes: str | None) -> Openings:
    """Plan the scene's network."""
    return plan_openings(site_of(folder, site=SITE, **changes), host)


def cut(number: int, *, closed: bool = True) -> Cut:
    """Return traffic that has no rule."""
    flows = tuple(f"f{one}" for one in range(number, number + 5))
    return Cut(
        Direction.FORWARD, f"10.0.9.{number % 256}", "fd00::1", 9103, closed, flows, 7, "of X"
    )


def test_it_says_what_it_is_for_and_what_it_was_made_from(tmp_path: Path) -> None:
    text = "\n".join(preface(planned(tmp_path), None, ["/etc/bareos", "other"]))
    assert f"for a firewall between the hosts, made by bareos-audit {__version__}\n" in text
    assert "from /etc/bareos, other: what it requires" in text
    assert "a router with NAT" in text
    text = "\n".join(preface(planned(tmp_path / "sd1", "sd1"), None, []))
    assert "for the host of storage daemon sd1 (10.0.0.20), made" in text
    assert "own addresses do not matter" in text


def test_what_is_left_out_is_counted_by_what_is_missing(tmp_path: Path) -> None:
    lines = list(summary(planned(tmp_path)))
    assert lines[:2] == [
        "14 rules let connections through.",
        "5 connections are left out, for want of a fact:",
    ]
    assert sum(line.startswith("  ") for line in lines) == 3
    (line,) = (line for line in lines if "tray monitor" in line)
    assert line.startswith(
        "  3 connections: tray monitor bareos-mon may be started on any machine;"
    )
    assert "left out" not in "\n".join(summary(planned(tmp_path / "fd2", "fd2")))


def test_a_long_list_of_what_is_missing_ends(tmp_path: Path) -> None:
    more = "".join(f"Console {{ Name = c{one}; Password = p{one} }}\n" for one in range(30))
    lines = list(summary(planned(tmp_path, dir=edited("dir", "FileSet {", f"{more}FileSet {{"))))
    assert len(lines) == 11
    assert lines[1].startswith("35 connections are")
    assert lines[-1] == "  … and 25 more facts."


@pytest.mark.parametrize(
    ("heartbeat", "shown"),
    [("", True), ("; Heartbeat Interval = 0", True), ("; Heartbeat Interval = 60", False)],
)
def test_silence_that_a_firewall_may_forget_is_named(
    heartbeat: str, shown: bool, tmp_path: Path
) -> None:
    own = edited("fd1", "; Heartbeat Interval = 30", heartbeat)
    lines = list(preface(planned(tmp_path, "fd1", fd1=own), None, []))
    text = "\n".join(lines)
    assert ("nf_conntrack_tcp_timeout_established" in text) is shown
    assert ("silent for 7200 s" in text) is shown
    if shown:
        assert lines[-1].startswith("  6: ")
        assert lines[-1].endswith("fd1/bareos-fd.conf:2")


def test_what_was_seen_without_a_rule_is_listed_with_its_reason(tmp_path: Path) -> None:
    plan = plan_openings(of_two(tmp_path))
    (chain,) = plan.chains
    one = chain.openings[0]
    used = {(Direction.FORWARD, (one.source, one.address, one.port)): 3}
    seen = Seen(("a.pcap", "b.pcap"), used, (cut(1), cut(2, closed=False), cut(3)))
    lines = list(summary(plan, seen))
    assert lines[0] == "2 rules let connections through; 1 used in a.pcap, b.pcap."
    assert lines[1] == "Seen there without a rule: 2 refused, 1 left alone; the list is at the end."
    assert list(epilogue(seen)) == [
        "Seen, and refused by these rules:",
        "  10.0.9.1 -> [fd00::1]:9103, 7 connections (f1, f2, f3 and 2 more): of X",
        "  10.0.9.3 -> [fd00::1]:9103, 7 connections (f3, f4, f5 and 2 more): of X",
        "Seen, not opened by these rules, and not refused by them either:",
        "  10.0.9.2 -> [fd00::1]:9103, 7 connections (f2, f3, f4 and 2 more): of X",
    ]
    assert list(epilogue(None)) == []


def test_a_scan_of_thousands_ends(tmp_path: Path) -> None:
    seen = Seen(("a",), {}, tuple(cut(one) for one in range(5000)))
    lines = list(epilogue(seen))
    assert len(lines) == 202
    assert lines[-1] == "  … and 4800 more"
    assert "5000 refused, 0 left alone" in list(summary(plan_openings(of_two(tmp_path)), seen))[1]
