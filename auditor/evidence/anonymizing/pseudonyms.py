"""Names that stand for others, in their length: two are equal where those are that they stand for.

The letters of a name are enciphered as one number in base 65 by a Feistel network, whose rounds add
BLAKE2b with a key (RFC 7693): so different names stay different, however short they are. Libraries
for this (FF1 of NIST SP 800-38G) refuse names of less than six letters.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from hashlib import blake2b

from auditor.evidence.thinning.renaming import Renaming
from auditor.flows.hello.hello_lines import DEFAULT_CONSOLE, name_in_line

_LETTERS = (string.ascii_letters + string.digits + "-_.").encode()
_HOST_LETTERS = (string.ascii_lowercase + string.digits).encode()
_DIGITS = string.digits.encode()
#: What a host calls itself.
_OWN_HOST = frozenset({b"localhost", b"localdomain", b"ip6-localhost"})
_ROUNDS = 12
#: What names of monitors begin with by convention (bareos.md §1.1): by it an audit knows one.
_MONITOR = b"bareos-mon"
#: Blanks, and what stands for one on the wire (bareos.md §3.3), stay where they are.
_BLANKS = re.compile(rb"([ \x01]+)")
#: What the Director adds to the name of a job.
_JOB_SUFFIX = re.compile(rb"(.+)(\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d\d)", re.DOTALL)
_TYPES = rb"R_(?:DIRECTOR|CLIENT|JOB|STORAGE|CONSOLE)"
_QUALIFIED = re.compile(rb"(" + _TYPES + rb"(?:\x1e|::))(.+)", re.DOTALL)
_CHALLENGE = re.compile(
    rb"(auth cram-md5c? <\d{1,20}\.\d{1,20}@)([^ \n]*)(>(?: ssl=\d)?[ \n\0]*)", re.IGNORECASE
)
_VERSION = r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,3}(?:~pre[0-9]{1,6}(?:\.[0-9a-f]{6,12})?(?:\.dirty)?)?"
#: What may stand behind a name in a Hello; a version that is none of these letters is not kept.
_AFTER_NAME = re.compile(
    rf"(?: FdProtocolVersion=\d{{1,4}})?(?: calling)?(?: version {_VERSION})?(?: \d{{1,6}}){{0,4}}"
    rf'(?: tlspsk=\d{{1,4}})?(?: Version="{_VERSION}")?'
)
_WORDS = frozenset(
    b"1000 2000 3000 1999 2999 3999 ok auth authorization failed rejected connection version hello "
    b"director client storage calling start job terminate you must be running".split()
)


class Pseudonyms(Renaming):
    """What stands for names, by a key of at most 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._enciphered = lru_cache(1 << 16)(self._encipher)

    def name(self, name: bytes) -> bytes:
        """Return what stands for a name: blanks, and the date in the name of a job, are kept, and
        what names of consoles and monitors are by convention."""
        if name == DEFAULT_CONSOLE.encode():
            return name
        if name.startswith(_MONITOR):
            return _MONITOR + self.name(name[len(_MONITOR) :])
        dated = _JOB_SUFFIX.fullmatch(name)
        chosen, suffix = (dated[1], dated[2]) if dated else (name, b"")
        parts = _BLANKS.split(chosen)
        letters = self._enciphered(b"".join(parts[::2]), _LETTERS)
        out, at = b"", 0
        for place, part in enumerate(parts):
            out += part if place % 2 else letters[at : at + len(part)]
            at += 0 if place % 2 else len(part)
        return out + suffix

    def host(self, name: bytes) -> bytes:
        """Return what stands for a host name, each label for itself and in lower case; localhost
        stays."""
        return b".".join(map(self._label, name.lower().split(b".")))

    def _label(self, label: bytes) -> bytes:
        """Return what stands for a part of a host name. Only one of digits becomes one, so that no
        name looks like an address; one that begins with a letter still does."""
        if label in _OWN_HOST:
            return label
        if not label.strip(_DIGITS):
            return self._enciphered(label, _DIGITS)
        made = self._enciphered(label, _HOST_LETTERS)
        if label.strip(_HOST_LETTERS):
            return bytes([made[0] + 49 if made[:1].isdigit() else made[0]]) + made[1:]
        while made[:1].isdigit() != label[:1].isdigit() or made.isdigit():
            made = self._enciphered(made, _HOST_LETTERS)  # in a circle that leads back to ``label``
        return made

    def identity(self, identity: bytes) -> bytes:
        """Return what stands for an identity, ``R_DIRECTOR`` 0x1e name: its type is kept."""
        found = _QUALIFIED.fullmatch(identity)
        return found[1] + self.name(found[2]) if found else self.name(identity)

    def hello_line(self, message: bytes) -> bytes:
        """Return what stands for a Hello line: the words of its form are kept."""
        body = message.rstrip(b"\n\0")
        line = body.decode()
        place = name_in_line(line)
        if place is None:
            return self._words(message)
        before, name, after = line[: place[0]], line[slice(*place)], line[place[1] :]
        rest = after.encode() if _AFTER_NAME.fullmatch(after) else self._words(after.encode())
        return before.encode() + self.name(name.encode()) + rest + message[len(body) :]

    def answer(self, message: bytes) -> bytes:
        """Return what stands for an answer: the words of the protocol are kept."""
        found = _CHALLENGE.fullmatch(message)
        return found[1] + self.identity(found[2]) + found[3] if found else self._words(message)

    def _words(self, text: bytes) -> bytes:
        """Return a text with what stands for each of its words that the protocol does not have."""
        parts = re.split(rb"([^0-9A-Za-z_.\x80-\xff-]+)", text)
        for at in range(0, len(parts), 2):
            if parts[at].strip(b".").lower() not in _WORDS:
                parts[at] = self.name(parts[at])
        return b"".join(parts)

    def _encipher(self, name: bytes, alphabet: bytes) -> bytes:
        """Return as many letters. Of names with others than those of the alphabet two may get the
        same, but for that different names stay different."""
        base = len(alphabet)
        if any(letter not in alphabet for letter in name):
            numbers = self._stream(b"other", name, len(name), base)
        else:
            numbers = [alphabet.index(letter) for letter in name]
        left, right = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        for turn in range(_ROUNDS):
            told = bytes([base, turn]) + len(numbers).to_bytes(4, "big") + bytes(left)
            added = self._stream(b"round", told, len(right), base)
            mixed = [(one + two) % base for one, two in zip(right, added, strict=True)]
            left, right = mixed, left
        return bytes(alphabet[number] for number in left + right)

    def _stream(self, use: bytes, text: bytes, size: int, base: int) -> list[int]:
        """Return numbers below ``base`` that the key makes of a text."""
        seed = blake2b(text, key=self._key, person=use).digest()
        made = bytearray()
        while len(made) < 4 * size:
            count = len(made).to_bytes(4, "big")
            made += blake2b(seed + count, key=self._key, person=b"stream").digest()
        return [int.from_bytes(made[4 * k : 4 * k + 4], "big") % base for k in range(size)]
