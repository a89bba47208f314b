"""The whole command on 1 GB beside ``tcpdump -r``: ``python benchmarks/analyze.py [PAIRS]``.

Makes ``benchmarks/data/bulk.pcap`` (10 million packets) when it is not there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from paired import compare

_HERE = Path(__file__).parent
_CAPTURE = _HERE / "data" / "bulk.pcap"


def main() -> None:
    """Compare the two and print the figures."""
    if not _CAPTURE.exists():
        _CAPTURE.parent.mkdir(exist_ok=True)
        subprocess.run([sys.executable, _HERE / "make_capture.py", _CAPTURE], check=True)
    command = str(Path(sys.executable).with_name("bareos-audit"))
    compare(
        [command, "analyze", str(_CAPTURE)],
        ["tcpdump", "-r", str(_CAPTURE), "-w", "/dev/null", "tcp portrange 9101-9103"],
        int(sys.argv[1]) if len(sys.argv) > 1 else 5,
    )


if __name__ == "__main__":
    main()
