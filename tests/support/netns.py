"""Network namespaces, veth pairs and sockets with known settings, all gone with the test.

A namespace is nothing but a descriptor here: it has no name, and it ends when the descriptor and
the last socket in it are closed. Only the calling thread enters it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from needs import check, needs

_CLONE_NEWNET = 0x40000000
_ETH_P_ALL = 3
_libc = ctypes.CDLL(None, use_errno=True)
_libc.setns.argtypes = [ctypes.c_int, ctypes.c_int]
_libc.unshare.argtypes = [ctypes.c_int]


def need(reason: str) -> None:
    """Skip the test for a reason; in CI, where everything has to be there, that is an error."""
    if reason:
        pytest.skip(reason)


def why_no_namespaces() -> str:
    """Return why this test run cannot make network namespaces; empty: it can."""
    return "" if os.geteuid() == 0 else "network namespaces need root"


@needs("bpf", "root")
def why_no_bpf() -> str:
    """Return why this test run cannot load BPF programs; empty: it can."""
    check("bpf")
    if why_no_namespaces():
        return "BPF programs need root"
    if not Path("/sys/kernel/btf/vmlinux").exists():
        return "the kernel has no type information (/sys/kernel/btf/vmlinux)"
    try:
        ctypes.CDLL("libbpf.so.1")
    except OSError:
        return "libbpf.so.1 is not installed"
    return ""


@needs("root")
class Namespace:
    """A network namespace with its loopback up."""

    def __init__(self) -> None:
        check("root")
        self.fd = -1
        thread = threading.Thread(target=self._make)
        thread.start()
        thread.join()
        if self.fd < 0:
            raise OSError("a network namespace cannot be made")
        self.run("ip", "link", "set", "lo", "up")

    def _make(self) -> None:
        if _libc.unshare(_CLONE_NEWNET) == 0:
            self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

    @property
    def path(self) -> str:
        """A name for it that ``ip`` takes."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Have the calling thread be in the namespace; sockets made here stay in it."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            if _libc.setns(self.fd, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            yield
        finally:
            _libc.setns(home, _CLONE_NEWNET)
            os.close(home)

    def run(self, *command: str) -> str:
        """Run a command in the namespace and return what it says."""
        with self.entered():
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def sysctl(self, name: str, value: int) -> None:
        """Set a sysctl of the namespace, such as ``net/ipv4/tcp_keepalive_time``."""
        with self.entered():
            (Path("/proc/sys") / name).write_text(f"{value}\n", encoding="ascii")

    def close(self) -> None:
        """Let go of it."""
        os.close(self.fd)


@contextmanager
def namespaces(count: int) -> Iterator[list[Namespace]]:
    """Make namespaces for the time of a test."""
    with contextlib.ExitStack() as stack:
        made = [Namespace() for _ in range(count)]
        for one in made:
            stack.callback(one.close)
        yield made


def join(left: Namespace, right: Namespace, name: str = "wire0", *, addresses: bool = True) -> None:
    """Join two namespaces by a veth pair of which both ends have ``name``.

    With addresses the left is 10.77.0.1 and fd77::1, the right 10.77.0.2 and fd77::2; without, the
    pair carries only what a test sends, and the kernels keep quiet on it.
    """
    left.run("ip", "link", "add", name, "type", "veth", "peer", "name", name, "netns", right.path)
    for number, side in enumerate((left, right), 1):
        if addresses:
            side.run("ip", "addr", "add", f"10.77.0.{number}/24", "dev", name)
            side.run("ip", "addr", "add", f"fd77::{number}/64", "dev", name, "nodad")
        else:
            side.sysctl(f"net/ipv6/conf/{name}/disable_ipv6", 1)
        side.run("ip", "link", "set", name, "up")


@contextmanager
def injector(side: Namespace, name: str = "wire0") -> Iterator[socket.socket]:
    """Give a socket that sends whole frames out of one end of a pair."""
    with side.entered():
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        raw.bind((name, 0))
    with raw:
        yield raw


@contextmanager
def listening(inside: Namespace, *ports: int) -> Iterator[None]:
    """Listen at these ports of every address, of both IP versions."""
    with contextlib.ExitStack() as stack:
        with inside.entered():
            for port in ports:
                stack.enter_context(
                    socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
                )
        yield


def set_keepalive(
    sock: socket.socket,
    *,
    on: bool = True,
    idle: int | None = None,
    interval: int | None = None,
    count: int | None = None,
) -> None:
    """Set what Bareos sets: SO_KEEPALIVE, and the timers that are given (seconds, probes)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, on)
    values = (socket.TCP_KEEPIDLE, idle), (socket.TCP_KEEPINTVL, interval)
    for option, value in (*values, (socket.TCP_KEEPCNT, count)):
        if value is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


@contextmanager
def connected(
    client: Namespace,
    server: Namespace,
    address: tuple[str, int],
    **keepalive: int | bool | None,
) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give the two ends of a connection; keepalive is set on the initiator before its SYN."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with contextlib.ExitStack() as stack:
        with server.entered():
            listener = stack.enter_context(socket.create_server(address, family=family))
        with client.entered():
            initiator = stack.enter_context(socket.socket(family))
        if keepalive:
            set_keepalive(initiator, **keepalive)  # type: ignore[arg-type]
        initiator.connect(address)
        acceptor = stack.enter_context(listener.accept()[0])
        yield initiator, acceptor
