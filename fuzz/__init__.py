"""Coverage-guided fuzzing of everything that reads foreign bytes: see docs/robustness.md.

``targets/`` has one module a parser, with a function ``check(data)`` that raises where the parser
does what it may not. None of them knows of the fuzzer, so the tests replay the inputs of
``corpus/`` and ``found/`` as they are; ``python -m fuzz`` feeds them with new ones.
"""
