"""Tables of zeros are zeros, may be written to, and are no two in one place."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.kernels.zeroed import zeroed

ROW = np.dtype([("time", "i8"), ("flags", "u1")])


@pytest.mark.parametrize(
    ("shape", "dtype"), [(0, "i4"), (1, ROW), (100_000, ROW), ((3, 7), "u1"), ((0, 9), "u1")]
)
def test_it_is_what_numpy_makes(shape: int | tuple[int, ...], dtype: object) -> None:
    found, expected = zeroed(shape, dtype), np.zeros(shape, dtype)  # type: ignore[arg-type,call-overload]
    assert np.array_equal(found, expected)
    assert (found.dtype, found.flags.writeable, found.flags.aligned) == (expected.dtype, True, True)


def test_what_is_written_to_one_is_not_in_the_next() -> None:
    one, other = zeroed(10_000, ROW), zeroed(10_000, ROW)
    one["time"] = 5
    assert not other["time"].any()
    del one
    assert not zeroed(10_000, ROW)["time"].any()
