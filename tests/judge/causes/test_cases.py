"""The trouble cases about logins, causes and data channels, as an expert answers them, in the first
screen; and the same trouble under other names, in other networks and families, on other ports."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from commandline import run
from elsewhere import CASES, OTHER_NAMES, OTHER_PORTS, Elsewhere
from paths import CAPTURES

import auditor

#: What fits on the first screen of a terminal of 80 × 24, and is not yet the table of flows.
_SCREEN = 24

SITES = {
    "as reported": Elsewhere(),
    "other names": Elsewhere(names=OTHER_NAMES),
    "another network": Elsewhere(network="172.16.9."),
    "IPv6": Elsewhere(network="fd00:9::"),
    "other ports": Elsewhere(ports=OTHER_PORTS),
    "all of it": Elsewhere(names=OTHER_NAMES, network="fd00:9::", ports=OTHER_PORTS),
}


class Answer(NamedTuple):
    """What the first screen must say of a case; names are those of the case."""

    says: list[str]
    places: list[str]
    severity: str = "high"


ANSWERS = {
    "10-sd-listens-on-loopback": Answer(
        [
            "refused connection 6 from file daemon web-fd",
            "vault-sd listens on this machine only (127.0.0.1), but 10.1.0.10 is dialled",
        ],
        ["me.conf:3", "Vault.conf"],
    ),
    "11-console-dials-fd-port": Answer(
        [
            "console *UserAgent*",
            "a file daemon takes no consoles",
            "director dir1 listens on port 9101",
        ],
        ["bconsole.conf:5"],
    ),
    "13-fd-listens-ipv4-only": Answer(
        ["refused connection 3 from director dir1", "file daemon web-fd listens over IPv4 only"],
        ["me.conf:3", "web-fd.conf"],
    ),
    "15-webui-cleartext": Answer(
        [
            "console admin to director dir1: the acceptor refused the login by TERMINATE",
            "Console admin (admin.conf:1) has TLS enabled",
            "PHP web UI",
            "Write TlsEnable = no in Console admin",
        ],
        ["admin.conf:1"],
    ),
    "16-sd-password-differs": Answer(
        [
            "connection 5a from director dir1 to storage daemon vault-sd",
            "TLS alert 47 (illegal_parameter)",
            "the Password of Storage Vault (Vault.conf:4) is not that of Director dir1",
            "(× 4)",
        ],
        ["Vault.conf:4", "dir1.conf:3"],
    ),
    "20-fd-cannot-resolve-sd": Answer(
        [
            "connection 6 was never opened",
            "file daemon web-fd is told to dial 'bareos-storage' (Vault.conf:3)",
            "a name without a dot",
        ],
        ["Vault.conf:3"],
        "medium",
    ),
    "27-tls-off-on-one-side": Answer(
        [
            "connection 3 from director dir1 to file daemon web-fd",
            "refused the login by TERMINATE",
            "TLS is off in Client web-fd (web-fd.conf:5), and Director dir1 (dir1.conf:1)",
            "TlsRequire = no does not help",
        ],
        ["web-fd.conf:5", "dir1.conf:1"],
    ),
    "28-storage-address-localhost": Answer(
        [
            "port 9103 refused connection 6 from file daemon web-fd",
            "tells file daemon web-fd",
            "to dial localhost for Storage Vault",
        ],
        ["Vault.conf:1, 3"],
    ),
}


def first_screen(capture: Path, config: Path) -> str:
    """Return its lines as one, since where they are broken depends on the width."""
    result = run("analyze", str(capture), "--config", str(config), "--no-resolve", "--exit-zero")
    return " ".join(" ".join(result.stdout.splitlines()[:_SCREEN]).split())


#: Where a case cannot be moved to: its fault is the family, and its Director lists its Addresses.
_BOUND = {(case, site) for case in ANSWERS if case[:2] == "13" for site in list(SITES)[2:]}


@pytest.mark.parametrize(
    ("case", "site"), [(c, s) for c in ANSWERS for s in SITES if (c, s) not in _BOUND]
)
def test_the_first_screen_names_the_cause(case: str, site: str, tmp_path: Path) -> None:
    moved, answer = SITES[site], ANSWERS[case]
    capture, config = moved.case(case, tmp_path)
    screen = first_screen(capture, config)
    assert screen.startswith(f"fail ({answer.severity})")
    for words in (*answer.says, *answer.places):
        said = moved.text(words)
        for port, other in moved.ports.items():
            said = said.replace(f"port {port}", f"port {other}")
        assert said in screen, screen


@pytest.mark.parametrize("name", ["capture.pcap", "live-dir-all.pcapng", "live-dir-dir_etc.pcapng"])
def test_four_refusals_of_a_real_network_are_told_apart(name: str) -> None:
    """README of the recordings: fd1 has another password than Dir->Client, a bconsole another than
    its file, and the Director and fd3 allow opposite directions."""
    folder = CAPTURES / "refusals"
    result = auditor.audit(folder / name, config=folder / "config", resolve=False)
    told = {
        (row["connection"], row["initiator_daemon"], row["acceptor_daemon"]): row
        for _, row in result.flows.iterrows()
        if row["login_refused"]
    }
    ends = [
        (number, one.rpartition(" ")[2], other.rpartition(" ")[2]) for number, one, other in told
    ]
    assert sorted(ends) == [
        ("1", "admin", "bareos-dir"),
        ("3", "bareos-dir", "fd1"),
        ("3", "bareos-dir", "fd3"),
        ("4", "fd3", "bareos-dir"),
    ]
    causes = {f"{key[0]} {key[1].rpartition(' ')[2]}": row["cause"] for key, row in told.items()}
    assert "the Passwords there are equal" in causes["1 admin"]
    assert "Client fd3 (fd3.conf:5) does not allow it" in causes["4 fd3"]
    password = told["3", "director bareos-dir", "file daemon fd1"]
    assert [place.rpartition("/config/")[2] for place in password["cause_sources"]] == [
        "dir/etc/bareos-dir.d/client/fd1.conf:4",
        "fd1/etc/bareos-fd.d/director/dir.conf:3",
    ]
    direction = told["3", "director bareos-dir", "file daemon fd3"]
    assert "Director bareos-dir (dir.conf:6) does not allow it" in direction["cause"]
    assert result.verdict == "fail"


@pytest.mark.parametrize(
    "case", ["15-webui-cleartext", "16-sd-password-differs", "27-tls-off-on-one-side"]
)
def test_with_one_hosts_files_no_refusal_passes_and_no_line_is_wrong(case: str) -> None:
    folder = CASES / case
    whole = auditor.audit(folder / "capture.pcap", config=folder / "config", resolve=False)
    lines = {line for row in whole.flows["cause_sources"] for line in row}
    for host in sorted((folder / "config").iterdir()):
        part = auditor.audit(folder / "capture.pcap", config=host, resolve=False)
        assert part.verdict != "pass"
        assert list(part.flows["login_refused"]) == list(whole.flows["login_refused"])
        assert {line for row in part.flows["cause_sources"] for line in row} <= lines
