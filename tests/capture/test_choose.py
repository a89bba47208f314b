"""The best backend that works is taken and the reason told; nothing steps down in silence."""

from __future__ import annotations

import pytest
from capture_stage import HandFedBackend

from auditor.capture import choose
from auditor.capture.backend import Request
from auditor.capture.backend_registry import BackendEntry
from auditor.errors import CaptureError

_REQUEST = Request(("lo",), frozenset({9103}))


class _Refusing(HandFedBackend):
    closed = False

    def open(self, request):
        raise CaptureError(f"{self.name} has no rights on {request.interfaces[0]}.")

    def close(self):
        type(self).closed = True


@pytest.fixture
def ladder(monkeypatch):
    """Return a function that sets which backends work."""

    def set_ladder(*working: str) -> None:
        def make(entry: BackendEntry) -> HandFedBackend:
            return (HandFedBackend if entry.name in working else _Refusing)(name=entry.name)

        monkeypatch.setattr(BackendEntry, "make", make)

    return set_ladder


@pytest.mark.parametrize(
    ("working", "best"),
    [
        (("ebpf", "dumpcap", "scapy"), "ebpf"),
        (("dumpcap", "scapy"), "dumpcap"),
        (("scapy",), "scapy"),
    ],
)
def test_auto_takes_the_best_that_works(ladder, working, best):
    ladder(*working)
    backend, reason = choose.choose_backend("auto", _REQUEST)
    assert backend.name == best and f"Backend {best} is the best that works here." in reason
    assert isinstance(backend, HandFedBackend) and backend.request == _REQUEST


def test_auto_says_why_the_better_ones_did_not_work(ladder):
    ladder("scapy")
    _, reason = choose.choose_backend("auto", _REQUEST)
    assert "Not ebpf: ebpf has no rights on lo." in reason
    assert "Not dumpcap: dumpcap has no rights on lo." in reason


def test_a_backend_that_was_asked_for_and_does_not_work_is_an_error(ladder):
    ladder("dumpcap", "scapy")
    with pytest.raises(CaptureError, match="ebpf has no rights"):
        choose.choose_backend("ebpf", _REQUEST)
    assert _Refusing.closed


def test_a_backend_that_was_asked_for_is_taken_even_if_a_better_one_works(ladder):
    ladder("ebpf", "dumpcap", "scapy")
    backend, reason = choose.choose_backend("scapy", _REQUEST)
    assert (backend.name, reason) == ("scapy", "Backend scapy was asked for.")


def test_when_none_works_all_reasons_are_told(ladder):
    ladder()
    with pytest.raises(CaptureError, match=r"No backend.*ebpf:.*dumpcap:.*scapy:"):
        choose.choose_backend("auto", _REQUEST)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(CaptureError, match="use auto, ebpf, dumpcap, scapy"):
        choose.choose_backend("pcap", _REQUEST)
