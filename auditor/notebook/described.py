"""A sentence for each picture of a notebook, for who cannot see it.

It stands where ``IPython.display.Image(alt=…)`` leaves one too, and where nbconvert looks for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: What each picture of ``audit.plot`` shows, for who cannot see it.
PICTURES = {
    "overview": "All connections of the manual's overview, each marked as what was observed of it.",
    "topology": "The hosts and daemons, and who dialled whom with which connection number.",
    "timeline": "When each connection began and ended, a lane each.",
    "heartbeats": "The silences of each connection and the keepalive probes that ended them.",
    "intervals": "The intervals between keepalive probes, against when each was due.",
}
_PLOT = re.compile(r"\.plot\.(\w+)\(")


def describe(notebook: NotebookNode) -> None:
    """Write beside each picture what it shows, by the call that made it."""
    for cell in notebook.cells:
        sentences = (PICTURES[name] for name in _PLOT.findall(cell.source) if name in PICTURES)
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", ()):
                alt = next(sentences, "A picture of the audit.")
                output.metadata.setdefault("image/png", {})["alt"] = alt
