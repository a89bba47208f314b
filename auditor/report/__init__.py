"""Renders: one audit, one table of expectations or one catalogue of rules becomes text.

Nothing here knows how anything was found, and nothing here prints. ``reporter(Format.JSON)`` is
the way in; a new format is one module with a ``Report`` in it and one arm of that ``match``.
"""

from __future__ import annotations

from auditor.report.formats import Format, reporter
from auditor.report.interface import RenderOptions, Report, TableName

__all__ = ["Format", "RenderOptions", "Report", "TableName", "reporter"]
