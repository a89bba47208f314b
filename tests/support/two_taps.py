"""What an audit finds of the same wire as two taps saw it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pieces_of_tape import later, written
from scene import network as files
from scene import planted
from tape import Frame

import auditor
from auditor import Audit


def seen(
    folder: Path, near: Sequence[Frame], far: Sequence[Frame], *, skew: float = 0.25, order: int = 1
) -> Audit:
    """Audit what two taps saw, of which the far one's clock is ahead by ``skew`` (s); ``order`` -1:
    it is given first."""
    config = folder / "config"
    if not config.exists():
        planted(config, files())
    paths = written(folder, near=near, far=later(far, skew))
    return auditor.audit(paths[::order], config=config, resolve=False)


def eaten(audit: Audit) -> pd.DataFrame:
    """Return the findings of probes that did not come through from one tap to the other."""
    return audit.findings.query("rule == 'keepalive-eaten'")
