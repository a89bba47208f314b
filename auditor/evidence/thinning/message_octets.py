"""Of a cleartext login the Hello line and the first answer to it (P6)."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.flows.hello.framing import message_length

_LENGTH = 4
_BEGIN = b"Hello "
#: A true line is shorter by far (``flows.hello.bareos``), and so is any answer.
_LONGEST = 512
#: A longer message makes the receiver drop the connection (bareos.md §3.1).
_LONGEST_MESSAGE = 1_000_000
#: Signals are small negative numbers in the place of the length (bareos.md §3.1).
_LAST_SIGNAL = -99

_CHALLENGE_BEGIN = b"auth cram-md5"
#: What the answer to a Hello says, where a reader asks for it: challenge, consent or refusal
#: (bareos.md §3.3).
_ANSWER = re.compile(
    rb"auth cram-md5c? <\d+\.\d+@[^ \n]*>(?: ssl=\d+)?[ \n\0]*"
    rb"|[123](?:000 OK|999\b).*|[^\n]*\brejected\b.*",
    re.DOTALL | re.IGNORECASE,
)


def is_hello(sent: bytes) -> bool | None:
    """Tell whether a side begins with a Hello; None: more bytes will tell."""
    begins = _BEGIN.startswith(sent[_LENGTH : _LENGTH + len(_BEGIN)]) and sent[:1] in (b"", b"\0")
    if len(sent) >= _LENGTH:
        begins &= len(_BEGIN) <= message_length(sent) <= _LONGEST_MESSAGE
    return None if begins and len(sent) < _LENGTH + len(_BEGIN) else begins


def is_challenge(sent: bytes) -> bool:
    """Tell whether a side begins with a challenge, whoever asked for it."""
    return sent[_LENGTH : _LENGTH + len(_CHALLENGE_BEGIN)] == _CHALLENGE_BEGIN


def add_hello(out: Excerpt) -> None:
    """Add a Hello, if it is one line; else what it is known by. In a piece that there was a
    response: the consent to it may be in the next."""
    _add(out, _LENGTH + len(_BEGIN), None, out.names.hello_line)
    if out.piece and out.size == _LENGTH + message_length(out.sent):
        out.ended = _add_response(out)


def _add_response(out: Excerpt) -> bool:
    """Add a message with all of it blanked; False: more bytes will tell."""
    head = out.rest(_LENGTH)
    length = message_length(head) if len(head) == _LENGTH else 0
    if not 0 <= length <= _LONGEST:
        return True
    if len(head) < _LENGTH or len(out.rest(_LENGTH + length)) < _LENGTH + length:
        return False
    out.keep(_LENGTH)
    out.blank(length)
    return True


def add_answer(out: Excerpt) -> None:
    """Add the acceptor's first message if it is one that a reader asks for; else its length."""
    if len(out.sent) < _LENGTH:
        return
    length = message_length(out.sent)
    if length < 0:
        out.keep(_LENGTH if length >= _LAST_SIGNAL else 0)
        out.end()
    elif length > _LONGEST_MESSAGE:
        out.end()
    else:
        _add(out, _LENGTH, _ANSWER, out.names.answer)


def _add(
    out: Excerpt, head: int, form: re.Pattern[bytes] | None, rename: Callable[[bytes], bytes]
) -> None:
    size = _LENGTH + message_length(out.sent)
    message = out.sent[_LENGTH:size]
    out.keep(min(head, size))
    if size - _LENGTH <= _LONGEST:
        if len(message) < size - _LENGTH:
            return
        if _is_line(message) and (form is None or form.fullmatch(message)):
            out.put(rename(message)[out.size - _LENGTH :])
    out.end()


def _is_line(message: bytes) -> bool:
    """Tell whether a message is one line of text; blanks in names are sent as 0x01 (§3.3)."""
    try:
        text = message.rstrip(b"\n\0").decode()
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\x01\x1e" for letter in text)
