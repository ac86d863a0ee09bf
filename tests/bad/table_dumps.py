# SPDX-License-Identifier: MIT
"""Binary dumps: ELF cores, kdumps, flattened ones, LiME, and what may be around them."""
import gzip
import lzma
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dumps"))
import containers as c  # noqa: E402  pylint: disable=wrong-import-position

MEMORY = [(0x1000, bytes(range(256)) * 16), (0x4000, b"\x55" * 4096)]
LOAD = ["-m", "bad", "mem", "read", "0x1000", "4"]
LOAD_AT = ["-m", "bad@0x1000", "mem", "read", "0x1000", "4"]
MAX = (1 << 64) - 1


def edited(data, *edits):
    """(offset, format, value) each."""
    out = bytearray(data)
    for offset, form, value in edits:
        struct.pack_into(form, out, offset, value)
    return bytes(out)


def cuts(prefix, data, table):
    """One row for each (bytes that are left, words)."""
    for left, words in table:
        yield f"{prefix}-cut-at-{left}", data[:left], LOAD, 3, words


def edits(prefix, data, table):
    for name, edit, status, words in table:
        yield f"{prefix}-{name}", edited(data, *edit), LOAD, status, words


def elf64(big):
    order = ">" if big else "<"
    good = c.elf(MEMORY, big=big)
    prefix = "elf64-big" if big else "elf64"
    at = 64

    def ph(field, value, number=0):
        offset = {"offset": 8, "paddr": 24, "filesz": 32, "memsz": 40}[field]
        return (at + 56 * number + offset, order + "Q", value)
    yield from cuts(prefix, good, [(n, "truncated: an ELF header") for n in (5, 15, 16, 20, 40, 63)])
    yield from cuts(prefix, good, [(n, "truncated: program headers") for n in (64, 65, 100, 175)])
    yield from cuts(prefix, good, [(n, "truncated: a segment") for n in (176, 177, 2000, 4271, 4273, 8000, len(good) - 1)])
    yield from edits(prefix, good, [
        ("class-0", [(4, "B", 0)], 3, "ELF of unknown class 0"),
        ("class-3", [(4, "B", 3)], 3, "ELF of unknown class 3"),
        ("data-0", [(5, "B", 0)], 3, "data 0"),
        ("data-9", [(5, "B", 9)], 3, "data 9"),
        ("version-0", [(6, "B", 0)], 3, "version 0"),
        ("version-2", [(6, "B", 2)], 3, "version 2"),
        ("no-headers", [(56, order + "H", 0)], 3, "no segment of it is memory"),
        ("entry-of-55", [(54, order + "H", 55)], 3, "program headers of 55 bytes"),
        ("entry-of-0", [(54, order + "H", 0)], 3, "program headers of 0 bytes"),
        ("entry-of-32", [(54, order + "H", 32)], 3, "program headers of 32 bytes"),
        ("phoff-past-end", [(32, order + "Q", 1 << 40)], 3, "truncated: program headers"),
        ("phoff-max", [(32, order + "Q", MAX)], 3, "truncated: program headers"),
        ("phoff-wraps", [(32, order + "Q", MAX - 100)], 3, "truncated: program headers"),
        ("count-fffe", [(56, order + "H", 0xfffe)], 3, "truncated: program headers"),
        ("xnum-without-section", [(56, order + "H", 0xffff)], 3, "no section header has the number"),
        ("xnum-section-outside", [(56, order + "H", 0xffff), (40, order + "Q", 1 << 30)], 3, "truncated: a section header"),
        ("xnum-section-max", [(56, order + "H", 0xffff), (40, order + "Q", MAX)], 3, "truncated: a section header"),
        ("xnum-too-many", [(56, order + "H", 0xffff), (40, order + "Q", 200), (200 + 44, order + "I", 0xffffffff)], 4, "program headers"),
        ("xnum-past-end", [(56, order + "H", 0xffff), (40, order + "Q", 200), (200 + 44, order + "I", 100000)], 3, "truncated: program headers"),
        ("paddr-wraps", [ph("paddr", MAX - 100)], 3, "leave the address space"),
        ("memsz-wraps", [ph("memsz", MAX)], 3, "leave the address space"),
        ("filesz-max", [ph("filesz", MAX)], 3, "leave the address space"),
        ("filesz-huge", [ph("filesz", 1 << 40)], 3, "truncated: a segment of 0x10000000000 bytes"),
        ("offset-max", [ph("offset", MAX)], 3, "truncated: a segment"),
        ("offset-past-end", [ph("offset", 1 << 20)], 3, "at offset 0x100000"),
        ("second-offset", [ph("offset", 1 << 20, 1)], 3, "at offset 0x100000"),
        ("second-filesz", [ph("filesz", 4097, 1)], 3, "truncated: a segment of 0x1001 bytes"),
        ("all-notes", [(at, order + "I", 4), (at + 56, order + "I", 4)], 3, "no segment of it is memory"),
        ("all-null", [(at, order + "I", 0), (at + 56, order + "I", 0)], 3, "no segment of it is memory"),
        ("all-empty", [ph("filesz", 0), ph("memsz", 0), ph("filesz", 0, 1), ph("memsz", 0, 1)], 3, "no segment of it is memory"),
    ])


def elf32():
    for big in (False, True):
        order, prefix = (">", "elf32-big") if big else ("<", "elf32")
        good = c.elf(MEMORY, is64=False, big=big)
        yield from cuts(prefix, good, [(n, "truncated: an ELF header") for n in (16, 30, 51)])
        yield from cuts(prefix, good, [(n, "truncated: program headers") for n in (52, 53, 115)])
        yield from cuts(prefix, good, [(n, "truncated: a segment") for n in (116, 5000, len(good) - 1)])
        yield from edits(prefix, good, [
            ("entry-of-56", [(42, order + "H", 56)], 3, "program headers of 56 bytes"),
            ("no-headers", [(44, order + "H", 0)], 3, "no segment of it is memory"),
            ("phoff-max", [(28, order + "I", 0xffffffff)], 3, "truncated: program headers"),
            ("xnum-without-section", [(44, order + "H", 0xffff)], 3, "no section header has the number"),
            ("filesz-max", [(52 + 16, order + "I", 0xffffffff)], 3, "truncated: a segment"),
            ("offset-max", [(52 + 4, order + "I", 0xffffffff)], 3, "truncated: a segment"),
        ])


def kdump(prefix, dump, flat=None):
    """'flat': makes the file from the bytes of the dump."""
    is64, big = dump.is64, dump.big
    order = ">" if big else "<"
    good = dump.plain()
    head = 424 if is64 else 412
    sub = 4096
    split = sub + (12 if is64 else 8)
    mapnr = sub + (96 if is64 else 88 if dump.padded else 72)
    descs = 4096 * 4
    fields = "contradict each other"
    make = flat or (lambda data: data)

    def e(name, table, status, words):
        return f"{prefix}-{name}", make(edited(good, *table)), LOAD, status, words
    yield e("version-7", [(8, order + "I", 7)], 3, "a kdump header of version")
    yield e("version-max", [(8, order + "I", 0xffffffff)], 3, "a kdump header of version")
    for value in (0, 1, 512, 4095, 4097, 1 << 17, 0x80000000, 0xffffffff):
        yield e(f"block-size-{value}", [(head + 4, order + "I", value)], 3, fields)
    for value in (0, 1 << 20, 0xffffffff):
        yield e(f"sub-blocks-{value}", [(head + 8, order + "I", value)], 3, fields)
    for value in (0, 1 << 20, 0xffffffff):
        yield e(f"bitmap-blocks-{value}", [(head + 12, order + "I", value)], 3, fields)
    yield e("no-pages", [(head + 16, order + "I", 0)], 3, fields)
    yield e("pages-past-bitmap", [(head + 16, order + "I", 0x7fffffff)], 3, fields)
    yield e("pages-64-past-bitmap", [(mapnr, order + "Q", 1 << 32 | 5)], 3, "contradict the header's")
    yield e("pages-64-differ", [(mapnr, order + "Q", 77)], 3, "contradict the header's")
    yield e("pages-64-max", [(mapnr, order + "Q", MAX)], 3, "contradict the header's")
    yield e("split", [(split, order + "I", 1)], 3, "one part of a split dump")
    yield e("status-incomplete-nothing", [(head, order + "I", 8), (0x2000, "B", 0), (0x3000, "B", 0)], 3, "no page of it is memory")
    yield e("empty-bitmaps", [(0x2000, "B", 0), (0x3000, "B", 0)], 3, "no page of it is memory")
    yield e("page-past-end", [(descs, order + "Q", 1 << 30)], 3, "truncated: a page")
    yield e("page-at-max", [(descs, order + "Q", MAX)], 3, "truncated: a page")
    yield e("page-of-4-gib", [(descs + 8, order + "I", 0xffffffff)], 3, "truncated: a page of 0xffffffff bytes")
    yield e("second-page-past-end", [(descs + 24, order + "Q", 1 << 30)], 3, "truncated: a page")
    if not flat:
        for left in (8, 9, 100, 463):
            yield f"{prefix}-cut-at-{left}", good[:left], LOAD, 3, "truncated: a kdump header"
        for left in (464, 4096, 8192, 0x3000, 0x3fff):
            yield f"{prefix}-cut-at-{left}", good[:left], LOAD, 3, "or the file is truncated"
        for left in (descs, descs + 1, descs + 47):
            yield f"{prefix}-cut-at-{left}", good[:left], LOAD, 3, "truncated: page descriptors"
        for left in (descs + 48, len(good) - 1):
            yield f"{prefix}-cut-at-{left}", good[:left], LOAD, 3, "truncated: a page"
    yield f"{prefix}-with-base", make(good), LOAD_AT, 2, "a kdump has addresses of its own"


def walk_rows():
    """Pages that are left out or damaged: the dump opens, the walk says what is wrong."""
    table = (0x40000705).to_bytes(8, "little") * 512
    root = (0x2003).to_bytes(8, "little") * 512
    good = c.Kdump([(0x1000, root), (0x2000, table)], page=4096)
    write = ["-m", "bad", "mem", "write", "0x2000", "1"]
    out = good.plain()
    descs = 4096 * 4
    excluded = c.Kdump([(0x1000, root)], excluded=[2]).plain()
    yield "kdump-excluded-write", excluded, write, 1, "0x2000 is in a page that the dump leaves out"
    yield "kdump-absent-write", c.Kdump([(0x1000, root)]).plain(), write, 1, "0x2000 is not in the memory"
    for name, edit in (("no-data", [(descs + 24, "<Q", 0)]), ("no-size", [(descs + 24 + 8, "<I", 0)]),
                       ("stored-short", [(descs + 24 + 12, "<I", 0)]), ("two-codecs", [(descs + 24 + 12, "<I", 33)]),
                       ("not-zstd", [(descs + 24 + 12, "<I", 32)]), ("too-large", [(descs + 24 + 8, "<I", 4097)]),
                       ("not-zlib", [(descs + 48 + 60, "<Q", MAX)] + [(len(out) - 20, "<Q", MAX)])):
        data = edited(out + bytes(8192), *edit)
        yield f"kdump-page-{name}", data, write, 1, "0x2000 cannot be read: the dump is damaged there"


def flat_rows():
    dump = c.Kdump(MEMORY)
    good = dump.flattened(piece=3000)
    piece = 4096

    def e(name, table, status, words):
        return f"flat-{name}", edited(good, *table), LOAD, status, words
    for left in (16, 32, 4095):
        yield f"flat-cut-at-{left}", good[:left], LOAD, 3, "truncated: the header of a flattened dump"
    for left in (4096, 4097, 4111, len(good) - 1, len(good) - 16):
        yield f"flat-cut-at-{left}", good[:left], LOAD, 3, "truncated: a piece's header"
    for left in (4112, 5000, len(good) - 17):
        yield f"flat-cut-at-{left}", good[:left], LOAD, 3, "truncated: a piece of"
    for value in (0, 2, MAX):
        yield e(f"type-{value}", [(16, ">Q", value)], 3, "a flattened dump of unknown type")
        yield e(f"version-{value}", [(24, ">Q", value)], 3, "a flattened dump of unknown type")
    yield e("no-piece", [(piece, ">Q", MAX), (piece + 8, ">Q", MAX)], 3, "a flattened dump of nothing")
    for name, offset, size in (("empty-piece", 0, 0), ("negative-offset", 1 << 63, 10), ("offset-max", MAX, 10),
                               ("size-negative", 0, 1 << 63), ("wraps", MAX - 5, 10), ("past-2-63", (1 << 63) - 5, 10)):
        yield e(name, [(piece, ">Q", offset), (piece + 8, ">Q", size)], 3, "bad piece at offset 0x1000")
    yield e("size-past-end", [(piece + 8, ">Q", 1 << 40)], 3, "truncated: a piece of 0x10000000000 bytes")
    yield "flat-of-raw", c.flatten([(0, b"nothing known" * 100)]), LOAD, 2, "raw contents need an address"
    yield "flat-of-flat", c.flatten([(0, good)]), LOAD, 2, "raw contents need an address"
    yield "flat-hole-first", c.flatten([(100, b"KDUMP   ")]), LOAD, 2, "raw contents need an address"


def lime_rows():
    good = c.lime(MEMORY)

    def e(name, table, words):
        return f"lime-{name}", edited(good, *table), LOAD, 3, words
    for left in (4, 5, 31, 32 + 4096 + 1, 32 + 4096 + 31):
        yield f"lime-cut-at-{left}", good[:left], LOAD, 3, "truncated: a LiME header"
    for left in (32, 33, 4000, 32 + 4095, len(good) - 1):
        yield f"lime-cut-at-{left}", good[:left], LOAD, 3, "truncated: a range"
    for value in (0, 2, 0x01000000, 0xffffffff):
        yield e(f"version-{value}", [(4, "<I", value)], "a LiME header of unknown version")
    yield e("second-magic", [(32 + 4096, "<I", 0)], "no LiME header at offset 0x1020")
    yield e("second-version", [(32 + 4096 + 4, "<I", 3)], "unknown version 3 at offset 0x1020")
    yield e("backwards", [(8, "<Q", 0x3000), (16, "<Q", 0x2fff)], "ends (0x2fff) before it begins (0x3000)")
    yield e("all-space", [(8, "<Q", 0), (16, "<Q", MAX)], "truncated: a range")
    yield e("last-max", [(16, "<Q", MAX)], "truncated: a range")
    yield e("too-long", [(16, "<Q", 0x10000000)], "truncated: a range")
    yield e("too-short", [(16, "<Q", 0x1ffe)], "no LiME header")
    yield "lime-with-base", good, LOAD_AT, 2, "a LiME dump has addresses of its own"
    yield "lime-trailing", good + b"x", LOAD, 3, "truncated: a LiME header of 0x20 bytes"
    yield "lime-trailing-zeros", good + bytes(32), LOAD, 3, "no LiME header"


def packed_rows():
    plain = c.elf(MEMORY)
    zst = subprocess.run(["zstd", "-q", "-c", "-"], input=plain, capture_output=True, check=True).stdout
    for name, data, least in (("gzip", gzip.compress(plain), 10), ("xz", lzma.compress(plain), 12), ("zstd", zst, 9)):
        for left in sorted({least, least + 1, len(data) // 3, len(data) // 2, len(data) - 9, len(data) - 4, len(data) - 1}):
            yield f"{name}-cut-at-{left}", data[:left], LOAD, 3, f"bad {name} data"
        for at in (len(data) // 3, len(data) // 2, len(data) - 3):
            if name != "zstd" or at != len(data) - 3:
                yield f"{name}-turned-at-{at}", edited(data, (at, "B", data[at] ^ 0x5a)), LOAD, 3, ""
        yield f"{name}-of-nothing", {"gzip": gzip.compress(b""), "xz": lzma.compress(b"")}.get(
            name, bytes.fromhex("28b52ffd2400010000")[:9] + bytes.fromhex("99e9d851")), LOAD, 3, "is empty" if name != "zstd" else ""
        yield f"{name}-of-raw", {"gzip": gzip.compress, "xz": lzma.compress}.get(
            name, lambda x: subprocess.run(["zstd", "-q", "-c", "-"], input=x, capture_output=True, check=True).stdout)(
                b"raw words"), LOAD, 2, "raw contents need an address"
        yield f"{name}-with-junk-behind", data + b"junk", LOAD, 3, f"bad {name} data"
        yield f"{name}-magic-alone", data[:6], LOAD, 3, f"bad {name} data"


def rows():
    for row in (*elf64(False), *elf64(True), *elf32(), *flat_rows(), *lime_rows(), *walk_rows(), *packed_rows()):
        yield row
    yield from kdump("kdump", c.Kdump(MEMORY))
    yield from kdump("kdump-big", c.Kdump(MEMORY, big=True))
    yield from kdump("kdump-32", c.Kdump(MEMORY, is64=False))
    yield from kdump("kdump-flat", c.Kdump(MEMORY), lambda data: c.flatten([(0, data)], piece=3000))
    for name, data in (("empty", b""), ("one-zero", b"\0"), ("magic-of-elf", b"\x7fELF"), ("junk", b"\xff" * 100), ("words", b"hello world\n"),
                       ("almost-elf", b"\x7fELG" + bytes(100)), ("almost-kdump", b"KDUMP  x" + bytes(1000)), ("almost-lime", b"EMiX" + bytes(100)),
                       ("almost-flat", b"makedumpfilx" + bytes(5000))):
        status, words = {"empty": (3, "is empty"), "magic-of-elf": (3, "truncated: an ELF header")}.get(name, (2, "raw contents need an address"))
        yield f"raw-{name}", data, LOAD, status, words
    for base in ("0xffffffffffffffff", "0xfffffffffffffff1"):
        yield f"raw-past-end-{base}", bytes(32), ["-m", "bad@" + base, "mem", "list"], 1, "leave the 64-bit address space"
    for base in ("zz", "1g1", "0x", "-5", "0x1ffffffffffffffff"):
        yield f"raw-at-{base}", bytes(32), ["-m", "bad@" + base, "mem", "list"], 2, ""
