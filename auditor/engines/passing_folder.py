"""A folder of evidence that is followed and forgotten: nothing is promised of it after a crash."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.engines.work_folder import Kept, evidence_name
from auditor.errors import OutputError, system_words

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class PassingFolder:
    """A new folder of this user's alone, of which nobody else knows the name."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def known(self, path: str, state: str) -> Kept | None:
        """Return nothing: what is thinned here is thinned for the first time."""

    def keep(
        self,
        path: str,
        state: str,  # noqa: ARG002
        evidence: bytes,
        octets: int,
    ) -> Kept:
        """Write evidence; ``state`` is of no use. Raises OutputError."""
        file = self._path / evidence_name(path)
        try:
            with os.fdopen(os.open(file, _NEW, 0o600), "wb") as stream:
                stream.write(evidence)
        except OSError as error:
            raise OutputError(
                f"{self._path} cannot hold the evidence: {system_words(error)}; name another place "
                "in TMPDIR, or a folder with --work."
            ) from None
        return Kept(str(file), octets)
