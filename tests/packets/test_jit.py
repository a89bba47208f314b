"""The compiler's one door."""

from __future__ import annotations

from auditor import jit


def test_a_kernel_is_compiled_even_where_nothing_can_be_cached(monkeypatch):
    def njit(*, cache=False, **_options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: ("compiled", function)

    monkeypatch.setattr(jit, "_njit", njit)
    assert jit.kernel(len) == ("compiled", len)
