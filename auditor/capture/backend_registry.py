"""The backends there are, best first: all that is derived from that list stands here once.

A new backend is a module with a ``Backend`` in it and one entry here. The order of choice, what
``--backend`` takes, the rights that are asked for and the lines of ``doctor`` follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from auditor.capture.rights.capabilities import Capability

if TYPE_CHECKING:  # help and diagnosis need none of what a backend imports
    from auditor.capture.backend import Backend

#: Stands for the best backend that works here.
AUTO = "auto"


class BackendName(StrEnum):
    """The words for the backends: of ``--backend``, of reports, and of a recording's comment."""

    EBPF = "ebpf"
    DUMPCAP = "dumpcap"
    SCAPY = "scapy"


@dataclass(frozen=True, slots=True)
class BackendEntry:
    """One backend, and what it needs."""

    name: BackendName
    implementation: str
    """``module:class``, imported only when the backend is tried."""
    capabilities: tuple[Capability, ...]
    """Needed to open it (capabilities(7); CAP_BPF and CAP_PERFMON since Linux 5.8)."""
    packets_need: tuple[str, ...]
    """Names of the checks of ``doctor`` without which it sees no packet."""
    sockets_need: tuple[str, ...] = ()
    """Names of those without which it sees no sockets; empty: it never sees any."""
    program: str = ""
    """The program that it runs."""
    distribution: str = ""
    """The Python distribution that it imports, one that need not be installed."""

    def make(self) -> Backend:
        """Import the backend and return it, not opened."""
        made: Backend = resolve_name(self.implementation)()
        return made


#: From the one that sees most to the one that needs least.
BACKENDS: dict[BackendName, BackendEntry] = {
    entry.name: entry
    for entry in (
        BackendEntry(
            BackendName.EBPF,
            "auditor.capture.backends.ebpf:EbpfBackend",
            (Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON),
            packets_need=("AF_PACKET",),
            sockets_need=("BTF", "libbpf", "tp_btf/inet_sock_set_state", "iter/tcp"),
        ),
        BackendEntry(
            BackendName.DUMPCAP,
            "auditor.capture.backends.dumpcap:DumpcapBackend",
            (Capability.CAP_NET_RAW,),
            packets_need=("dumpcap",),
            program="dumpcap",
        ),
        BackendEntry(
            BackendName.SCAPY,
            "auditor.capture.backends.scapy_sockets:ScapyBackend",
            (Capability.CAP_NET_RAW,),
            packets_need=("AF_PACKET", "scapy"),
            distribution="scapy",
        ),
    )
}
