"""An earlier report of ours is known by how it begins; nothing else is."""

from __future__ import annotations

import csv
import io

import pytest
from audits import FINDING, FLOW, expected, made, recorded
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.columns import TABLES
from auditor.judge.tables.table import build
from auditor.report import Format, RenderOptions, Report, TableName, reporter
from auditor.report.formats import LISTINGS
from auditor.report.own_reports import is_report
from auditor.site.middleboxes import middleboxes


@pytest.mark.parametrize("chosen", Format)
def test_every_report_of_every_format_is_known(chosen: Format) -> None:
    report = reporter(chosen, RenderOptions())
    texts = [
        report.audit(recorded("trouble")),
        report.audit(made(flows=[FLOW])),
        report.audit(made(flows=[FLOW], findings=[FINDING])),
        report.audit(made(captures=())),
        report.audit(made(findings=[{**FINDING, "verdict": "unknown"}])),
        report.check(auditor.check(CAPTURES / "trouble" / "config", resolve=False)),
        report.check(auditor.check(network=auditor.load_network())),
    ]
    if chosen in LISTINGS:
        texts += listings(report)
    unknown = [text[:200] for text in texts if not is_report(text.encode())]
    assert unknown == []


def listings(report: Report) -> list[str]:
    return [
        report.expectations(expected("trouble")),
        report.expectations(made().tables["expectations"]),
        report.sockets(build("sockets", ())),
        report.idle_limits([*middleboxes().values()]),
        report.rules(load_rules()),
        *(report.rules([rule]) for rule in load_rules()[::9]),
    ]


@pytest.mark.parametrize("table", TableName)
def test_a_table_is_known_with_other_columns_than_it_has_today(table: TableName) -> None:
    names = list(TABLES[table])
    for columns in (names, names[::-1], ["new", *names[: -(len(names) // 5)]], [*names, "a", "b"]):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([columns, ["x"] * len(columns)])
        assert is_report(text.getvalue().encode())
    assert not is_report((",".join(names[:3]) + "\n").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "pass: hunter2\n",
        "unknown: a word\n",
        "failed\n",
        "Director {\n  Name = bareos-dir\n}\n",
        "{}\n",
        '{"schema": "other/1"}\n',
        '[{"schema": "bareos-audit/1"}]\n',
        "name,address\nfd1,10.0.0.1\n",
        "id,title\n1,x\n",
        "bareos-fd\n",
        "configuration\n",
        "high-level notes\n",
        "127.0.0.1 localhost\n",
        "hosts:\n  fd1: 10.0.0.1\n",
        "\x7fELF",
    ],
)
def test_what_people_and_other_programs_write_is_not(text: str) -> None:
    assert not is_report(text.encode())


def test_no_input_of_ours_is_one() -> None:
    for path in sorted(CAPTURES.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            assert not is_report(path.read_bytes()[:9000]), path
