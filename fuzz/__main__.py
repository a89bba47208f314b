"""``python -m fuzz``: feeds the targets with inputs that a coverage-guided fuzzer makes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

HERE = Path(__file__).parent
TARGETS = tuple(sorted(path.stem for path in (HERE / "targets").glob("[a-z]*.py")))
#: An input that takes longer (s) is a fault, and one that takes more memory (MiB).
SLOWEST, LARGEST = 10, 1024
_HEADING = (
    f"{'target':18} {'kernels':8} {'inputs':>10} {'covered':>8} {'time/s':>7} {'MiB':>6}  fault"
)
#: Longer inputs (bytes) cover nothing more: what grows with size is tested by size.
LONGEST = 8192


@dataclass(frozen=True)
class Run:
    """What one run of one target came to."""

    target: str
    kernels: str
    inputs: int
    covered: int
    seconds: float
    memory: int
    fault: str

    def line(self) -> str:
        """Return one row of the table that is printed."""
        return (
            f"{self.target:18} {self.kernels:8} {self.inputs:>10} {self.covered:>8} "
            f"{self.seconds:>7.0f} {self.memory:>6}  {self.fault or 'none'}"
        )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("targets", nargs=-1, type=click.Choice(TARGETS))
@click.option("--minutes", default=1.0, show_default=True, help="How long in all.")
@click.option("--jobs", default=2, show_default=True, help="Targets at once.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for inputs that cover more.")
@click.option("--only", type=click.Choice(["machine", "plain"]), help="One way of the kernels.")
def main(
    targets: tuple[str, ...], minutes: float, jobs: int, keep: Path | None, only: str | None
) -> None:
    """Fuzz TARGETS, or all of them, and end with 1 where an input is a fault.

    Each target runs twice: with the kernels as machine code that checks indexes, and with the
    kernels as Python, of which the fuzzer sees what an input reaches.
    """
    ways = [only] if only else ["machine", "plain"]
    todo = [(target, way) for target in targets or TARGETS for way in ways]
    seconds = max(minutes * 60 * jobs / len(todo), 1)
    print(_HEADING)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch, ThreadPoolExecutor(jobs) as pool:
        futures = [
            pool.submit(_run, target, way, seconds, keep or Path(scratch)) for target, way in todo
        ]
        runs = []
        for future in futures:
            runs.append(future.result())
            print(runs[-1].line(), flush=True)
    print(f"{sum(run.inputs for run in runs)} inputs in {sum(run.seconds for run in runs):.0f} s")
    sys.exit(any(run.fault for run in runs))


def _run(target: str, way: str, seconds: float, keep: Path) -> Run:
    """Fuzz one target in a process of its own, which libFuzzer ends as it pleases."""
    fresh, found = keep / target, HERE / "found" / target
    for folder in (fresh, found):
        folder.mkdir(parents=True, exist_ok=True)
    kernels = {"machine": {"NUMBA_BOUNDSCHECK": "1"}, "plain": {"NUMBA_DISABLE_JIT": "1"}}[way]
    environment = {**os.environ, **kernels, "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, "-m", "fuzz.process", target]
    command += [str(fresh), str(HERE / "corpus" / target)]
    command += [f"-max_total_time={seconds:.0f}", f"-timeout={SLOWEST}"]
    command += [f"-rss_limit_mb={LARGEST}", f"-max_len={LONGEST}", "-print_final_stats=1"]
    command += [f"-artifact_prefix={found}/", "-verbosity=1", "-use_value_profile=1"]
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    said = (done.stderr + done.stdout).decode("utf-8", "replace")  # exceptions are on the latter
    return Run(
        target,
        way,
        _last(r"stat::number_of_executed_units: (\d+)", said) or _last(r"#(\d+)\t", said),
        _last(r"\bcov: (\d+)", said),
        time.monotonic() - began,
        _last(r"stat::peak_rss_mb: +(\d+)", said) or _last(r"rss: (\d+)Mb", said),
        _fault(said, done.returncode),
    )


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _fault(said: str, code: int) -> str:
    """Return what a run stopped at, and where its input is; empty: nothing."""
    if not code:
        return ""
    why = re.findall(r"^ === Uncaught Python exception: ===\n(.*)$", said, re.MULTILINE)
    why += re.findall(r"ERROR: libFuzzer: (.*)$", said, re.MULTILINE)
    file = re.findall(r"Test unit written to (\S+)", said)
    return f"{why[0] if why else said[-300:]!r} {file[0] if file else ''}".strip()


def check(target: str, data: bytes) -> None:
    """Run one input through a target; raises what a fuzzer would report."""
    import_module(f"fuzz.targets.{target}").check(data)


if __name__ == "__main__":
    main()
