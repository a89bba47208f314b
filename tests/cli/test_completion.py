"""``bareos-audit completion``: real shells complete with what it prints, as people type."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import refused, run
from paths import ROOT

READY = "may-type>"
#: How each shell begins: no settings of anybody, a prompt that is waited for, and the script.
BEGIN = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "PS1={ready}; . {script}\n"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -U compinit; compinit -u -D; PS1={ready}; . {script}\n",
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, which tells with what it was called when it is not asked for
    completions, and the scripts of all shells."""
    folder = tmp_path_factory.mktemp("shells")
    program = folder / "bareos-audit"
    python = shlex.quote(sys.executable)
    program.write_text(
        f'#!/bin/sh\n[ -n "$_BAREOS_AUDIT_COMPLETE" ] && exec {python} -m auditor "$@"\n'
        "printf 'RAN<%s>\\n' \"$*\"\n"
    )
    program.chmod(0o755)
    for shell in ("bash", "zsh", "fish"):
        (folder / f"{shell}.sh").write_text(run("completion", shell).stdout)
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": f"{home}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TERM": "dumb",
    }


def typed(shell: str, home: Path, keys: str) -> str:
    """Return what the program was called with after these keys in a shell on a terminal."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command, begin = BEGIN[shell]
    ours, theirs = pty.openpty()
    settings = environment(home)
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=settings, cwd=home,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        # The prompt is written as two words, so that the echo of this line is not taken for it.
        ready = f"{READY[:3]}''{READY[3:-1]}\\>"
        os.write(ours, begin.format(ready=ready, script=home / f"{shell}.sh").encode())
        seen = _until(ours, READY)
        os.write(ours, f"bareos-audit {keys}\n".encode())
        seen = _until(ours, ">\r\n")
        process.kill()
    os.close(ours)
    return seen.rpartition("RAN<")[2].partition(">\r\n")[0]


def _until(terminal: int, wanted: str) -> str:
    """Return what appears on a terminal up to some words; an end of it raises OSError."""
    seen = ""
    while wanted not in seen:
        assert select.select([terminal], [], [], 60)[0], seen
        seen += os.read(terminal, 4096).decode("utf-8", "replace")
    return seen


@pytest.mark.parametrize("shell", [*BEGIN])
@pytest.mark.parametrize(
    ("keys", "called"),
    [
        ("compl\tz\t", "completion zsh"),
        ("rules heartbeat-mi\t", "rules heartbeat-missing"),
        ("analyze x.pcap -f ht\t", "analyze x.pcap -f html"),
        ("check -c . --idle-limit=cisco-a\t", "check -c . --idle-limit=cisco-asa"),
        ("analyze x.pcap --port dir=\t", "analyze x.pcap --port dir=9101"),
    ],
)
def test_a_shell_completes_what_is_typed(shell: str, keys: str, called: str, home: Path) -> None:
    assert typed(shell, home, keys).rstrip() == called


def test_files_complete_where_an_option_takes_one(home: Path) -> None:
    (home / "backup-of-today.pcapng").touch()
    assert typed("bash", home, "analyze backup\t").rstrip() == "analyze backup-of-today.pcapng"


def test_fish_takes_the_script_and_completes(home: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    asked = f"source {home}/fish.sh; complete -C 'bareos-audit rules heartbeat-m'; "
    asked += "complete -C 'bareos-audit check --idle-limit=cisco-a'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", asked],
        env=environment(home), capture_output=True, text=True, check=True,
    )  # fmt: skip
    shown = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert shown == ["heartbeat-missing", "--idle-limit=cisco-asa"], done.stderr


@pytest.mark.parametrize("shell", ["", "tcsh"])
def test_of_another_shell_it_says_which_there_are(shell: str) -> None:
    assert "'bash', 'zsh', 'fish'" in refused("completion", shell)
