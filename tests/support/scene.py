"""A small Bareos network for tests: its configuration as text, and what its hosts say on a tape."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Self

import pandas as pd
from bareosconf import plant
from hello_wire import (
    WENT_ON,
    challenge,
    chosen,
    client_hello,
    keys,
    message,
    record,
    selected,
    server_hello,
    startup,
    versions,
)
from tape import Endpoint, Tape

import auditor

DIR, DB, SD1, SD2 = "10.0.0.10", "10.0.0.5", "10.0.0.20", "10.0.0.21"
FD1, FD2, FD3, CON, TRAY = "10.0.0.31", "10.0.0.32", "10.0.0.33", "10.0.0.40", "10.0.0.41"
STRANGER, ELSEWHERE = "10.0.0.66", "10.9.9.9"

#: What the first four bytes of a TLS record of application data look like.
DATA = b"\x17\x03\x03\x00\x20" + bytes(32)

NETWORK = {
    "dir/bareos-dir.conf": f"""
Director {{ Name = dir; Password = dirpw; Heartbeat Interval = 60 }}
Catalog {{ Name = cat; DbName = bareos; DbUser = bareos; DbAddress = {DB} }}
Client {{ Name = fd1; Address = {FD1}; Password = fd1pw }}
Client {{ Name = fd2; Address = {FD2}; Password = fd2pw; Passive = yes }}
Client {{ Name = fd3; Address = {FD3}; Password = fd3pw
  Connection From Client To Director = yes; Connection From Director To Client = no }}
Storage {{ Name = sd1; Address = {SD1}; Password = sd1pw; Device = d1; Media Type = F }}
Storage {{ Name = sd2; Address = {SD2}; Password = sd2pw; Device = d2; Media Type = F }}
Console {{ Name = admin; Password = adminpw }}
Console {{ Name = bareos-mon; Password = monpw }}
FileSet {{ Name = set }}
Messages {{ Name = msg }}
Pool {{ Name = full; Pool Type = Backup; Storage = sd1; Next Pool = copies }}
Pool {{ Name = copies; Pool Type = Backup; Storage = sd2 }}
JobDefs {{ Name = defs; Type = Backup; FileSet = set; Messages = msg; Pool = full }}
Job {{ Name = job1; JobDefs = defs; Client = fd1 }}
Job {{ Name = job2; JobDefs = defs; Client = fd2 }}
Job {{ Name = job3; JobDefs = defs; Client = fd3 }}
Job {{ Name = copy; JobDefs = defs; Type = Copy; Client = fd1; Selection Type = PoolUncopiedJobs }}
""",
    "fd1/bareos-fd.conf": """
Client { Name = fd1; Heartbeat Interval = 30 }
Director { Name = dir; Password = fd1pw }
Director { Name = bareos-mon; Password = fdmonpw; Monitor = yes }
""",
    "fd2/bareos-fd.conf": """
Client { Name = fd2; Heartbeat Interval = 30 }
Director { Name = dir; Password = fd2pw }
""",
    "fd3/bareos-fd.conf": f"""
Client {{ Name = fd3; Heartbeat Interval = 30 }}
Director {{ Name = dir; Password = fd3pw; Address = {DIR}
  Connection From Client To Director = yes; Connection From Director To Client = no }}
""",
    "sd1/bareos-sd.conf": """
Storage { Name = sd1; Heartbeat Interval = 20 }
Director { Name = dir; Password = sd1pw }
Director { Name = bareos-mon; Password = sdmonpw; Monitor = yes }
Device { Name = d1; Media Type = F; Archive Device = /a }
""",
    "sd2/bareos-sd.conf": """
Storage { Name = sd2; Heartbeat Interval = 20 }
Director { Name = dir; Password = sd2pw }
Device { Name = d2; Media Type = F; Archive Device = /a }
""",
    "con/bconsole.conf": f"""
Director {{ Name = dir; Address = {DIR}; Password = dirpw; Heartbeat Interval = 10 }}
""",
    "tray/tray-monitor.conf": f"""
Monitor {{ Name = bareos-mon; Password = monpw }}
Director {{ Name = dir; Address = {DIR} }}
Client {{ Name = fd1; Address = {FD1}; Password = fdmonpw }}
Storage {{ Name = sd1; Address = {SD1}; Password = sdmonpw }}
""",
}

#: The Job of each number's hello in this network.
_JOB = "job1.2026-11-22_22.22.37_03"


def network(**changes: str | None) -> dict[str, str]:
    """Return the network's files; a change replaces a host's file, or takes it away with None."""
    files = {}
    for path, text in NETWORK.items():
        host = path.partition("/")[0]
        changed = changes.get(host, text)
        if changed is not None:
            files[path] = changed
    return files


def edited(host: str, old: str, new: str) -> str:
    """Return one host's file with a piece of its text replaced."""
    (text,) = (text for path, text in NETWORK.items() if path.startswith(f"{host}/"))
    assert old in text
    return text.replace(old, new)


def planted(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files; a directive that a brace follows would swallow it (bareos.md §5.2)."""
    return plant(folder, {path: text.replace(" }", "; }") for path, text in files.items()})


def job(name: str, number: int = 3) -> str:
    """Return the identity of one run of a Job."""
    return f"R_JOB\x1e{name}.2026-11-22_22.22.37_{number:02}"


def offer(identity: str | None) -> bytes:
    """Return a ClientHello with that identity."""
    offered = [keys(identity.encode())] if identity is not None else []
    return record(client_hello(versions(0x0304), *offered))


def tls(identity: str | None, *, proven: bool = True) -> tuple[bytes, bytes]:
    """Return a TLS handshake with that identity, which the acceptor proves or is silent on."""
    hello = offer(identity)
    if identity is None:
        return hello, record(server_hello(chosen(0x0304))) + DATA
    if not proven:
        return hello, b""
    answer = record(server_hello(chosen(0x0304), selected(0)))
    return hello + WENT_ON[0], answer + WENT_ON[1]


def cleartext(
    line: str, acceptor: str, own: str = "", *, proven: bool = True
) -> tuple[bytes, bytes]:
    """Return a cleartext Hello with both challenges, accepted or answered by TERMINATE."""
    said = message(f"Hello {line}\n".encode())
    if not proven:
        return said, b"\xff\xff\xff\xfc"
    said += message(b"response\0") + challenge(own.encode()) + message(b"1000 OK auth\n")
    return said, challenge(acceptor.encode()) + message(b"1000 OK auth\n") + message(b"x\0")


def refused(identity: str, alert: int = 47) -> tuple[bytes, bytes]:
    """Return a ClientHello with that identity, and the alert and TERMINATE that refuse it
    (bareos.md §11)."""
    return offer(identity), record(bytes([2, alert]), kind=21) + b"\xff\xff\xff\xfc"


def half_a_login(identity: str) -> tuple[bytes, bytes]:
    """Return a TLS handshake that both accept, the Hello after it, and an alert for an answer:
    what a daemon does with a direction that it forbids (bareos.md §4.3)."""
    hello = offer(identity)
    finished = b"\x14\x03\x03\0\1\1" + record(bytes(53), kind=23) + record(bytes(72), kind=23)
    answer = record(server_hello(chosen(0x0304), selected(0))) + record(bytes(58), kind=23)
    return hello + finished, answer + record(bytes(19), kind=23)


POSTGRESQL = (startup(user="bareos", database="bareos"), b"R\0\0\0\x08\0\0\0\0")

DIRECTOR = tls("R_DIRECTOR\x1edir")
JOB = tls(f"R_JOB\x1e{_JOB}")


class Wire(Tape):
    """A tape whose hosts dial with one word; ephemeral ports are counted up."""

    def __init__(self, **options: int) -> None:
        super().__init__(**options)
        self._free = count(40001)
        self.initiator = self.acceptor = Endpoint("0.0.0.0", 0)

    def attempt(self, initiator: str, acceptor: str, port: int, *, source: int = 0) -> Self:
        """Send a SYN."""
        self.initiator = Endpoint(initiator, source or next(self._free))
        self.acceptor = Endpoint(acceptor, port)
        return self.syn(self.initiator, self.acceptor)

    def dial(
        self,
        initiator: str,
        acceptor: str,
        port: int,
        said: tuple[bytes, bytes] = (b"", b""),
        *,
        source: int = 0,
    ) -> Self:
        """Establish a connection and let both sides say their first bytes."""
        self.attempt(initiator, acceptor, port, source=source).synack().ack()
        for end, data in zip((self.initiator, self.acceptor), said, strict=True):
            if data:
                self.send(end, data).ack()
        return self

    def midstream(self, initiator: str, acceptor: str, port: int) -> Self:
        """Continue a connection that began before the capture."""
        self.initiator, self.acceptor = (
            Endpoint(initiator, next(self._free)),
            Endpoint(acceptor, port),
        )
        return self.join(self.initiator, self.acceptor)

    def on(self, a: Endpoint, b: Endpoint) -> Self:
        """Turn to a connection that ``a`` dialled earlier."""
        self.initiator, self.acceptor = a, b
        return super().on(a, b)

    def hang_up(self) -> Self:
        """Close the connection that was dialled last."""
        return self.fin(self.initiator).ack().fin(self.acceptor).ack()

    def also(self, initiator: str, acceptor: str, port: int, said: tuple[bytes, bytes]) -> Self:
        """Dial and close another connection, then turn back to the one that was dialled before."""
        before = self.initiator, self.acceptor
        return self.dial(initiator, acceptor, port, said).hang_up().on(*before)

    def turn_away(self) -> Self:
        """Let the acceptor close the connection that was dialled last, then the initiator."""
        return self.fin(self.acceptor).ack().fin(self.initiator).ack()

    def talk(self) -> Self:
        """Exchange data on the connection that was dialled last."""
        return self.send(self.initiator, DATA).ack().send(self.acceptor, DATA).ack()

    def beats(self, seconds: float, times: int = 3) -> Self:
        """Let the initiator probe after silences, and its peer answer."""
        for _ in range(times):
            self.silence(seconds).probe(self.initiator).answer()
        return self


def audit(
    folder: Path,
    tape: Tape,
    files: Mapping[str, str] | None = None,
    *,
    site: str = "",
    **options: object,
) -> auditor.Audit:
    """Audit a tape against a configuration (empty: none) and the text of a site file.

    A network that other options say nothing of is read once in a session.
    """
    folder.mkdir(exist_ok=True)
    capture = folder / "tape.pcap"
    capture.write_bytes(tape.pcap())
    configured = NETWORK if files is None else files
    if options:
        return auditor.audit(capture, **_given(folder, configured, site), **options)  # type: ignore[arg-type]
    key = site, *configured.items()
    if key not in _networks:
        _networks[key] = auditor.load_network(**_given(folder, configured, site))
    return auditor.audit(capture, network=_networks[key])


_networks: dict[tuple[object, ...], auditor.Network] = {}


def _given(folder: Path, files: Mapping[str, str], site: str) -> dict[str, Any]:
    """Write a configuration and a site file; return the options that name them."""
    given: dict[str, Any] = {"resolve": False}
    if files:
        given["config"] = planted(folder / "config", files)
    if site:
        given["site"] = folder / "site.yaml"
        given["site"].write_text(site)
    return given


def numbers(result: auditor.Audit) -> list[str]:
    """Return the connection numbers in the order of the flows; empty where none fits."""
    return list(result.flows["connection"])


def failed(result: auditor.Audit) -> list[str]:
    """Return the ids of the rules of low severity or above that fail, each once."""
    return sorted({rule for rules in counted(result, "fail")["rules"] for rule in rules})


def abstained(result: auditor.Audit) -> list[str]:
    """Return the ids of the rules of low severity or above that abstain, each once."""
    return sorted({rule for rules in counted(result, "unknown")["rules"] for rule in rules})


def counted(result: auditor.Audit, verdict: str) -> pd.DataFrame:
    """Return the findings above info with this verdict."""
    found = result.findings
    return found[(found["verdict"] == verdict) & (found["severity"] != "info")]


def only(result: auditor.Audit, rule: str) -> pd.Series:
    """Return the only finding of a rule, or the one that is told with it."""
    found = result.findings[[rule in rules for rules in result.findings["rules"]]]
    assert len(found) == 1, found[["verdict", "message"]].to_numpy().tolist()
    return found.iloc[0]
