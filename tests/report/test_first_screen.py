"""The first 24 lines name the cause, the place and what to write, on every terminal."""

from __future__ import annotations

from contextlib import chdir
from functools import cache

import pytest
from paths import ROOT

import auditor
from auditor.report import Format, RenderOptions, reporter

LINES = 24

#: What an expert would answer (``expected.md`` in each folder), and the line that it names.
CASES = {
    "01-shared-password": ("client is passive", "bareos-dir.conf:14"),
    "10-sd-listens-on-loopback": (
        "refused connection 6 from file daemon web-fd",
        "listens on this machine only (127.0.0.1)",
        "storage/me.conf:3",
    ),
    "11-console-dials-fd-port": ("9102", "listens on port 9101", "bconsole.conf:5"),
    "13-fd-listens-ipv4-only": ("connection 3", "over IPv4 only (10.1.0.31)", "client/me.conf:3"),
    "15-webui-cleartext": ("console admin", "TERMINATE", "Write TlsEnable = no", "admin.conf:1"),
    "16-sd-password-differs": ("connection 5a", "Password", "Vault.conf:4", "dir1.conf:3"),
    "17-firewall-rejects-with-icmp": ("connection 6", "administratively prohibited", "10.1.0.20"),
    "18-bconsole-localhost-elsewhere": ("localhost", "another host", "bconsole.conf:3"),
    "19-client-initiated-heartbeat-at-director": (
        "connection 4",
        "900",
        "web-fd.conf:6",
        "client/me.conf:1",
    ),
    "20-fd-cannot-resolve-sd": ("connection 6", "bareos-storage", "Vault.conf:3"),
    "27-tls-off-on-one-side": ("TERMINATE", "web-fd.conf:5", "dir1.conf:1"),
    "28-storage-address-localhost": ("localhost", "dials itself", "Vault.conf:3"),
    "31-clients-by-shell-include": ("pass: who dials whom: 3 proven",),
    "33-second-bconsole-file": ("pass: who dials whom: 1 proven", "10.1.0.10:9111"),
    "35-monitor-has-full-rights": ("Monitor = yes", "mon.conf:1"),
    "40-bacula-site": ("Bacula",),
}
#: Cases in which nothing is wrong.
HEALTHY = {"31-clients-by-shell-include", "33-second-bconsole-file", "40-bacula-site"}


@cache
def audited(name: str) -> auditor.Audit:
    folder = f"captures/cases/{name}"
    with chdir(ROOT):
        return auditor.audit(f"{folder}/capture.pcap", config=f"{folder}/config", resolve=False)


def screen(name: str, width: int) -> list[str]:
    text = reporter(Format.TABLE, RenderOptions(width=width)).audit(audited(name))
    return text.splitlines()[:LINES]


def test_every_case_is_answered() -> None:
    assert {path.name for path in (ROOT / "captures/cases").iterdir() if path.is_dir()} == set(
        CASES
    )


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("name", CASES)
def test_the_first_screen_answers_as_an_expert_would(name: str, width: int) -> None:
    shown = "".join("".join(screen(name, width)).split())
    for part in CASES[name]:
        assert "".join(part.split()) in shown, "\n".join(screen(name, width))


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_is_the_first_word(name: str) -> None:
    assert screen(name, 80)[0].startswith("pass: " if name in HEALTHY else "fail (")


@pytest.mark.parametrize("name", sorted(CASES.keys() - HEALTHY))
def test_each_cause_has_its_place_and_its_remedy(name: str) -> None:
    lines = screen(name, 100)
    assert any(line.startswith("  see   ") for line in lines)
    assert any(line.startswith("  do    ") for line in lines)
