"""The first Ctrl-C or SIGTERM ends a recording properly, the second one the program."""

from __future__ import annotations

import os
import signal

import pytest

from auditor.cli.stopping import stopping

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("number", _SIGNALS)
def test_the_first_signal_only_asks_for_the_end(number: signal.Signals) -> None:
    with stopping() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.is_set()


class Ended(BaseException):
    """What stands for the end of the program."""


@pytest.mark.parametrize("first", _SIGNALS)
@pytest.mark.parametrize("second", _SIGNALS)
def test_the_second_signal_ends_the_program_at_once(
    monkeypatch: pytest.MonkeyPatch, first: signal.Signals, second: signal.Signals
) -> None:
    def leave(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", leave)
    with stopping():
        signal.raise_signal(first)
        with pytest.raises(Ended) as ended:
            signal.raise_signal(second)
    assert ended.value.args == (130,)


def test_afterwards_signals_do_what_they_did_before() -> None:
    before = [signal.getsignal(one) for one in _SIGNALS]
    with pytest.raises(ZeroDivisionError), stopping():
        assert all(signal.getsignal(one) != old for one, old in zip(_SIGNALS, before, strict=True))
        raise ZeroDivisionError
    assert [signal.getsignal(one) for one in _SIGNALS] == before
