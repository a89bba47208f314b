from __future__ import annotations

from auditor.flows.hello.alerts import alert_name


def test_alerts_have_the_names_of_the_standard() -> None:
    assert alert_name(40) == "handshake_failure"
    assert alert_name(115) == "unknown_psk_identity"


def test_an_unknown_alert_keeps_its_number() -> None:
    assert alert_name(200) == "200"
