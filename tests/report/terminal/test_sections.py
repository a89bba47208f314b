"""What a person reads, section by section."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made, recorded
from rich.cells import cell_len

from auditor.config.resources import Excerpt
from auditor.report import Format, RenderOptions, reporter


def told(look: RenderOptions | None = None, **rows: Any) -> str:
    return reporter(Format.TABLE, look or RenderOptions()).audit(made(**rows))


def test_the_verdict_comes_first_with_what_it_rests_on_and_what_was_read_next() -> None:
    lines = told(flows=[FLOW], expectations=[{"id": "e"}]).splitlines()
    assert lines[:3] == [
        "pass: who dials whom: 1 proven; heartbeats: 1 proven",
        "a.pcap: 9 packets, 90 s, 2027-01-15 08:00:00 – 08:01:30 UTC",
        "",
    ]


def test_an_incomplete_capture_says_what_is_missing() -> None:
    row = {**CAPTURE, "incomplete": True, "incomplete_reason": "3 packets were dropped"}
    assert "    incomplete: 3 packets were dropped\n" in told(captures=[row])


def test_an_empty_capture_has_no_times() -> None:
    row = {"name": "a.pcap", "packets": 0, "segments": 0, "notes": ["it is empty"]}
    text = told(captures=[row])
    assert text.startswith("could not look: the captures hold no TCP segment")
    assert "\na.pcap: 0 packets\n" in text
    assert "it is empty" in text


def test_a_fail_says_what_happened_where_it_stands_and_what_to_do() -> None:
    text = told(flows=[FLOW], findings=[FINDING])
    assert text.startswith("fail (medium): 1 finding\n")
    assert (
        "\n\nmedium  sd refused (connection-refused, 08:00:00, flow f1)\n"
        "  see   dir.conf:2, 10\n"
        "  do    Start it.\n"
    ) in text


def test_equal_fails_are_counted() -> None:
    flows = [{**FLOW, "id": f"f{n}"} for n in range(1, 7)]
    text = told(flows=flows, findings=[{**FINDING, "flow": row["id"]} for row in flows])
    assert "sd refused × 6 (connection-refused, 08:00:00, flows f1, f2, f3, f4 …)" in text


def test_no_more_places_are_named_than_fit_and_no_name_in_one_is_broken() -> None:
    folder = "/".join(["a" * 20] * 6)
    sources = [f"/etc/{n}/{folder}/x.conf:{n}" for n in range(5)]
    text = told(flows=[FLOW], findings=[{**FINDING, "sources": sources}])
    assert "configuration in /etc\n" in text
    assert (
        f"  see   0/{'/'.join(['a' * 20] * 4)}/\n        {'a' * 20}/{'a' * 20}/x.conf:0\n" in text
    )
    assert "x.conf:2 … and 2 more files\n" in text


def test_the_worst_comes_first() -> None:
    worst = {**FINDING, "severity": "high", "rule": "identity-mismatch"}
    text = told(findings=[FINDING, worst])
    assert "fail (high): 2 findings (1 high, 1 medium)" in text
    assert 0 < text.index("\nhigh    ") < text.index("\nmedium  ")


def test_what_is_waived_comes_last() -> None:
    worst = {**FINDING, "severity": "high", "rule": "identity-mismatch", "waived": "known"}
    text = told(findings=[FINDING, worst])
    assert 0 < text.index("\nmedium  ") < text.index("\nhigh    ")


def test_many_different_fails_of_one_rule_are_cut() -> None:
    rows = [{**FINDING, "flow": "", "message": f"host {n} is down"} for n in range(40)]
    text = told(findings=rows)
    assert text.count(" is down (connection-refused)\n") == 25
    assert "and 15 more like these (rule connection-refused)" in text


@pytest.mark.parametrize(("many", "left"), [(100, ""), (101, "1 more finding"), (350, "250 more")])
def test_many_causes_of_one_rule_are_cut_and_those_of_others_are_not(many: int, left: str) -> None:
    rows = [
        {**FINDING, "flow": "", "message": "down", "remedy": f"Start host {n}."}
        for n in range(many)
    ]
    other = {**FINDING, "flow": "", "rule": "login-refused", "remedy": "Write the same."}
    text = told(findings=[*rows, other])
    assert text.count("  do    Start host ") == min(many, 100)
    assert "  do    Write the same." in text
    assert ("JSON and CSV have each" in " ".join(text.split())) == bool(left)
    assert left in text


def test_a_waived_fail_is_marked_and_asks_for_nothing() -> None:
    text = told(flows=[FLOW], findings=[{**FINDING, "waived": "old printer"}])
    last = text.partition("Waived, or known from the baseline")[2].splitlines()[1:]
    assert last == ["medium  sd refused [waived: old printer] (connection-refused)"]
    assert "\n  do " not in text
    assert "1 waived" in text


def test_what_a_baseline_had_is_told_with_its_date() -> None:
    rows = [
        {**FINDING, "known_since": 1_800_000_000_000_000_000, "message": f"host {n} is {n}"}
        for n in range(3)
    ]
    text = told(flows=[FLOW], findings=rows)
    assert text.startswith("pass (nothing new): ")
    assert text.endswith("host 0 is 0 [known since 2027-01-15] and 2 more (connection-refused)\n")


def test_each_of_what_is_waived_is_a_line() -> None:
    rows = [{**FINDING, "flow": "", "message": f"host {c}", "waived": "x"} for c in "abcdef"]
    text = told(findings=rows).partition("Waived, or known")[2]
    assert [line.split()[2] for line in text.splitlines()[1:]] == list("abcdef")


def test_of_much_that_is_waived_some_is_told() -> None:
    names = [f"{a}{b}{c}" for a in "abcdef" for b in "abcdef" for c in "abcd"]
    rows = [{**FINDING, "flow": "", "message": f"host {c}", "waived": "x"} for c in names]
    text = told(findings=rows).partition("Waived, or known")[2]
    assert text.count("[waived: x]") == 100
    assert "and 44 more findings; JSON and CSV have each" in text


def brief(width: int = 80, **rows: Any) -> str:
    return told(RenderOptions(width=width, brief=True), **rows)


def test_a_brief_report_is_a_first_screen() -> None:
    text = brief(flows=[FLOW], findings=[FINDING, {**FINDING, "waived": "known"}])
    assert text.startswith("fail (medium): 1 finding")
    assert text.endswith("\nmedium  sd refused (connection-refused)\n")
    assert "Connections" not in text


def test_a_long_message_is_cut_where_the_second_line_ends() -> None:
    text = brief(findings=[{**FINDING, "message": "word " * 200}])
    shown = text.partition("\nmedium  ")[2].splitlines()
    assert len(shown) == 2
    assert "… (connection-refused)" in text


def test_a_brief_report_of_many_fails_counts_the_rest() -> None:
    rows = [
        {**FINDING, "flow": "", "message": f"host {n}", "remedy": f"Start {n}."} for n in range(40)
    ]
    text = brief(findings=rows)
    assert text.count("(connection-refused)") == 12
    assert text.endswith("and 28 more findings\n")
    assert len(text.splitlines()) <= 24


def test_a_brief_report_of_what_is_right_is_the_verdict_and_what_it_rests_on() -> None:
    assert brief(flows=[FLOW], expectations=[{"id": "e"}]).count("\n") == 2


def quoted(*excerpts: Excerpt, width: int = 100) -> str:
    sources = [one.source for one in excerpts]
    audit = replace(made(findings=[{**FINDING, "sources": sources}]), excerpts=excerpts)
    text = reporter(Format.TABLE, RenderOptions(width=width)).audit(audit)
    return text.partition("  see   ")[2].partition("\n  do ")[0]


PASSIVE = Excerpt("/b/dir.conf", 10, 8, ("", "", "  Passive = yes", "}", ""))
CLIENT = Excerpt("/b/dir.conf", 2, 1, ("", "Client {", '  Name = "fd1"', ""))


def test_the_line_of_the_configuration_stands_beside_its_place() -> None:
    other = Excerpt("/b/fd.conf", 1, 1, ("Client { Name = fd1",))
    assert quoted(PASSIVE, other) == (
        "dir.conf:10   Passive = yes\n        fd.conf:1   Client { Name = fd1"
    )


def test_the_head_of_a_resource_is_told_with_its_name_where_nothing_else_is() -> None:
    assert quoted(CLIENT) == 'dir.conf:2   Client { Name = "fd1"'
    assert quoted(CLIENT, PASSIVE) == "dir.conf:2, 10   Passive = yes"


def test_several_lines_of_a_file_and_long_ones_stand_below_it() -> None:
    address = Excerpt("/b/dir.conf", 11, 11, ("Address = 10.0.0.1",))
    more = Excerpt("/b/dir.conf", 12, 12, ("Port = 1",))
    assert quoted(PASSIVE, address, more) == (
        "dir.conf:10, 11, 12\n          Passive = yes\n          Address = 10.0.0.1"
    )
    long = Excerpt("/b/dir.conf", 3, 3, ("Addresses = " + "x" * 80,))
    assert quoted(long).splitlines()[0] == "dir.conf:3"
    assert quoted(long, width=80) == "dir.conf:3", "the first screen of a small terminal is short"


def test_what_was_not_read_is_not_quoted() -> None:
    assert quoted(Excerpt("/b/none.conf", 9, 1, ("",))) == "none.conf:9"


def test_an_unsure_finding_says_how_sure_it_is() -> None:
    flow = {**FLOW, "match_reason": "3 and 10 both fit"}
    rows = [{**FINDING, "confidence": "likely"}, {**FINDING, "confidence": "guess", "flow": "f2"}]
    text = told(flows=[FLOW, {**flow, "id": "f2", "acceptor_port": 1}], findings=rows)
    assert "f1, likely)" in text
    assert "f2, guess: 3 and 10 both fit)" in " ".join(text.split())


def test_what_could_not_be_decided_has_a_section() -> None:
    row = {**FINDING, "verdict": "unknown", "message": "cannot tell, the capture is short"}
    text = told(flows=[FLOW], findings=[row])
    assert "Could not be decided ─" in text
    assert "1 undecided" in text
    assert "\nmedium" not in text


NOTE = {"severity": "info", "verdict": "note"}


def test_infos_fail_nothing_and_are_few() -> None:
    rows = [
        {**FINDING, **NOTE, "rule": "capture-incomplete", "flow": "", "message": f"m{n}x"}
        for n in range(9)
    ]
    text = told(flows=[FLOW], findings=rows)
    assert text.startswith("pass: ")
    assert "Good to know ─" in text
    assert "and 5 more like these (rule capture-incomplete)" in text


def test_flows_are_told_by_number_with_count_and_title() -> None:
    text = told(flows=[FLOW, {**FLOW, "id": "f2"}])
    assert "5a Director to Storage Daemon  2 flows\n" in text
    assert "      2  dir        sd        192.0.2.20:9103  TLS 1.3  60 s 60.5 s pass  dir\n" in text


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"transport": "cleartext", "tls_version": ""}, "cleartext"),
        ({"transport": "postgresql", "tls_version": ""}, "PostgreSQL"),
        ({"transport": "unknown", "tls_version": ""}, "no hello"),
        ({"outcome": "midstream"}, "TLS 1.3, no SYN"),
        ({"outcome": "refused"}, "refused"),
        ({"outcome": "unanswered"}, "unanswered"),
    ],
)
def test_a_flow_says_what_became_of_it(change: dict[str, str], seen: str) -> None:
    assert f"192.0.2.20:9103  {seen}  " in told(flows=[{**FLOW, **change}])


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_word_of_a_table_is_split_where_the_screen_is_narrow(width: int) -> None:
    flow = {**FLOW, "acceptor_address": "2001:db8:aaaa:bbbb::1"}
    words = told(RenderOptions(width=width), flows=[flow]).split()
    assert {"dir", "([2001:db8:aaaa:bbbb::1]:9103):"} <= set(words) or width == 80
    assert {"unanswered", "heartbeat"} & set(words)


def test_a_heartbeat_is_a_sentence_where_its_columns_have_no_room() -> None:
    flow = {**FLOW, "heartbeat_verdict": "unknown", "heartbeat_reason": "it was never quiet"}
    text = told(RenderOptions(width=50), flows=[flow])
    assert "\n  5a 1 × dir → sd: 60 s set, 60.5 s seen, " in text
    assert "\n        it was never quiet\n" in text


def test_a_reason_stands_below_its_line_where_its_column_would_be_too_narrow() -> None:
    flow = {**FLOW, "heartbeat_due": "9 s or 7200 s (system) or " + "60 s " * 8}
    flow |= {"heartbeat_expected_s": None, "heartbeat_verdict": "fail"}
    text = told(flows=[{**flow, "heartbeat_reason": "HeartbeatInterval is not known " * 3}])
    assert "\n        HeartbeatInterval is not known HeartbeatInterval is not known" in text


def test_ipv6_has_brackets_before_its_port() -> None:
    flow = {**FLOW, "acceptor_address": "2001:db8::1"}
    assert "[2001:db8::1]:9103" in told(flows=[flow])


def test_flows_without_a_number_come_last() -> None:
    text = told(flows=[{**FLOW, "connection": ""}, {**FLOW, "id": "f2"}])
    assert 0 < text.index("Director to Storage Daemon") < text.index("Without a number  1 flow")


def test_a_scan_of_ports_does_not_flood_the_screen() -> None:
    stranger = {
        **FLOW,
        "connection": "",
        "heartbeat_expected_s": None,
        "heartbeat_verdict": "unknown",
    }
    scan = [{**stranger, "id": f"f{n}", "initiator_daemon": f"198.51.100.{n}"} for n in range(200)]
    text = told(flows=scan)
    assert len(text.splitlines()) < 80
    assert "and 175 more (--format csv)" in text


def test_a_heartbeat_has_its_numbers_and_reason() -> None:
    text = told(flows=[FLOW])
    assert "60 s  60.5 s  3 of 3    pass     probes came every 60.5 s" in text


def test_flows_on_system_timers_are_one_line() -> None:
    quiet = {
        **FLOW,
        "heartbeat_expected_s": 0,
        "heartbeat_verdict": "unknown",
        "heartbeat_observed_s": None,
        "heartbeat_reason": "nobody was idle",
    }
    text = told(flows=[quiet, {**quiet, "id": "f2", "connection": "6"}])
    assert "  • 2 flows (5a, 6): nobody was idle\n" in text


def test_what_was_not_seen_is_named() -> None:
    row = {
        "id": "x", "connection": "4", "initiator": "file daemon fd", "acceptor": "director dir",
        "permission": "required", "opportunity_reason": "the capture is short", "jobs": [],
    }  # fmt: skip
    planned = {**row, "connection": "6", "permission": "allowed", "jobs": ["backup"]}
    text = told(flows=[FLOW], expectations=[row, planned])
    assert "numbers not seen: 1, 2, 3, 4, 5b, 6," in text
    assert "required but not seen: 4 file daemon fd → director dir: the capture is short" in text
    assert "planned by jobs but not seen: 6 file daemon fd → director dir" in text


def test_equal_problems_are_one() -> None:
    problems = [f"dir/{n}.conf:3: X is deprecated" for n in range(9)] + ["'h' has no address here"]
    text = told(problems=problems)
    assert text.count("X is deprecated") == 1
    assert "… and 6 more files" in text
    assert "'h' has no address here" in text


def test_many_problems_are_cut() -> None:
    assert "and 14 more (--format json)" in told(problems=[f"a:{n}: p{n}x" for n in range(20)])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
@pytest.mark.parametrize("name", ["trouble", "heartbeat", "wan"])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    text = reporter(Format.TABLE, RenderOptions(width=width)).audit(recorded(name))
    assert max(map(cell_len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 100])
def test_colour_changes_no_character(width: int) -> None:
    from rich.text import Text

    audit = recorded("trouble")
    coloured = reporter(Format.TABLE, RenderOptions(width=width, colour=True)).audit(audit)
    plain = reporter(Format.TABLE, RenderOptions(width=width)).audit(audit)
    shown = [line.rstrip() for line in Text.from_ansi(coloured).plain.splitlines()]
    assert shown == plain.splitlines()


def test_a_locale_without_unicode_gets_ascii() -> None:
    report = reporter(Format.TABLE, RenderOptions(plain=True))
    shown = report.audit(recorded("trouble"))
    assert shown.isascii() and "as Bareos always does (x 3)" in " ".join(shown.split())


_BY_SOCKET = {
    **FLOW,
    "outcome": "midstream", "transport": "unknown", "tls_version": "", "segments": 0,
    "identity_type": "", "identity_name": "",
    "heartbeat_verdict": "unknown", "heartbeat_fault": "", "heartbeat_probes": 0,
    "heartbeat_observed_s": None, "heartbeat_due": "60 s", "socket_side": "initiator",
    "heartbeat_reason": "no packet of it was seen; dir has set its socket to probe after 60 s",
    "socket_reason": "dir has set its socket to probe after 60 s; 60 s is configured",
}  # fmt: skip


@pytest.mark.parametrize("verdict", ["pass", "fail"])
def test_what_only_the_socket_shows_is_said_to_be_that(verdict: str) -> None:
    lines = [
        line.split()
        for line in told(flows=[{**_BY_SOCKET, "socket_verdict": verdict}]).splitlines()
    ]
    (seen,) = (line for line in lines if "only" in line and "1" in line)
    assert " ".join(seen).endswith(f"its socket only 60 s {verdict}")
    (heartbeat,) = (line for line in lines if line[:1] == ["5a"] and "socket" in line)
    assert heartbeat[3:9] == ["1", "60", "s", "socket", "-", verdict]
    assert "no packet of it was seen" not in told(flows=[{**_BY_SOCKET, "socket_verdict": verdict}])


def test_a_probe_that_is_wrong_outweighs_the_socket() -> None:
    flow = {**_BY_SOCKET, "socket_verdict": "pass", "heartbeat_fault": "missing", "segments": 9}
    assert " 60 s  -  " in told(flows=[flow])
