#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The open dumps in every container: the same mappings come out of each of them, whole.

containers_repack.py PROGRAM DUMPS"""
import glob
import gzip
import lzma
import os
import subprocess
import sys
import tempfile

import containers as c

HEXDUMP_BYTES = 1 << 19  # of a dump that is worth the time as text


def zstd_file(data):
    return subprocess.run(["zstd", "-q", "-c", "--no-progress"], input=data, capture_output=True, check=True).stdout


def binary_writers(memory):
    """(name, bytes) of one memory."""
    yield "elf64", c.elf(memory)
    yield "elf64-big-endian-headers", c.elf(memory, big=True)
    yield "lime", c.lime(memory)
    for codec, word in ((0, "stored"), (c.ZLIB, "zlib"), (c.ZSTD, "zstd"), (c.LZO, "lzo"), (c.SNAPPY, "snappy")):
        if word in ("lzo", "snappy") and not c.library({"lzo": "lzo2"}.get(word, word)):
            continue
        dump = c.Kdump(memory, codec)
        yield "kdump-" + word, dump.plain()
        yield "flattened-" + word, dump.flattened()
    yield "kdump-v1", c.Kdump(memory, version=1).plain()
    yield "kdump-one-bitmap", c.Kdump(memory, one_bitmap=True).plain()
    yield "kdump-big-endian", c.Kdump(memory, big=True).plain()
    yield "kdump-64k-pages", c.Kdump(memory, page=1 << 16).plain()
    yield "flattened-backwards", c.Kdump(memory).flattened(piece=5000, reverse=True)
    yield "flattened-elf", c.flatten([(0, c.elf(memory))])
    if memory[-1][0] < 1 << 32:
        yield "elf32", c.elf(memory, is64=False)
        start = memory[0][0] & ~0xfffff
        yield "kdump-32-packed", c.Kdump(memory, is64=False, phys_base=start, info=b"X=1\n").plain()
        yield "kdump-32-arm", c.Kdump(memory, is64=False, padded=True, phys_base=start, relative=True,
                                      info=b"X=1\n").plain()
    for name, pack in (("gz", gzip.compress), ("xz", lzma.compress), ("zst", zstd_file)):
        yield "elf." + name, pack(c.elf(memory))
        yield "kdump." + name, pack(c.Kdump(memory).flattened())


def text_writers(memory):
    for width in (1, 2, 4, 8):
        yield f"md{width}", c.md(memory, width).encode()
    yield "md4-two-spaces", c.md(memory, 4, "  ").encode()
    yield "xxd", c.xxd(memory).encode()
    yield "xxd-4", c.xxd(memory, 4).encode()
    yield "hexdump-C", c.canonical(memory).encode()
    yield "gdb", c.gdb(memory).replace("\n", "\r\n").encode()
    yield "hexdump-C.gz", gzip.compress(c.canonical(memory).encode())


def answer(program, path, registers, regime):
    p = subprocess.run([program, "-j", "-m", path, "domain", "open", "d", "--registers", registers, "--regime", regime],
                       capture_output=True, text=True, timeout=300, check=False)
    q = subprocess.run([program, "-m", path, "-c", f"domain open d --registers {registers} --regime {regime}; dump -F csv"],
                       capture_output=True, text=True, timeout=300, check=False)
    return (p.returncode, q.returncode, p.stdout, q.stdout, q.stderr.replace(path, "FILE"))


def main():
    program, folder = sys.argv[1:3]
    wanted = {"a57-small": "el1", "armv7-short": "el1", "kvm-a57-nvhe": "stage2", "uboot-arm64-el1": "el1", "uefi-arm": "el1"}
    asked = failed = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.elf.xz"))):
        base = path[:-len(".elf.xz")]
        regime = wanted.get(os.path.basename(base))
        if not regime:
            continue
        memory, _ = c.elf_memory(lzma.open(path).read())
        want = answer(program, path, base + ".regs.json", regime)
        if want[:2] != (0, 0) or want[3].count("\n") < 5:
            sys.exit(f"{path}: {want}")
        makers = list(binary_writers(memory))
        if sum(len(data) for _, data in memory) <= HEXDUMP_BYTES:
            makers += text_writers(memory)
        with tempfile.TemporaryDirectory() as tmp:
            for name, data in makers:
                file = os.path.join(tmp, name)
                with open(file, "wb") as f:
                    f.write(data)
                got = answer(program, file, base + ".regs.json", regime)
                asked += 1
                if got != want:
                    failed += 1
                    print(os.path.basename(base), name, "differs:", got[0], got[4][:300])
    print(f"{asked} files, {failed} failed")
    sys.exit(1 if failed or not asked else 0)


main()
