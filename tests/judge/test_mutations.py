"""One directive changed in a configuration: exactly the rule that speaks of it fails, by name.

The recordings stay the same, so each case is a network whose daemons run with another
configuration than the one that is audited.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from mutation import Edit, Outcome, mutate

pytestmark = pytest.mark.slow  # each is an audit of a whole recording


class Case(NamedTuple):
    """What must fail, and how many flows must."""

    edit: Edit
    rule: str = ""
    """Empty: nothing fails."""
    flows: int = 0
    where: str = ""
    """Another place that decides, relative to the configuration; empty: the edit itself."""
    abstains: str = ""
    """A rule that must abstain."""

    def __str__(self) -> str:
        return f"{self.edit}"


def hold(outcome: Outcome, case: Case, *, besides: frozenset[str] = frozenset()) -> None:
    """Assert that the case's rule fails for just its flows and names the place."""
    assert outcome.failed() - besides == ({case.rule} if case.rule else set())
    assert (case.abstains in outcome.unknown()) is bool(case.abstains)
    if case.rule:
        assert len(outcome.flows(case.rule)) == case.flows
        place = f"config/{case.where}" if case.where else outcome.places[0]
        assert place in outcome.sources(case.rule)


DIR = "dir/etc/bareos-dir.d"
FD1_VIEW, FD2_VIEW, FD3_VIEW = (f"dir/client/fd{n}" for n in (1, 2, 3))
TO_CLIENT, TO_DIRECTOR = "Connection From Director To Client", "Connection From Client To Director"
DIALLED_PASSIVE, DIALLED_ACTIVE = "passive-client-dials-storage", "storage-dials-active-client"
FORBIDDEN, UNASKED = "director-dials-forbidden-client", "client-dials-director-unasked"

DIRECTIONS = [
    Case(Edit(FD2_VIEW, "fd2", "Passive", "no"), DIALLED_ACTIVE, 1),
    Case(Edit(FD2_VIEW, "fd2", "Passive", None), DIALLED_ACTIVE, 1),
    Case(Edit(FD1_VIEW, "fd1", "Passive", "yes"), DIALLED_PASSIVE, 2),
    Case(Edit(FD3_VIEW, "fd3", "Passive", "yes"), DIALLED_PASSIVE, 1),
    Case(Edit(FD1_VIEW, "fd1", TO_CLIENT, "no"), FORBIDDEN, 3),
    Case(Edit("fd1/director/dir", "bareos-dir", TO_CLIENT, "no"), FORBIDDEN, 3),
    Case(Edit("fd2/director/dir", "bareos-dir", TO_CLIENT, "no"), FORBIDDEN, 1),
    # A permission that nobody uses cannot be missed: nothing says that a client must be dialled.
    Case(Edit(FD3_VIEW, "fd3", TO_CLIENT, "yes")),
    Case(Edit(FD3_VIEW, "fd3", TO_CLIENT, None)),
    Case(Edit("fd3/director/dir", "bareos-dir", TO_CLIENT, None)),
    Case(Edit(FD3_VIEW, "fd3", TO_DIRECTOR, "no"), UNASKED, 2),
    Case(Edit(FD3_VIEW, "fd3", TO_DIRECTOR, None), UNASKED, 2),
    Case(Edit("fd3/director/dir", "bareos-dir", TO_DIRECTOR, "no"), UNASKED, 2),
    Case(Edit("fd3/director/dir", "bareos-dir", TO_DIRECTOR, None), UNASKED, 2),
    # One side alone changes nothing: the client never dials, or is never let in (§4.3).
    Case(Edit(FD1_VIEW, "fd1", TO_DIRECTOR, "yes")),
    Case(Edit("fd1/director/dir", "bareos-dir", TO_DIRECTOR, "yes")),
]


@pytest.mark.parametrize("case", DIRECTIONS, ids=str)
def test_a_direction_that_is_not_the_configured_one_fails(case: Case, tmp_path: Path) -> None:
    outcome = mutate(tmp_path, "modes", case.edit)
    hold(outcome, case)
    assert set(outcome.fails["confidence"]) <= {"certain"}


def test_a_client_that_no_file_lets_dial_fails_once(tmp_path: Path) -> None:
    edits = [
        Edit(FD3_VIEW, "fd3", TO_DIRECTOR, None),
        Edit("fd3/director/dir", "bareos-dir", TO_DIRECTOR, None),
    ]
    outcome = mutate(tmp_path, "modes", *edits)
    assert outcome.failed() == {UNASKED}
    assert outcome.places[0] in outcome.sources(UNASKED)


def test_a_waiting_connection_that_both_files_ask_for_is_missed(tmp_path: Path) -> None:
    edits = [
        Edit(FD1_VIEW, "fd1", TO_DIRECTOR, "yes"),
        Edit("fd1/director/dir", "bareos-dir", TO_DIRECTOR, "yes"),
        Edit("fd1/director/dir", "bareos-dir", "Address", "10.77.0.10"),
        Edit("fd1/client/me", "fd1", "Heartbeat Interval", "5"),
    ]
    outcome = mutate(tmp_path, "modes", *edits)
    unseen = outcome.audit.findings.query("rule == 'expected-connection-unseen'")
    assert unseen[["verdict", "severity", "expectation"]].to_numpy().tolist() == [
        ["note", "info", "4:fd1>bareos-dir"]
    ]
    assert outcome.audit.verdict == "pass"


BEAT = "Heartbeat Interval"
WRONG = "heartbeat-interval-wrong"
DIRECTOR_BEAT = f"{DIR}/director/bareos-dir.conf:8"
BCONSOLE = ("con/bconsole", "bareos-dir")
STORE1 = ("dir/storage/sd1", "store1")

HEARTBEATS = [
    *(Case(Edit(*BCONSOLE, BEAT, value), WRONG, 4) for value in ("3", "30", "1 min", "32767")),
    # The timers of the kernel hold then. They may be anything, and nothing else of that host runs
    # on them for longer: a console's own kernel may have been set to 9 s.
    *(Case(Edit(*BCONSOLE, BEAT, value), abstains=WRONG) for value in (None, "0", "32768")),
    *(Case(Edit(*STORE1, BEAT, value), WRONG, 4) for value in ("3", "30", "40000")),
    *(Case(Edit(*STORE1, BEAT, v), WRONG, 4, DIRECTOR_BEAT) for v in (None, "0")),
    *(Case(Edit(FD1_VIEW, "fd1", BEAT, value), WRONG, 1) for value in ("30", "40000")),
    *(Case(Edit(FD1_VIEW, "fd1", BEAT, v), WRONG, 1, DIRECTOR_BEAT) for v in (None, "0")),
    # The same host let 40 s pass elsewhere: its kernel timers are not what probed.
    *(
        Case(Edit("fd1/client/me", "fd1", BEAT, value), WRONG, 1)
        for value in (None, "0", "3", "30", "40000")
    ),
    *(Case(Edit("fd3/client/me", "fd3", BEAT, value), WRONG, 2) for value in ("3", "30")),
    # All that this host opened probed by the same timer, and it accepts nothing.
    *(
        Case(Edit("fd3/client/me", "fd3", BEAT, value), abstains=WRONG)
        for value in (None, "0", "40000")
    ),
    *(
        Case(Edit("sd1/storage/me", "sd1", BEAT, value), WRONG, 1)
        for value in (None, "0", "3", "30", "40000")
    ),
]

#: Resources whose HeartbeatInterval the recording does not show.
UNSEEN = [
    ("con/named", "admin"),  # no connection 1 was recorded
    ("con/named", "bareos-dir"),
    ("dir/director/bareos-dir", "bareos-dir"),  # Client and Storage override it
    ("dir/storage/sd2", "store2"),  # nothing was written to it
    (FD3_VIEW, "fd3"),  # has no effect on 4, although the manual recommends it (§1.3)
    ("fd2/client/me", "fd2"),  # a passive client dials nobody
    ("sd2/storage/me", "sd2"),
]


@pytest.mark.parametrize("value", ["0", "3", "30", "40000"])
def test_a_heartbeat_of_what_was_not_dialled_fails_nothing(value: str, tmp_path: Path) -> None:
    edits = [Edit(file, resource, BEAT, value) for file, resource in UNSEEN]
    outcome = mutate(tmp_path, "heartbeat", *edits)
    assert outcome.failed() | outcome.unknown() == set()


def test_a_heartbeat_removed_where_it_was_not_used_fails_nothing(tmp_path: Path) -> None:
    written = [place for place in UNSEEN if place not in {UNSEEN[1], UNSEEN[4]}]
    edits = [Edit(file, resource, BEAT, None) for file, resource in written]
    outcome = mutate(tmp_path, "heartbeat", *edits)
    assert outcome.failed() | outcome.unknown() == set()


@pytest.mark.parametrize("value", [None, "0", "30", "40000"])
def test_a_longer_heartbeat_is_not_missed_where_the_peer_spoke_more_often(
    value: str | None, tmp_path: Path
) -> None:
    """The application heartbeats of fd2 come every 5 s (bareos.md §2)."""
    outcome = mutate(tmp_path, "heartbeat", Edit(FD2_VIEW, "fd2", BEAT, value))
    assert outcome.failed() | outcome.unknown() == set()


@pytest.mark.parametrize("case", HEARTBEATS, ids=str)
def test_probes_at_another_interval_than_the_configured_one_fail(
    case: Case, tmp_path: Path
) -> None:
    hold(mutate(tmp_path, "heartbeat", case.edit), case)


@pytest.mark.parametrize(("view", "name", "wrong"), [(FD1_VIEW, "fd1", 1), (FD2_VIEW, "fd2", 0)])
def test_a_heartbeat_below_the_longest_silence_is_missed_where_no_probe_came(
    view: str, name: str, wrong: int, tmp_path: Path
) -> None:
    outcome = mutate(tmp_path, "heartbeat", Edit(view, name, BEAT, "3"))
    assert outcome.failed() == {"heartbeat-missing"} | ({WRONG} if wrong else set())
    assert len(outcome.flows("heartbeat-missing")) == 1
    assert outcome.sources("heartbeat-missing") == {outcome.places[0]}


IGNORED, UNPAIRED = "lan-address-ignored", "lan-address-without-pair"
FD_LAN, FD_WAN = ("dir/client/FD_LAN", "FD_LAN"), ("dir/client/FD_WAN", "FD_WAN")
SD_LAN, SD_WAN = ("dir/storage/SD_LAN", "SD_LAN"), ("dir/storage/SD_WAN", "SD_WAN")
LAN = "LanAddress"

#: Seen from outside, the traffic inside the LAN is missing.
WAN_SIDE = [
    Case(Edit(*FD_LAN, LAN, None)),
    Case(Edit(*FD_LAN, LAN, "10.0.0.99")),
    Case(Edit(*SD_LAN, LAN, None)),
    Case(Edit(*SD_LAN, LAN, "10.0.0.99")),
    Case(Edit(*FD_WAN, LAN, "10.0.0.77"), IGNORED, 1),
    Case(Edit(*FD_WAN, LAN, "10.88.0.30"), IGNORED, 1),
    Case(Edit(*SD_WAN, LAN, "10.0.0.77"), IGNORED, 1),
    Case(Edit(*SD_WAN, LAN, "10.88.0.40")),
]
#: Seen from inside, FD_WAN reaches the LanAddress of SD_LAN, since the router has translated the
#: Address that it dialled: with a pair that is as it should be, without one it cannot be told.
LAN_SIDE = [
    Case(Edit(*FD_LAN, LAN, None), UNPAIRED, 1, abstains=UNPAIRED),
    Case(Edit(*FD_LAN, LAN, "10.0.0.99"), abstains=UNPAIRED),
    Case(Edit(*SD_LAN, LAN, None), UNPAIRED, 1, abstains=UNPAIRED),
    Case(Edit(*SD_LAN, LAN, "10.0.0.99"), IGNORED, 1, abstains=UNPAIRED),
    Case(Edit(*FD_WAN, LAN, "10.0.0.77")),
    Case(Edit(*SD_WAN, LAN, "10.0.0.77"), IGNORED, 1, abstains=UNPAIRED),
    Case(Edit(*SD_WAN, LAN, "10.88.0.40"), abstains=UNPAIRED),
]


@pytest.mark.parametrize("case", WAN_SIDE, ids=str)
def test_a_lan_address_is_judged_by_what_the_outer_side_shows(case: Case, tmp_path: Path) -> None:
    hold(mutate(tmp_path, "lan-nat-active", case.edit, tap="wan"), case)


@pytest.mark.parametrize("case", LAN_SIDE, ids=str)
def test_a_lan_address_is_judged_by_what_the_inner_side_shows(case: Case, tmp_path: Path) -> None:
    hold(mutate(tmp_path, "lan-nat-active", case.edit, tap="lan"), case)


MISMATCH = "identity-mismatch"
OTHER = "other-name"

NAMES = [
    Case(Edit("dir/director/bareos-dir", "bareos-dir", "Name", OTHER), MISMATCH, 15),
    Case(Edit("fd1/director/dir", "bareos-dir", "Name", OTHER), MISMATCH, 3),
    Case(Edit("fd1/director/dir", "bareos-mon", "Name", OTHER), MISMATCH, 1),
    Case(Edit("fd2/director/dir", "bareos-dir", "Name", OTHER), MISMATCH, 1),
    Case(Edit("sd1/director/dir", "bareos-dir", "Name", OTHER), MISMATCH, 8),
    Case(Edit("sd1/director/dir", "bareos-mon", "Name", OTHER), MISMATCH, 1),
    Case(Edit("sd2/director/dir", "bareos-dir", "Name", OTHER), MISMATCH, 3),
    Case(Edit("fd3/client/me", "fd3", "Name", OTHER), MISMATCH, 2),
    Case(Edit("dir/console/admin", "admin", "Name", OTHER), MISMATCH, 2),
    Case(Edit("dir/console/admin", "bareos-mon", "Name", OTHER), MISMATCH, 1),
    Case(Edit("con/named", "admin", "Name", OTHER), MISMATCH, 2),
    Case(Edit("tray/monitor/mon", "bareos-mon", "Name", OTHER), MISMATCH, 3),
    # The line that is named is that of a planned job, since the right one is gone.
    Case(Edit("dir/job/b1", "backup-fd1", "Name", OTHER), MISMATCH, 2, f"{DIR}/job/b1.conf:1"),
    Case(Edit("dir/job/b2", "backup-fd2", "Name", OTHER), MISMATCH, 2, f"{DIR}/job/b2.conf:1"),
    Case(Edit("dir/job/b3", "backup-fd3", "Name", OTHER), MISMATCH, 2, f"{DIR}/job/b3.conf:1"),
    Case(Edit("dir/job/copy", "restore", "Name", OTHER), MISMATCH, 1, f"{DIR}/job/copy.conf:11"),
]

#: Names that the recording does not show.
UNSAID = [
    # An FD names itself only on 4, an SD not at all.
    Edit("fd1/client/me", "fd1", "Name", OTHER),
    Edit("fd2/client/me", "fd2", "Name", OTHER),
    Edit("sd1/storage/me", "sd1", "Name", OTHER),
    # A copy goes by the job whose data it copies.
    Edit("dir/job/copy", "copy-jobs", "Name", OTHER),
    # Nobody dialled these.
    Edit("fd3/director/dir", "bareos-dir", "Name", OTHER),
    Edit("fd3/director/dir", "bareos-mon", "Name", "other-mon"),
    Edit("fd2/director/dir", "bareos-mon", "Name", OTHER),
    # The name that a console has for its Director is a label (§5.8).
    Edit("con/bconsole", "bareos-dir", "Name", OTHER),
    Edit("tray/director/dir", "bareos-dir", "Name", OTHER),
]


def test_a_name_that_was_not_said_in_clear_fails_nothing(tmp_path: Path) -> None:
    assert mutate(tmp_path, "modes", *UNSAID).failed() == set()


#: In cleartext each acceptor, and the initiators of 6 and 8, also name themselves (§3.3).
CLEARTEXT_NAMES = [
    Case(Edit("dir/director/bareos-dir", "bareos-dir", "Name", OTHER), MISMATCH, 20),
    Case(Edit("fd1/director/dir", "bareos-dir", "Name", OTHER), MISMATCH, 2),
    Case(Edit("fd1/client/me", "fd1", "Name", OTHER), MISMATCH, 4),
    Case(Edit("fd2/client/me", "fd2", "Name", OTHER), MISMATCH, 2),
    Case(Edit("fd3/client/me", "fd3", "Name", OTHER), MISMATCH, 3),
    Case(Edit("sd1/storage/me", "sd1", "Name", OTHER), MISMATCH, 12),
    Case(Edit("sd2/storage/me", "sd2", "Name", OTHER), MISMATCH, 6),
    Case(Edit("con/named", "admin", "Name", OTHER), MISMATCH, 1),
    Case(Edit("tray/monitor/mon", "bareos-mon", "Name", OTHER), MISMATCH, 3),
    Case(Edit("dir/job/b1", "backup-fd1", "Name", OTHER), MISMATCH, 2, f"{DIR}/job/b1.conf:1"),
]


@pytest.mark.parametrize("case", NAMES, ids=str)
def test_a_name_on_the_wire_that_is_not_the_configured_one_fails(
    case: Case, tmp_path: Path
) -> None:
    hold(mutate(tmp_path, "modes", case.edit), case)


@pytest.mark.parametrize("case", CLEARTEXT_NAMES, ids=str)
def test_cleartext_shows_the_names_of_both_ends(case: Case, tmp_path: Path) -> None:
    cleartext = frozenset({"cleartext-connection"})
    hold(mutate(tmp_path, "cleartext", case.edit), case, besides=cleartext)


def renamed(client: str) -> list[Edit]:
    """The edits that rename a Client of the Director, with all that refer to it."""
    number = client[-1]
    jobs = [
        Edit(f"dir/job/b{number}", f"{job}-{client}", "Client", OTHER)
        for job in ("backup", "slow", "fifo", "big")
    ]
    if client == "fd1":
        jobs += [Edit("dir/job/copy", job, "Client", OTHER) for job in ("copy-jobs", "restore")]
    return [Edit(f"dir/client/{client}", client, "Name", OTHER), *jobs]


def test_the_directors_name_for_a_client_counts_only_where_the_client_dials(
    tmp_path: Path,
) -> None:
    """Dir->Client.Name must be Fd->Client.Name for 4, and is only a label for 3 (§5.8)."""
    dialled = mutate(tmp_path / "dialled", "modes", *renamed("fd1"))
    assert dialled.failed() == set()
    dialling = mutate(tmp_path / "dialling", "modes", *renamed("fd3"))
    assert dialling.failed() == {MISMATCH}
    assert dialling.sources(MISMATCH) == {dialling.places[0]}
    assert set(dialling.flows(MISMATCH)["connection"]) == {"4"}


TLS = "TLS Enable"
REQUIRED = "cleartext-though-tls-required"


class Tls(NamedTuple):
    """A resource, and how many flows of ``cleartext`` its TLS directives decide (§3.7)."""

    file: str
    resource: str
    flows: int


TLS_RESOURCES = [
    Tls("con/bconsole", "bareos-dir", 4),
    Tls("con/named", "bareos-dir", 0),  # a named console uses its Console resource
    Tls("con/named", "admin", 1),
    Tls("dir/director/bareos-dir", "bareos-dir", 4),
    Tls(FD1_VIEW, "fd1", 2),
    Tls(FD2_VIEW, "fd2", 2),  # 3, and 7 on the Director's order
    Tls(FD3_VIEW, "fd3", 2),
    Tls("dir/storage/sd1", "store1", 8),  # 5a, and 6 on the Director's order
    Tls("dir/storage/sd2", "store2", 6),  # 5b, and 8 on the Director's order
    Tls("dir/console/admin", "admin", 1),
    Tls("dir/console/admin", "bareos-mon", 1),
    # The data channels' policy is the job's: these resources lend only their certificates.
    Tls("fd1/client/me", "fd1", 0),
    Tls("fd2/client/me", "fd2", 0),
    Tls("fd3/client/me", "fd3", 0),
    Tls("sd1/storage/me", "sd1", 0),
    Tls("sd2/storage/me", "sd2", 0),
    Tls("tray/director/dir", "bareos-dir", 1),
    Tls("tray/client/fd1", "fd1", 1),
    Tls("tray/storage/sd1", "sd1", 1),
    Tls("tray/monitor/mon", "bareos-mon", 0),
    Tls("fd1/director/dir", "bareos-dir", 2),
    Tls("fd1/director/dir", "bareos-mon", 1),
    Tls("fd2/director/dir", "bareos-dir", 1),
    Tls("fd2/director/dir", "bareos-mon", 0),
    Tls("fd3/director/dir", "bareos-dir", 2),
    Tls("fd3/director/dir", "bareos-mon", 0),
    Tls("sd1/director/dir", "bareos-dir", 6),
    Tls("sd1/director/dir", "bareos-mon", 1),
    Tls("sd2/director/dir", "bareos-dir", 3),
    Tls("sd2/director/dir", "bareos-mon", 0),
]


def by_place(tls: Tls) -> str:
    return f"{tls.file} {tls.resource}"


@pytest.mark.parametrize("tls", [tls for tls in TLS_RESOURCES if tls.flows], ids=by_place)
def test_cleartext_fails_harder_where_one_end_requires_tls(tls: Tls, tmp_path: Path) -> None:
    case = Case(Edit(tls.file, tls.resource, TLS, None), REQUIRED, tls.flows)
    outcome = mutate(tmp_path, "cleartext", case.edit)
    hold(outcome, case, besides=frozenset({"cleartext-connection"}))
    assert len(outcome.flows("cleartext-connection")) == 28 - tls.flows


def test_tls_directives_that_decide_nothing_here_change_nothing(tmp_path: Path) -> None:
    edits = [Edit(tls.file, tls.resource, TLS, None) for tls in TLS_RESOURCES if not tls.flows]
    outcome = mutate(tmp_path, "cleartext", *edits)
    assert outcome.failed() == {"cleartext-connection"}


@pytest.mark.parametrize("directive", ["TLS Enable", "TLS Require"])
def test_tls_on_the_wire_fails_nothing_wherever_it_is_not_required(
    directive: str, tmp_path: Path
) -> None:
    edits = [Edit(tls.file, tls.resource, directive, "no") for tls in TLS_RESOURCES]
    assert mutate(tmp_path, "modes", *edits).failed() == set()


def test_cleartext_that_is_allowed_fails_as_where_tls_is_off(tmp_path: Path) -> None:
    edits = [
        edit
        for file, resource in (BCONSOLE, ("dir/director/bareos-dir", "bareos-dir"))
        for edit in (
            Edit(file, resource, "TLS Enable", "yes"),
            Edit(file, resource, "TLS Require", "no"),
        )
    ]
    outcome = mutate(tmp_path, "cleartext", *edits)
    assert outcome.failed() == {"cleartext-connection"}
    assert len(outcome.flows("cleartext-connection")) == 28


ADDRESSES = [
    # A Director may have been told by setip, a console command (§4.10).
    Case(Edit(FD2_VIEW, "fd2", "Address", "10.77.0.99"), abstains=UNPAIRED),
    Case(Edit("dir/storage/sd1", "store1", "Address", "10.77.0.99"), UNPAIRED, 3, ""),
    Case(Edit("dir/storage/sd2", "store2", "Address", "10.77.0.99"), UNPAIRED, 3, ""),
]


@pytest.mark.parametrize("case", ADDRESSES, ids=str)
def test_a_data_channel_to_another_address_than_the_configured_one_fails(
    case: Case, tmp_path: Path
) -> None:
    """The place is the head of the resource, which has no LanAddress."""
    outcome = mutate(tmp_path, "modes", case.edit)
    head = outcome.places[0].rpartition(":")[0].removeprefix("config/") + ":1"
    hold(outcome, case._replace(where=head))


#: Port forwarding and address translation legitimately make what is dialled differ from where the
#: other end listens (§0), so none of these fails, and each flow keeps its number.
LEGITIMATE = [
    *(Edit(f"dir/client/{fd}", fd, "Port", "9999") for fd in ("fd1", "fd2", "fd3")),
    Edit("dir/storage/sd1", "store1", "Port", "9999"),
    Edit("dir/storage/sd2", "store2", "Port", "9999"),
    Edit("con/bconsole", "bareos-dir", "Port", "9999"),
    Edit("con/named", "bareos-dir", "Port", "9999"),
    Edit("tray/director/dir", "bareos-dir", "Port", "9999"),
    Edit("tray/client/fd1", "fd1", "Port", "9999"),
    Edit("fd3/director/dir", "bareos-dir", "Port", "9999"),
    Edit(FD1_VIEW, "fd1", "Address", "10.77.0.99"),
    Edit("con/bconsole", "bareos-dir", "Address", "10.77.0.99"),
    Edit("tray/client/fd1", "fd1", "Address", "10.77.0.99"),
    Edit("fd3/director/dir", "bareos-dir", "Address", "10.77.0.99"),
    Edit("dir/director/bareos-dir", "bareos-dir", "Port", "9999"),
    Edit("dir/director/bareos-dir", "bareos-dir", "Address", "10.77.0.98"),
    Edit("dir/director/bareos-dir", "bareos-dir", "SourceAddress", "10.77.0.98"),
    Edit("fd1/client/me", "fd1", "Port", "9999"),
    Edit("fd1/client/me", "fd1", "SourceAddress", "10.77.0.98"),
    Edit("sd1/storage/me", "sd1", "Port", "9999"),
    Edit("sd1/storage/me", "sd1", "SourceAddress", "10.77.0.98"),
]


@pytest.mark.parametrize("edit", LEGITIMATE, ids=str)
def test_an_address_or_port_that_nat_may_explain_fails_nothing(edit: Edit, tmp_path: Path) -> None:
    outcome = mutate(tmp_path, "modes", edit)
    assert outcome.failed() == set()
    assert outcome.audit.flows["numbered"].all()


def test_a_database_at_another_port_may_be_used_by_others_than_the_director(
    tmp_path: Path,
) -> None:
    outcome = mutate(
        tmp_path, "modes", Edit("dir/catalog/MyCatalog", "MyCatalog", "DB Port", "5433")
    )
    assert outcome.failed() == set()
    assert outcome.unknown() == {"unnumbered-connection"}


def test_a_database_that_the_director_should_reach_without_tcp_fails_nothing(
    tmp_path: Path,
) -> None:
    """PGHOST of the Director's environment may say otherwise (§1.9)."""
    outcome = mutate(
        tmp_path, "modes", Edit("dir/catalog/MyCatalog", "MyCatalog", "DB Address", None)
    )
    assert outcome.failed() | outcome.unknown() == set()
    assert set(outcome.audit.flows.query("acceptor_port == 5432")["connection"]) == {""}
