"""What stands in a thinned capture for the names that are kept: themselves, or pseudonyms."""

from __future__ import annotations


class Renaming:
    """Leaves names as they are. Who changes them keeps their length in bytes, so that all lengths
    and positions around them stay right."""

    def name(self, name: bytes) -> bytes:
        """Return what stands for the name of a resource, user or database."""
        return name

    def host(self, name: bytes) -> bytes:
        """Return what stands for the name of a host, as TLS gives it."""
        return name

    def identity(self, identity: bytes) -> bytes:
        """Return what stands for the identity of a TLS pre-shared key."""
        return identity

    def hello_line(self, message: bytes) -> bytes:
        """Return what stands for a cleartext Hello, without its length."""
        return message

    def answer(self, message: bytes) -> bytes:
        """Return what stands for the first answer to it."""
        return message


AS_THEY_ARE = Renaming()
