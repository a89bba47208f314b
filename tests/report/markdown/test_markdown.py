"""The comment: what it tells, in which order, and that it always fits."""

from __future__ import annotations

import re

import pytest
from audits import FINDING, FLOW, expected, made, recorded
from forge import EVIL, FORGE, inline
from markdown_it import MarkdownIt
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.table import build
from auditor.report import Format, Report, reporter
from auditor.result import Audit, Basis
from auditor.site.middleboxes import middleboxes

#: What a comment on GitHub holds.
COMMENT = 65_536
READER = MarkdownIt("commonmark").enable("table")
#: The only HTML.
TAGS = re.compile(r"<!-- Made by [^<>]*-->|<details><summary>[\w ,()]+</summary>|</details>")
OURS = {"text", "code_inline", "strong_open", "strong_close", "softbreak"}


@pytest.fixture
def report() -> Report:
    return reporter(Format.MARKDOWN)


def sections(text: str) -> list[str]:
    return re.findall(r"^(?:#{2,3} |<details><summary>)(.*?)(?:</summary>)?$", text, re.M)


def test_the_verdict_comes_first_and_what_it_rests_on_last(report: Report) -> None:
    told = sections(report.audit(recorded("trouble")))
    assert told[:2] == ["❌ fail (high): 3 findings (1 high, 2 medium)", "What failed"]
    assert told[-2:] == ["Connections (16)", "What this rests on"]


def test_a_pass_says_of_what(report: Report) -> None:
    text = report.audit(recorded("heartbeat"))
    assert sections(text)[0].startswith("✅ pass: who dials whom: 24 proven, 1 likely")
    assert "What failed" not in text
    assert text.count("who dials whom") + text.count("Who dials whom") == 1


def test_a_cause_has_its_evidence_lines_and_remedy(report: Report) -> None:
    text = report.audit(recorded("trouble"))
    part = text[text.index("#### high: ") : text.index("#### medium: ")]
    for expected_ in (
        "**Do:** Find out what the host is.",
        "Rule `unknown-initiator`.",
        "* Finding `unknown-initiator-",
        "  * Wireshark: `(ip.addr == 10.77.0.66 && ",
        '`hello=Hello Director evil-dir calling Version="22.0.0"`',
        "```text\n>    1  Storage {\n",
    ):
        assert expected_ in part
    assert "Password = …" in text


def test_what_counts_not_is_counted_by_findings_and_says_where_it_is_written(
    report: Report,
) -> None:
    waived = [
        {**FINDING, "id": f"a-{n}", "waived": "we know", "sources": [f"etc/x.conf:{n}"]}
        for n in range(1, 8)
    ]
    note = {**FINDING, "rule": "catalog-cleartext", "severity": "info", "verdict": "note"}
    notes = [{**note, "flow": "", "sources": ["/other/site.yaml:4"]}]
    text = report.audit(made(flows=[FLOW], findings=[*waived, *notes]))
    assert {"Waived, or known from the baseline (7)", "Good to know (1)"} <= {*sections(text)}
    assert "\n  * see `/other/site.yaml:4`\n" in text
    assert "\n  * see `etc/x.conf:1, 2, 3, 4, 5, 6, 7`\n" in text


def test_no_secret_is_in_a_comment(report: Report) -> None:
    assert "Password = " in report.audit(recorded("trouble"))
    assert not re.search(r"Password = (?!…)", report.audit(recorded("trouble")))


def hostile(evil: str) -> Audit:
    flow = {**FLOW, "initiator_daemon": evil, "identity_name": evil, "identity_type": evil}
    finding = {
        **FINDING,
        "message": f"{evil} and {evil}",
        "sources": [f"{evil}:3"],
        "evidence": [f"hello={evil}"],
        "remedy": evil,
    }
    waived = {**finding, "waived": evil, "id": "other"}
    capture = {"name": evil, "incomplete": True, "incomplete_reason": evil, "notes": [evil]}
    return made(flows=[flow], findings=[finding, waived], captures=[capture], problems=[evil])


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_hostile_does_anything(report: Report, evil: str) -> None:
    plain = READER.parse(report.audit(hostile("plain")))
    tokens = READER.parse(report.audit(hostile(evil)))
    shape = [one.type for one in plain if one.type.endswith(("_open", "_block", "fence"))]
    found = [one.type for one in tokens if one.type.endswith(("_open", "_block", "fence"))]
    assert found == shape
    assert {child.type for child in inline(tokens)} <= OURS
    words = [child.content for child in inline(tokens) if child.type == "text"]
    assert not [word for word in words if FORGE.search(word)]
    html = {one.content.strip() for one in tokens if one.type == "html_block"}
    assert all(TAGS.fullmatch(one) for one in html)


def flows(number: int) -> list[dict[str, object]]:
    return [{**FLOW, "id": f"f{one}", "initiator_daemon": f"d{one}"} for one in range(number)]


def test_a_comment_always_fits(report: Report) -> None:
    rows = [
        {
            **FINDING,
            "id": f"one-{number}",
            "remedy": f"{number} {'x y ' * 200}",
            "message": "m " * 450,
        }
        for number in range(300)
    ]
    text = report.audit(made(flows=flows(400), findings=rows))
    assert 50_000 < len(text) <= COMMENT
    assert text.count("<details>") == text.count("</details>")
    assert re.search(
        r"\n\d+ parts did not fit into a comment; the other formats have all\.\n$", text
    )


def test_many_rows_are_counted(report: Report) -> None:
    assert "… and 30 more flows." in report.audit(made(flows=flows(130)))
    captures = [{"name": f"{number}.pcap"} for number in range(33)]
    assert "… and 3 more captures" in report.audit(made(captures=captures))


def test_a_configuration_alone_is_told_in_the_same_form(report: Report) -> None:
    check = auditor.check(CAPTURES / "trouble" / "config", resolve=False, idle_limit="60m")
    told = sections(report.check(check))
    assert told[0] == "❌ fail (medium): 7 findings"
    assert told[-1] == "What this rests on"
    nothing = report.check(auditor.check(network=auditor.load_network()))
    assert sections(nothing)[0] == "❔ could not look: what was read describes no connection"


def test_two_audits_are_told_by_what_changed(report: Report) -> None:
    text = report.comparison(auditor.compare(recorded("heartbeat"), recorded("trouble")))
    assert sections(text) == ["❌ 3 opened, 0 closed, 0 unchanged", "Opened"]
    assert "* **high** " in text
    assert "  * **Do:** " in text
    back = report.comparison(auditor.compare(recorded("trouble"), recorded("heartbeat")))
    assert sections(back) == ["✅ 0 opened, 3 closed, 0 unchanged", "Closed"]


def test_listings_are_tables(report: Report) -> None:
    tables = {
        report.expectations(expected("trouble"), ["a: b"]): 33,
        report.rules(load_rules()): len(load_rules()),
        report.idle_limits([*middleboxes().values()]): len(middleboxes()),
    }
    for text, rows in tables.items():
        found = [token.type for token in READER.parse(text)]
        assert found.count("tr_open") == rows + 1
    assert "* a: b" in report.expectations(expected("trouble"), ["a: b"])
    assert "There is no socket" in report.sockets(build("sockets", ()))
    assert "calls for no connection" in report.expectations(made().tables["expectations"])


def test_sockets_have_a_row_each(report: Report) -> None:
    row = {"connection": "3", "process": "bareos-fd", "local_address": "::1", "local_port": 9102}
    (line,) = [one for one in report.sockets(build("sockets", [row])).splitlines() if "9102" in one]
    assert line.startswith("| 3 | bareos-fd | `[::1]:9102` | ")


def test_one_rule_is_explained(report: Report) -> None:
    rule = next(one for one in load_rules() if one.id == "heartbeat-missing")
    text = report.rules([rule])
    assert sections(text) == ["`heartbeat-missing`"]
    assert '**fail**\n\n```text\nheartbeat_fault == "missing"\n```' in text


def test_what_it_was_made_from_is_told(report: Report) -> None:
    given = Basis(version="1.0", configuration=("/etc/bareos",), site_file="site.yaml", made=0)
    audit = made(flows=[FLOW])
    object.__setattr__(audit, "basis", given)
    text = report.audit(audit)
    assert "* Configuration `/etc/bareos`\n* Site file `site.yaml`\n" in text
    assert "* bareos-audit `1.0`, 1970-01-01 00:00:00 UTC" in text
