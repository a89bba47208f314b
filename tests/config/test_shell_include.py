"""What a command would include is read from its words, or it is not understood."""

from __future__ import annotations

import pytest

from auditor.config.shell_include import Wanted, wanted_by

X = Wanted("/x/*.conf")
FOUND = Wanted("/x", "*.conf")

UNDERSTOOD = {
    "sh -c 'for f in /x/*.conf ; do echo @${f} ; done'": [X],
    "sh -c 'for f in /x/*.conf; do echo @$f; done'": [X],
    'sh -c "for f in /x/*.conf; do echo \\"@$f\\"; done"': [X],
    '/bin/sh -c "for f in /x/*.conf; do echo @\\${f}; done"': [X],
    "/usr/bin/bash -c 'for f in /x/*.conf\ndo\necho @$f\ndone'": [X],
    "bash -c 'for i in `ls /x/*.conf`; do echo @$i; done'": [X],
    "sh -c 'for i in $(ls -1 /x/*.conf | sort); do cat \"$i\"; done'": [X],
    "sh -c 'for i in `find /x -name \"*.conf\"`; do echo @$i; done'": [FOUND],
    "sh -c 'for f in /x/*.conf; do [ -f \"$f\" ] && echo @$f; done'": [X],
    "sh -c 'for f in /x/*.conf; do test -r $f && cat $f; done'": [X],
    'sh -c \'for f in /x/*.conf; do printf "@%s\\n" "$f"; done\'': [X],
    "sh -c 'for f in /a/*.conf /b/?.conf; do echo @$f; done; cat /z.conf'": [
        Wanted("/a/*.conf"),
        Wanted("/b/?.conf"),
        Wanted("/z.conf"),
    ],
    "sh -c 'cat /x/*.conf'": [X],
    "sh -c 'cat /x/*.conf 2>/dev/null'": [X],
    "cat /x/a.conf /x/b.conf": [Wanted("/x/a.conf"), Wanted("/x/b.conf")],
    "sh -c 'echo @/x/*.conf'": [X],
    "find /x -name *.conf -exec cat {} ;": [FOUND],
    "sh -c 'find /x -name \"*.conf\" -type f -exec echo @{} \\;'": [FOUND],
    "sh -c 'find /x -name \"*.conf\" -exec cat {} +'": [FOUND],
    'sh -c \'find /x -mindepth 1 -maxdepth 2 -name "*.conf" -printf "@%p\\n"\'': [
        Wanted("/x", "*.conf", 2)
    ],
    "sh -c 'ls /x/*.conf | sed \"s/^/@/\"'": [X],
    "sh -c \"ls -1 /x/*.conf | sed -e 's#^#@#'\"": [X],
    'sh -c "ls /x/*.conf | awk \'{print \\"@\\"\\$0}\'"': [X],
    "sh -c 'ls /x/*.conf | xargs cat'": [X],
    "sh -c 'ls /x/*.conf | xargs -n1 cat'": [X],
    "sh -c 'ls /x/*.conf | xargs -I{} echo @{}'": [X],
    "sh -c 'ls /x/*.conf | xargs -n 1 -I {} echo @{}'": [X],
    "sh -c 'find /x -name \"*.conf\" -print | sort | while read -r f; do echo @$f; done'": [FOUND],
}

NOT_UNDERSTOOD = [
    "",
    "/usr/local/bin/generate",
    "python3 clients.py",
    "cat /x/*.conf",  # no shell expands it
    "sh -c 'cat'",
    "sh -c 'cat -n /x/a'",
    "sh -c 'cat /x/*.conf; reboot'",
    "sh -c 'cat /x/*.conf && reboot'",
    "sh -c 'cat \"/x/*.conf\"'",
    "sh -c 'cat $HOME/*.conf'",
    "sh -c 'cat /x/{a,b}.conf'",
    "sh -c 'grep -l foo /x/*.conf | sed s/^/@/'",
    "sh -c 'for f in /x/*; do echo @$g; done'",
    "sh -c 'for f in /x/*; do echo $f; done'",
    "sh -c 'for f in /x/*; do rm $f; done'",
    "sh -c 'for f in /x/*; do echo @$f'",
    "sh -c 'for f in `find /x -exec cat {} +`; do echo @$f; done'",
    "sh -c 'for f in /x/*; do test -n $f && echo @$f; done'",
    "sh -c 'ls /x/*.conf'",
    "sh -c 'ls -t /x/*.conf | xargs cat'",
    "sh -c 'ls /x/*.conf | sed s/^/#/'",
    "sh -c 'ls /x/*.conf | head -1 | xargs cat'",
    "sh -c 'find /x -newer /y -exec cat {} +'",
    "sh -c 'find /x -type d -exec cat {} +'",
    "sh -c 'find /x -delete'",
    "sh -c 'echo @relative'",
    "sh -c '" + "cat /x " * 1000 + "'",
]


@pytest.mark.parametrize(("command", "wanted"), UNDERSTOOD.items())
def test_a_recipe_that_people_use_is_understood(command: str, wanted: list[Wanted]) -> None:
    assert wanted_by(command) == wanted


@pytest.mark.parametrize("command", NOT_UNDERSTOOD)
def test_anything_else_is_not(command: str) -> None:
    assert wanted_by(command) is None
