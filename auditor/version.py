"""The version of this program, apart from the public names so that every room may write it."""

from __future__ import annotations

__version__ = "0.1.0"
