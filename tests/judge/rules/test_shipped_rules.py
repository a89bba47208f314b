"""Each rule fires, passes, is in doubt, and says where it cannot see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hello_wire import (
    chosen,
    client_hello,
    message,
    record,
    request,
    server_hello,
    versions,
)
from scene import (
    CON,
    DB,
    DIR,
    DIRECTOR,
    ELSEWHERE,
    FD1,
    FD2,
    FD3,
    JOB,
    POSTGRESQL,
    SD1,
    STRANGER,
    Wire,
    abstained,
    audit,
    cleartext,
    edited,
    job,
    network,
    only,
    refused,
    tls,
)
from tape import Endpoint, Tape
from thinning_stage import recorded_live

from auditor.judge.rules.rule import Rule, load_rules

FD, SD, D = 9102, 9103, 9101
FILES = network()
#: A network of one client, which is not passive, or whom the Director may not dial.
FD1_ONLY = {
    "dir/bareos-dir.conf": f"""
Director {{ Name = dir; Password = dirpw }}
Client {{ Name = fd1; Address = {FD1}; Password = fd1pw }}
Storage {{ Name = sd1; Address = {SD1}; Password = sd1pw; Device = d1; Media Type = F }}
""",
    "con/bconsole.conf": FILES["con/bconsole.conf"],
}
FORBIDDEN = {
    path: text.replace(
        "Password = fd1pw", "Password = fd1pw; Connection From Director To Client = no"
    )
    for path, text in FD1_ONLY.items()
}
LAN = network(
    dir=edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; LanAddress = 10.5.0.31")
    .replace(f"sd1; Address = {SD1}", f"sd1; Address = {SD1}; LanAddress = 10.5.0.20")
    .replace(f"fd3; Address = {FD3}", f"fd3; Address = {FD3}")
)
HALF_LAN = {path: text.replace("; LanAddress = 10.5.0.31", "") for path, text in LAN.items()}
RUN = "job1.2026-11-22_22.22.37_03"
HELLO_JOB = cleartext(f"Start Job {RUN}", "R_STORAGE::sd1", "R_CLIENT::fd1")
UNKNOWN_JOB = cleartext("Start Job other.2026-11-22_22.22.37_03", "R_STORAGE::sd1")
OPEN = {
    path: text.replace("sd1pw; Device", "sd1pw; TLS Enable = no; Device")
    for path, text in FILES.items()
}
BARE = network(dir=edited("dir", f"sd1; Address = {SD1}", "sd1; Address = storage"))
ENCRYPTED = (
    request(80877103) + record(client_hello(versions(0x0304))),
    b"S" + record(server_hello(chosen(0x0304))),
)


def wire() -> Wire:
    return Wire()


def waiting() -> Wire:
    return Wire().dial(FD3, DIR, D, tls("R_CLIENT\x1efd3"))


def lost() -> Wire:
    return waiting().talk().drop(2).talk()


#: The end that ``waiting`` dials from.
FD3_END = Endpoint(FD3, 40001)


def large() -> Wire:
    return logged_in().send(FD3_END, bytes(1400))


def logged_in() -> Wire:
    tape = waiting()
    for _ in range(20):
        tape.talk()
    return tape


def unanswered(probes: int, tape: Wire | None = None) -> Wire:
    tape = tape or waiting()
    for _ in range(probes):
        tape.silence(30).probe(tape.initiator)
    return tape.silence(9).other()


def forgotten(silence: float = 42, beside: float = 0) -> Wire:
    """The initiator speaks after a silence, and nobody answers any more; another connection of both
    survived one of so many seconds ``beside``."""
    tape = waiting().talk()
    if beside:
        tape.silence(beside).talk().dial(FD3, DIR, D, tls("R_CLIENT\x1efd3")).talk()
    tape.silence(silence)
    tape.send(tape.initiator, b"late")
    for gap in (0.2, 0.4, 0.8, 1.6):
        tape.silence(gap).resend(tape.initiator)
    return tape


def job_without_data() -> Wire:
    tape = wire().dial(DIR, SD1, SD, DIRECTOR)
    storage = tape.initiator, tape.acceptor
    return tape.dial(DIR, FD1, FD, DIRECTOR).silence(5).hang_up().on(*storage).hang_up()


def doubted() -> Tape:
    """A recording that holds one of two copies, which differ in a byte that it does not keep."""
    tape = wire().dial(DIR, SD1, SD, cleartext("Director dir calling", "R_DIRECTOR::dir"))
    end = next(iter(tape.connection.halves))
    tape.silence(0.2).segment(end, "PA", b"\xff\n", shift=-2).silence(1).other()
    return recorded_live(tape)


@dataclass(frozen=True)
class Cases:
    """Tapes, each with the files of a network, that make a rule say each of its words."""

    fires: Callable[[], Wire]
    passes: Callable[[], Wire]
    abstains: Callable[[], Tape] | None = None
    """It would fail but for a doubt or a guess; None: it can always tell."""
    blind: Callable[[], Wire] | None = None
    """Nothing could be observed; None: it always can."""
    files: dict[str, str] | None = None
    passing: dict[str, str] | None = None
    """Another network for ``passes``."""
    abstaining: dict[str, str] | None = None
    blinding: dict[str, str] | None = None
    site: str = ""
    """A site file."""


NOWHERE = ELSEWHERE  # an acceptor that no file knows, so that only the port says what it is

CASES = {
    "capture-incomplete": Cases(lost, waiting),
    "catalog-cleartext": Cases(
        lambda: wire().dial(DIR, DB, 5432, POSTGRESQL),
        lambda: wire().dial(DIR, DB, 5432, ENCRYPTED),
        lambda: wire().dial(DIR, NOWHERE, 5432, POSTGRESQL),
    ),
    "cleartext-connection": Cases(
        lambda: wire().dial(FD1, SD1, SD, HELLO_JOB),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().dial(DIR, FD1, FD, cleartext("Director dir calling 10002", "", "")),
        files=OPEN,
        abstaining={},
    ),
    "cleartext-though-tls-required": Cases(
        lambda: wire().dial(FD1, SD1, SD, HELLO_JOB),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().dial(FD1, NOWHERE, SD, UNKNOWN_JOB),
    ),
    "client-dials-director-unasked": Cases(
        lambda: wire().dial(FD1, DIR, D, tls("R_CLIENT\x1efd1")),
        waiting,
        lambda: wire().dial(FD1, NOWHERE, D),
        abstaining=FD1_ONLY,
    ),
    "connection-refused": Cases(
        lambda: wire().attempt(FD1, SD1, SD).rst(),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().attempt(FD1, NOWHERE, SD).rst(),
    ),
    "connection-rejected": Cases(
        lambda: wire().attempt(FD1, SD1, SD).error(SD1, 3, 10),
        lambda: wire().dial(FD1, SD1, SD, JOB),
    ),
    "connection-reset": Cases(
        lambda: logged_in().rst(),
        lambda: waiting().talk().hang_up(),
        lambda: wire().midstream(DIR, FD1, 9102).segment(Endpoint(FD1, 9102), "RA"),
    ),
    "connection-unanswered": Cases(
        lambda: wire().attempt(FD1, SD1, SD).silence(9).other(),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().attempt(FD1, SD1, SD).silence(1).other(),
    ),
    "data-channel-missing": Cases(
        job_without_data,
        lambda: wire().dial(DIR, FD1, FD, DIRECTOR).also(FD1, SD1, SD, JOB).hang_up(),
        job_without_data,
        lambda: wire().dial(DIR, FD1, FD, DIRECTOR).silence(1).hang_up(),
        files=BARE,
        abstaining=FILES,
    ),
    "director-dials-forbidden-client": Cases(
        lambda: wire().dial(DIR, FD3, FD, DIRECTOR),
        lambda: wire().dial(DIR, FD1, FD, DIRECTOR),
        lambda: wire().dial(DIR, NOWHERE, FD),
        abstaining=FORBIDDEN,
    ),
    "expected-connection-unseen": Cases(
        lambda: wire().attempt(FD3, SD1, SD).silence(40).other(),
        waiting,
        blind=lambda: wire().attempt(FD3, SD1, SD).silence(20).other(),
    ),
    "heartbeat-interval-wrong": Cases(
        lambda: waiting().beats(60),
        lambda: waiting().beats(30),
        lambda: lost().beats(60),
        waiting,
    ),
    "heartbeat-missing": Cases(
        lambda: waiting().silence(40).talk(),
        lambda: waiting().beats(30),
        lambda: lost().silence(40).talk(),
        lambda: waiting().silence(10).talk(),
    ),
    "heartbeat-unanswered": Cases(
        lambda: unanswered(2),
        lambda: waiting().beats(30),
        lambda: unanswered(1),
        lambda: unanswered(1, wire().dial(FD1, SD1, SD, JOB)),
        blinding=network(fd1=None),
    ),
    "heartbeat-too-slow": Cases(
        waiting,
        waiting,
        blind=waiting,
        files=network(fd3=edited("fd3", "; Heartbeat Interval = 30", "")),
        passing=FILES,
        blinding=network(fd3=None),
        site="idle_limit: {4: 60m}",
    ),
    "heartbeat-unset": Cases(
        lambda: wire().dial(CON, DIR, D, tls("R_CONSOLE\x1e*UserAgent*")),
        lambda: wire().dial(CON, DIR, D, tls("R_CONSOLE\x1e*UserAgent*")),
        files=network(con=f"Director {{ Name = dir; Address = {DIR}; Password = dirpw }}\n"),
        passing=FILES,
    ),
    "hello-contradicts": Cases(
        lambda: waiting().segment(FD3_END, "PA", b"*" * 9, shift=-200),
        waiting,
        doubted,
    ),
    "identity-from-elsewhere": Cases(
        lambda: wire().dial(CON, DIR, D, tls(ADMIN)).dial(CON, FD1, FD, DIRECTOR),
        lambda: wire().dial(CON, DIR, D, tls(ADMIN)).dial(DIR, FD1, FD, DIRECTOR),
        lambda: wire().dial(ELSEWHERE, FD1, FD, DIRECTOR),
    ),
    "identity-mismatch": Cases(
        lambda: wire().dial(DIR, SD1, SD, tls("R_DIRECTOR\x1eother")),
        lambda: wire().dial(DIR, SD1, SD, DIRECTOR),
        lambda: wire().dial(FD1, NOWHERE, SD, UNKNOWN_JOB),
        lambda: wire().dial(STRANGER, NOWHERE, SD, JOB),
    ),
    "idle-connection-lost": Cases(
        forgotten, lambda: waiting().talk().silence(20).talk(), lambda: forgotten(beside=60)
    ),
    "lan-address-ignored": Cases(
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().dial("10.5.0.31", "10.5.0.20", SD, JOB),
        lambda: Wire(ttl=63).dial(FD1, "10.7.0.20", SD, JOB),
        files=LAN,
    ),
    "lan-address-without-pair": Cases(
        lambda: wire().dial(FD1, "10.5.0.20", SD, JOB),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: Wire(ttl=63).dial(FD1, "10.5.0.20", SD, JOB),
        files=HALF_LAN,
    ),
    "login-refused": Cases(
        lambda: wire().dial(DIR, SD1, SD, refused("R_DIRECTOR\x1edir")).turn_away(),
        lambda: wire().dial(DIR, SD1, SD, DIRECTOR),
        blind=lambda: wire().dial(DIR, SD1, SD, tls("R_DIRECTOR\x1edir", proven=False)),
    ),
    "passive-client-dials-storage": Cases(
        lambda: wire().dial(FD2, SD1, SD, tls(job("job2"))),
        lambda: wire().dial(SD1, FD2, FD, tls(job("job2"))),
        lambda: wire().dial(FD2, NOWHERE, SD),
    ),
    "path-mtu": Cases(
        lambda: large().error("10.0.0.1", 3, 4, mtu=1200).silence(1).resend(FD3_END),
        lambda: large().ack(),
    ),
    "storage-dials-active-client": Cases(
        lambda: wire().dial(SD1, FD1, FD, JOB),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().dial(SD1, NOWHERE, FD),
        abstaining=FD1_ONLY,
    ),
    "unknown-initiator": Cases(
        lambda: wire().dial(STRANGER, SD1, SD).silence(3).other(),
        lambda: wire().dial(FD1, SD1, SD, JOB),
        lambda: wire().midstream(STRANGER, SD1, SD).talk(),
    ),
    "unnumbered-connection": Cases(
        lambda: wire().dial(SD1, DIR, D).silence(3).other(),
        lambda: wire().dial(DIR, SD1, SD, DIRECTOR),
        lambda: wire().dial(FD1, DB, 5432, ENCRYPTED),
        lambda: wire().midstream(SD1, DIR, D).talk(),
    ),
    "wire-tampering": Cases(
        lambda: waiting().segment(FD3_END, "PA", b"*" * 9, shift=-200),
        lambda: waiting().segment(FD3_END, "PA", tls("R_CLIENT\x1efd3")[0][-200:], shift=-200),
        doubted,
    ),
}


def judged_by_packets() -> list[Rule]:
    """All rules but those that need what a recording host knows of its own sockets, and that of two
    taps (``tests/judge/test_witnesses.py``)."""
    other = "socket_", "probes_eaten"
    return [rule for rule in load_rules() if not any(one in rule.text["applies"] for one in other)]


def test_every_shipped_rule_is_tried() -> None:
    assert set(CASES) == {rule.id for rule in judged_by_packets()}


@pytest.mark.parametrize(("key", "case"), [("doubt", "abstains"), ("blind", "blind")])
def test_a_rule_that_can_be_in_doubt_or_blind_is_tried_at_it(key: str, case: str) -> None:
    can = {rule.id for rule in judged_by_packets() if rule.text[key]}
    assert can <= {name for name, cases in CASES.items() if getattr(cases, case) is not None}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires(rule: str, tmp_path: Path) -> None:
    cases = CASES[rule]
    found = audit(tmp_path, cases.fires(), cases.files, site=cases.site).findings.query(
        "rule == @rule"
    )
    assert set(found["verdict"]) == {"note" if set(found["severity"]) == {"info"} else "fail"}
    assert found["message"].str.len().min() > 20
    assert not found["message"].str.contains("{", regex=False).any()


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_passes(rule: str, tmp_path: Path) -> None:
    cases = CASES[rule]
    result = audit(tmp_path, cases.passes(), cases.passing or cases.files, site=cases.site)
    assert rule not in set(result.findings["rule"])
    assert result.passed[rule] >= 1


@pytest.mark.parametrize("rule", [name for name, cases in CASES.items() if cases.abstains])
def test_a_rule_abstains(rule: str, tmp_path: Path) -> None:
    cases = CASES[rule]
    assert cases.abstains is not None
    files = cases.files if cases.abstaining is None else cases.abstaining
    result = audit(tmp_path, cases.abstains(), files, site=cases.site)
    found = result.findings[result.findings["rule"] == rule]
    assert set(found["verdict"]) == {"unknown"}
    assert result.fails.query("rule == @rule").empty


@pytest.mark.parametrize("rule", [name for name, cases in CASES.items() if cases.blind])
def test_a_rule_that_cannot_see_neither_passes_nor_complains(rule: str, tmp_path: Path) -> None:
    cases = CASES[rule]
    assert cases.blind is not None
    result = audit(tmp_path, cases.blind(), cases.blinding or cases.files, site=cases.site)
    assert rule not in set(result.findings["rule"])
    assert (result.passed[rule], result.unobserved[rule]) == (0, 1)


ADMIN = "R_CONSOLE\x1eadmin"


@pytest.mark.parametrize(
    ("acceptor", "port", "said"),
    [
        (DIR, D, tls(ADMIN, proven=False)),
        (DIR, D, tls("R_CONSOLE\x1e*UserAgent*", proven=False)),
        (DIR, D, (message(b"Hello admin calling\n"), b"")),
        (FD1, FD, tls("R_DIRECTOR\x1ebareos-mon", proven=False)),
    ],
    ids=["console", "default console", "cleartext", "monitor"],
)
def test_a_name_that_nobody_checked_lets_no_stranger_pass(
    acceptor: str, port: int, said: tuple[bytes, bytes], tmp_path: Path
) -> None:
    tape = wire().dial(STRANGER, acceptor, port, said).silence(5).other()
    result = audit(tmp_path, tape)
    assert abstained(result) == ["unknown-initiator"]
    message = only(result, "unknown-initiator")["message"]
    assert message.startswith("only its hello says that it is ")
    assert f"{STRANGER} dialled {acceptor} port {port}, but what " in message
    assert result.verdict != "pass"


@pytest.mark.parametrize("said", [tls(ADMIN), cleartext("admin calling", "R_DIRECTOR::dir")])
def test_a_console_that_was_let_in_may_be_anywhere(
    said: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert abstained(audit(tmp_path, wire().dial(STRANGER, DIR, D, said))) == []


def test_who_tries_the_password_of_a_console_does_not_hide_behind_its_own_attempts(
    tmp_path: Path,
) -> None:
    tape = wire().dial("10.0.0.40", DIR, D, refused(ADMIN)).turn_away()
    tape.dial(STRANGER, DIR, D, refused(ADMIN)).turn_away()
    finding = only(audit(tmp_path, tape), "login-refused")
    assert f"also {STRANGER} to {DIR} port {D}" in finding["message"]


def test_who_uses_the_name_of_a_monitor_does_not_lay_the_blame_on_it(tmp_path: Path) -> None:
    said = refused("R_DIRECTOR\x1ebareos-mon")
    tape = wire().dial(STRANGER, FD1, FD, said).turn_away()
    finding = only(audit(tmp_path, tape), "login-refused")
    assert finding["message"].endswith(f"with other files, or {STRANGER} only uses its name")
    assert finding["remedy"].startswith(f"Find out what {STRANGER} is. ")
