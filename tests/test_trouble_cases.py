"""Trouble that people reported: the first screen names the cause, the line and what to write.

Each case of ``captures/cases`` is audited as it is, and as it would be on another site: under
other names and addresses, over IPv6, and on other ports. What its ``expected.md`` says, in the
words of an expert, stands in the patterns below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from commandline import run
from elsewhere import CASES, OTHER_NAMES, OTHER_PORTS, Elsewhere
from paths import ROOT

#: Lines of a terminal that a user sees without scrolling.
FIRST_SCREEN = 24

WAYS = {
    "as-it-is": Elsewhere(),
    "other-names": Elsewhere(names=OTHER_NAMES, network="172.16.9."),
    "ipv6": Elsewhere(network="fd00:9::"),
    "other-ports": Elsewhere(ports=OTHER_PORTS),
}


@dataclass(frozen=True)
class Answer:
    """What the report of a case says."""

    code: tuple[int, ...]
    """Exit codes that are right: 0 nothing failed, 12 low, 13 medium, 14 high."""
    says: tuple[str, ...]
    """Patterns that the first screen holds, in any order; ``9103`` and ``10.1.0.20`` move along."""
    never: tuple[str, ...] = ()
    """Patterns that stand nowhere in the report."""
    check: tuple[str, ...] = ()
    """Patterns of the first screen of ``check``; empty: packets are needed."""


ANSWERS = {
    "01-shared-password": Answer(
        (14,),
        (r"high", r"beta-fd dialled", r"bareos-dir\.conf:1[46]"),
        (r"alpha-fd on connection", r"heartbeat-missing"),
    ),
    "10-sd-listens-on-loopback": Answer(
        (13, 14),
        (r"refused", r"vault-sd", r"127\.0\.0\.1", r"sd/\S*storage/me\.conf:[23]"),
        check=(r"vault-sd", r"127\.0\.0\.1", r"sd/\S*storage/me\.conf:[23]", r"Vault\.conf:3"),
    ),
    "11-console-dials-fd-port": Answer(
        (13, 14),
        (r"console", r"9102", r"9101", r"bconsole\.conf:\d"),
        check=(r"bconsole\.conf:5", r"9102", r"9101"),
    ),
    "13-fd-listens-ipv4-only": Answer(
        (13, 14),
        (r"refused", r"2001:db8::31", r"10\.1\.0\.31", r"web/\S*client/me\.conf:[13]"),
        check=(r"2001:db8::31", r"10\.1\.0\.31", r"web/\S*client/me\.conf:3", r"web-fd\.conf:3"),
    ),
    "15-webui-cleartext": Answer(
        (13, 14),
        (r"admin", r"cleartext", r"Tls ?Enable ?= ?no", r"console/admin\.conf:\d"),
    ),
    "16-sd-password-differs": Answer(
        (14,),
        (r"login-refused", r"[Pp]assword", r"Vault\.conf:4", r"director/dir1\.conf:3"),
        check=(r"[Pp]assword", r"Vault\.conf:4", r"director/dir1\.conf:3"),
    ),
    "17-firewall-rejects-with-icmp": Answer(
        (13,),
        (r"ICMP", r"prohibited", r"10\.1\.0\.20", r"firewall", r"9103", r"vault-sd"),
        (r"no answer reached it",),
    ),
    "18-bconsole-localhost-elsewhere": Answer(
        (13, 14),
        (r"localhost", r"web/etc/bareos/bconsole\.conf:\d", r"10\.1\.0\.10"),
        check=(r"localhost", r"web/etc/bareos/bconsole\.conf:3"),
    ),
    "19-client-initiated-heartbeat-at-director": Answer(
        (14,),
        (
            r"idle-connection-lost",
            r"15 min|900",
            r"connection 4",
            r"Heartbeat ?Interval",
            r"web-fd\.conf:\d",
        ),
        check=(r"web-fd\.conf:\d", r"Heartbeat ?Interval", r"Fd->Client|File Daemon"),
    ),
    "20-fd-cannot-resolve-sd": Answer(
        (13,),
        (r"data-channel-missing", r"bareos-storage", r"Vault\.conf:3"),
    ),
    "27-tls-off-on-one-side": Answer(
        (14,),
        (r"web-fd\.conf:5", r"director/dir1\.conf:\d", r"TLS ?Enable|TlsEnable"),
        check=(r"web-fd\.conf:5", r"director/dir1\.conf:\d"),
    ),
    "28-storage-address-localhost": Answer(
        (13, 14),
        (r"localhost", r"Vault\.conf:3", r"web-fd"),
        check=(r"localhost", r"Vault\.conf:3"),
    ),
    "31-clients-by-shell-include": Answer((0,), (r"^\W*pass",), (r"unknown-initiator",)),
    "33-second-bconsole-file": Answer((0,), (r"pass",)),
    "35-monitor-has-full-rights": Answer(
        (12, 13, 14),
        (r"bareos-mon", r"Monitor ?= ?yes", r"mon\.conf:\d"),
        check=(r"bareos-mon", r"Monitor ?= ?yes", r"mon\.conf:\d"),
    ),
    "40-bacula-site": Answer((0, 12, 13), (r"Bacula",), (r"^high",)),
}


def test_every_case_has_its_answer() -> None:
    assert set(ANSWERS) == {path.name for path in CASES.iterdir() if path.is_dir()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ANSWERS)
def test_the_first_screen_of_the_audit_answers(name: str, way: str, tmp_path: Path) -> None:
    moved, answer = way_of(name, way), ANSWERS[name]
    capture, config = moved.case(name, tmp_path)
    result = run("analyze", capture, "--config", config, "--no-resolve")
    assert result.exit_code in answer.code, result.output
    holds(result.stdout, moved, answer.says)
    for pattern in answer.never:
        assert not re.search(pattern_of(pattern, moved), result.stdout, re.MULTILINE), result.stdout


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [name for name, answer in ANSWERS.items() if answer.check])
def test_the_first_screen_of_the_configuration_alone_answers(
    name: str, way: str, tmp_path: Path
) -> None:
    moved, answer = way_of(name, way), ANSWERS[name]
    _, config = moved.case(name, tmp_path)
    result = run("check", "--config", config, "--no-resolve")
    assert result.exit_code in (12, 13, 14), result.output
    holds(result.stdout, moved, answer.check)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["31-clients-by-shell-include", "33-second-bconsole-file"])
def test_a_healthy_configuration_is_clean(name: str, way: str, tmp_path: Path) -> None:
    _, config = WAYS[way].case(name, tmp_path)
    result = run("check", "--config", config, "--no-resolve")
    assert result.exit_code == 0, result.output


def test_the_answer_that_the_readme_shows_is_that_of_the_case() -> None:
    shown = (ROOT / "README.md").read_text().split("```")
    (sample,) = (block for block in shown if block.startswith("\nfail (high)"))
    case = "captures/cases/16-sd-password-differs"
    report = run(
        "analyze",
        f"{case}/capture.pcap",
        "--config",
        f"{case}/config",
        "--no-resolve",
        COLUMNS="100",
    )
    lines = iter(report.stdout.splitlines())
    assert all(line in lines for line in sample.strip().splitlines()), report.stdout


def way_of(name: str, way: str) -> Elsewhere:
    if (name, way) == ("13-fd-listens-ipv4-only", "ipv6"):
        return WAYS["other-names"]  # moved to IPv6 it would be healthy
    return WAYS[way]


def holds(report: str, moved: Elsewhere, patterns: tuple[str, ...]) -> None:
    screen = "\n".join(report.splitlines()[:FIRST_SCREEN])
    for pattern in patterns:
        assert re.search(pattern_of(pattern, moved), screen, re.MULTILINE), (
            f"{pattern!r} is not in\n{screen}"
        )


def pattern_of(pattern: str, moved: Elsewhere) -> str:
    plain = pattern.replace(r"10\.1\.0\.", "10.1.0.").replace(r"127\.0\.0\.1", "127.0.0.1")
    plain = moved.text(plain)
    return re.sub(r"\b910[123]\b", lambda m: str(moved.ports.get(int(m[0]), int(m[0]))), plain)
