"""Mutated captures: nothing but CaptureError, and never a read outside the chunk."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest
from decoding import PORTS, SECOND, ethernet, ipv6, tcp
from paths import ROOT, SUPPORT, TESTS
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.packets import Decoder

FRAMES = [ethernet(b"x" * 9), ipv6(tcp(b"y")), bytes(12) + b"\x81\0\0\7" + ethernet(b"z")[12:]]


def _pcapng() -> bytes:
    file = Pcapng("big", "x").interface(tsresol=9).interface(113).interface(0, tsresol=0x94)
    for number in range(6):
        file.enhanced(number, FRAMES[number % 3], interface=number % 3).simple(FRAMES[0])
    file.statistics(0, ifdrop=3, osdrop=1).section("little").interface(101, tsoffset=1)
    return bytes(file.enhanced(1, FRAMES[0][14:]).obsolete(2, FRAMES[1][14:]))


SEEDS = [
    pcap([(i * SECOND, frame) for i, frame in enumerate(FRAMES * 3)]),
    *(pcap([(0, frame) for frame in FRAMES], link=link) for link in (0, 101, 108, 113, 276)),
    _pcapng(),
]
TELLING = b"\0\1\2\3\4\5\6\x10\x28\x2c\x33\x3c\x45\x4f\x60\x7f\x80\x81\xff"


def mutated(dice: random.Random) -> bytes:
    """A valid capture with a few bytes that a parser may trip over, and perhaps a piece lost."""
    data = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randint(1, 8)):
        data[dice.randrange(len(data))] = dice.choice(TELLING)
    if dice.random() < 0.3:
        begin = dice.randrange(len(data))
        del data[begin : begin + dice.randint(1, 30)]
    return bytes(data)


def survive(data: bytes, dice: random.Random) -> int:
    """Decode ``data`` in two chunks; return the segments, all of which must be in bounds."""
    decoder = Decoder(PORTS)
    found = 0
    cut = dice.randrange(len(data))
    try:
        for chunk in (data[:cut], data[cut:]):
            for batch in decoder.feed(chunk):
                segments = batch.segments
                ends = segments["payload"].astype(int) + segments["captured"]
                assert (ends <= len(batch.buffer)).all()
                assert (segments["captured"] <= segments["length"]).all()
                found += len(segments)
        info = decoder.finish()
    except CaptureError:
        return found
    assert info.segments == found <= info.packets
    return found


def campaign(seed: int, rounds: int) -> int:
    """Survive ``rounds`` mutated captures; return the segments found in them."""
    dice = random.Random(seed)
    return sum(survive(mutated(dice), dice) for _ in range(rounds))


@pytest.mark.bulk
def test_compiled_kernels_survive_thousands_of_mutations():
    assert campaign(1, 4000) > 4000


def test_plain_python_kernels_find_the_same_with_every_bound_and_overflow_checked():
    # In plain numpy an index out of bounds is an IndexError, and an overflow a RuntimeWarning.
    paths = os.pathsep.join(map(str, (TESTS / "packets", SUPPORT, ROOT)))
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c",
         "import test_hostile; print(test_hostile.campaign(2, 400))"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == campaign(2, 400) > 400
