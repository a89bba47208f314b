"""Copies a thinned capture with other addresses and names in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes

from auditor.errors import CaptureError
from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.anonymizing.frames import Frames
from auditor.evidence.anonymizing.pseudonyms import Pseudonyms
from auditor.evidence.libpcap_filter import capture_filter
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.thinning import Thinner
from auditor.outputs import Write
from auditor.packets import CaptureInfo, read_capture
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CapturedOn, UndecodedRun

#: Bytes of a key, and how many of a file are read for one.
_KEY_BYTES, _MOST = 32, 1 << 16
#: Programs whose names are not a site's.
_PROGRAMS = frozenset({"bareos-dir", "bareos-fd", "bareos-sd", "bconsole", "postgres", "python3"})
#: Sentences of this program on what a capture lacks; in others there may be names.
_SENTENCE = re.compile(
    r"[0-9]+ (?:acknowledged bytes were never captured"
    r"|connections of which the full capture showed more"
    r"|packets were cut inside the TCP header|packets could not be decoded)"
    r"|its clock was set [0-9]+ times at places that are not known"
    r"|the full file ended inside a record"
)
_IN_TUNNELS = "packets are in tunnels or on links that no capture without names can have"
_NOT_TOLD = "something that is not told in a capture without names"

_End = tuple[str, int]


def key_of(wish: bool | str | Path | bytes) -> bytes | None:
    """Return what names are to be replaced by: for False None, for True a key that nobody knows,
    for a file what it holds, for bytes what a file with them would be.

    Raises CaptureError if the file cannot be read, or is too short to be a key.
    """
    if isinstance(wish, bool):
        return token_bytes(_KEY_BYTES) if wish else None
    hint = f"head -c {_KEY_BYTES} /dev/urandom > FILE makes one"
    file, held = ("the key", wish) if isinstance(wish, bytes) else (str(wish), b"")
    try:
        if not isinstance(wish, bytes):
            with Path(wish).open("rb") as opened:
                held = opened.read(_MOST)
    except OSError as error:
        raise CaptureError(f"{file}: the key cannot be read ({error.strerror}); {hint}.") from None
    if len(held) < _KEY_BYTES // 2:
        raise CaptureError(f"{file}: {len(held)} bytes are too few for a key; {hint}.")
    return blake2b(held, digest_size=_KEY_BYTES, person=b"bareos-audit key").digest()


def copy_without_names(
    thinned: str, write: Write, ports: Collection[int], key: bytes, *, max_flows: int
) -> Evidence:
    """Write the thinned capture in the file ``thinned`` anew, with other addresses and names;
    return what was written."""
    frames, evidence = Frames(key), Evidence(write, capture_filter(ports))
    thinner = Thinner(max_flows, everything=True, as_read=True, names=Pseudonyms(key))

    def add(packets: Iterable[Packet]) -> None:
        for packet in packets:
            link = interfaces[packet.interface].link
            data = frames.changed(link, packet.data)
            evidence.add([packet._replace(data=data, comment="")])

    with read_capture(thinned, ports) as reader:
        for batch in reader:
            interfaces = reader.interfaces
            evidence.describe(_nameless(interfaces))
            if batch.step is not None:
                add(thinner.begin_anew(batch.step.after))
                evidence.step(batch.step)
            add(thinner.feed(batch))
        interfaces = reader.interfaces
        evidence.describe(_nameless(interfaces))
        info = reader.info
        add(thinner.flush())
    matched, kept, lost = thinner.counters()
    counters = Counters(
        info.packets, matched, kept, info.dropped or 0, lost, info.withheld, info.lost_new
    )
    told = _told(info, AddressMap(key), Pseudonyms(key))
    if frames.blanked:
        told = replace(told, lacks=(*told.lacks, f"{frames.blanked} {_IN_TUNNELS}"))
    evidence.end(told, counters, told.lacks, told.flow_notes, told.unseen, told.unreadable)
    return evidence


def _nameless(interfaces: Iterable[CapturedOn]) -> tuple[CapturedOn, ...]:
    return tuple(one._replace(name=f"if{number}") for number, one in enumerate(interfaces))


def _told(info: CaptureInfo, addresses: AddressMap, names: Pseudonyms) -> CaptureInfo:
    """Return what a capture says of itself without addresses and names."""

    def end(of: _End) -> _End:
        return addresses.text(of[0]), of[1]

    def fact(of: SocketFact) -> SocketFact:
        known = of.process in _PROGRAMS or not of.process
        process = of.process if known else names.name(of.process.encode()).decode()
        return replace(of, local=end(of.local), remote=end(of.remote), process=process)

    notes = (
        replace(note, initiator=end(note.initiator), acceptor=end(note.acceptor))
        for note in info.flow_notes
    )
    unseen = (
        replace(note, octets=tuple((end(one), octets) for one, octets in note.octets))
        for note in info.unseen
    )

    def run(of: UndecodedRun) -> UndecodedRun:
        source, target = (one and addresses.text(one) for one in (of.source, of.target))
        return of._replace(source=source, target=target)

    return replace(
        info,
        lacks=_sentences(info.lacks),
        unreadable=_sentences(info.unreadable),
        facts=tuple(map(fact, info.facts)),
        flow_notes=tuple(notes),
        unseen=tuple(unseen),
        addresses=tuple(map(addresses.text, info.addresses)),
        runs=tuple(map(run, info.runs)),
    )


def _sentences(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one if _SENTENCE.fullmatch(one) else _NOT_TOLD for one in told))
