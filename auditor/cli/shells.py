"""What click does not do for shells: values behind ``--option=``, and behind ``ROLE=``.

bash takes ``=`` for the end of a word, and replaces only what stands behind the last one; zsh and
fish replace the whole word, of which click gives only the value.
"""

from __future__ import annotations

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


def _option(word: str) -> str:
    """Return ``--option=`` of a word that begins so; empty: it does not."""
    name, equals, _ = word.partition("=")
    return name + equals if word.startswith("-") and equals else ""


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before, and the one that was begun, as they were typed."""
        words, begun = super().get_completion_args()
        glued: list[str] = []
        for word in [*words, begun]:
            if glued and (word == "=" or glued[-1].endswith("=")):
                glued[-1] += word
            else:
                glued.append(word)
        return glued[:-1], glued[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what completes the part of the word behind its last ``=``."""
        value = incomplete.removeprefix(_option(incomplete))
        there = len(value.rpartition("=")[0]) + 1 if "=" in value else 0
        items = super().get_completions(args, incomplete)
        return [CompletionItem(one.value[there:], one.type, one.help) for one in items]


class _WholeWord(ShellComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return what completes the whole word."""
        begin = _option(incomplete)
        items = super().get_completions(args, incomplete)
        return [CompletionItem(begin + one.value, one.type, one.help) for one in items]


class _Zsh(_WholeWord, ZshComplete):
    pass


class _Fish(_WholeWord, FishComplete):
    pass


def register() -> None:
    """Let click complete so for the shells that there are scripts for."""
    for kind in (_Bash, _Zsh, _Fish):
        add_completion_class(kind)
