"""What the tests share and fuzzing needs too: words on the wire, and a small network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from hello_wire import (
    challenge,
    cleartext,
    client_hello,
    handshake_of,
    keys,
    message,
    record,
    request,
    startup,
    versions,
)
from layering import LINKS, TAGS, TUNNELS, fragments, frame, layer, tunnelled
from packed import PACKERS, skippable, zstd_blocks
from pcapfile import Pcapng, pcap
from scene import NETWORK, planted
from thinning_stage import thinned

__all__ = [
    "LINKS",
    "NETWORK",
    "PACKERS",
    "TAGS",
    "TUNNELS",
    "Pcapng",
    "challenge",
    "cleartext",
    "client_hello",
    "fragments",
    "frame",
    "handshake_of",
    "keys",
    "layer",
    "message",
    "pcap",
    "planted",
    "record",
    "request",
    "skippable",
    "startup",
    "thinned",
    "tunnelled",
    "versions",
    "zstd_blocks",
]
