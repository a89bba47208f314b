"""The command ``sockets`` in namespaces of its own: a few known sockets on loopback, as root.

Run as ``unshare --net --pid --fork --mount-proc python outputs_sockets.py CHECKOUT ROOT OUTPUT_DIR
[CONFIG]``. The processes that hold the sockets are called as Bareos' own. Addresses, ports, names
and process numbers are always the same; how long a socket has heard nothing is not, and is left
out: ``HEARD`` stands for it, and a table's columns are one space apart.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from outputs_inputs import INPUTS
from outputs_run import Run, frame_lines, settle, told

_FORK = multiprocessing.get_context("fork")
_DIRECTOR, _STORAGE, _CLIENT = "10.77.0.10", "10.77.0.20", "10.77.0.31"
_CONSOLE, _STRANGER = "10.77.0.40", "10.77.0.66"


@dataclass(frozen=True)
class _Dial:
    program: str
    port: int
    here: str
    there: tuple[str, int]
    idle: int | None
    """TCP_KEEPIDLE; 0: the system's; None: no keepalive."""


_LISTEN = {
    "bareos-dir": (_DIRECTOR, 9101),
    "bareos-fd": (_CLIENT, 9102),
    "bareos-sd": (_STORAGE, 9103),
}
_DIALS = (
    _Dial("bareos-dir", 41001, _DIRECTOR, (_CLIENT, 9102), 6),
    _Dial("bareos-dir", 41002, _DIRECTOR, (_STORAGE, 9103), 60),
    _Dial("bareos-fd", 41003, _CLIENT, (_STORAGE, 9103), 0),
    _Dial("bconsole", 41004, _CONSOLE, (_DIRECTOR, 9101), None),
    _Dial("stranger", 41005, _STRANGER, (_STORAGE, 9103), 5),
)


def main() -> None:
    """Open the sockets, and write what the command and the API say of them."""
    checkout, root, output, *config = sys.argv[1:]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (_DIRECTOR, _STORAGE, _CLIENT, _CONSOLE, _STRANGER):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    with ExitStack() as stack:
        for program, end in _LISTEN.items():
            stack.enter_context(_held(program, partial(_listening, end)))
        for dial in _DIALS:
            stack.enter_context(_held(dial.program, partial(_dialling, dial)))
        settle(root)
        for name, said in _outputs(checkout, config):
            (Path(output) / name).write_bytes(said)


def _outputs(checkout: str, config: list[str]) -> Iterator[tuple[str, bytes]]:
    site = f"--site={INPUTS / 'site.yaml'}"
    ways = {"none": [], "whole": [f"--config={path}" for path in config]}
    ways["whole-site"] = [*ways["whole"], site]
    for label, options in ways.items():
        for form, columns in (("table", 140), ("table", 60), ("json", 100), ("csv", 100)):
            arguments = ("sockets", *options, "--no-resolve", "-f", form)
            name = f"{label}.{form}-{columns}"
            said = told(Run(name, arguments, columns), checkout).decode()
            yield name, _settled(said, form).encode()
    auditor = import_module("auditor")
    for label, paths in {"none": (), "whole": config}.items():
        frame = auditor.sockets(config=paths, resolve=False)
        heard = frame["heard_s"]
        lines = [f"heard_s: {heard.dtype}, {list(heard.isna())}"]
        lines += frame_lines("sockets", frame.drop(columns="heard_s"))
        yield f"{label}.api", "\n".join(lines).encode()


def _settled(said: str, form: str) -> str:
    """Leave out for how long nothing was heard."""
    if form == "json":
        return re.sub(r'("heard_s": )[\d.e-]+', r"\1HEARD", said)
    if form == "table":
        told_once = re.sub(r"[\d.]+ m?s +(-|pass|fail|unknown)$", r"HEARD \1", said, flags=re.M)
        return re.sub(r"(?<=\S) +", " ", told_once)
    rows = list(csv.reader(io.StringIO(said)))
    column = next((row.index("heard_s") for row in rows if "heard_s" in row), None)
    for row in rows:
        if column is not None and len(row) > column and row[column][:1].isdigit():
            row[column] = "HEARD"
    return "\n".join(map(repr, rows))


@contextmanager
def _held(program: str, hold: Callable[[Connection], None]) -> Iterator[None]:
    """Have a process of that name hold sockets."""
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=_hold, args=(program, hold, theirs))
    process.start()
    try:
        if not ours.poll(30):
            raise SystemExit(f"{program} opened no socket")
        ours.recv()
        yield
    finally:
        process.terminate()
        process.join()


def _hold(program: str, hold: Callable[[Connection], None], ready: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Path("/proc/self/comm").write_text(program, encoding="ascii")
    hold(ready)


def _listening(address: tuple[str, int], ready: Connection) -> None:
    with socket.create_server(address) as listener:
        ready.send("ready")
        accepted = []
        while True:
            accepted.append(listener.accept()[0])
            accepted[-1].sendall(b"!")


def _dialling(dial: _Dial, ready: Connection) -> None:
    with socket.socket() as initiator:
        initiator.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, dial.idle is not None)
        if dial.idle:
            initiator.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, dial.idle)
            initiator.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, dial.idle)
        initiator.bind((dial.here, dial.port))
        initiator.connect(dial.there)
        initiator.recv(1)
        ready.send("ready")
        signal.pause()


if __name__ == "__main__":
    main()
