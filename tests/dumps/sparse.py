#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A dump of 1 TiB with a thousand tables all over it costs what the tables cost: sparse.py PROGRAM

As an ELF core and as a kdump, walked whole, in 1,000,000 KiB of address space; the most memory that
is held is asserted, and no time."""
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time

import containers as c

TIB, TABLES = 1 << 40, 1000
LIMIT = 1000000 * 1024
RSS_MAX_KIB = 128 << 10
STRIDE = TIB // TABLES & ~0xfffff


def tables():
    """{address: bytes}: a root, two tables of level 1 and 997 of level 2, far from each other."""
    at = [i * STRIDE for i in range(TABLES)]
    made = {a: bytearray(4096) for a in at}
    for i in range(1, 3):
        struct.pack_into("<Q", made[0], 8 * (i - 1), at[i] | 3)
    for i in range(3, TABLES):
        parent, slot = at[1 + (i - 3) // 512], (i - 3) % 512
        struct.pack_into("<Q", made[parent], 8 * slot, at[i] | 3)
        # two blocks that are no neighbours
        struct.pack_into("<QQQ", made[at[i]], 0, 0x40000705, 0, 0x80000705)
    return made


def write_elf(path, made):
    header = bytearray(c.elf([(0, b"")]))
    struct.pack_into("<QQQQQ", header, 64 + 8, 0x1000, 0, 0, TIB, TIB)
    with open(path, "wb") as f:
        f.write(header)
        for address, data in made.items():
            f.seek(0x1000 + address)
            f.write(data)
        f.truncate(0x1000 + TIB)


def write_kdump(path, made):
    """The bitmaps are for 1 TiB, and have a bit for each table."""
    dump = c.Kdump([(a, bytes(d)) for a, d in made.items()], excluded=[TIB // 4096 - 1])
    with open(path, "wb") as f:
        for offset, data in dump.parts():
            f.seek(offset)
            f.write(data)


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


def main():
    program = os.path.abspath(sys.argv[1])
    made, faults, peak = tables(), [], 0
    with tempfile.TemporaryDirectory() as tmp:
        for name, write in (("elf", write_elf), ("kdump", write_kdump)):
            path = os.path.join(tmp, name)
            try:
                write(path, made)
            except OSError as error:
                print("no room for a sparse file of 1 TiB:", error)
                return 77
            registers = "ttbr0=0,tcr=0x200800010"
            for command in (["mem", "read", "0", "8"], ["-r", registers, "dump", "-F", "csv"]):
                begun = time.monotonic()
                done = subprocess.run([program, "-m", path, *command], capture_output=True, text=True, preexec_fn=limited,
                                      timeout=300, check=False)
                print(f"{name} {command[-1]}: {time.monotonic() - begun:.3f} s")
                lines = done.stdout.count("\n")
                if done.returncode or lines != (1 if "read" in command else 1 + 2 * (TABLES - 3)):
                    faults.append(f"{name} {command}: exit {done.returncode}, {lines} lines: {done.stderr[:300]}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if peak > RSS_MAX_KIB:
        faults.append(f"{peak} KiB were held at once")
    print("\n".join(faults))
    print(f"at most {peak} KiB held")
    return 1 if faults else 0


sys.exit(main())
