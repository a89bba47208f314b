"""Captures of two taps that were merged into one file: each packet is in it twice, and as far apart
as the clocks of both are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auditor.packets.segments import Array, Batch, CaptureInfo
from auditor.pipeline.recordings.sketch import keys

#: Copies that are nearer (ns) are frames that one tap delivered twice, which tracking knows.
_LEAST_NS = 20_000_000
#: How far (ns) the copies of one packet may differ from those of others.
_APART_NS = 5_000_000
#: So many segments tell, so many of which (a share) have a copy, as many of these equally late.
_ENOUGH, _COPIED, _ALIKE = 16, 0.3, 0.9


class MergedTaps:
    """Leaves out the later copies in one capture, if its first segments show that there are any."""

    def __init__(self) -> None:
        self._late: int | None = None
        self._looked = False
        self._keys = np.empty(0, "u8")
        self._times = np.empty(0, "i8")
        self.left_out = 0
        """How many copies were."""

    def noted(self, info: CaptureInfo) -> CaptureInfo:
        """Return the account of the capture with what is to be said of its copies."""
        if not self.left_out:
            return info
        note = (
            f"Packets are in it twice, {(self._late or 0) / 1e9:.3f} s apart, as where captures of "
            f"two taps were merged: {self.left_out:,} later copies count for nothing."
        )
        return replace(info, notes=(*info.notes, note))

    def without(self, batch: Batch) -> Batch:
        """Return a batch without the later copies of what came before."""
        if self._looked and self._late is None:
            return batch
        rows = batch.segments
        if not len(rows):
            return batch
        own = keys(rows)
        if not self._looked:
            self._looked, self._late = True, _lateness(own, rows["time"])
            if self._late is None:
                return batch
        copies = self._copies(own, rows["time"])
        self.left_out += int(copies.sum())
        return replace(batch, segments=rows[~copies])

    def _copies(self, own: Array, times: Array) -> Array:
        """Return which of these segments are as late as copies are."""
        late = self._late or 0
        all_keys = np.concatenate((self._keys, own))
        all_times = np.concatenate((self._times, times))
        order = np.lexsort((all_times, all_keys))
        sorted_keys, sorted_times = all_keys[order], all_times[order]
        again = sorted_keys[1:] == sorted_keys[:-1]
        again &= np.abs(sorted_times[1:] - sorted_times[:-1] - late) <= _APART_NS
        copies = np.zeros(len(order), np.bool_)
        copies[order[1:][again]] = True
        recent = all_times >= times.max() - late - 2 * _APART_NS
        found = copies[len(self._keys) :]
        self._keys, self._times = all_keys[recent], all_times[recent]
        return found


def _lateness(own: Array, times: Array) -> int | None:
    """Return how long (ns) after a packet its copy comes; None: there are no copies."""
    if len(own) < _ENOUGH:
        return None
    order = np.lexsort((times, own))
    again = own[order][1:] == own[order][:-1]
    apart = (times[order][1:] - times[order][:-1])[again]
    if len(apart) < _COPIED * len(own):
        return None
    _, often = np.unique(own, return_counts=True)
    if (often == 2).sum() < _ALIKE * (often > 1).sum():  # who sends again sends more than once
        return None
    late = int(np.median(apart))
    alike = np.abs(apart - late) <= _APART_NS
    return late if late >= _LEAST_NS and alike.mean() >= _ALIKE else None
