#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shell in a terminal: completion, Ctrl-C, Ctrl-D, the history file."""
import os
import signal
import stat
import sys
import tempfile

import pexpect

from terminal import PROMPT, ask, need_terminal, start

MORE = "    > "


def session(program, tmp):
    shell = start(program, tmp)
    shell.send("dom\t")
    shell.expect("domain ")
    shell.sendline("create d0")
    shell.expect_exact("d0: arm-64-lpae-s1, ias 48 oas 48, granule 0x1000, first table at 0x80000000")
    shell.expect_exact("iopt d0> ")  # the current domain
    shell.send("map 0x1000 0x2000 4k rw -d d\t")
    shell.expect("d0")
    shell.sendline("")
    shell.expect(PROMPT)
    ask(shell, "translate 0x1234", "0x1234 -> 0x2234")
    ask(shell, "translate 0x5000", "translation fault")
    ask(shell, "domian list", "did you mean 'domain'")
    ask(shell, "find --pa 7", "nothing found")
    ask(shell, "diff d0 d0", "no difference")
    ask(shell, "lint", "write-execute: .*[\r\n]0 errors, 1 warning[\r\n]")
    ask(shell, "set json on; translate 0x1234", '{"command":"translate","ok":true,')
    ask(shell, "find --pa 7", '"records":0')
    assert "nothing found" not in shell.before, shell.before
    ask(shell, "set json off; translate 0x1234", "0x1234 -> 0x2234")
    shell.send("half a line")
    shell.expect("half a line")
    shell.sendintr()
    shell.expect(PROMPT)
    ask(shell, "echo still here", "[\r\n]still here")
    # an open quote, or a backslash at the end, goes on in the next line
    shell.sendline("echo 'one")
    shell.expect(MORE)
    ask(shell, "two' $d0.ias", "one.*two 0x30")
    shell.sendline("echo three \\")
    shell.expect(MORE)
    ask(shell, "four", "[\r\n]three four")
    shell.sendline("echo 'given up")
    shell.expect(MORE)
    shell.sendintr()
    shell.expect(PROMPT)
    assert "^C^C" not in shell.before and "error" not in shell.before, shell.before
    ask(shell, "let name value", "")
    shell.send("echo $na\t")
    shell.expect("name ")
    ask(shell, "", "[\r\n]value")
    shell.send("echo $d\tro\t")
    shell.expect("root")
    ask(shell, "", "[\r\n]0x80000000")
    shell.send("dump -F cs\t")
    shell.expect("csv ")
    shell.sendintr()
    shell.expect(PROMPT)
    # a long listing is cut off by Ctrl-C, the session goes on
    ask(shell, "map 1g 1g 8m rw", "")
    shell.sendline("dump -F csv --expand; dump; mem save big.raw 0x80000000:1g")
    shell.sendintr()
    shell.expect(PROMPT)
    ask(shell, "echo and here", "[\r\n]and here")
    shell.sendeof()
    shell.expect(pexpect.EOF)
    assert shell.before.count("\n") == 1, repr(shell.before)
    shell.close()
    assert shell.signalstatus is None, "ended by signal %s" % shell.signalstatus
    assert shell.exitstatus == 0, shell.exitstatus


# What is typed, and what is run then.
TABS = [
    ("load a\t", "load a\\ b.json "),
    ("load \"a\t", "load \"a b.json\" "),
    ("load 'a\t", "load 'a b.json' "),
    ("load a\\ \t", "load a\\ b.json "),
    ("load \\$\t", "load \\$(touch\\ x).json "),
    ("load '$\t", "load '$(touch x).json' "),
    ("load q\t", "load q\\'\\\"q.json "),
    ("load 'q\t", "load 'q'\\''\"q.json' "),
    ("load \"q\t", "load \"q'\\\"q.json\" "),
    ("load ./-\t", "load ./-x.json "),
    ("load se\t", "load semi\\;x.json "),
    ("load ha\t", "load hash\\#.json "),
    ("load di\ti\t", "load dir/in\\ side.json "),
    ("load pi\t", "load pipe\\|x.json "),
    ("dtb load bo\t", "dtb load board.dtb "),
    ("dum\t-d none", "dump -d none"),  # a directory is called so, too
    ("map 0 0 4k read,wri\t-d none", "map 0 0 4k read,write -d none"),
    ("echo $va\t", "echo $value "),
    ("echo $ring.iov\t", "echo $ring.iova "),
    ("foreach i 1 2 'dump -d d\t", "foreach i 1 2 'dump -d d0' "),
    ("find --attr 'el1.w && memo\t", "find --attr 'el1.w && memory' "),
    ("stats -d d\t; echo $nosuch", "stats -d d0 ; echo $nosuch"),
    ("echo hi > di\t", "echo hi > dir/"),
    ("let a $nosuch; dump -d d\t", "let a $nosuch; dump -d d0 "),
    ("domain create d0 --format=arm-v\t", "domain create d0 --format=arm-v7s "),
    ("attach n\td\t", "attach nic d0 "),
]


def completion(program, tmp):
    os.makedirs("tabs/dir")
    os.makedirs("tabs/dump")
    os.chdir("tabs")
    names = ("a b.json", "$(touch x).json", "q'\"q.json", "-x.json", "semi;x.json", "hash#.json", "board.dtb",
             "pipe|x.json", "dir/in side.json", "new\nline.json")
    for name in names:
        open(name, "w", encoding="utf-8").close()
    shell = start(program, tmp)
    ask(shell, "domain create d0; smmu add s; device add nic --smmu s --sid 1; alloc nic 4k ring; let value 1", "")
    for typed, run in TABS:
        shell.sendline(typed)
        shell.expect(PROMPT)
        assert run in shell.before, "%r: %r" % (typed, shell.before)
    # of a list only what is new is shown
    shell.send("map 0 0 4k read,\t\t")
    shell.expect("[\r\n]cache +mmio +noexec +priv +write")
    shell.sendintr()
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    assert sorted(os.listdir(".")) == sorted({x.split("/")[0] for x in names} | {"dump"}), os.listdir(".")
    os.chdir("..")


def history(program, tmp):
    path = tmp + "/state/iopt/history"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the history may be read by others"
    lines = open(path, encoding="utf-8").read().splitlines()
    assert "translate 0x1234" in lines and "half a line" not in lines, lines
    shell = start(program, tmp)
    shell.send("\x1b[A")
    shell.expect("and here")
    shell.sendline("")
    shell.expect("[\r\n]and here")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0, shell.exitstatus
    # a command of several lines comes back as one
    shell = start(program, tmp)
    shell.sendline("echo 'first")
    shell.expect(MORE)
    shell.sendline("second")
    shell.expect(MORE)
    ask(shell, "third'", "[\r\n]first.*second.*third")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    shell = start(program, tmp)
    shell.send("\x1b[A\x1b[A\r")  # behind quit
    shell.expect("[\r\n]first.*second.*third")
    shell.expect(PROMPT)
    ask(shell, "nosuch", "shell:4:1: .*unknown command")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    # what is too long is put aside, not given up
    open(path, "a", encoding="utf-8").write("x" * (4 << 20) + "\n")
    shell = start(program, tmp)
    ask(shell, "echo anew", "[\r\n]anew")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    assert "echo anew" in open(path, encoding="utf-8").read() and os.path.getsize(path + ".old") > 4 << 20
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, "the new history may be read by others"


def redirection(program, tmp):
    shell = start(program, tmp)
    ask(shell, "domain create d; map 0 1g 32k rw", "")
    ask(shell, "dump | tr a-z A-Z", "0X0 +0X7FFF")
    ask(shell, "echo one; echo two | cat -n", "[\r\n]one\r\n +1\ttwo")
    ask(shell, "echo 'a | b' \"c > d\" # e | f", "[\r\n]a | b c > d")
    ask(shell, "dump --expand > 'out file'", "")
    ask(shell, "echo more >> 'out file'", "")
    lines = open("out file", encoding="utf-8").read().splitlines()
    assert len(lines) == 9 and lines[8] == "more" and lines[0].startswith("0x0 "), lines
    assert "\x1b" not in "".join(lines), "colors in a file"
    ask(shell, "dump >", "shell:7:6: .*one file name stands after '>'")
    ask(shell, "dump |", "a program stands after '\\|'")
    ask(shell, "dump > a b", "one file name")
    ask(shell, "dump > none/x", "none/x: No such file")
    ask(shell, "dump > /dev/full", "/dev/full: no space left")
    ask(shell, "dump -F csv --expand | head -n 1", "iova,last")
    ask(shell, "nosuch > kept.txt", "unknown command")
    ask(shell, "echo still here", "[\r\n]still here")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)


def pages(program, tmp):
    """Only what is longer than the screen goes to the pager; one that ends early does no harm."""
    shell = start(program, tmp, "sed s/^/page:/")
    ask(shell, "domain create d; map 0 1g 256k rw", "")
    # what was printed is seen before what is said about what follows
    ask(shell, "echo first; bogus", "[\r\n]first[\r\n]+.*unknown command")
    ask(shell, "smmu add s; device add nic --smmu s --sid 1; dma map-page nic 0x9000_0000 4k to-device p", "pa 0x90000000")
    ask(shell, "free p", "[\r\n]2 findings: dma check")
    ask(shell, "domain use d; domain list", "arm-64-lpae-s1")
    assert "page:" not in shell.before, shell.before
    ask(shell, "dump -F csv --expand", "page:iova,last")
    assert shell.before.count("page:") == 64, shell.before
    ask(shell, "dump -F csv --expand | cat", "[\r\n]iova,last")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    shell = start(program, tmp, "head -n 2")
    ask(shell, "domain create d; map 0 1g 64m rw", "")
    ask(shell, "dump -F csv --expand; echo never shown", "iova,last")
    ask(shell, "echo and on", "[\r\n]and on")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0, shell.exitstatus


def hangup(program, tmp):
    shell = start(program, tmp)
    shell.kill(signal.SIGTERM)
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.signalstatus == signal.SIGTERM, shell.signalstatus


def main():
    need_terminal()
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        for part in (session, history, completion, redirection, pages, hangup):
            part(program, tmp)
        os.chdir("/")


main()
