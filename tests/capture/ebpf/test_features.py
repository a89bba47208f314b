"""What is tried on the kernel, and what is told of each attempt; libbpf is played by a double."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from auditor.capture.ebpf import features, libbpf
from auditor.capture.ebpf.features import Probe, probe_programs
from auditor.capture.rights.capabilities import Capability
from auditor.errors import CaptureError

#: linux/bpf.h.
SOCKET_FILTER, TRACING, RAW_TRACEPOINT, ITERATOR = 1, 26, 23, 28
NAMES = ["socket filter", "tp_btf/inet_sock_set_state", "iter/tcp"]
MAPS = {27: "BPF ring buffer", 9: "BPF LRU map"}


@pytest.fixture
def kernel(monkeypatch):
    """Return the double of a kernel that takes everything."""
    double = SimpleNamespace(
        loaded=[], opened=[], types={b"inet_sock_set_state": 70, b"tcp": 80}, refuses=set()
    )

    def load(kind, _name, licence, instructions, count, options):
        options = options._obj
        assert (licence, count, len(instructions)) == (b"GPL", 2, 16)
        double.loaded.append((kind, options.expected_attach_type, options.attach_btf_id))
        if kind in double.refuses:
            return -22
        double.opened.append(os.open(os.devnull, os.O_RDONLY))
        return double.opened[-1]

    double.bpf_prog_load = load
    double.libbpf_version_string = lambda: b"v1.1"
    double.libbpf_find_vmlinux_btf_id = lambda name, _: double.types.get(name, -2)
    double.libbpf_probe_bpf_map_type = lambda kind, _: int(kind not in double.refuses)
    monkeypatch.setattr(libbpf, "library", lambda: double)
    monkeypatch.setattr(features, "missing", lambda _: ())
    return double


def test_each_program_is_tried_with_its_type_and_target_and_closed_again(kernel):
    assert list(probe_programs()) == [
        Probe("libbpf", "", f"{libbpf.LIBRARY}, version v1.1"),
        *(Probe(name, "", "the kernel takes it") for name in (*NAMES, *MAPS.values())),
    ]
    assert kernel.loaded == [
        (SOCKET_FILTER, 0, 0),
        (TRACING, RAW_TRACEPOINT, 70),
        (TRACING, ITERATOR, 80),
    ]
    for descriptor in kernel.opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


def _problems() -> dict[str, str]:
    return {probe.name: probe.problem for probe in probe_programs() if probe.problem}


@pytest.mark.parametrize(
    ("refused", "names"),
    [
        (SOCKET_FILTER, NAMES[:1]),
        (TRACING, NAMES[1:]),
        *((kind, [name]) for kind, name in MAPS.items()),
    ],
)
def test_what_the_kernel_does_not_take_is_named_alone(kernel, refused, names):
    kernel.refuses.add(refused)
    assert _problems() == dict.fromkeys(names, "the kernel does not take it")


def test_a_program_without_its_target_is_not_even_loaded(kernel):
    del kernel.types[b"tcp"]
    assert list(_problems()) == ["iter/tcp"]
    assert (TRACING, ITERATOR, 0) not in kernel.loaded


def test_without_rights_nothing_is_tried_and_packets_are_no_reason(kernel, monkeypatch):
    lacking = (Capability.CAP_NET_RAW, Capability.CAP_BPF)
    monkeypatch.setattr(features, "missing", lambda _: lacking)
    _, *probes = probe_programs()
    assert {probe.problem for probe in probes} == {"not tried without rights"}
    assert all(probe.detail.startswith("CAP_BPF missing:") for probe in probes)
    assert kernel.loaded == []
    monkeypatch.setattr(features, "missing", lambda _: lacking[:1])
    assert _problems() == {}, "these programs need no packet socket"


def test_without_libbpf_it_is_all_that_is_told(monkeypatch):
    def absent() -> None:
        raise CaptureError("no") from OSError("cannot open shared object file")

    monkeypatch.setattr(libbpf, "library", absent)
    (probe,) = probe_programs()
    assert probe.problem == f"{libbpf.LIBRARY} cannot be used (cannot open shared object file)"
    assert probe.detail.startswith("Install libbpf 1.0 or later")
