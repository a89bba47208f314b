"""The doctor looks, says what is missing and what will be blind, and prints nothing."""

from __future__ import annotations

import pytest

from auditor.capture import doctor
from auditor.capture.diagnosis import Check, State
from auditor.capture.doctor import examine
from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.features import probe_programs
from auditor.capture.rights.capabilities import Capability


def _by_name(checks):
    return {check.name: check for check in checks}


@pytest.mark.root
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


# ---------------------------------------------------------------- each check by itself


def test_elsewhere_than_on_linux_it_says_what_cannot_be_had(monkeypatch):
    monkeypatch.setattr(doctor.platform, "system", lambda: "FreeBSD")
    check = doctor._kernel()
    assert (check.state, check.detail[:8]) == (State.LIMITED, "FreeBSD ")
    assert "keepalive" in check.hint


def test_a_system_without_packet_sockets_is_told(monkeypatch):
    monkeypatch.delattr(doctor.socket, "AF_PACKET")
    assert doctor._packet_socket().state is State.MISSING


def test_a_packet_socket_that_is_refused_says_which_right_is_missing(monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(doctor.socket, "socket", refuse)
    check = doctor._packet_socket()
    assert (check.state, check.detail) == (State.MISSING, "Operation not permitted")
    assert check.hint.startswith("CAP_NET_RAW missing")


def _program(folder, text):
    path = folder / "tool"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("prints", "version"),
    [
        ("Dumpcap (Wireshark) 4.0.17 (Git v4.0.17)", "4.0.17"),
        ("tool 2.1", "2.1"),
        ("tool of today\n9.9", "unknown"),
        ("", "unknown"),
        ("\\0377 4.2", "4.2"),
    ],
)
def test_the_version_is_in_the_first_line_that_a_program_prints(
    prints, version, tmp_path, monkeypatch
):
    path = _program(tmp_path, f"#!/bin/sh\n[ \"$1\" = --version ] && printf '%b' '{prints}'\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    check = doctor._tool("tool", "nothing")
    assert (check.state, check.detail) == (State.OK, f"{path}, version {version}")


def test_a_program_finds_neither_the_home_nor_the_folder_of_whoever_called(tmp_path, monkeypatch):
    """tshark runs what lies in HOME, and sudo may leave HOME that of somebody else."""
    told = 'echo "$PWD $HOME $XDG_CONFIG_HOME $XDG_DATA_HOME" > "$0.told"; echo 1.0'
    path = _program(tmp_path, f"#!/bin/sh\n{told}\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    doctor._tool("tool", "nothing")
    assert (tmp_path / f"{path.name}.told").read_text() == "/" + " /nonexistent" * 3 + "\n"


def test_a_program_that_cannot_be_run_is_a_limit(tmp_path, monkeypatch):
    _program(tmp_path, "#!/no/such/interpreter\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    check = doctor._tool("tool", "nothing")
    assert check.state is State.LIMITED
    assert "cannot be run: [Errno 2]" in check.detail


def test_a_program_that_does_not_end_is_a_limit(tmp_path, monkeypatch):
    _program(tmp_path, "#!/bin/sh\nread line < /dev/zero\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "_VERSION_S", 0.05)
    check = doctor._tool("tool", "nothing")
    assert check.state is State.LIMITED
    assert "timed out" in check.detail


def test_a_python_package_is_found_or_to_be_installed():
    assert doctor._distribution("pytest") == Check(
        "pytest", State.OK, f"version {pytest.__version__}"
    )
    check = doctor._distribution("no-such-distribution")
    assert check.state is State.MISSING
    assert " -m pip install no-such-distribution»" in check.hint


def test_compiled_code_is_kept_or_every_start_is_slow(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "cache_directory", lambda: tmp_path)
    assert doctor._cache() == Check("machine code", State.OK, str(tmp_path))
    monkeypatch.setattr(doctor, "cache_directory", lambda: None)
    check = doctor._cache()
    assert (check.state, "BAREOS_AUDIT_CACHE" in check.hint) == (State.LIMITED, True)
