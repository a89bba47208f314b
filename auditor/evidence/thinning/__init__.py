"""Thinning in user space: an audit's evidence and nothing else, out of decoded segments.

What is kept, and why a reader of the rest comes to the same judgement, is in ``docs/thinning.md``.
"""

from __future__ import annotations

from auditor.evidence.thinning.thinner import Thinner

__all__ = ["Thinner"]
