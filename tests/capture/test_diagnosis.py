"""What checks come to: which backends would work, what the others lack, and what stays unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from auditor.capture import diagnosis
from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.diagnosis import Check, Outlook, State, blind, conclusion, outlooks
from auditor.capture.rights.capabilities import Capability

NAMES = {name for one in BACKENDS.values() for name in (*one.packets_need, *one.sockets_need)}
Rights = Callable[..., None]


def checks(**states: State) -> list[Check]:
    """All that backends need works, but for what is named otherwise (AF_PACKET, tp_btf…)."""
    known = {name: name.replace("/", "_") for name in NAMES}
    return [Check(name, states.get(known[name], State.OK), "") for name in sorted(NAMES)]


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> Rights:
    def hold(*capabilities: Capability) -> None:
        def missing(needed: Iterable[Capability]) -> tuple[Capability, ...]:
            return tuple(one for one in needed if one not in capabilities)

        monkeypatch.setattr(diagnosis, "missing", missing)

    hold(*Capability)
    return hold


@pytest.mark.usefixtures("rights")
def test_where_all_works_all_backends_do_and_nothing_is_blind() -> None:
    seen = outlooks(checks())
    assert [one.backend for one in seen] == [*BackendName]
    assert all(one.packets for one in seen)
    assert [one.sockets for one in seen] == [True, False, False]
    assert not list(blind(seen))
    assert conclusion(seen) == [
        "can capture with ebpf, dumpcap, scapy",
        "ebpf tells keepalive settings and processes of this host's sockets",
    ]


@pytest.mark.usefixtures("rights")
def test_without_btf_there_are_packets_and_no_sockets() -> None:
    seen = outlooks(checks(BTF=State.MISSING))
    assert seen[0] == Outlook(BackendName.EBPF, packets=True, sockets=False, lacks=("BTF",))
    assert conclusion(seen)[1].startswith("cannot tell keepalive settings")
    assert conclusion(seen)[1].endswith("sockets: ebpf lacks BTF")
    assert [one.state for one in blind(seen)] == [State.LIMITED]


@pytest.mark.usefixtures("rights")
def test_a_library_that_is_not_installed_is_no_way_to_capture(rights: Rights) -> None:
    rights(Capability.CAP_NET_RAW)
    seen = outlooks(checks(scapy=State.MISSING, dumpcap=State.MISSING))
    assert conclusion(seen)[0] == (
        "cannot capture: ebpf (lacks CAP_BPF, CAP_PERFMON), dumpcap (lacks dumpcap), "
        "scapy (lacks scapy)"
    )
    assert [one.state for one in blind(seen)] == [State.MISSING, State.LIMITED]


def test_a_socket_that_is_refused_for_want_of_rights_is_not_told_beside_them(
    rights: Rights,
) -> None:
    rights()
    seen = outlooks(checks(AF_PACKET=State.MISSING, scapy=State.MISSING))
    assert [one.lacks for one in seen] == [
        ("CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON"),
        ("CAP_NET_RAW",),
        ("CAP_NET_RAW", "scapy"),
    ]
    rights(*Capability)
    assert outlooks(checks(AF_PACKET=State.MISSING))[0].lacks == ("AF_PACKET",)


def test_what_works_stands_before_what_does_not(rights: Rights) -> None:
    rights(Capability.CAP_NET_RAW)
    assert conclusion(outlooks(checks()))[0] == (
        "can capture with dumpcap, scapy; cannot with ebpf (lacks CAP_BPF, CAP_PERFMON)"
    )


def test_what_works_partly_is_not_relied_on(rights: Rights) -> None:
    rights(Capability.CAP_NET_RAW)
    seen = outlooks(checks(dumpcap=State.LIMITED))
    assert [one.packets for one in seen] == [False, False, True]


@pytest.mark.parametrize("name", BACKENDS)
def test_one_backend_that_works_is_enough_to_see_packets(name: BackendName, rights: Rights) -> None:
    entry = BACKENDS[name]
    works = [Check(one, State.OK, "") for one in {*entry.packets_need, *entry.sockets_need}]
    seen = outlooks(works)
    assert next(one for one in seen if one.backend is name).packets
    assert bool(list(blind(seen))) != bool(entry.sockets_need), "seeing sockets is all"
    rights()
    assert not any(one.packets for one in outlooks(works)), "but not without rights"
