"""The pages of ``docs/`` that are made from the code, each held up to date by a test."""
