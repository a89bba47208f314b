"""Files that hold others, or are packed in a way that is not read: so that it can be said."""

from __future__ import annotations

#: What begins so, and what it is, as a noun. A tar file has its mark further on.
_MAGICS = {
    b"PK\x03\x04": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"MSCF": "a cabinet archive",
    b"\x1f\x9d": "packed by compress",
    b"LZIP": "packed by lzip",
    b"\x89LZO": "packed by lzop",
    b"\x02\x21\x4c\x18": "packed by lz4 in its format of old",
    b"\x5d\x00\x00": "packed by lzma",
}
_TAR, _TAR_AT = b"ustar", 257
#: Bytes that are looked at.
ARCHIVE_HEAD = _TAR_AT + len(_TAR)


def archive_of(head: bytes) -> str:
    """Return what begins with ``ARCHIVE_HEAD`` bytes, as is said of it; empty: nothing known."""
    if head[_TAR_AT:ARCHIVE_HEAD] == _TAR:
        return "a tar archive"
    return next((what for magic, what in _MAGICS.items() if head.startswith(magic)), "")
