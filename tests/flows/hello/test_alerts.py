from __future__ import annotations

from auditor.flows.hello.alerts import alert_name, alert_refusal
from auditor.flows.refusal import End, Refusal, RefusalKind


def test_alerts_have_the_names_of_the_standard() -> None:
    assert alert_name(40) == "handshake_failure"
    assert alert_name(115) == "unknown_psk_identity"


def test_an_unknown_alert_keeps_its_number() -> None:
    assert alert_name(200) == "unknown"
    assert alert_refusal(End.INITIATOR, 200).said == "TLS alert 200 (unknown)"


def test_an_alert_is_a_refusal_by_whoever_sent_it() -> None:
    """bareos.md §11: OpenSSL answers a wrong pre-shared key with 47."""
    said = "TLS alert 47 (illegal_parameter)"
    assert alert_refusal(End.ACCEPTOR, 47) == Refusal(RefusalKind.ALERT, End.ACCEPTOR, said)
