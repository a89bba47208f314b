"""The structures of ``bpf/bareos_audit.h`` for ctypes, compared with the object's BTF.

Durations named ``*_ns`` and ``time`` are ns; ``time`` counts from boot (CLOCK_BOOTTIME).
"""

from __future__ import annotations

import ctypes

from auditor.capture.ebpf.libbpf import library
from auditor.errors import CaptureError
from auditor.evidence.packet import HEADER_BYTES

_Byte, _U16, _U32, _U64 = ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_uint64
_S64 = ctypes.c_int64

#: Gaps of a side that are remembered, as ``flows.tables`` has it.
GAPS = 4


class RecordStruct(ctypes.LittleEndianStructure):
    """A kept packet; in the ring only ``stored`` bytes of ``data`` follow the head."""

    _fields_ = (
        ("time", _U64),
        ("flow", _U64),
        ("ifindex", _U32),
        ("length", _U32),
        ("stored", _U16),
        ("direction", _Byte),
        ("side", _Byte),
        ("kept", _Byte),
        ("late", _Byte),
        ("standing", _Byte),
        ("bare", _Byte),
        ("data", _Byte * HEADER_BYTES),
    )


#: ``struct`` format of a record's head, and the bytes before ``data``.
RECORD_HEAD = "<QQIIHBBBBBB"
RECORD_HEAD_BYTES = 32


class FlowKeyStruct(ctypes.LittleEndianStructure):
    """The endpoints of a flow in a neutral order."""

    _fields_ = (
        ("low", _Byte * 16),
        ("high", _Byte * 16),
        ("low_port", _U16),
        ("high_port", _U16),
        ("ifindex", _U32),
    )


class SideStruct(ctypes.LittleEndianStructure):
    """One direction of a flow; positions are sequence numbers unrolled to 64 bits."""

    _fields_ = (
        ("last_activity", RecordStruct),
        ("highest_seq", RecordStruct),
        ("unacked_data", RecordStruct),
        ("next", _S64),
        ("acked", _S64),
        ("isn", _S64),
        ("previous_isn", _S64),
        ("stream_start", _S64),
        ("last_end", _S64),
        ("last_ack", _S64),
        ("kept_end", _S64),
        ("kept_ack", _S64),
        ("unchanged_since", _U64),
        ("copy_time", _U64),
        ("copy_seq", _U32),
        ("copy_ack", _U32),
        ("copy_ident", _U32),
        ("copy_length", _U32),
        ("copy_window", _U16),
        ("free", _U16),
        ("copy_flags", _Byte),
        ("possible_answers", _Byte),
        ("hello_segments", _Byte),
        ("gap_count", _Byte),
        ("bits", _U32),
        ("unused", _U32),
        ("gaps", _S64 * (2 * GAPS)),
        ("missing", _S64),
        ("claim_from", _S64),
        ("claim_to", _S64),
    )


class FlowStruct(ctypes.LittleEndianStructure):
    """The state of a flow."""

    _fields_ = (
        ("id", _U64),
        ("clock", _U64),
        ("lock", _U32),
        ("over", _Byte),
        ("segments", _Byte),
        ("proven", _Byte),
        ("settled", _Byte),
        ("moved", _Byte),
        ("withheld", _Byte),
        ("spoke", _Byte),
        ("doubtful", _Byte),
        ("noted", _U32),
        ("born", _U64),
        ("reserve_since", _U64),
        ("reserved", _U32),
        ("doubted", _U16),
        ("standing", _U16),
        ("sides", SideStruct * 2),
    )


class CountersStruct(ctypes.LittleEndianStructure):
    """The counters of one interface on one processor."""

    _fields_ = (
        ("seen", _U64),
        ("matched", _U64),
        ("lost", _U64),
        ("lost_new", _U64),
        ("begun", _U64),
        ("settled", _U64),
        ("withheld", _U64),
        ("released", _U64),
        ("pieces_since", _U64),
        ("header", _U32),
        ("pieces", _U32),
    )


class SocketStruct(ctypes.LittleEndianStructure):
    """A socket's settings; durations in jiffies, 0: the namespace's default."""

    _fields_ = (
        ("time", _U64),
        ("inode", _U64),
        ("local", _Byte * 16),
        ("remote", _Byte * 16),
        ("local_port", _U16),
        ("remote_port", _U16),
        ("state", _Byte),
        ("old_state", _Byte),
        ("keepalive", _Byte),
        ("count", _Byte),
        ("idle", _U32),
        ("interval", _U32),
        ("default_idle", _U32),
        ("default_interval", _U32),
        ("default_count", _U32),
        ("since_received", _U32),
        ("pid", _U32),
        ("unused", _U32),
        ("comm", _Byte * 16),
    )


class SettingsStruct(ctypes.LittleEndianStructure):
    """The programs' constants."""

    _fields_ = (
        ("silence_ns", _U64),
        ("wake_bytes", _U64),
        ("netns", _U32),
        ("loopback", _U32),
        ("ports", _Byte * 8192),
    )


#: Every structure by its name in the C source.
STRUCTURES: dict[str, type[ctypes.LittleEndianStructure]] = {
    "record": RecordStruct,
    "flow_key": FlowKeyStruct,
    "side": SideStruct,
    "flow": FlowStruct,
    "counters": CountersStruct,
    "socket_record": SocketStruct,
    "settings": SettingsStruct,
}

_KIND_STRUCT = 4
_TYPE_WORDS = 3  # struct btf_type: name_off, info, size
_MEMBER_WORDS = 3  # struct btf_member: name_off, type, offset in bits


def described(btf: int, name: str) -> tuple[int, dict[str, int]]:
    """Return size and byte offset of each member of a structure as a ``struct btf *`` has them.

    A structure that is not there has size 0. Layout: include/uapi/linux/btf.h.
    """
    lib = library()
    identifier = lib.btf__find_by_name_kind(btf, name.encode(), _KIND_STRUCT)
    if identifier < 0:
        return 0, {}
    address = lib.btf__type_by_id(btf, identifier)
    _, info, size = (ctypes.c_uint32 * _TYPE_WORDS).from_address(address)
    count = info & 0xFFFF
    words = (ctypes.c_uint32 * (_MEMBER_WORDS * count)).from_address(address + 4 * _TYPE_WORDS)
    members = {}
    for at in range(0, _MEMBER_WORDS * count, _MEMBER_WORDS):
        members[lib.btf__name_by_offset(btf, words[at]).decode()] = words[at + 2] // 8
    return size, members


def check_layout(btf: int) -> None:
    """Raise CaptureError when the object's BTF and the structures above differ."""
    for name, structure in STRUCTURES.items():
        fields = (str(field[0]) for field in structure._fields_)
        ours = {field: getattr(structure, field).offset for field in fields}
        if described(btf, name) != (ctypes.sizeof(structure), ours):
            raise CaptureError(
                f"the BPF object's struct {name} is laid out otherwise than this program expects; "
                "install bareos-audit again"
            )
