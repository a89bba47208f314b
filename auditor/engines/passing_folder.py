"""A folder of evidence that is followed and forgotten: what it holds is of one run."""

from __future__ import annotations

from auditor.engines.private_folder import PrivateFolder
from auditor.engines.work_folder import Kept, evidence_name


class PassingFolder:
    """A new folder, of which nobody else knows the name. Raises OutputError."""

    def __init__(self, path: str) -> None:
        self._folder = PrivateFolder(path, "name another place in TMPDIR, or a folder with --work")

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
        return Kept(self._folder.write(evidence_name(path), evidence), octets)
