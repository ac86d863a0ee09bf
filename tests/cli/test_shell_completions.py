#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tab in bash, zsh and fish: what is then run has the words that were meant, and nothing else is."""
import os
import shutil
import sys
import tempfile

import pexpect

from terminal import need_terminal

WRAPPER = """#!/bin/sh
[ "$1" = complete ] && exec '%s' "$@"
printf '%%s\\0' "$@" > '%s.new' && mv '%s.new' '%s'
"""

FILES = ["a b.json", "$(touch x).json", "`touch x`.json", "q'\"q.json", "-x.json", "st*r?[1].json",
         "new\nline.json", "text.txt", "dir/in side.json", "board.dtb", "script.iopt", "core.elf",
         "wide\u00e9.json", "tilde~.json", "semi;touch x.json", "hash#.json", "e=f:g.json", "ba\\ck.json"]

BACK = "\x1b[D"

# What is typed, and what words iopt then gets.
CASES = [
    ("dom\tcr\tx --form\tarm-v\t", ["domain", "create", "x", "--format", "arm-v7s"]),
    ("domain create x --format=arm-v\t", ["domain", "create", "x", "--format=arm-v7s"]),
    ("--color=al\tversion", ["--color=always", "version"]),
    ("map 0 0 4k read,wr\t", ["map", "0", "0", "4k", "read,write"]),
    ("decode tcr_el3\t0", ["decode", "tcr_el3=0"]),
    ("load a\t", ["load", "a b.json"]),
    ("load \"a\t", ["load", "a b.json"]),
    ("load 'a\t", ["load", "a b.json"]),
    ("load a\\ \t", ["load", "a b.json"]),
    ("load \\$\t", ["load", "$(touch x).json"]),
    ("load '$\t", ["load", "$(touch x).json"]),
    ("load \\`\t", ["load", "`touch x`.json"]),
    ("load q\t", ["load", "q'\"q.json"]),
    ("load \"q\t", ["load", "q'\"q.json"]),
    ("load ./-\t", ["load", "./-x.json"]),
    ("load st\t", ["load", "st*r?[1].json"]),
    ("load new\t", ["load", "new"]),  # it does not stand on a line
    ("load wi\t", ["load", "wide\u00e9.json"]),
    ("load ti\t", ["load", "tilde~.json"]),
    ("load se\t", ["load", "semi;touch x.json"]),
    ("load ha\t", ["load", "hash#.json"]),
    ("load e=\t", ["load", "e=f:g.json"]),
    ("load ba\t", ["load", "ba\\ck.json"]),
    ("load di\ti\t", ["load", "dir/in side.json"]),
    ("load ~/di\ti\t", ["load", "%s/dir/in side.json"]),
    ("load te\t", ["load", "text.txt"]),  # nothing fits: any file
    ("-t a\tdump", ["-t", "a b.json", "dump"]),
    ("--table=a\tdump", ["--table=a b.json", "dump"]),
    ("dtb load b\t", ["dtb", "load", "board.dtb"]),
    ("source s\t", ["source", "script.iopt"]),
    ("-m co\tscan", ["-m", "core.elf", "scan"]),
    ("dom create x" + BACK * 9 + "\t", ["domain", "create", "x"]),
    ("! transl\t0", ["!", "translate", "0"]),
]


def start_bash(environment, source):
    shell = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], env=environment, encoding="utf-8",
                          timeout=15)
    shell.sendline("bind 'set enable-bracketed-paste off'; source '%s/iopt.bash'" % source)
    return shell


def start_zsh(environment, source):
    os.makedirs("functions", exist_ok=True)
    shutil.copy(source + "/iopt.zsh", "functions/_iopt")
    shell = pexpect.spawn("zsh", ["-f", "-i"], env=environment, encoding="utf-8", timeout=15)
    shell.sendline("fpath=($HOME/functions $fpath); autoload -Uz compinit; compinit -u -D;"
                   " unset zle_bracketed_paste; setopt no_bang_hist no_beep")
    return shell


def start_fish(environment, source):
    shell = pexpect.spawn("fish", ["--no-config", "-i"], env=environment, encoding="utf-8", timeout=15)
    shell.sendline("set -g fish_greeting; set -g fish_autosuggestion_enabled 0; source '%s/iopt.fish'" % source)
    return shell


def begin(start, environment, source):
    shell = start(environment, source)
    shell.sendline("echo rea''dy")
    shell.expect("ready", timeout=100)
    return shell


def typed(shell, text, log):
    """The words that iopt was run with."""
    if os.path.exists(log):
        os.unlink(log)
    shell.send("iopt " + text)
    shell.send("\r")
    shell.sendline("echo do''ne; true")
    try:
        shell.expect("done")
    except pexpect.TIMEOUT:
        return None  # what stands there is no command
    if not os.path.exists(log):
        return []
    with open(log, encoding="utf-8") as f:
        return f.read().split("\0")[:-1]


def run(name, start, environment, source, log):
    faults = []
    before = sorted(os.listdir("."))
    shell = begin(start, environment, source)
    for text, wanted in CASES:
        wanted = [x.replace("%s", os.getcwd()) for x in wanted]
        words = typed(shell, text, log)
        if words != wanted:
            faults.append("%s: %r ran %s, not %s" % (name, text, words, wanted))
        if words is None:
            faults[-1] += ": " + shell.before[-200:]
            shell.close(force=True)
            shell = begin(start, environment, source)
    made = set(os.listdir(".")) - set(before) - {"functions", ".bash_history", ".local", ".cache"}
    if made:
        faults.append("%s made %s" % (name, sorted(made)))
    shell.close(force=True)
    return faults


def need(*programs):
    """77 tells CTest that the test was skipped."""
    need_terminal()
    missing = [x for x in programs if not shutil.which(x)]
    if missing:
        print("skipped, missing:", *missing)
        sys.exit(77)


def main():
    need("bash", "zsh", "fish")
    program, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    faults = []
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as bin_folder:
        log = bin_folder + "/log"
        with open(bin_folder + "/iopt", "w", encoding="utf-8") as f:
            f.write(WRAPPER % (program, log, log, log))
        os.chmod(bin_folder + "/iopt", 0o755)
        os.chdir(home)
        os.mkdir("dir")
        for name in FILES:
            open(name, "w", encoding="utf-8").close()
        os.makedirs(".config/fish", exist_ok=True)
        environment = dict(os.environ, PATH=bin_folder + ":" + os.environ["PATH"], HOME=home, TERM="xterm",
                           LC_ALL="C.UTF-8", PS1="$ ", ZDOTDIR=home)
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "INPUTRC"):
            environment.pop(name, None)
        for name, start in (("bash", start_bash), ("zsh", start_zsh), ("fish", start_fish)):
            if len(sys.argv) < 4 or name in sys.argv[3:]:
                faults += run(name, start, environment, source, log)
        os.chdir("/")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
