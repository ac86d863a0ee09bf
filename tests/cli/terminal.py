# SPDX-License-Identifier: MIT
"""A shell of iopt in a terminal."""
import os
import sys

import pexpect

PROMPT = "iopt( [^ ]+)?> "


def need_terminal():
    """A root without /dev/pts has no terminals to give: 77 tells CTest so."""
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError as error:
        print("skipped:", error)
        sys.exit(77)


def start(program, home, pager="cat", **more):
    """Its history is below 'home'; nobody's ~/.inputrc is read."""
    environment = dict(os.environ, XDG_STATE_HOME=home + "/state", TERM="xterm", HOME=home, PAGER=pager)
    environment.pop("INPUTRC", None)
    shell = pexpect.spawn(program, env=environment, encoding="utf-8", **more)
    shell.expect(PROMPT)
    return shell


def ask(shell, line, answer=""):
    """What was shown between an answer, which has to come, and the next prompt."""
    shell.sendline(line)
    shell.expect(answer)
    shell.expect(PROMPT)
    return shell.before
