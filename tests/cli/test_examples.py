#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples of 'help COMMAND' run: test_examples.py PROGRAM SOURCE

Those of one command are one script, after what it takes for granted.  A negative answer is one;
usage, a missing file or an error that the manual does not speak of is not.  The last line is a
checksum of all that was said.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

TABLES = "domain create d0\nmap 0 0x8000_0000 64k rw\n"
BOARD = "smmu add s0\ndevice add nic --smmu s0 --sid 0x100\n"
VMCORE = "mem load vmcore.elf\n"

# What comes before the examples of a command; others begin with TABLES.
BEFORE = {
    "mem add": "", "mem load": "mem add 0x8000_0000 1m\n", "mem write": "mem add 0x8000_0000 1m\n",
    "domain create": "", "domain open": VMCORE, "dtb load": "", "mem reserve": "", "cma add": "mem add 0x9000_0000 64m\n", "map": "domain create d0\n", "foreach": "domain create d0\ndomain create d1\n",
    "smmu add": "", "smmu decode": "mem load smmu.elf\n",
    "translate": TABLES + "mem load smmu.elf\nsmmu decode --registers smmu.regs.json --sid 32\n", "device add": "smmu add s0\n", "attach": BOARD, "alloc": BOARD, "free": BOARD + "alloc nic 0x5000 ring\n",
    "dma map-sg": BOARD, "dma map-page": BOARD, "dma unmap": BOARD, "dma sync": BOARD, "dma access": BOARD, "pool create": BOARD, "trace": BOARD, "iova alloc": "iova new dma\n", "let": "domain create d0\n",
}
# A command that fails on purpose, and the code that it has.
FAILS = {"free ring --size 0x1000": "ENOENT"}
SAID = hashlib.sha256()


def run(program, options, script):
    done = subprocess.run([program, *options, "-f", "-"], input=script, capture_output=True, text=True, timeout=int(os.environ.get("IOPT_TEST_TIMEOUT", "60")), check=False)
    SAID.update((done.stdout + done.stderr).encode())
    return done.returncode, [json.loads(x) for x in done.stdout.splitlines()], done.stderr


def check(program, source, board, name, examples):
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        for there, here in (("testdata/dumps/a57-small.elf.xz", "vmcore.elf"), ("testdata/dumps/a57-small.regs.json", "vmcore.regs.json"),
                            ("docs/specs/board.json", "board.json"), ("testdata/dumps/a57-smmu-bypass.elf.xz", "smmu.elf"),
                            ("testdata/dumps/a57-smmu-bypass.regs.json", "smmu.regs.json")):
            os.symlink(os.path.join(source, there), here)
        os.symlink(board, "board.dtb")
        open("board.iopt", "w", encoding="utf-8").write(BOARD)
        open("tables.bin", "wb").write(bytes(4096))
        open("console.log", "w", encoding="utf-8").write("=> md.l 40000000 4\n40000000: 00000003 00000000 00000000 00000000    ................\n")
        before = BEFORE.get(name, TABLES)
        lines = [x for x in examples if not x.startswith("iopt ")]
        status, results, stderr = run(program, ["-j", "-k", "-q"], before + "\n".join(lines) + "\n")
        shells = [subprocess.run(["bash", "-c", x], capture_output=True, text=True, check=False) for x in examples if x.startswith("iopt ")]
        os.chdir("/")
    SAID.update("".join(x.stdout + x.stderr for x in shells).encode())
    faults = [r["error"]["message"] for r in results if "error" in r and r["error"]["code"] not in FAILS.values()]
    faults += [x.stderr for x in shells if x.returncode > 1]
    if status > 1 or faults or not (results or shells):
        return ["%s: exit %d: %s\n%s" % (name, status, "; ".join(faults), stderr)]
    return []


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    os.environ["PATH"] = os.path.dirname(program) + ":" + os.environ["PATH"]
    listed = subprocess.run([program, "-j", "help"], capture_output=True, text=True, check=True).stdout
    faults, count = [], 0
    with tempfile.TemporaryDirectory() as tmp:
        board = os.path.join(tmp, "board.dtb")
        subprocess.run(["dtc", "-q", "-O", "dtb", "-o", board, os.path.join(source, "testdata/dts/smmuv3-server.dts")], check=True)
        for row in map(json.loads, listed.splitlines()):
            name = row.get("name") or row.get("topic")
            if row.get("examples"):
                count += len(row["examples"])
                faults += check(program, source, board, name, row["examples"])
    print("%d examples, %s" % (count, SAID.hexdigest()))
    print("\n".join(faults))
    return 1 if faults or not count else 0


sys.exit(main())
