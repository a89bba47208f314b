"""What has to hold before an object is loaded: its sum, and the rights that its programs need."""

from __future__ import annotations

import hashlib

import pytest

from auditor.capture.ebpf import preconditions
from auditor.capture.ebpf.preconditions import (
    CAPTURE_FILTER,
    OBJECT,
    PROGRAMS,
    SOCKET_DUMP,
    check_rights,
    checked_object,
)
from auditor.capture.rights.capabilities import Capability
from auditor.errors import CaptureError

RAW, BPF, PERFMON = Capability.CAP_NET_RAW, Capability.CAP_BPF, Capability.CAP_PERFMON


@pytest.mark.parametrize(
    ("programs", "held", "named"),
    [
        (PROGRAMS, (RAW, BPF, PERFMON), ""),
        (PROGRAMS, (BPF, PERFMON), "CAP_NET_RAW missing"),
        ((CAPTURE_FILTER,), (RAW, BPF), "CAP_PERFMON missing"),
        ((SOCKET_DUMP,), (BPF, PERFMON), ""),
        ((SOCKET_DUMP,), (RAW,), "CAP_BPF and CAP_PERFMON missing"),
        ((), (BPF, PERFMON), ""),
    ],
)
def test_only_what_captures_packets_needs_the_right_to_packets(programs, held, named, monkeypatch):
    monkeypatch.setattr(
        preconditions, "missing", lambda needed: tuple(one for one in needed if one not in held)
    )
    if named:
        with pytest.raises(CaptureError, match=f"^{named}: run it as root"):
            check_rights(programs)
    else:
        check_rights(programs)


@pytest.mark.parametrize(
    "sums",
    ["", f"{'0' * 64}  another.o\n", f"{'0' * 64}\n", f"{'0' * 64} too many words\n", "\xe4"],
    ids=["empty", "of another file", "without a name", "not a sum", "not ASCII"],
)
def test_an_object_without_a_recorded_sum_is_not_loaded(tmp_path, sums):
    (tmp_path / OBJECT).write_bytes(b"object")
    (tmp_path / "SHA256SUMS").write_text(sums, encoding="utf-8")
    with pytest.raises(CaptureError, match=r"cannot be read: .*; install bareos-audit again"):
        checked_object(tmp_path)


def test_the_object_is_what_its_sum_says(tmp_path):
    (tmp_path / OBJECT).write_bytes(b"object")
    digest = hashlib.sha256(b"object").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  {OBJECT}\n{'0' * 64}  a.c\n")
    assert checked_object(tmp_path) == b"object"
