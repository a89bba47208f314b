"""One module a parser of foreign bytes, each with ``check(data)`` and ``seeds()``."""
