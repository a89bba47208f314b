"""Names in a thinned capture are what they were, if nobody asks for others."""

from auditor.evidence.thinning.renaming import AS_THEY_ARE


def test_names_are_left_as_they_are() -> None:
    ways = ("name", "host", "identity", "hello_line", "answer")
    assert all(getattr(AS_THEY_ARE, way)(b"fd1") == b"fd1" for way in ways)
