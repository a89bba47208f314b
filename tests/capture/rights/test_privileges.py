"""All rights are gone after they are dropped, in every thread, and cannot come back."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from needs import needs
from paths import ROOT

from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.rights import capabilities, privileges
from auditor.capture.rights.capabilities import (
    Capability,
    Sets,
    held,
    how_to_grant,
    missing,
    read_sets,
)
from auditor.capture.rights.capset import passed_on
from auditor.capture.rights.privileges import (
    Account,
    drop_everything,
    may_create_files,
    remaining_account,
)
from auditor.errors import CaptureError

_ROOT = ROOT
#: What the backend needs that sees most.
_BEST = BACKENDS[BackendName.EBPF].capabilities
_PRELUDE = f"""
import os, socket, sys, threading
sys.path.insert(0, {str(_ROOT)!r})
from auditor.capture.rights.capabilities import *
from auditor.capture.rights.capset import *
from auditor.capture.rights.privileges import *
from auditor.errors import CaptureError
"""


@needs("root")
def _run(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PRELUDE + script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return done.stdout


def _fields(status: str) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)


_DROP = "drop_everything()\nprint(open('/proc/self/status').read())"


def test_no_capability_is_left_in_any_set():
    fields = _fields(_run(_DROP))
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"


def test_root_becomes_nobody_without_groups():
    fields = _fields(_run(_DROP, SUDO_UID="", SUDO_GID=""))
    account = remaining_account()
    assert account is not None and account.uid > 0
    assert fields["Uid"].split() == [str(account.uid)] * 4
    assert fields["Gid"].split() == [str(account.gid)] * 4
    assert fields["Groups"].split() == []


def test_root_by_sudo_becomes_who_called_it():
    fields = _fields(_run(_DROP, SUDO_UID="12345", SUDO_GID="12346"))
    assert fields["Uid"].split() == ["12345"] * 4
    assert fields["Gid"].split() == ["12346"] * 4


@pytest.mark.root
@pytest.mark.parametrize("uid", ["0", "-1", "x", "99999999999"])
def test_an_environment_that_lies_does_not_keep_root(uid, monkeypatch):
    monkeypatch.setenv("SUDO_UID", uid)
    monkeypatch.setenv("SUDO_GID", "1000")
    account = remaining_account()
    assert account is not None and 0 < account.uid < 1 << 31


_REGAIN = """
drop_everything()
attempts = {
    "setuid": lambda: os.setuid(0),
    "setgid": lambda: os.setgid(0),
    "capset": lambda: write_sets(effective=1 << 13, permitted=1 << 13, inheritable=0),
    "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "shadow": lambda: open("/etc/shadow"),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print("REGAINED", name)
    except OSError as error:
        print(name, error.errno, flush=True)
os.execv("/usr/bin/env", ["env", "cat", "/proc/self/status"])
"""


def test_nothing_can_be_regained():
    told = _run(_REGAIN)
    assert "REGAINED" not in told
    assert told.count(" 1\n") + told.count(" 13\n") >= 5  # EPERM, EACCES
    fields = _fields(told)
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0


_AS_SERVICE = """
os.setgroups([]); os.setgid(12345)
with passed_on([Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON]):
    os.setuid(12345)
    mask = (1 << 13) | (1 << 38) | (1 << 39)
    write_sets(effective=mask, permitted=mask | 1 << 8, inheritable=mask)
    before = read_sets()
    needed = [Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON]
    print(missing(needed), remaining_account())
    {thread}
    try:
        drop_everything()
        print(read_sets())
    except CaptureError as error:
        print(error)
    os._exit(print(end="", flush=True) or 0)
"""


def test_a_service_with_ambient_capabilities_stays_who_it_is_and_loses_them():
    told = _run(_AS_SERVICE.format(thread="")).splitlines()
    assert told[0] == "() None"
    assert "permitted=0, effective=0" in told[1] and "ambient=0" in told[1]


def test_a_thread_that_would_keep_its_rights_stops_everything():
    thread = "threading.Thread(target=threading.Event().wait, daemon=True).start()"
    told = _run(_AS_SERVICE.format(thread=thread)).splitlines()
    assert "A thread that was started too early still has the rights" in told[1]


@pytest.mark.root
def test_a_program_started_meanwhile_keeps_what_is_passed_on_and_we_get_back_what_we_had():
    before = read_sets()
    with passed_on([Capability.CAP_NET_RAW]):
        done = subprocess.run(
            ["cat", "/proc/self/status"],
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=True,
        )
    fields = _fields(done.stdout)
    assert fields["Uid"].split() == ["65534"] * 4
    assert int(fields["CapEff"], 16) == int(fields["CapAmb"], 16) == 1 << Capability.CAP_NET_RAW
    assert read_sets() == before


def test_what_is_missing_and_how_to_grant_it_is_one_sentence(monkeypatch):
    monkeypatch.setattr(capabilities, "held", lambda capability: capability.name == "CAP_NET_RAW")
    lacking = missing(_BEST)
    assert [capability.name for capability in lacking] == ["CAP_BPF", "CAP_PERFMON"]
    assert how_to_grant(lacking).startswith("CAP_BPF and CAP_PERFMON missing: run it as root")


@pytest.mark.root
def test_root_holds_all_that_is_needed():
    assert held(Capability.CAP_NET_RAW) and missing(_BEST) == ()


@pytest.mark.root
def test_whether_an_account_may_create_files_is_asked_of_the_kernel(tmp_path):
    directory = os.open(tmp_path, os.O_DIRECTORY)
    try:
        assert not may_create_files(directory, Account(12345, 12345))
        os.chown(tmp_path, 12345, 12345)
        assert may_create_files(directory, Account(12345, 12345))
        assert os.geteuid() == 0
    finally:
        os.close(directory)


def test_the_service_asks_for_exactly_what_the_best_backend_needs():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(_ROOT / "packaging" / "bareos-audit.service")
    wanted = {capability.name for capability in _BEST}
    assert set(unit["Service"]["AmbientCapabilities"].split()) == wanted
    assert set(unit["Service"]["CapabilityBoundingSet"].split()) == wanted
    assert unit["Service"]["NoNewPrivileges"] == "yes"
    assert unit["Service"]["ProtectSystem"] == "strict"


def test_the_page_on_the_service_says_what_each_of_its_rights_is_for():
    page = (_ROOT / "packaging" / "README.md").read_text(encoding="utf-8")
    assert {line.split("`")[1] for line in page.splitlines() if line.startswith("| `CAP_")} == {
        capability.name for capability in _BEST
    }


# ------------------------------------------------- in this process: what is asked of the kernel


_KERNEL_CALLS = (
    *("privileges.empty_bounding_set", "privileges.empty_ambient_set", "os.setgroups"),
    *("os.setresgid", "os.setresuid", "privileges.write_sets", "privileges.forbid_new_privileges"),
)
_NOTHING = Sets(0, 0, 0, 0, 0)


@pytest.fixture
def calls(monkeypatch):
    """Note each call that would change rights, and refuse the one of the name in ``refused``."""
    noted: list[str] = []

    def double(name):
        def call(*arguments, **sets):
            noted.append(" ".join(map(str, (name, *arguments, *sets.values()))))
            if name in refused:
                raise PermissionError(1, "Operation not permitted")

        return call

    refused: set[str] = set()
    for path in _KERNEL_CALLS:
        room, name = path.split(".")
        where = os if room == "os" else privileges
        monkeypatch.setattr(where, name, double(name))
    monkeypatch.setattr(privileges, "held", lambda one: one is Capability.CAP_SETPCAP)
    monkeypatch.setattr(privileges, "read_sets", lambda _: _NOTHING)
    monkeypatch.setattr(privileges, "remaining_account", lambda: Account(1000, 100))
    return noted, refused


def test_rights_are_given_up_in_the_one_order_that_works(calls):
    """What needs a right comes before that right goes: the user last but for the sets."""
    drop_everything()
    assert calls[0] == [
        "empty_bounding_set",
        "empty_ambient_set",
        "setgroups []",
        "setresgid 100 100 100",
        "setresuid 1000 1000 1000",
        "write_sets 0 0 0",
        "forbid_new_privileges",
    ]


def test_who_is_not_root_stays_who_they_are(calls, monkeypatch):
    monkeypatch.setattr(privileges, "remaining_account", lambda: None)
    monkeypatch.setattr(privileges, "held", lambda _: False)
    drop_everything()
    assert calls[0] == ["empty_ambient_set", "write_sets 0 0 0", "forbid_new_privileges"]


@pytest.mark.parametrize("name", [path.split(".")[1] for path in _KERNEL_CALLS])
def test_a_refusal_at_any_step_ends_it_before_a_packet_is_read(calls, name):
    noted, refused = calls
    refused.add(name)
    with pytest.raises(CaptureError, match=r"cannot be given up \(Operation not permitted\)"):
        drop_everything()
    assert noted[-1].split()[0] == name, "and nothing is tried after it"


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("left", "refused"),
    [
        ("permitted", True),
        ("effective", True),
        ("inheritable", True),
        ("ambient", True),
        ("bounding", False),  # nobody without CAP_SETPCAP can empty it, and no_new_privs is set
    ],
)
def test_every_thread_is_looked_at_afterwards(left, refused, monkeypatch):
    asked: list[str] = []

    def sets(task: str) -> Sets:
        asked.append(task)
        return _NOTHING._replace(**{left: 1 << 13})

    monkeypatch.setattr(privileges, "read_sets", sets)
    if refused:
        with pytest.raises(CaptureError, match="thread that was started too early"):
            drop_everything()
    else:
        drop_everything()
        assert set(asked) == {f"self/task/{one.name}" for one in Path("/proc/self/task").iterdir()}


def _nobody(_: str) -> SimpleNamespace:
    return SimpleNamespace(pw_uid=77, pw_gid=78)


def _no_such_user(name: str) -> SimpleNamespace:
    raise KeyError(name)


@pytest.mark.parametrize(
    ("euid", "environment", "database", "account"),
    [
        (1000, {"SUDO_UID": "5", "SUDO_GID": "6"}, _nobody, None),
        (0, {"SUDO_UID": "5", "SUDO_GID": "6"}, _nobody, Account(5, 6)),
        (0, {"SUDO_UID": "5"}, _nobody, Account(77, 78)),
        (0, {"SUDO_UID": "5", "SUDO_GID": "0"}, _nobody, Account(77, 78)),
        (0, {"SUDO_UID": "0", "SUDO_GID": "6"}, _nobody, Account(77, 78)),
        (0, {"SUDO_UID": str(1 << 31), "SUDO_GID": "6"}, _nobody, Account(77, 78)),
        (0, {}, _nobody, Account(77, 78)),
        (0, {}, _no_such_user, Account(65534, 65534)),
    ],
)
def test_who_is_left_is_who_called_sudo_or_nobody(
    euid, environment, database, account, monkeypatch
):
    for name in ("SUDO_UID", "SUDO_GID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    monkeypatch.setattr(privileges.pwd, "getpwnam", database)
    assert remaining_account() == account
