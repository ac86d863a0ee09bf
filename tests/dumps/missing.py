#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a dump does not have, and why: absent, excluded, unreadable, and descriptors that are
invalid are told apart by every command that meets them.  missing.py PROGRAM"""
import json
import os
import struct
import subprocess
import sys
import tempfile

import containers as c

ROOT, GOOD, EXCLUDED, DAMAGED, ABSENT = 0x1000, 0x2000, 0x3000, 0x4000, 0x9000


def dump():
    """A level 1 table whose entries lead to a table, and to three that cannot be read."""
    root = struct.pack("<6Q", GOOD | 3, EXCLUDED | 3, DAMAGED | 3, ABSENT | 3, 0, 0x40000701).ljust(4096, b"\0")
    page = struct.pack("<2Q", 0x40000701, 0).ljust(4096, b"\0")
    data = bytearray(c.Kdump([(ROOT, root), (GOOD, page), (DAMAGED, page)], excluded=[3]).plain())
    at = struct.unpack_from("<Q", data, 4 * 4096 + 2 * 24)[0]
    data[at:at + 8] = b"\xff" * 8
    return bytes(data)


def main():
    program = os.path.abspath(sys.argv[1])
    script = ("domain open d --registers ttbr0=0x1000,tcr=0x200800019\n"
              "translate 0 0x40000000 0x80000000 0xc0000000 0x100000000 0x140000000\n"
              "walk 0x40000000 0x80000000 0xc0000000 0x100000000\n"
              "mem read 0x2ff8 0x1010\nmem read 0x3ffc 8\nmem read 0x4ffc 8\nmem write 0x4000 1\n")
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "dump")
        with open(path, "wb") as f:
            f.write(dump())
        done = subprocess.run([program, "-j", "-k", "-m", path, "-f", "-"], input=script, capture_output=True, text=True,
                              timeout=60, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]

    def of(command):
        return [r for r in results if r["command"] == command]
    got = [(r["pa"], r.get("fault", {}).get("type"), r.get("fault", {}).get("memory")) for r in of("translate")]
    want = [("0x40000000", None, None), (None, "external", "excluded"), (None, "external", "unreadable"),
            (None, "external", "absent"), (None, "translation", None), ("0x40000000", None, None)]
    faults = [] if got == want else [f"translate: {got}"]
    got = [(r["steps"][-1]["type"], r["why"][-1].split("0x")[-1].split(" ", 1)[-1]) for r in of("walk")]
    want = [("excluded", "is in a page that the dump leaves out"), ("unreadable", "cannot be read: the dump is damaged there"),
            ("absent", "is not in the memory"), ("invalid", "descriptor is invalid")]
    faults += [] if got == want else [f"walk: {got}"]
    reads = of("mem read")
    got = [(r.get("absent"), r.get("excluded"), r.get("unreadable"), r["data"][-16:]) for r in reads]
    want = [(None, [["0x3000", "0x3fff"]], [["0x4000", "0x4007"]], "!" * 16),
            (None, [["0x3ffc", "0x3fff"]], [["0x4000", "0x4003"]], "xxxxxxxx!!!!!!!!"),
            ([["0x5000", "0x5003"]], None, [["0x4ffc", "0x4fff"]], "!!!!!!!!........")]
    faults += [] if got == want else [f"mem read: {got}"]
    message = of("mem write")[0]["error"]
    if message["code"] != "EFAULT" or "the dump is damaged there" not in message["message"]:
        faults.append(f"mem write: {message}")
    print("\n".join(faults) or "all told apart")
    return 1 if faults else 0


sys.exit(main())
