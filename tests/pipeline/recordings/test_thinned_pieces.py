"""Pieces of a recording that were each thinned by itself, put together: map, and reduce."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cutting import cut, judgement, recorded
from paths import CAPTURES

import auditor
from auditor import Network
from auditor.evidence.thin_file import thin_to

RECORDINGS = sorted(path for path in CAPTURES.rglob("*.pcap") if path.stat().st_size < 600_000)


def network_of(path: Path) -> Network:
    config = next((one / "config" for one in path.parents if (one / "config").is_dir()), None)
    return auditor.load_network(config=config, resolve=False)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.parent.name)
def test_pieces_that_were_thinned_alone_say_what_the_whole_says(path: Path, tmp_path: Path) -> None:
    chance = random.Random(str(path.relative_to(CAPTURES)))
    network = network_of(path)
    last = len(recorded(path.read_bytes()).packets)
    places = [chance.randrange(1, last) for _ in range(chance.choice([1, 3, 8]))]
    thinned = []
    for piece in cut(path, places, tmp_path):
        thinned.append(tmp_path / f"{piece.stem}.thin")
        with thinned[-1].open("wb") as file:
            thin_to(str(piece), file.write, network.ports, piece=True)
    chance.shuffle(thinned)
    audit = auditor.audit(thinned, network=network)
    assert audit.tables["captures"].values("recording") == [1] * len(thinned)
    assert judgement(audit) == judgement(auditor.audit(path, network=network)), places


@pytest.mark.parametrize("place", [4, 5, 6, 7, 8, 9, 10])
@pytest.mark.parametrize("case", ["01-shared-password", "16-sd-password-differs"])
def test_a_cut_inside_a_hello_loses_no_name(case: str, place: int, tmp_path: Path) -> None:
    path = CAPTURES / "cases" / case / "capture.pcap"
    network = network_of(path)
    for piece in cut(path, [place], tmp_path):
        with Path(f"{piece}.thin").open("wb") as file:
            thin_to(str(piece), file.write, network.ports, piece=True)
    audit = auditor.audit(sorted(tmp_path.glob("*.thin")), network=network)
    assert judgement(audit) == judgement(auditor.audit(path, network=network))


def test_a_cut_inside_a_login_leaves_its_name_proven(tmp_path: Path) -> None:
    path = CAPTURES / "cases" / "40-bacula-site" / "capture.pcap"
    network = network_of(path)
    whole = auditor.audit(path, network=network)
    assert whole.flows["identity_proven"].any()
    for place in range(1, 12):
        thinned = []
        for piece in cut(path, [place], tmp_path):
            thinned.append(tmp_path / f"{piece.name}.thin")
            with thinned[-1].open("wb") as file:
                thin_to(str(piece), file.write, network.ports, piece=True)
        assert judgement(auditor.audit(thinned, network=network)) == judgement(whole), place


def test_evidence_that_is_shared_keeps_nothing_of_a_side_whose_beginning_it_did_not_see(
    tmp_path: Path,
) -> None:
    path = CAPTURES / "cases" / "40-bacula-site" / "capture.pcap"
    network = network_of(path)
    words = (b"auth cram-md5", b"1000 OK")
    found = {False: 0, True: 0}
    for piece in cut(path, [4, 5, 6, 7, 8, 9, 10], tmp_path)[1:]:
        for kept in found:
            data = list[bytes]()
            thin_to(str(piece), data.append, network.ports, piece=kept)
            found[kept] += sum(map(b"".join(data).count, words))
    assert found[False] < found[True]
