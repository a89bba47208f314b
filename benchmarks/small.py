"""A small audit with configuration beside ``tshark -Y tcp.analysis.keep_alive`` on its capture:
``python benchmarks/small.py [PAIRS]``. Nearly all of both is start-up.
"""

from __future__ import annotations

import sys
from pathlib import Path

from paired import compare

_RECORDING = Path(__file__).parent.parent / "captures" / "trouble"


def main() -> None:
    """Print what both take, and the ratios of the pairs."""
    pairs = int((sys.argv[1:] or ["15"])[0])
    ours = str(Path(sys.executable).with_name("bareos-audit"))
    path, config = str(_RECORDING / "capture.pcap"), str(_RECORDING / "config")
    audit = [ours, "analyze", path, "--config", config, "--no-resolve"]
    compare(audit, ["tshark", "-r", path, "-Y", "tcp.analysis.keep_alive"], pairs)


if __name__ == "__main__":
    main()
