"""A small Bareos network of plain sockets in two namespaces, and ``bareos-audit`` run in one."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import commandline
import scene
from audits import ROOT
from bareosconf import plant
from needs import needs
from netns import Namespace, set_keepalive

#: The Director's host, and that of the File and the Storage Daemon.
DIRECTOR, DAEMONS = ("10.77.0.1", "fd77::1"), ("10.77.0.2", "fd77::2")
V4, V6 = 0, 1

#: Longer than anything takes here, on a machine that is busy with other things (s).
PATIENCE = 30.0


def configuration(folder: Path, *, heartbeat: int = 60) -> Path:
    """Write the configuration of a Director that dials fd1 and sd1 over IPv4, sd6 over IPv6."""
    return plant(
        folder,
        {
            "dir/bareos-dir.conf": f"""
Director {{
  Name = dir
  Heartbeat Interval = {heartbeat}
  Password = x
  Addresses = {{
    ipv4 = {{
      addr = {DIRECTOR[V4]}
    }}
    ipv6 = {{
      addr = {DIRECTOR[V6]}
    }}
  }}
}}
Client {{
  Name = fd1
  Address = {DAEMONS[V4]}
  Password = x
}}
Storage {{
  Name = sd1
  Address = {DAEMONS[V4]}
  Password = x
  Device = d
  Media Type = F
}}
Storage {{
  Name = sd6
  Address = {DAEMONS[V6]}
  Password = x
  Device = e
  Media Type = G
}}
"""
        },
    )


#: Where the configuration writes the heartbeat.
HEARTBEAT_LINE = "bareos-dir.conf:4"


def _framed(text: bytes) -> bytes:
    return struct.pack(">i", len(text)) + text


#: What the Director says first, and what it is answered (bareos.md §3.3, §3.4).
TLS = scene.DIRECTOR
CLEARTEXT = (
    _framed(b'Hello Director dir calling Version="26.0.0"\n'),
    _framed(b"auth cram-md5 <1.2@R_STORAGE::sd1> ssl=0\n"),
)


@contextlib.contextmanager
def ordering(
    home: Namespace,
    there: Namespace,
    port: int = 9103,
    *,
    family: int = V4,
    said: tuple[bytes, bytes] = TLS,
    **keepalive: int | bool | None,
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Have the Director dial a daemon, say hello and be answered; give both ends."""
    kind = (socket.AF_INET, socket.AF_INET6)[family]
    address = (DAEMONS[family], port)
    with contextlib.ExitStack() as stack:
        with there.entered():
            listener = stack.enter_context(socket.create_server(address, family=kind))
        with home.entered():
            initiator = stack.enter_context(socket.socket(kind))
        set_keepalive(initiator, **keepalive)  # type: ignore[arg-type]
        initiator.connect(address)
        acceptor = stack.enter_context(listener.accept()[0])
        initiator.sendall(said[0])
        acceptor.recv(4096)
        acceptor.sendall(said[1])
        initiator.recv(4096)
        try:
            yield initiator, acceptor
        finally:
            initiator.close()  # an acceptor that closes first has refused the login


@needs("slow")
class Program:
    """``bareos-audit`` in a namespace, its lines read as they come."""

    def __init__(self, home: Namespace, *arguments: str | Path, code: str = "") -> None:
        commandline.warm_up()  # compiling takes longer than PATIENCE
        how = ["-c", code] if code else ["-m", "auditor"]
        with home.entered():
            self.process = subprocess.Popen(
                [sys.executable, *how, *map(str, arguments)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        self.lines: list[str] = []
        self._news: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._news.put(line.decode())
        self._news.put(None)

    def wait_for(self, *words: str) -> str:
        """Return the first line on standard error that has all the words."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._news.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                line = None
            assert line is not None, (words, self.lines)
            self.lines.append(line)
            if all(word in line for word in words):
                return line

    def status(self) -> dict[str, str]:
        """Return what /proc says of the process."""
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return {name: value.strip() for name, _, value in map(_parted, text.splitlines())}

    def end(self, number: int | None = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal (None: none); return exit code, standard output and standard error."""
        if number is not None:
            self.process.send_signal(number)
        output = b""
        if self.process.stdout is not None and not self.process.stdout.closed:
            output = self.process.stdout.read()
            self.process.stdout.close()
        code = self.process.wait(timeout=PATIENCE)
        self._reader.join()
        while (line := self._news.get()) is not None:
            self.lines.append(line)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code, output.decode("utf-8", "surrogateescape"), "".join(self.lines)

    def kill(self) -> None:
        """End it, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.end(None)


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


@contextlib.contextmanager
def running(
    home: Namespace, *arguments: str | Path, ready: str = "Capturing on", code: str = ""
) -> Iterator[Program]:
    """Run ``bareos-audit``, from when it is ready until the test ends at the latest."""
    program = Program(home, *arguments, code=code)
    try:
        program.wait_for(ready)
        yield program
    finally:
        program.kill()


def finished(home: Namespace, *arguments: str | Path) -> tuple[int, str, str]:
    """Run ``bareos-audit`` to its end; return exit code, standard output and standard error."""
    return Program(home, *arguments).end(None)


def report(output: str) -> Any:
    """Return a JSON report."""
    return json.loads(output)


def rules(document: Any, verdict: str = "fail") -> set[str]:
    """Return the rules of low severity or above with that verdict."""
    found: Sequence[Any] = document["findings"]
    return {one["rule"] for one in found if one["verdict"] == verdict and one["severity"] != "info"}
