"""Captures on other machines: URLs that fsspec knows, such as ``s3://bucket/taps/2026-11-*.pcapng``.

How a place is reached and who one is there is for fsspec and its plug-ins to know (environment,
``~/.config/fsspec``, the cloud's own files). What a URL may carry of secrets, a password or a
signature, is left out of everything that is shown.
"""

from __future__ import annotations

import errno
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from auditor.errors import CaptureError, system_words

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_WITHOUT = (
    "is a URL, for which the package fsspec is needed: pip install 'bareos-audit[cluster]', and "
    "what fsspec needs for that kind of place."
)
#: Octets that are asked for at a time.
_BLOCK = 8 << 20

#: What kinds of place call the time of a file's last change, or the mark of its content.
_MARKS = (
    *("ETag", "etag", "e_tag", "Content-MD5", "md5Hash", "content_md5", "md5", "sha", "hex"),
    *("generation", "version_id", "content_hash", "mtime", "modified", "modify", "last_modified"),
    *("LastModified", "updated", "modificationTime", "last_write_time", "date_time", "created"),
)


class FileState(NamedTuple):
    """What is known of a file before it is read."""

    mark: str
    """Another one for another state of it; empty: nothing tells."""
    octets: int
    """Its size; 0: it is not known."""


def is_url(path: str) -> bool:
    """Tell whether a path is a URL and no file's name."""
    return _URL.match(path) is not None


def shown_url(url: str) -> str:
    """Return a URL as it may be shown: without password, query and fragment. A path stays."""
    if not is_url(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.split("://", 1)[0] + "://…"
    user, at, host = parts.netloc.rpartition("@")
    user = user.split(":", 1)[0]
    query = "…" if parts.query else ""
    return urlunsplit((parts.scheme, f"{user}{at}{host}", parts.path, query, ""))


class _RemoteFile(io.RawIOBase):
    """A remote file, of which whatever goes wrong is an OSError that tells no secret."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any, /) -> int:
        try:
            return int(self._file.readinto(target))
        except Exception as error:  # noqa: BLE001 - each kind of place has its own
            raise OSError(errno.EIO, system_words(error)) from None

    def close(self) -> None:
        if not self.closed:
            with suppress(Exception):
                self._file.close()
        super().close()


def open_url(url: str) -> BinaryIO:
    """Open a capture for reading. Raises CaptureError; reading raises OSError."""
    with _said(url):
        system, path = _place(url)
        file = system.open(path, "rb", block_size=_BLOCK, cache_type="readahead")
    return io.BufferedReader(_RemoteFile(file), 1 << 20)


def matching_urls(url: str, most: int) -> list[str]:
    """Return the files that a URL with a pattern, or of a folder, means, by name; of any other
    itself. Raises CaptureError for none, and for more than ``most``.
    """
    with _said(url):
        system, path = _place(url)
        if any(sign in path for sign in "*?["):
            found = [*system.glob(path, detail=True).values()]
        elif system.isdir(path):
            found = [*system.find(path, detail=True).values()]
        else:
            return [url]
        files = [one["name"] for one in found if one["type"] == "file" and one["size"] != 0]
        names = sorted(map(system.unstrip_protocol, files))
    if not names:
        raise CaptureError(f"{shown_url(url)} has no captures: check the pattern.")
    if len(names) > most:
        raise CaptureError(f"{shown_url(url)} has more than {most:,} files: name fewer captures.")
    return names


def url_state(url: str) -> FileState:
    """Return what tells this state of a file from a later one: its time, or the mark that the store
    gives it. Of a place that tells neither, nothing does."""
    try:
        system, path = _place(url)
        info = system.info(path)
    except Exception:  # noqa: BLE001 - each kind of place has its own; whoever reads it will say why
        return FileState("", 0)
    size = info.get("size")
    octets = size if type(size) is int and size >= 0 else 0
    marks = [f"{name}={info[name]}" for name in _MARKS if info.get(name)]
    if not marks:
        return FileState("", octets)
    told = f"{size}:{':'.join(marks)}"
    return FileState(hashlib.sha256(told.encode()).hexdigest(), octets)


def _place(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError:
        raise CaptureError(f"{shown_url(url)} {_WITHOUT}") from None
    system, path = url_to_fs(url)
    return system, str(path)


@contextmanager
def _said(url: str) -> Iterator[None]:
    """Make a sentence of whatever a place raises."""
    try:
        yield
    except CaptureError:
        raise
    except Exception as error:  # noqa: BLE001 - each kind of place has its own
        raise CaptureError(_why(url, error)) from None


def _why(url: str, error: Exception) -> str:
    """Say what went wrong, without what the error says of itself: that may hold the secret."""
    shown = shown_url(url)
    match error:
        case FileNotFoundError():
            return f"{shown} does not exist: check the address of the capture."
        case PermissionError():
            return f"{shown} may not be read: check as whom that place is asked."
        case ImportError():
            scheme = url.split("://", 1)[0]
            return (
                f"{shown} needs a package that fsspec uses for {scheme}: install it beside fsspec."
            )
        case ValueError() if "rotocol" in str(error):
            return f"{shown} is of a kind that fsspec does not know: check how it begins."
    return f"{shown} cannot be read: {system_words(error)}."
