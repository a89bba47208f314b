"""A configuration is judged without any capture: each kind of problem by its own rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bareosconf import MINIMAL, plant
from scene import (
    DIR,
    DIRECTOR,
    FD1,
    FD2,
    SD1,
    SD2,
    Wire,
    audit,
    edited,
    network,
)
from site_of import site_of

from auditor.config.discovery import MAX_DEPTH
from auditor.config.problem_kinds import Level, ProblemKind
from auditor.config.reading import read_configuration
from auditor.judge.rules.configuration import judge_configuration, needs_capture
from auditor.judge.rules.findings import Judgement
from auditor.judge.rules.rule import Rule, load_configuration_rules, load_rules, read_rule
from auditor.site.build import build_site
from auditor.site.model import Site
from auditor.site.resolver import Resolver
from auditor.site.site_file import SiteFile, read_site_file

ALL = (*load_rules(), *load_configuration_rules())
FD = MINIMAL["bareos-fd"]
DAY = dt.date(2027, 1, 1)


@dataclass(frozen=True)
class Case:
    """The files of a configuration that has one kind of problem, and how they are given."""

    files: Mapping[str, str]
    given: str = ""
    """The path below the folder that is given; empty: the folder itself."""
    site_file: str = ""
    link: str = ""
    """A link that leads nowhere."""
    unreadable: str = ""
    """A folder whose entries nobody can list."""
    named: str = "bareos-fd.conf"
    """What the source or the sentence of the problem names."""


def client(directives: str, **more: str) -> Case:
    """A File Daemon whose own Client has these directives."""
    return Case({"bareos-fd.conf": f"Client {{ Name = fd\n{directives}\n}}\n"}, **more)


def director(text: str, **more: str) -> Case:
    """A Director with these further resources."""
    return Case({"bareos-dir.conf": MINIMAL["bareos-dir"] + text}, named="bareos-dir.conf", **more)


def changed(host: str, old: str, new: str, named: str = "", **more: str | None) -> Case:
    """The network of ``scene`` with a piece of one host's file replaced, or other whole files."""
    files = network(**{host: edited(host, old, new), **more})
    written = {path: text.replace(" }", "; }") for path, text in files.items()}
    return Case(written, named=named or f"{host}/")


TO_DIRECTOR, TO_CLIENT = "Connection From Client To Director", "Connection From Director To Client"
LAN = f"Address = {FD1}; LanAddress = 10.5.0.31"

IDLE = (
    "Client { Name = fd; Address = 10.0.0.1; Password = p\n  Heartbeat Interval = 60\n"
    "  Connection From Client To Director = yes\n  Connection From Director To Client = no\n}\n"
)
UNTIL = "until: 2027-03-31, reason: known"

CASES = {
    ProblemKind.OWN_RESOURCE_REPEATED: client("}\nClient { Name = second"),
    ProblemKind.DIRECTIVE_MISSING: director("Client { Name = fd; Address = 10.0.0.1\n}\n"),
    ProblemKind.DIRECTIVE_UNKNOWN: client("Colour = red"),
    ProblemKind.DIRECTIVE_DEPRECATED: client("Maximum Concurrent Jobs = 5"),
    ProblemKind.RESOURCE_TYPE_DEPRECATED: Case(
        {"bareos-fd.conf": FD.replace("Client", "FileDaemon")}
    ),
    ProblemKind.BOOLEAN_DEPRECATED: client("TLS Enable = true"),
    ProblemKind.BLANKS_DROPPED: Case({"bareos-fd.conf": FD.replace("= fd", "= My Client")}),
    ProblemKind.TEXT_IGNORED: director(
        "Client { Name = fd; Address = 10.0.0.1; Port = 9102 junk\n  Password = p\n}\n"
    ),
    ProblemKind.TIME_CUT: client("Heartbeat Interval = 60 s, 5 s"),
    ProblemKind.PORT_IMPOSSIBLE: director(
        "Client { Name = fd; Address = 10.0.0.1; Port = 70000\n  Password = p\n}\n"
    ),
    ProblemKind.PORT_REPEATED: client("Port = 9102\nPort = 9202"),
    ProblemKind.TIME_IN_MONTHS: client("Heartbeat Interval = 5 m"),
    ProblemKind.TIME_NEGATIVE: client("Heartbeat Interval = -5"),
    ProblemKind.HEARTBEAT_TOO_LONG: client("Heartbeat Interval = 12 hours"),
    ProblemKind.HEARTBEAT_WITHOUT_EFFECT: director(IDLE),
    ProblemKind.CONFIGURATION_PARTIAL: Case(
        {"bareos-fd.d/director/a.conf": "Director { Name = a; Password = p\n}\n"},
        named="bareos-fd.d",
    ),
    ProblemKind.REFERENCE_NOT_GIVEN: Case(
        {"bareos-dir.d/job/j.conf": "Job { Name = j; Client = gone\n}\n"}, named="j.conf"
    ),
    ProblemKind.BACULA_SITE: Case({"bacula-fd.conf": FD}, named="bacula-fd.conf"),
    ProblemKind.PROGRAM_GUESSED: Case(
        {"x.conf": "Director { Name = d; Password = p\n}\n"}, given="x.conf", named="x.conf"
    ),
    ProblemKind.INCLUDE_COMMAND_NOT_RUN: Case({"bareos-fd.conf": "@|false\n" + FD}),
    ProblemKind.INCLUDE_COMMAND_READ: Case({"bareos-fd.conf": '@|"cat a.txt"\n', "a.txt": FD}),
    ProblemKind.INCLUDE_NOT_GIVEN: Case({"bareos-fd.conf": "@/etc/bareos/gone.conf\n" + FD}),
    ProblemKind.INCLUDE_OUTSIDE_TREE: Case(
        {"tree/bareos-fd.conf": "@../other.conf\n" + FD, "other.conf": ""}, given="tree"
    ),
    ProblemKind.INCLUDE_RELOCATED: Case(
        {"etc/bareos/bareos-fd.conf": "@/etc/bareos/more.txt\n", "etc/bareos/more.txt": FD}
    ),
    ProblemKind.EXPORT_NOT_READ: Case(
        {"bareos-fd.conf": FD, "bareos-dir-export/a.conf": ""}, named="bareos-dir-export"
    ),
    ProblemKind.FILE_NOT_READ: Case({"bareos-fd.conf": FD, "x.conf": "\0"}, named="x.conf"),
    ProblemKind.FILE_NOT_REGULAR: Case(
        {"bareos-fd.d/c/me.conf": FD}, link="bareos-fd.d/c/link.conf", named="link.conf"
    ),
    ProblemKind.FOLDER_EMPTY: Case(
        {"bareos-fd.conf": FD, "bareos-sd.d/a.conf": ""}, named="bareos-sd.d"
    ),
    ProblemKind.FOLDER_SHADOWED: Case(
        {"bareos-fd.conf": FD, "bareos-fd.d/c/me.conf": FD}, named="bareos-fd.d"
    ),
    ProblemKind.FOLDER_TOO_DEEP: Case(
        {"bareos-fd.conf": FD, "a/" * (MAX_DEPTH + 1) + "x.conf": FD}, named="a/a/a"
    ),
    ProblemKind.FOLDER_UNREADABLE: Case(
        {"bareos-fd.conf": FD, "secret/x.conf": FD}, unreadable="secret", named="secret"
    ),
    ProblemKind.PASSWORD_DIFFERS: Case(
        {
            "dir/bareos-dir.conf": MINIMAL["bareos-dir"],
            "con/bconsole.conf": MINIMAL["bconsole"].replace("dirpw", "other"),
        },
        named="bconsole.conf:3",
    ),
    ProblemKind.CLIENT_UNKNOWN: changed("fd3", "Name = fd3;", "Name = other;"),
    ProblemKind.CLIENT_NAME_WITH_BLANK: changed("fd3", "Name = fd3;", 'Name = "fd 3";'),
    ProblemKind.DIRECTOR_UNKNOWN: changed("fd1", "Name = dir;", "Name = other;"),
    ProblemKind.CONSOLE_UNKNOWN: changed(
        "con", "Interval = 10 }", "Interval = 10 }\nConsole { Name = gone; Password = p }"
    ),
    ProblemKind.MONITOR_UNKNOWN: changed("fd1", "Name = bareos-mon;", "Name = other;"),
    ProblemKind.DIRECTIONS_BOTH_OFF: changed("dir", f"{TO_DIRECTOR} = yes;", ""),
    ProblemKind.DIRECTIONS_DISAGREE: changed("dir", f"{TO_DIRECTOR} = yes; {TO_CLIENT} = no", ""),
    ProblemKind.DIRECT_DIAL_REFUSED: changed("dir", f"{TO_CLIENT} = no", ""),
    ProblemKind.CLIENT_INITIATED_WITHOUT_ADDRESS: changed("fd3", f"; Address = {DIR}", ""),
    ProblemKind.CLIENT_INITIATED_ONE_SIDED: changed(
        "fd1", "fd1pw", f"fd1pw; Address = {DIR}; {TO_DIRECTOR} = yes"
    ),
    ProblemKind.CLIENT_INITIATED_IN_VAIN: changed("dir", "fd1pw", f"fd1pw; {TO_DIRECTOR} = yes"),
    ProblemKind.TLS_DIFFERS: changed("dir", "fd1pw", "fd1pw; TLS Enable = no"),
    ProblemKind.TLS_OFF_AT_ACCEPTOR: changed("sd1", "sd1pw", "sd1pw; TLS Enable = no"),
    ProblemKind.LOOPBACK_HANDED_OUT: changed("dir", SD1, "localhost"),
    ProblemKind.LOOPBACK_DIALLED: changed("fd3", f"Address = {DIR}", "Address = 127.0.0.1"),
    ProblemKind.LOOPBACK_DOUBTFUL: changed("con", DIR, "localhost"),
    ProblemKind.LISTENS_ON_LOOPBACK: changed("sd1", "Name = sd1;", "Name = sd1; Address = ::1;"),
    ProblemKind.LISTENS_ON_OTHER_FAMILY: changed("fd2", "Name = fd2;", "Name = fd2; Address = ::;"),
    ProblemKind.LISTENS_ELSEWHERE: changed(
        "fd2", "Name = fd2;", "Name = fd2; Address = 10.0.0.77;"
    ),
    ProblemKind.PORT_NOT_LISTENED: changed("sd2", "Name = sd2;", "Name = sd2; Port = 9203;"),
    ProblemKind.PORT_PERHAPS_FORWARDED: changed("dir", "fd2pw", "fd2pw; Port = 9202"),
    ProblemKind.LAN_ADDRESS_WITH_FORWARDED_PORT: changed(
        "dir",
        f"Address = {FD1}",
        LAN,
        tray=None,
        **{
            "dir": edited("dir", f"Address = {FD1}", LAN).replace(
                f"Address = {SD1}", f"Address = {SD1}; LanAddress = 10.5.0.20; Port = 19103"
            )
        },
    ),
    ProblemKind.LAN_ADDRESS_UNUSED: changed("dir", f"Address = {FD1}", LAN),
    ProblemKind.LAN_ADDRESSES_APART: changed(
        "dir",
        f"Address = {FD1}",
        LAN,
        **{
            "dir": edited("dir", f"Address = {FD1}", LAN).replace(
                f"Address = {SD1}", f"Address = {SD1}; LanAddress = 10.6.0.20"
            )
        },
    ),
    ProblemKind.SOURCE_ADDRESS_UNUSABLE: changed(
        "fd1", "Name = fd1;", "Name = fd1; Source Address = ::1;"
    ),
    ProblemKind.DIRECTOR_MARKED_MONITOR: changed("sd2", "sd2pw", "sd2pw; Monitor = yes"),
    ProblemKind.MONITOR_WITHOUT_FLAG: changed("sd1", "; Monitor = yes", ""),
    ProblemKind.CONSOLE_BOUND_ELSEWHERE: changed(
        "con",
        "Interval = 10 }",
        "Interval = 10 }\nConsole { Name = admin; Password = adminpw; Director = x }",
    ),
    ProblemKind.NAME_WITHOUT_DOT: changed("dir", SD2, "sdhost"),
    ProblemKind.ADDRESS_PRIVATE: changed("dir", f"Address = {FD1}", "Address = 9.9.9.9", tray=None),
    ProblemKind.CLIENTS_AT_ONE_ADDRESS: changed("dir", f"Address = {FD1}", f"Address = {FD2}"),
    ProblemKind.NDMP_WITHOUT_PORT: changed("dir", "fd1pw", "fd1pw; Protocol = NDMPv4"),
    ProblemKind.HEARTBEAT_ZERO_IGNORED: changed("dir", "sd2pw", "sd2pw; Heartbeat Interval = 0"),
    ProblemKind.HEARTBEAT_AT_DIRECTOR_ONLY: Case(
        {
            path: text.replace("Heartbeat Interval = 30", "").replace("Heartbeat Interval = 20", "")
            for path, text in changed(
                "dir", "Heartbeat Interval = 60", "Heartbeat Interval = 50"
            ).files.items()
        },
        named="dir/bareos-dir.conf:2",
    ),
    ProblemKind.NAME_UNRESOLVED: Case(
        {"bconsole.conf": MINIMAL["bconsole"].replace("10.0.0.1", "nowhere.example")},
        named="nowhere.example",
    ),
    ProblemKind.SITE_FILE_DAEMON_UNKNOWN: client(
        "",
        site_file="daemons: {file daemon gone: {addresses: 10.0.0.9}}",
        named="file daemon gone",
    ),
    ProblemKind.WAIVER_RULE_UNKNOWN: client(
        "", site_file=f"waivers: [{{rule: gone, {UNTIL}}}]", named="site.yaml:1"
    ),
    ProblemKind.WAIVER_EXPIRED: client(
        "",
        site_file="waivers:\n- {rule: address-private, until: 2026-12-31, reason: x}",
        named="the waiver for rule address-private held until 2026-12-31",
    ),
    ProblemKind.WAIVER_UNUSED: client(
        "",
        site_file=f"waivers: [{{rule: address-private, daemon: fd7, {UNTIL}}}]",
        named="the waiver for rule address-private, daemon fd7 covers nothing",
    ),
}


def prepared(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site of a case's configuration."""
    root = folder / "tree"
    plant(root, {path: text.replace("{root}", str(root)) for path, text in case.files.items()})
    if case.link:
        (root / case.link).symlink_to(root / "gone")
    if case.unreadable:
        listed = Path.iterdir

        def refuse(path: Path) -> Any:
            if path == root / case.unreadable:
                raise PermissionError(13, "Permission denied", str(path))
            return listed(path)

        monkeypatch.setattr(Path, "iterdir", refuse)
    site_file = SiteFile()
    if case.site_file:
        (folder / "site.yaml").write_text(case.site_file)
        site_file = read_site_file(folder / "site.yaml")
    configuration = read_configuration([root / case.given])
    return build_site(configuration, Resolver(system=False), site_file)


def judged(site: Site, *rules: Rule, day: dt.date = DAY) -> Judgement:
    return judge_configuration(site, rules or ALL, site.site_file.waivers, day)


# ------------------------------------------------------------------ kinds and rules


def test_each_kind_has_a_rule_and_each_rule_of_a_problem_a_kind() -> None:
    rules = {rule.id: rule for rule in load_configuration_rules() if rule.about == "problems"}
    assert rules.keys() == set(ProblemKind)
    for kind, rule in rules.items():
        # A port may be forwarded on the way, which packets show.
        refuted = " and not works" if kind == ProblemKind.PORT_NOT_LISTENED else ""
        assert rule.text == {
            "applies": f'kind == "{kind}"',
            "fail": f'kind == "{kind}"{refuted}',
            # What could not be read is no fault; it is not known either.
            "doubt": f'kind == "{kind}"' if ProblemKind(kind).hides else "",
            "blind": "",
            "likely": "",
        }


@pytest.mark.parametrize("rule", load_configuration_rules(), ids=lambda rule: rule.id)
def test_a_rule_of_a_configuration_explains_itself_and_needs_no_capture(rule: Rule) -> None:
    assert not needs_capture(rule)
    assert not rule.title.endswith(".")
    assert all(len(text) > 15 for text in (rule.title, rule.why, rule.remedy))


@pytest.mark.parametrize("kind", ProblemKind)
def test_a_rule_is_as_bad_as_what_the_program_makes_of_it(kind: ProblemKind) -> None:
    (rule,) = (rule for rule in ALL if rule.id == kind)
    assert (rule.severity == "info") is (kind.level is Level.NOTE)
    assert rule.severity == "high" or kind.level is not Level.ERROR


@pytest.mark.parametrize("kind", ProblemKind)
def test_each_kind_is_found_by_its_rule(
    kind: ProblemKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[kind]
    found = judged(prepared(case, tmp_path, monkeypatch)).findings
    (finding,) = [row for row in found.rows() if row["rule"] == kind]
    judged_as = "note" if finding["severity"] == "info" else "fail"
    assert finding["verdict"] == ("unknown" if kind.hides else judged_as)
    assert finding["waived"] == ""
    assert case.named in " ".join([finding["message"], *finding["sources"]])


def test_a_configuration_without_problems_has_no_finding(tmp_path: Path) -> None:
    assert not len(judged(site_of(tmp_path)).findings)


def test_every_problem_has_one_finding(tmp_path: Path) -> None:
    site = site_of(
        tmp_path,
        con="Director { Name = dir; Address = a; Password = My Word; Color = x\n}",
        dir=None,
    )
    assert len(site.problems) == 3
    found = judged(site).findings.values("rule")
    assert sorted(found) == ["blanks-dropped", "directive-unknown", "name-unresolved"]


# ------------------------------------------------------------------ findings and waivers

DEPRECATED = """
Client { Name = fd1; TLS Enable = true
}
Director { Name = dir; Password = fd1pw }
Director { Name = bareos-mon; Password = fdmonpw; Monitor = yes }
"""


def test_a_finding_says_who_and_where(tmp_path: Path) -> None:
    (finding,) = judged(site_of(tmp_path, fd1=DEPRECATED)).findings.rows()
    assert finding["rule"] == "boolean-deprecated"
    assert finding["message"].startswith("TlsEnable: true, false, 1 and 0 are deprecated")
    assert finding["sources"] == [f"{tmp_path}/config/fd1/bareos-fd.conf:2"]
    assert finding["evidence"] == ["daemon=file daemon fd1", "resource=Client fd1"]
    assert (finding["severity"], finding["confidence"]) == ("low", "certain")
    assert (finding["capture"], finding["flow"], finding["expectation"]) == ("", "", "")


@pytest.mark.parametrize(
    ("rule", "daemon", "day", "waived"),
    [
        ("boolean-deprecated", "", DAY, True),
        ("boolean-deprecated", "fd1", DAY, True),
        ("boolean-deprecated", "file daemon fd1", dt.date(2027, 3, 31), True),
        ("boolean-deprecated", "fd1", dt.date(2027, 4, 1), False),
        ("boolean-deprecated", "fd2", DAY, False),
        ("blanks-dropped", "fd1", DAY, False),
    ],
)
def test_a_waiver_marks_a_problem_of_its_rule_and_daemon_until_its_day(
    rule: str, daemon: str, day: dt.date, waived: bool, tmp_path: Path
) -> None:
    name = f"daemon: {daemon}, " if daemon else ""
    text = f"waivers: [{{rule: {rule}, {name}{UNTIL}}}]"
    site = site_of(tmp_path, site=text, fd1=DEPRECATED)
    found = {row["rule"]: row for row in judged(site, day=day).findings.rows()}
    assert found["boolean-deprecated"]["waived"] == ("known" if waived else "")
    others = {"waiver-expired"} if day.month == 4 else set() if waived else {"waiver-unused"}
    assert found.keys() == {"boolean-deprecated", *others}


def test_a_waiver_of_a_rule_about_captures_is_no_problem(tmp_path: Path) -> None:
    text = f"waivers: [{{rule: connection-refused, {UNTIL}}}]"
    assert not len(judged(site_of(tmp_path, site=text)).findings)


# ------------------------------------------------------------------ rules about expectations

NO_HEARTBEAT = """\
id: idle-limit
title: A connection is silent for longer than an hour
about: expectations
severity: low
applies: heartbeat_known and connection == "{connection}"
fail: heartbeat_s == 0 or heartbeat_s > 3600
message: "{{id}}: {{heartbeat_reason}}{{{shown}}}"
sources: [heartbeat_source]
evidence: [heartbeat_s]
why: Because.
remedy: Set it.
"""


def about_expectations(folder: Path, connection: str = "9", shown: str = "tls") -> Rule:
    path = folder / "idle-limit.yaml"
    path.write_text(NO_HEARTBEAT.format(connection=connection, shown=shown))
    return read_rule(path)


def test_a_rule_about_expectations_is_judged_without_a_capture(tmp_path: Path) -> None:
    result = judged(site_of(tmp_path), about_expectations(tmp_path))
    (finding,) = result.findings.rows()
    assert finding["expectation"] == "9:bareos-mon>dir"
    assert (
        finding["message"] == "9:bareos-mon>dir: the tray monitor has no HeartbeatIntervalrequired"
    )


def test_what_passes_is_counted(tmp_path: Path) -> None:
    result = judged(site_of(tmp_path), about_expectations(tmp_path, connection="3"))
    assert (len(result.findings), result.passed["idle-limit"]) == (0, 3)


@pytest.mark.parametrize("column", ["exercised", "opportunity", "opportunity_reason"])
def test_a_rule_that_shows_what_only_captures_say_is_left_out(column: str, tmp_path: Path) -> None:
    rule = about_expectations(tmp_path, shown=column)
    assert needs_capture(rule)
    assert judged(site_of(tmp_path), rule).passed == {}


def test_without_a_capture_only_rules_that_need_none_are_judged(tmp_path: Path) -> None:
    every = (*load_rules(), *load_configuration_rules())
    needing_none = {rule.id for rule in every if not needs_capture(rule)}
    assert needing_none >= {rule.id for rule in load_configuration_rules()}
    assert judged(site_of(tmp_path)).passed.keys() == needing_none


# ------------------------------------------------------------------ audits stay as they are


def test_an_audit_of_a_flawless_configuration_reads_no_rule_of_configurations(
    tmp_path: Path,
) -> None:
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    result = audit(tmp_path, tape)
    assert [rule.id for rule in result.rules] == [rule.id for rule in load_rules()]
    assert len(result.passed) == len(load_rules())


BLANKS = {"dir": edited("dir", "Password = adminpw", "Password = My Word")}


@pytest.mark.parametrize(("severity", "verdict"), [("medium", "fail"), ("low", "pass")])
def test_an_audit_fails_for_what_is_grave_in_the_configuration(
    severity: str, verdict: str, tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()
    shipped = Path(next(r for r in ALL if r.id == "blanks-dropped").file).read_text()
    changed = shipped.replace("severity: medium", f"severity: {severity}")
    (tmp_path / "rules" / "blanks-dropped.yaml").write_text(changed)
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    result = audit(tmp_path, tape, network(**BLANKS), rules=[tmp_path / "rules"])
    found = result.findings[result.findings["rule"] == "blanks-dropped"]
    assert list(found["verdict"]) == ["fail"] * (severity == "medium")
    assert (result.verdict, len(result.problems)) == (verdict, 1)
    grave = {rule.id for rule in result.rules} & set(ProblemKind)
    assert grave and all(r.severity in {"high", "medium"} for r in result.rules if r.id in grave)


@pytest.mark.parametrize("rule", ["time-in-months", "mine"])
def test_an_audit_accepts_a_waiver_of_a_rule_of_a_configuration(rule: str, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    mine = Path(next(r for r in ALL if r.id == "time-in-months").file).read_text()
    (tmp_path / "rules" / "mine.yaml").write_text(mine.replace("id: time-in-months", "id: mine"))
    site = f"waivers: [{{rule: {rule}, {UNTIL}}}]"
    tape = Wire().dial(DIR, SD1, 9103, DIRECTOR)
    assert audit(tmp_path, tape, site=site, rules=[tmp_path / "rules"]).problems == ()
