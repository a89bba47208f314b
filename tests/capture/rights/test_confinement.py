"""A confined recording can do what it has to, and fails with an error at all else."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audits import ROOT
from needs import needs

from auditor.capture.rights import landlock, seccomp, syscalls

_BEGIN = """
import ctypes, errno, json, mmap, os, signal, socket, sys, threading, time
from auditor.capture.rights import landlock, seccomp
from auditor.capture.rights.capset import forbid_new_privileges
from auditor.capture.rights.confinement import confine_recording

libc = ctypes.CDLL(None, use_errno=True)
found = {}

def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "")

def attempt(name, what):
    try:
        what()
        found[name] = 0
    except (OSError, RuntimeError) as error:
        found[name] = getattr(error, "errno", errno.EPERM)

forbid_new_privileges()
"""
_END = "\nprint(json.dumps(found), flush=True)\n"

#: What none of the backends needs: name, and how it is tried.
FORBIDDEN = {
    "execute": "os.execv('/bin/true', ['true'])",
    "fork": "os._exit(0) if os.fork() == 0 else None",
    "network": "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "local socket": "socket.socketpair()",
    "packet socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "trace": "call(101, 16, os.getppid(), 0, 0)",
    "read of other memory": "call(310, os.getppid(), 0, 0, 0, 0, 0)",
    "signal to another": "os.kill(os.getppid(), 0)",
    "signal to all": "os.kill(-1, 0)",
    "rename": "os.rename('a', 'b')",
    "mode": "os.chmod('secret', 0o777)",
    "owner": "os.chown('secret', 1, 1)",
    "link": "os.link('secret', 'c')",
    "symbolic link": "os.symlink('secret', 'd')",
    "folder": "os.mkdir('e')",
    "user": "os.setuid(1)",
    "root": "os.chroot('.')",
    "unshare": "call(272, 0x10000000)",
    "machine code": "mmap.mmap(-1, 4096, prot=mmap.PROT_EXEC | mmap.PROT_READ)",
    "io_uring": "call(425, 1, 0)",
    "bpf program": "call(321, 5, 0, 0)",
    "perf": "call(298, 0, 0, 0, 0, 0)",
    "key": "call(250, 0, 0, 0, 0)",
    "limit": "call(302, 0, 7, b'0' * 16, 0)",
    "terminal": "call(16, 0, 0x5412, b'x')",
    "i386 numbers": "call(0x40000000 + 41, 2, 1, 0)",
    "old file": "open('secret', 'ab')",
    "new file": "open('f', 'xb')",
}
ALLOWED = {
    "thread": "t = threading.Thread(target=time.sleep, args=(0,)); t.start(); t.join()",
    "proc": "open('/proc/self/status').read()",
    "sys": "os.listdir('/sys')",
    "pipe": "os.pipe()",
    "memory": "bytearray(1 << 24)",
    "own signal": "signal.raise_signal(signal.SIGWINCH)",
    "module": "__import__('colorsys')",
}


@needs("slow")
def tried(folder: Path, confine: str, attempts: dict[str, str]) -> dict[str, Any]:
    """Return the errno of each attempt, 0 for success, of a process that was confined before."""
    (folder / "secret").write_bytes(b"secret")
    code = _BEGIN + f"os.chdir({str(folder)!r})\n{confine}\n"
    for name, what in attempts.items():
        code += f"def step():\n    {what}\nattempt({name!r}, step)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + _END], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def need_both() -> None:
    if not (seccomp.available() and landlock.version() and platform.machine() == "x86_64"):
        pytest.skip("this kernel has no seccomp or no Landlock")


def test_a_recording_into_one_file_can_do_little(tmp_path: Path) -> None:
    need_both()
    attempts = FORBIDDEN | ALLOWED
    found = tried(tmp_path, "confine_recording(None, (), ())", attempts)
    assert {name for name, number in found.items() if number == 0} == set(ALLOWED)
    assert {found[name] for name in FORBIDDEN} <= {errno.EPERM, errno.EACCES}
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_ring_makes_and_removes_files_in_its_own_folder_only(tmp_path: Path) -> None:
    need_both()
    for name in ("ring", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old").touch()
    confine = "fd = os.open('ring', os.O_PATH); confine_recording(fd, (), ())"
    inside = {
        "new": "os.close(os.open('1', os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=fd))",
        "remove": "os.unlink('old', dir_fd=fd)",
    }
    outside = {
        "other": "os.open('other/1', os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)",
        "up": "os.open('../1', os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=fd)",
        "over": "os.open('secret', os.O_WRONLY | os.O_TRUNC)",
        "read": "os.open('secret', os.O_RDONLY)",
        "list": "os.listdir('other')",
        "away": "os.unlink('other/old')",
        "passwords": "open('/etc/passwd')",
    }
    found = tried(tmp_path, confine, inside | outside)
    assert {name for name, number in found.items() if number == 0} == set(inside)
    assert {found[name] for name in outside} <= {errno.EPERM, errno.EACCES}


@pytest.mark.parametrize("umask", [0o077, 0o022, 0])
def test_a_ring_goes_on_in_file_after_file(tmp_path: Path, umask: int) -> None:
    """As the recorder makes them: setting their mode is refused, and was asked for."""
    need_both()
    (tmp_path / "ring").mkdir()
    if os.geteuid() == 0:  # whose rings belong to who is left when rights are dropped
        os.chown(tmp_path / "ring", 65534, 65534)
    confine = (
        "from auditor.capture.recording.output import Limits, Output\n"
        f"os.umask({umask})\n"
        "ring = Output('ring/a.pcapng', Limits(file_bytes=4096, ring=2)); ring.open()\n"
        "confine_recording(ring.folder, (), ())"
    )
    assert tried(tmp_path, confine, {"on": "ring.rotate(); ring.rotate()"}) == {"on": 0}
    files = sorted((tmp_path / "ring").iterdir())
    assert [path.name[:8] for path in files] == ["a_00002_", "a_00003_"]
    assert {path.stat().st_mode & 0o7777 for path in files} == {0o600}


def test_a_report_that_never_came_can_be_removed_and_nothing_made(tmp_path: Path) -> None:
    need_both()
    (tmp_path / "report").touch()
    found = tried(
        tmp_path,
        "fd = os.open('.', os.O_PATH); confine_recording(None, (fd,), ())",
        {"remove": "os.unlink('report', dir_fd=fd)", "make": "open('new', 'xb')"},
    )
    assert found == {"remove": 0, "make": errno.EPERM}


def test_only_programs_that_were_started_can_be_ended(tmp_path: Path) -> None:
    need_both()
    confine = (
        "import subprocess; no = subprocess.DEVNULL\n"
        "start = lambda: subprocess.Popen(['sleep', '5'], stdout=no, stderr=no)\n"
        "one, other = start(), start()\n"
        "confine_recording(None, (), (one.pid,))"
    )
    found = tried(
        tmp_path,
        confine,
        {
            "ours": "one.kill(); one.wait()",
            "other": "other.kill()",
            "parent": "os.kill(os.getppid(), 9)",
        },
    )
    assert found == {"ours": 0, "other": errno.EPERM, "parent": errno.EPERM}


def test_threads_that_run_already_are_filtered_too(tmp_path: Path) -> None:
    need_both()
    confine = (
        "go, over = threading.Event(), threading.Event()\n"
        "def late():\n    go.wait(); attempt('late', socket.socketpair); over.set()\n"
        "threading.Thread(target=late).start()\n"
        "seccomp.allow_recording(new_files=False)"
    )
    found = tried(tmp_path, confine, {"wait": "go.set(); over.wait()"})
    assert found == {"late": errno.EPERM, "wait": 0}


@pytest.mark.parametrize("lacking", ["landlock.version", "seccomp.available"])
def test_a_kernel_that_lacks_one_has_the_other(tmp_path: Path, lacking: str) -> None:
    need_both()
    confine = f"{lacking} = lambda: 0\nconfine_recording(None, (), ())"
    attempts = {"socket": FORBIDDEN["network"], "read": "open('secret', 'rb')"}
    found = tried(tmp_path, confine, attempts)
    landlocked = lacking != "landlock.version"
    assert found == {
        "socket": 0 if landlocked else errno.EPERM,
        "read": errno.EACCES if landlocked else 0,
    }


def test_a_machine_without_a_table_is_not_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not seccomp.available()


def test_every_checked_call_has_its_conditions_and_no_number_occurs_twice() -> None:
    checked = syscalls.conditions(1, (), new_files=False)
    assert checked.keys() == syscalls.CHECKED.keys()
    for column in (0, 1):
        numbers = [
            each[column]
            for table in (syscalls.FREE, syscalls.CHECKED)
            for each in table.values()
            if each[column] != syscalls.NONE
        ]
        assert len(numbers) == len(set(numbers))
    assert len(syscalls.FREE) + len(syscalls.CHECKED) < 90, "the list is short"


@pytest.mark.parametrize(
    ("column", "header", "prefix"),
    [
        (0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "__NR_"),
        (1, "/usr/include/asm-generic/unistd.h", "__NR_"),
    ],
)
def test_the_numbers_are_those_of_the_kernel(column: int, header: str, prefix: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    lines = Path(header).read_text(encoding="ascii").splitlines()
    known = {}
    for words in (line.split() for line in lines if line.startswith("#define __NR")):
        if len(words) == 3 and words[2].isdigit():
            known[words[1].replace("__NR3264_", prefix).removeprefix(prefix)] = int(words[2])
    known.setdefault("newfstatat", known.get("fstatat", -1))
    table = syscalls.FREE | syscalls.CHECKED | {"clone3": syscalls.CLONE3}
    assert {name: numbers[column] for name, numbers in table.items()} == {
        name: known.get(name, syscalls.NONE) for name in table
    }
