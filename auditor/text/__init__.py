"""Text that came from a wire or a file: read within bounds, and made safe to show."""

from __future__ import annotations

from auditor.text.printable import SENTENCE, printable
from auditor.text.textfile import read_text

__all__ = ["SENTENCE", "printable", "read_text"]
