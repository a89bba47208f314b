"""What heartbeat a configuration gives a connection."""

from __future__ import annotations

from auditor.site.heartbeat import Heartbeat


def test_nothing_is_known_without_a_configuration() -> None:
    nothing = Heartbeat()
    assert (nothing.seconds, nothing.source, nothing.setting) == (None, None, None)
    assert nothing.others == nothing.perhaps == ()
