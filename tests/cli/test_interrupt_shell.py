#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ctrl-C in the shell ends whatever runs, at once; the session goes on, and no file is left."""
import json
import os
import sys
import tempfile
import time

import pexpect

from terminal import PROMPT, ask, need_terminal, start

BEGUN = "\x1b\\[\\?2004l"  # readline has handed the line over
DELAY = 0.05  # from then to Ctrl-C
LIMIT = 2.0  # the aim is 0.1; machines that run tests are busy
TRIES = 4

# What prints nothing before its end: it has to say that it was interrupted.
SILENT = [
    "map 0 0 1t rw -d m",
    "stats",
    "lint",
    "find --pa 0x1000:4k",
    "find --attr 'el1.x && ng && memory == device-nGRE'",
    "diff d d",
    "diff d d --descriptors",
    "assert d 'va 0 size 256g access rw- memory normal-nc'",
    "scan",
    "dump -F raw -o x.bin",
    "dump --expand -F json -o x.json",
    "dump --expand -F jsonl -o x.jsonl",
    "dump --expand -F csv -o x.csv",
    "dump -F ptdump --expand -o x.txt",
    "dump -o x.svg --expand",
    "mem save x.raw 0:2g",
    "mem save x.elf",
    "load saved.json",
    "load saved.bin",
    "build many.json -o x.c",
    "build huge.json -o y.bin",
    "build huge.json",
    "alloc nic 8g --attr alloc-single-pages",
    "mem load bomb.gz@0x10_0000_0000",
    "mem load fifo",
    "source fifo",
    "load fifo",
]

# What goes on for long, or for ever, and shows it.
LOUD = [
    "dump --expand -F csv",
    "dump --expand -F csv > x.csv",
    "dump --expand -F csv | cat > /dev/null",
    "dump --expand -F csv | sleep 100",
    "echo one | sleep 100",
    "mem read 0 1m; mem read 0 1m; mem read 0 1m; mem read 0 1m; mem read 0 1m; mem read 0 1m",
    "foreach i 0..0xffff_ffff 'let a $i'",
    "foreach i 0..0xffff_ffff 'foreach k 0..0xffff_ffff \"let a 1\"'",
    "foreach i 0..0xffff_ffff 'iova alloc space 1 --limit-pfn 0xffff_ffff_ffff'",
    "foreach i 0..0xffff_ffff 'alloc nic 4k'",
    "foreach i 0..0xffff_ffff 'translate 0x1000'",
    "foreach i 0..0xffff_ffff 'walk 0x1000'",
    "source endless.iopt",
]


def region(i, size):
    return {"name": "r%d" % i, "va": hex(0x100000000 + i * 0x3000), "pa": hex(0x80000000 + i * 0x3000),
            "size": size, "page_size": "4k", "memory": "normal-wb", "access": "rw-"}


def write_spec(path, regions):
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"schema": "iopt.spec/1", "format": "arm-64-lpae-s1", "granule": "4k", "ias": 48,
                   "oas": 48, "base": "0x40000000", "regions": regions}, f)


def write_inputs(program):
    write_spec("many.json", [region(i, "4k") for i in range(30000)])
    write_spec("huge.json", [region(0, "256g")])
    with open("endless.iopt", "w", encoding="utf-8") as f:
        f.write("let a 1\n" * 1000 + "foreach i 0..0xffff_ffff 'let a $i'\n")
    os.mkfifo("fifo")
    with os.popen("gzip -1 > bomb.gz", "w") as gzip:
        for _ in range(600):
            gzip.write("\0" * (1 << 20))
    pexpect.run("%s -c 'domain create d --page-sizes 4k; map 0 0 2g rw; dump --expand -F json -o"
                " saved.json; map 0x100000000 0 24g rw; dump -F raw -o saved.bin'" % program, timeout=300)


def begin(program):
    shell = start(program, os.getcwd(), timeout=100, maxread=1 << 20)
    for line in ("mem add 0 20g", "smmu add s0 --granules 4k", "iova new space",
                 "device add nic --smmu s0 --sid 1 --dma-mask 48", "domain create m --page-sizes 4k",
                 "domain create d --page-sizes 4k", "map 0 0 256g rw"):
        assert "error" not in ask(shell, line), shell.before
    return shell


def cancel(shell, line):
    """Seconds from Ctrl-C to the prompt, and what was shown."""
    shell.sendline(line)
    shell.expect(BEGUN)
    time.sleep(DELAY)
    begun = time.monotonic()
    shell.sendintr()
    shell.expect(PROMPT)
    return time.monotonic() - begun, shell.before


def check(shell, line, silent):
    """A fault, or None.  A machine that stands still gets another chance."""
    files = sorted(os.listdir("."))
    fault = None
    for _ in range(TRIES):
        seconds, shown = cancel(shell, line)
        print("%7.1f ms  %s" % (seconds * 1000, line))
        left = sorted(set(os.listdir(".")) - set(files))
        if left:
            return "%s leaves %s behind" % (line, left)
        shell.sendline("echo still here")  # another prompt may stand before it
        shell.expect("[\r\n]still here\r\n")
        shell.expect(PROMPT)
        fault = "%s: %.2f s" % (line, seconds) if seconds > LIMIT else None
        if silent and "nterrupted" not in shown:
            fault = "%s was not interrupted: %s" % (line, shown[-300:])
        if not fault:
            break
    return fault


def check_session(shell):
    """Everything is as it was."""
    assert "0x1234 -> 0x1234" in ask(shell, "translate 0x1234"), shell.before
    assert "translation fault" in ask(shell, "translate -d m 0x1234"), shell.before
    assert "leaves 0," in ask(shell, "stats -d m"), shell.before
    names = ask(shell, "domain list")
    assert "saved" not in names and "huge" not in names, names
    ask(shell, "dma check")
    shell.sendline("quit")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 0, shell.exitstatus


def main():
    need_terminal()
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        write_inputs(program)
        shell = begin(program)
        faults = [check(shell, line, True) for line in SILENT]
        faults += [check(shell, line, False) for line in LOUD]
        check_session(shell)
        os.chdir("/")
    faults = [x for x in faults if x]
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
