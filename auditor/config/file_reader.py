"""Reads configuration files from disk, with bounds: they may be hostile."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path

from auditor.config.cursor import Text
from auditor.config.excerpts import Texts
from auditor.config.given_paths import GivenPaths
from auditor.errors import ConfigurationError

#: A real configuration file has some kilobytes.
MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
MAX_FILES = 20_000


@dataclass(slots=True)
class FileReader:
    """Reads files, and counts what has been read; a file read twice counts twice."""

    given: GivenPaths
    """Nothing outside of them is read."""
    total: int = 0
    files: int = 0
    texts: Texts = field(default_factory=Texts)
    """What was read, for excerpts."""

    def read(self, path: Path) -> Text:
        """Return the text of a regular file among those given.

        Raises ConfigurationError, with the path as its file, if the file is not among them, cannot
        be read, is no regular file or no text, or one of the bounds of this module is exceeded.
        """
        name = str(path)
        self.files += 1
        if self.files > MAX_FILES:
            raise ConfigurationError(f"more than {MAX_FILES} files to read", name)
        data, real = self._read(path, min(MAX_FILE_BYTES, MAX_TOTAL_BYTES - self.total))
        self.total += len(data)
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ConfigurationError("this is UTF-16, which Bareos refuses; save it as UTF-8", name)
        if b"\0" in data:
            raise ConfigurationError("this holds a NUL byte, so it is no configuration", name)
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
        self.texts.keep(name, text)
        return Text(name, real, text)

    def _read(self, path: Path, limit: int) -> tuple[bytes, str]:
        try:
            descriptor, real = self.given.open(path)
            with open(descriptor, "rb") as file:  # noqa: PTH123
                data = file.read(limit + 1)
        except OSError as error:
            raise ConfigurationError(cannot_read(error), str(path)) from error
        if data is None:  # such as /proc/kmsg: it calls itself a file, and waits like a pipe
            raise ConfigurationError("cannot be read: nothing is there to be read", str(path))
        if len(data) > limit:
            raise ConfigurationError(
                f"too large: at most {MAX_FILE_BYTES >> 20} MiB a file and "
                f"{MAX_TOTAL_BYTES >> 20} MiB in all are read",
                str(path),
            )
        return data, real


def cannot_read(error: OSError) -> str:
    """Return why a path cannot be read, and what to do where only the right to is missing."""
    advice = (
        "; run this as root, or as a user who may" if isinstance(error, PermissionError) else ""
    )
    return f"cannot be read: {error.strerror}{advice}"
