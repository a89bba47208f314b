"""How often Python looks for cycles of garbage: seldom in a short run, as ever in a long one."""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()


def seldom() -> None:
    """Look after every 200 000 objects, not 700: that took a tenth of a run that ends soon."""
    gc.set_threshold(200_000, *_USUAL[1:])


def as_ever() -> None:
    """Look as often as Python does by itself: what runs for days must not grow by what is over."""
    gc.set_threshold(*_USUAL)
