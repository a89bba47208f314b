"""The doctor looks, says what is missing and what will be blind, and prints nothing."""

from __future__ import annotations

import pytest

from auditor.capture import doctor
from auditor.capture.doctor import State, examine
from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.features import probe_programs
from auditor.capture.rights.capabilities import Capability


def _by_name(checks):
    return {check.name: check for check in checks}


def test_on_a_machine_with_everything_nothing_is_blind(capfd):
    checks = _by_name(examine())
    for name in ("kernel", "BTF", "rights", "libbpf", "socket filter", "iter/tcp", "AF_PACKET"):
        assert checks[name].state is State.OK, checks[name]
    assert checks["tp_btf/inet_sock_set_state"].state is State.OK
    assert "version 1." in checks["libbpf"].detail.replace("version v", "version ")
    assert "blind to" not in checks
    assert capfd.readouterr() == ("", "")


def test_every_check_that_is_not_ok_says_what_to_do(monkeypatch):
    monkeypatch.setattr(doctor, "_BTF", doctor.Path("/nonexistent/vmlinux"))
    monkeypatch.setattr(libbpf, "LIBRARY", "libnosuch.so.9")
    libbpf.library.cache_clear()
    monkeypatch.setattr(doctor.shutil, "which", {}.get)
    checks = examine()
    libbpf.library.cache_clear()
    failing = [check for check in checks if check.state is not State.OK]
    assert {"BTF", "libbpf", "dumpcap", "tshark", "blind to"} <= {check.name for check in failing}
    assert all(check.hint for check in failing)


@pytest.fixture
def unprivileged(monkeypatch):
    """Hold no capability, as far as anyone asks."""
    from auditor.capture.rights import capabilities

    monkeypatch.setattr(capabilities, "held", (Capability.CAP_SETPCAP,).__contains__)
    monkeypatch.setattr(doctor, "held", (Capability.CAP_SETPCAP,).__contains__)


@pytest.mark.usefixtures("unprivileged")
def test_without_rights_it_says_which_are_missing_and_that_it_is_blind():
    checks = examine()
    rights = _by_name(checks)["rights"]
    assert rights.state is State.MISSING
    for capability in (Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON):
        assert capability.name in rights.detail
    assert "AmbientCapabilities" in rights.hint
    blind = [check.detail for check in checks if check.name == "blind to"]
    assert blind == [
        "no packets at all",
        "keepalive settings and processes of this host's sockets",
    ]


@pytest.mark.usefixtures("unprivileged")
def test_without_rights_no_program_is_tried():
    states = {probe.name: probe.problem for probe in probe_programs()}
    assert states["iter/tcp"] == "not tried without rights"
