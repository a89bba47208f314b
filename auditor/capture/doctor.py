"""Looks at what works on this machine for capturing, and at what will be blind.

Everything is tried where that is possible, since version numbers lie: distributions backport. It
changes nothing, sends nothing, and prints nothing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.diagnosis import Check, State, blind, outlooks
from auditor.capture.ebpf.features import probe_programs
from auditor.capture.rights import landlock, seccomp
from auditor.capture.rights.capabilities import Capability, held, how_to_grant, missing
from auditor.errors import install_command
from auditor.outputs.kept_files import cache_directory
from auditor.text import printable

_BTF = Path("/sys/kernel/btf/vmlinux")
#: How long (s) a program may take to tell its version.
_VERSION_S = 5.0
#: Variables that say where a user's own settings and plugins lie.
_FOLDERS = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


def examine() -> list[Check]:
    """Return what was found, in the order in which a backend would need it."""
    checks = [_kernel(), _btf(), _rights(), *_programs(), _packet_socket()]
    backends = BACKENDS.values()
    checks += [_tool(one.program, f"the backend {one.name}") for one in backends if one.program]
    checks += [_tool("tshark", "the second opinion")]
    checks += [_distribution(one.distribution) for one in backends if one.distribution]
    checks += [_cache(), _filter(), _landlock()]
    return [*checks, *blind(outlooks(checks))]


def _kernel() -> Check:
    system = f"{platform.system()} {platform.release()} on {platform.machine()}"
    if platform.system() == "Linux":
        return Check("kernel", State.OK, system)
    return Check("kernel", State.LIMITED, system, "Only Linux tells keepalive settings by eBPF.")


def _btf() -> Check:
    if _BTF.is_file():
        return Check("BTF", State.OK, f"{_BTF}, {_BTF.stat().st_size} bytes")
    needs = f"the backend {BackendName.EBPF} needs it"
    hint = f"Use a kernel with CONFIG_DEBUG_INFO_BTF=y; {needs}."
    return Check("BTF", State.MISSING, f"{_BTF} does not exist", hint)


def _rights() -> Check:
    needed = tuple(dict.fromkeys(one for each in BACKENDS.values() for one in each.capabilities))
    lacking = missing(needed)
    if not lacking:
        *others, last = (capability.name for capability in needed)
        return Check("rights", State.OK, f"{', '.join(others)} and {last}")
    state = State.LIMITED if held(Capability.CAP_NET_RAW) else State.MISSING
    names = ", ".join(capability.name for capability in lacking)
    return Check("rights", state, f"without {names}", how_to_grant(lacking))


def _programs() -> Iterator[Check]:
    """Report libbpf and every BPF program type, each tried."""
    for name, problem, detail in probe_programs():
        state = State.MISSING if problem else State.OK
        yield Check(name, state, problem or detail, "" if not problem else detail)


def _packet_socket() -> Check:
    family = getattr(socket, "AF_PACKET", None)
    if family is None:
        return Check("AF_PACKET", State.MISSING, "this system has no packet sockets")
    try:
        with socket.socket(family, socket.SOCK_RAW, 0):
            return Check("AF_PACKET", State.OK, "packet sockets can be opened")
    except OSError as error:
        hint = how_to_grant((Capability.CAP_NET_RAW,))
        return Check("AF_PACKET", State.MISSING, f"{error.strerror}", hint)


def _tool(name: str, purpose: str) -> Check:
    path = shutil.which(name)
    if path is None:
        hint = f"Install Wireshark's command line tools for {purpose}."
        return Check(name, State.MISSING, "not installed", hint)
    try:
        told = subprocess.run(
            [path, "--version"],
            capture_output=True,
            check=False,
            timeout=_VERSION_S,
            stdin=subprocess.DEVNULL,
            cwd="/",
            # tshark runs the plugins of a HOME, and sudo may leave that of somebody else.
            env={**os.environ, **dict.fromkeys(_FOLDERS, "/nonexistent")},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name, State.LIMITED, f"{path} cannot be run: {printable(str(error))}")
    first = told.stdout.decode("utf-8", "replace").partition("\n")[0]
    version = re.search(r"\d+\.\d+(?:\.\d+)?", first)
    return Check(name, State.OK, f"{path}, version {version[0] if version else 'unknown'}")


def _distribution(name: str) -> Check:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Check(name, State.OK, f"version {printable(version(name), 32)}")
    except PackageNotFoundError:
        hint = f"{install_command(name)}, if neither BPF nor dumpcap can be had."
        return Check(name, State.MISSING, "not installed", hint)


def _cache() -> Check:
    path = cache_directory()
    if path is None:
        hint = "Set BAREOS_AUDIT_CACHE to a folder that only you can write; every start is slow."
        return Check("machine code", State.LIMITED, "compiled code is not kept", hint)
    return Check("machine code", State.OK, printable(str(path)))


def _filter() -> Check:
    if seccomp.available():
        return Check("seccomp", State.OK, "a recording keeps a short list of system calls")
    hint = "A kernel with CONFIG_SECCOMP_FILTER, on x86_64 or aarch64, would confine it."
    return Check("seccomp", State.LIMITED, "a recording keeps all system calls", hint)


def _landlock() -> Check:
    version = landlock.version()
    if version:
        detail = f"version {version}: a recording makes files in the folder of its output only"
        return Check("Landlock", State.OK, detail)
    hint = "Linux 5.13 or later with «landlock» in the boot parameter lsm= has it."
    detail = "a recording may make files wherever its account may"
    return Check("Landlock", State.LIMITED, detail, hint)
