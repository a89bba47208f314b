"""The command line: the only place that prints, exits or shows progress."""

from __future__ import annotations

import gc

# Before anything else is imported: to look for cycles of garbage after every 700 objects took a
# tenth of a short run.
gc.set_threshold(200_000, 50, 100)
