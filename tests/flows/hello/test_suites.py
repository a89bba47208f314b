from __future__ import annotations

import ssl

from auditor.flows.hello.suites import is_psk


def test_openssl_agrees_on_every_suite_that_it_knows() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    suites = {suite["id"] & 0xFFFF: "PSK" in suite["name"] for suite in context.get_ciphers()}
    assert sum(suites.values()) > 20
    assert {number: is_psk(number) for number in suites} == suites


def test_suites_of_tls_1_3_say_nothing_of_keys() -> None:
    assert not any(is_psk(suite) for suite in range(0x1301, 0x1306))
