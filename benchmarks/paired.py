"""Times two commands in turn, A B A B …, and compares them pair by pair.

A ratio of a pair holds when the machine's speed drifts; the median of the ratios is the figure to
quote. Each process is charged by the kernel's own accounting (wait4).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Run(NamedTuple):
    """One finished process."""

    wall: float
    """Seconds from start to end."""
    cpu: float
    """User and system seconds."""
    memory: float
    """Peak resident set, MB."""


def run(command: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away, and return what it cost."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(ours: Sequence[str], peer: Sequence[str], pairs: int) -> None:
    """Print each command's medians and the median, least and greatest ratio of the pairs."""
    run(ours), run(peer)  # warm-up: the page cache and compiled kernels
    found = [(run(ours), run(peer)) for _ in range(pairs)]
    for name, index in ((ours[0], 0), (peer[0], 1)):
        runs = [pair[index] for pair in found]
        wall, cpu, memory = (median(figure) for figure in zip(*runs, strict=True))
        print(f"{name:14} wall {wall:6.2f} s   cpu {cpu:6.2f} s   memory {memory:6.0f} MB")
    ratios = sorted(a.wall / b.wall for a, b in found)
    print(f"ratio of wall times: {median(ratios):.2f}  ({ratios[0]:.2f} to {ratios[-1]:.2f})")
