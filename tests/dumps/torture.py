#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Small good files of every container, for the program that spoils them: torture.py TORTURE COUNT [SEED]"""
import gzip
import lzma
import os
import subprocess
import sys
import tempfile

import containers as c

INFO = b"PAGESIZE=4096\nSYMBOL(swapper_pg_dir)=ffffffc010000000\n"


def some_memory():
    """A little of everything: words, zeros, noise."""
    words = b"".join((0x40000703 + (i << 12)).to_bytes(8, "little") for i in range(128))
    noise = bytes((i * i * 31 + 7 * i) & 255 for i in range(1024))
    return [(0x2000, words + bytes(1024) + noise), (0x8000, words), (0xffff0000, noise)]


def seeds():
    memory = some_memory()
    low = memory[:2]
    yield c.elf(memory, INFO)
    yield c.elf(memory, INFO, is64=False, big=True)
    yield c.lime(memory)
    for codec in (0, c.ZLIB, c.ZSTD, c.LZO, c.SNAPPY):
        if codec in (c.LZO, c.SNAPPY) and not c.library({c.LZO: "lzo2", c.SNAPPY: "snappy"}[codec]):
            continue
        yield c.Kdump(low, codec, page=1024, info=INFO, excluded=[12, 13, 20]).plain()
    yield c.Kdump(low, page=1024, is64=False, padded=True, phys_base=0x2000, relative=True).plain()
    yield c.Kdump(low, page=1024, big=True, excluded=[9]).flattened(piece=500)
    yield c.flatten([(0, c.elf(memory))], piece=700, reverse=True)
    yield c.md(low, 4).encode()
    yield c.md(low, 8).encode()
    yield c.xxd(low).encode()
    yield c.canonical(low).encode()
    yield c.gdb(low).encode()
    yield gzip.compress(c.lime(memory))
    yield lzma.compress(c.elf(memory))


def main():
    torture, count = sys.argv[1:3]
    seed = sys.argv[3] if len(sys.argv) > 3 else "1"
    with tempfile.TemporaryDirectory() as tmp:
        names = []
        for i, data in enumerate(seeds()):
            names.append(os.path.join(tmp, str(i)))
            with open(names[-1], "wb") as f:
                f.write(data)
        return subprocess.run([torture, count, seed] + names, check=False).returncode


sys.exit(main())
