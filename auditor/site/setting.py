"""Where a directive is written, or would be."""

from __future__ import annotations

from typing import NamedTuple

from auditor.config.resources import Source


class Setting(NamedTuple):
    """Where the HeartbeatInterval of a connection is written, or where one line would set it."""

    resource: str
    """Type and name, such as ``Client fd1``."""
    source: Source
    """The directive; the resource's head where nothing is written."""
    written: bool
    """The directive is there."""
    text: str = ""
    """Its value, where that is text."""
