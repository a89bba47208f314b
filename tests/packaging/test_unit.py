"""The service as its unit has it: the account, capabilities, limits and environment by setpriv(1).

systemd does not run where the tests do. What its sandbox adds by mounts and filters is not tried;
that no call of ours falls to its filter is read from ``systemd-analyze``.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import commandline
import pytest
from livenet import DAEMONS, TLS, configuration, ordering
from netns import Namespace, join, namespaces, need, why_no_bpf
from paths import ROOT
from strangers import STRANGER

from auditor.capture.rights import seccomp, syscalls
from auditor.outputs.kept_files import cache_directory

UNIT = (ROOT / "packaging" / "bareos-audit.service").read_text(encoding="utf-8").splitlines()
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
#: Attempts of the flood, each another one; more to measure with: see packaging/README.md.
FLOOD = int(os.environ.get("FLOOD", "20000"))


def setting(name: str) -> list[str]:
    """Return every value that the unit gives a setting."""
    return [line.partition("=")[2] for line in UNIT if line.startswith(f"{name}=")]


def octets(name: str) -> int:
    """Return a size of the unit."""
    (text,) = setting(name)
    return int(text[:-1]) * UNITS[text[-1]]


def confined(state: Path, cache: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command line of the unit, run by setpriv with its rights, and its environment."""
    rights = setting("AmbientCapabilities")[0].lower().split()
    sets = ",".join(("-all", *(f"+{name.removeprefix('cap_')}" for name in rights)))
    command = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    command += [f"--inh-caps={sets}", f"--ambient-caps={sets}", f"--bounding-set={sets}"]
    assert setting("NoNewPrivileges") == ["yes"]
    environment = dict(line.split("=", 1) for line in setting("Environment"))
    environment |= {"INTERFACE": "wire0", "CACHE_DIRECTORY": str(cache), "PATH": os.environ["PATH"]}
    program, *arguments = shlex.split(setting("ExecStart")[0].replace("%S", str(state.parent)))
    assert program == "/usr/bin/bareos-audit"
    arguments = [environment["INTERFACE"] if one == "$INTERFACE" else one for one in arguments]
    config = ["--config", str(state / "config"), "-f", "json"]
    command += ["--no-new-privs", sys.executable, "-m", "auditor", *arguments, *config]
    return command, environment


@contextmanager
def folders() -> Iterator[tuple[Path, Path]]:
    """Give the state and the cache folder, the service's own, with machine code in it."""
    commandline.warm_up()
    with tempfile.TemporaryDirectory(prefix="bareos-audit-unit-") as top:
        Path(top).chmod(0o755)
        state, cache = Path(top, "bareos-audit"), Path(top, "cache")
        known = cache_directory()
        assert known is not None
        shutil.copytree(known, cache)
        state.mkdir()
        for path in (state, cache, *cache.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
            os.chown(path, STRANGER, STRANGER)
        yield state, cache


def attempts(number: int) -> Iterator[bytes]:
    """Yield SYNs to the File Daemon's port, each from elsewhere; nobody answers them."""
    dice = random.Random(number)
    target = socket.inet_aton("10.77.0.99")
    for _ in range(number):
        source, port, seq = dice.getrandbits(32), dice.randrange(1024, 65536), dice.getrandbits(32)
        head = struct.pack(">BBHHHBBHI4s", 0x45, 0, 40, 1, 0, 64, 6, 0, source, target)
        rest = struct.pack(">HHIIBBHHH", port, 9102, seq, 0, 0x50, 2, 64240, 0, 0)
        pseudo = head[12:20] + struct.pack(">HH", 6, 20) + rest
        total = sum(struct.unpack(f">{len(pseudo) // 2}H", pseudo))
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        ethernet = b"\xff" * 6 + b"\x02" + bytes(5) + b"\x08\x00"
        yield ethernet + head + rest[:16] + struct.pack(">H", ~total & 0xFFFF) + rest[18:]


def flood(there: Namespace, number: int) -> None:
    """Send attempts out of a namespace, as fast as Python can."""
    with there.entered():
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    with wire:
        wire.bind(("wire0", 0))
        for frame in attempts(number):
            while True:
                try:
                    wire.send(frame)
                    break
                except OSError:  # the queue is full
                    time.sleep(0.001)


def status(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def read_out(service: subprocess.Popen[str]) -> tuple[str, int]:
    """Return what a service writes until it ends, and the most memory that it had by then, octets.

    A pipe holds so little that what it says last of its memory comes after nearly all it wrote.
    """
    assert service.stdout is not None
    watch = threading.Timer(int(setting("TimeoutStopSec")[0]) * 2, service.kill)
    watch.start()
    written, peak = bytearray(), 0
    while some := os.read(service.stdout.fileno(), 1 << 16):
        written += some
        peak = int(status(service.pid).get("VmHWM", f"{peak >> 10} kB").split()[0]) << 10
    service.wait()
    watch.cancel()
    return written.decode(), peak


@pytest.mark.slow
def test_under_flood_the_service_keeps_its_bounds_and_reports_in_time() -> None:
    """Issue 8: below MemoryMax, within TimeoutStopSec, and a real connection is still judged."""
    need(why_no_bpf())
    with namespaces(2) as (home, there), folders() as (state, cache):
        join(home, there)
        configuration(state / "config")
        command, environment = confined(state, cache)
        with home.entered():
            service = subprocess.Popen(
                command, cwd=ROOT, env=environment, umask=int(setting("UMask")[0], 8),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        try:
            assert service.stderr is not None
            said = service.stderr.readline()
            if said.startswith("bareos-audit: compiling"):  # this account has no machine code yet
                said = service.stderr.readline()
            assert said.startswith("Capturing on wire0 with backend ebpf"), said
            with ordering(home, there, 9103, said=TLS, idle=60, interval=60):
                flood(there, FLOOD)
                with ordering(home, there, 9103, family=1, said=TLS, idle=60, interval=60):
                    time.sleep(1.5)
                told = status(service.pid)
            begun = time.monotonic()
            service.send_signal(getattr(signal, setting("KillSignal")[0]))
            output, peak = read_out(service)
            took = time.monotonic() - begun
        finally:
            service.kill()
            service.communicate()
        states = [path.stat() for path in state.glob("*.pcapng")]
    owners = {(each.st_uid, each.st_mode & 0o7777) for each in states}
    before = int(told["VmHWM"].split()[0]) >> 10
    sys.stdout.write(f"\nunder {FLOOD} attempts: {before} MiB, with its report {peak >> 20} MiB, ")
    sys.stdout.write(f"which came after {took:.1f} s\n")
    assert {int(told[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} <= {
        0, int(told["CapBnd"], 16)
    }  # fmt: skip
    assert int(told["CapEff"], 16) == 0
    assert told["Uid"].split() == [str(STRANGER)] * 4
    assert (told["NoNewPrivs"], told["Seccomp"]) == ("1", "2" if seccomp.available() else "0")
    assert str(service.returncode) in ["0", *setting("SuccessExitStatus")[0].split()]
    assert owners == {(STRANGER, 0o600)}
    assert peak < octets("MemoryMax")
    assert took < int(setting("TimeoutStopSec")[0])
    report = json.loads(output)
    real = [one for one in report["flows"] if one["outcome"] == "established"]
    assert {one["acceptor"]["address"] for one in real} == set(DAEMONS)
    assert {one["connection"] for one in real} == {"5a"}


def test_no_call_that_a_recording_keeps_falls_to_the_filter_of_the_unit() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (allowed,) = setting("SystemCallFilter")
    known: set[str] = set()
    waiting = allowed.split()
    while waiting:
        name = waiting.pop()
        if not name.startswith("@"):
            known.add(name)
            continue
        told = subprocess.run(
            ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
        ).stdout
        names = (line.strip() for line in told.splitlines()[1:])
        waiting += [one for one in names if not one.startswith("#")]
    assert (syscalls.FREE | syscalls.CHECKED).keys() - known == set()


def test_the_unit_and_its_page_name_the_same_bounds() -> None:
    page = (ROOT / "packaging" / "README.md").read_text(encoding="utf-8")
    for name in ("MemoryMax", "TimeoutStopSec"):
        assert f"`{name}={setting(name)[0]}`" in page
