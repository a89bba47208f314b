"""Writes files: whole, private, and never where somebody else chose.

Everything that this program creates or replaces goes through this room (docs/security-model.md,
"Outputs"). ``folder`` finds the folder, ``new_file`` makes, locks and gives away what is new in
it, ``recording_file``, ``atomic_file`` and ``reserved_file`` are the three ways to write; ``guard``
knows what none of them may replace.
"""

from __future__ import annotations

from auditor.outputs.atomic_file import Write, atomic_file
from auditor.outputs.folder import Folder, RefusedError, open_folder
from auditor.outputs.guard import Guard, evidence_guard, place
from auditor.outputs.new_file import Owner, create
from auditor.outputs.recording_file import open_recording
from auditor.outputs.reserved_file import ReservedFile
from auditor.outputs.special_file import own_descriptor

__all__ = [
    "Folder",
    "Guard",
    "Owner",
    "RefusedError",
    "ReservedFile",
    "Write",
    "atomic_file",
    "create",
    "evidence_guard",
    "open_folder",
    "open_recording",
    "own_descriptor",
    "place",
]
