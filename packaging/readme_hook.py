"""The README as a package index shows it, where links into the sources lead nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)")
#: What project.urls calls the place where the files of a checkout can be seen.
SOURCE = "Source"


def portable(readme: str, source: str = "") -> str:
    """Return it with each link to a file of the sources leading below ``source``; where no such
    place is known, with the file's name instead, and without pictures."""

    def replaced(link: re.Match[str]) -> str:
        picture, text, path = link.groups()
        if source:
            return f"{picture}[{text}]({source.rstrip('/')}/{path})"
        if picture:
            return ""
        return text if path.partition("#")[0] in text else f"{text} (`{path}`)"

    return _LINK.sub(replaced, readme)


class CustomMetadataHook(MetadataHookInterface):
    """Called by hatchling, which finds it by this name."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the description that an index shows."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        shown = portable(text, metadata.get("urls", {}).get(SOURCE, ""))
        metadata["readme"] = {"content-type": "text/markdown", "text": shown}
