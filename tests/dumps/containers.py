# SPDX-License-Identifier: MIT
"""Writers of memory dumps: the same memory in every container that iopt reads.

A memory is a list of (address, bytes), rising, without overlaps; addresses and sizes suit pages."""
import ctypes
import ctypes.util
import struct
import zlib

ZLIB, LZO, SNAPPY, INCOMPLETE, ZSTD = 1, 2, 4, 8, 32


# ---- reading the ELF cores that the open dumps are ----

def elf_memory(data):
    """The PT_LOAD segments of an ELF core, and its VMCOREINFO (or b"")."""
    big = data[5] == 2
    order = ">" if big else "<"
    is64 = data[4] == 2
    if is64:
        phoff, = struct.unpack_from(order + "Q", data, 32)
        entry, count = struct.unpack_from(order + "HH", data, 54)
    else:
        phoff, = struct.unpack_from(order + "I", data, 28)
        entry, count = struct.unpack_from(order + "HH", data, 42)
    memory, info = [], b""
    for i in range(count):
        at = phoff + i * entry
        if is64:
            kind, _, offset, _, paddr, filesz, memsz = struct.unpack_from(order + "IIQQQQQ", data, at)
        else:
            kind, offset, _, paddr, filesz, memsz = struct.unpack_from(order + "IIIIII", data, at)
        if kind == 1:
            memory.append((paddr, data[offset:offset + filesz] + bytes(max(0, memsz - filesz))))
        elif kind == 4:
            info = info or note_of(data[offset:offset + filesz], order)
    return sorted(memory), info


def note_of(notes, order="<"):
    while len(notes) >= 12:
        name, size, _ = struct.unpack_from(order + "III", notes)
        at = 12 + (name + 3) // 4 * 4
        if notes[12:12 + name].rstrip(b"\0") == b"VMCOREINFO":
            return notes[at:at + size]
        notes = notes[at + (size + 3) // 4 * 4:]
    return b""


def vmcoreinfo_note(info, order="<"):
    pad = bytes(-len(info) % 4)
    return struct.pack(order + "III", 11, len(info), 0) + b"VMCOREINFO\0\0" + info + pad


def pages_of(memory, size):
    """{page number: bytes}; what a page lacks is zero."""
    pages = {}
    for address, data in memory:
        at = 0
        while at < len(data):
            number, inside = divmod(address + at, size)
            part = data[at:at + size - inside]
            if inside or len(part) < size:
                page = bytearray(pages.get(number, bytes(size)))
                page[inside:inside + len(part)] = part
                part = bytes(page)
            pages[number] = part
            at += size - inside
    return pages


# ---- compressors ----

def library(name):
    path = ctypes.util.find_library(name)
    return ctypes.CDLL(path) if path else None


def zstd(page):
    lib = library("zstd")
    out = ctypes.create_string_buffer(2 * len(page) + 100)
    lib.ZSTD_compress.restype = ctypes.c_size_t
    n = lib.ZSTD_compress(out, ctypes.c_size_t(len(out)), page, ctypes.c_size_t(len(page)), 3)
    return out.raw[:n]


def lzo(page):
    lib = library("lzo2")
    out = ctypes.create_string_buffer(2 * len(page) + 100)
    work = ctypes.create_string_buffer(1 << 20)
    n = ctypes.c_size_t(len(out))
    lib.lzo1x_1_compress(page, ctypes.c_size_t(len(page)), out, ctypes.byref(n), work)
    return out.raw[:n.value]


def snappy(page):
    lib = library("snappy")
    out = ctypes.create_string_buffer(2 * len(page) + 100)
    n = ctypes.c_size_t(len(out))
    lib.snappy_compress(page, ctypes.c_size_t(len(page)), out, ctypes.byref(n))
    return out.raw[:n.value]


COMPRESSORS = {0: None, ZLIB: lambda page: zlib.compress(page, 1), ZSTD: zstd, LZO: lzo, SNAPPY: snappy}


# ---- containers ----

def elf(memory, info=b"", is64=True, big=False, machine=183, note_only=False):
    order = ">" if big else "<"
    note = vmcoreinfo_note(info, order) if info else b""
    loads = [] if note_only else memory
    count = len(loads) + bool(note)
    ehdr, phdr = (64, 56) if is64 else (52, 32)
    at = ehdr + count * phdr
    ident = b"\x7fELF" + bytes([2 if is64 else 1, 2 if big else 1, 1]) + bytes(9)
    head = struct.pack(order + ("HHIQQQIHHHHHH" if is64 else "HHIIIIIHHHHHH"), 4, machine, 1, 0, ehdr, 0, 0,
                       ehdr, phdr, count, 0, 0, 0)
    headers, body = b"", b""
    for kind, address, data in ([(4, 0, note)] if note else []) + [(1, a, d) for a, d in loads]:
        offset = at + len(body)
        if is64:
            headers += struct.pack(order + "IIQQQQQQ", kind, 7, offset, address, address, len(data), len(data), 0)
        else:
            headers += struct.pack(order + "IIIIIIII", kind, offset, address, address, len(data), len(data), 7, 0)
        body += data
    return ident + head + headers + body


def lime(memory):
    return b"".join(struct.pack("<IIQQQ", 0x4c694d45, 1, address, address + len(data) - 1, 0) + data
                    for address, data in memory)


class Kdump:
    """Fields that tests may change before the bytes are made."""

    def __init__(self, memory, codec=ZLIB, page=4096, is64=True, big=False, version=6, info=b"", padded=False,
                 excluded=(), phys_base=0, relative=False, split=0, one_bitmap=False):
        self.codec, self.page, self.is64, self.big, self.version = codec, page, is64, big, version
        self.info, self.padded, self.phys_base, self.split = info, padded, phys_base, split
        self.pages = pages_of(memory, page)
        self.excluded = set(excluded)
        if relative:
            first = phys_base // page
            self.pages = {n - first: p for n, p in self.pages.items()}
            self.excluded = {n - first for n in self.excluded}
        self.max_mapnr = max(set(self.pages) | self.excluded) + 1
        self.one_bitmap = one_bitmap
        self.status = codec

    def pack(self, fmt, *values):
        return struct.pack((">" if self.big else "<") + fmt, *values)

    def header(self, sub_blocks, bitmap_blocks):
        raw = b"KDUMP   " + self.pack("i", self.version)
        raw += b"".join(s.ljust(65, b"\0") for s in (b"Linux", b"host", b"6.1.0", b"#1", b"aarch64", b""))
        raw = raw.ljust(424 if self.is64 else 412, b"\0")
        return raw + self.pack("IIIIIIIIII", self.status, self.page, sub_blocks, bitmap_blocks,
                               self.max_mapnr & 0xffffffff, len(self.pages), 0, len(self.pages), 0, 1)

    def sub_header(self, info_at):
        """After the C struct of a 64-bit kernel, of a packed or of an aligned 32-bit one."""
        word = "Q" if self.is64 else "I"
        raw = self.pack(word + "ii", self.phys_base, self.codec and 31, self.split)
        raw += self.pack(word * 2, 0, self.max_mapnr if self.split else 0)

        def pair(raw, offset, size):
            if self.padded:
                raw += bytes(-len(raw) % 8)
            return raw + self.pack("Q" + word, offset, size)
        raw = pair(raw, info_at if self.info else 0, len(self.info))
        raw = pair(pair(raw, 0, 0), 0, 0)
        if self.padded:
            raw += bytes(-len(raw) % 8)
        return raw + self.pack("QQQ", 0, self.max_mapnr if self.split else 0, self.max_mapnr)

    def bitmap(self, numbers, size):
        bits = bytearray(size)
        for n in numbers:
            bits[n >> 3] |= 1 << (n & 7)
        return bytes(bits)

    def descriptors(self, at):
        """Descriptors and data; all pages of zeros are one."""
        data_at = at + 24 * len(self.pages)
        descs, data, zeros = [], [], None
        compress = COMPRESSORS[self.codec]
        for number in sorted(self.pages):
            page = self.pages[number]
            if not any(page) and zeros:
                descs.append(zeros)
                continue
            packed = compress(page) if compress else page
            flags = self.codec
            if len(packed) >= self.page:
                packed, flags = page, 0
            desc = self.pack("QIIQ", data_at, len(packed), flags, 0)
            if not any(page):
                zeros = desc
            descs.append(desc)
            data.append(packed)
            data_at += len(packed)
        return b"".join(descs), b"".join(data)

    def parts(self):
        """[(offset, bytes)] as they follow each other."""
        page = self.page
        one = -(-(-(-self.max_mapnr // 8)) // page) * page
        info_at = page + 256
        sub = (self.sub_header(info_at).ljust(256, b"\0") + self.info)
        sub_blocks = -(-len(sub) // page)
        count = 1 if self.one_bitmap else 2
        parts = [(0, self.header(sub_blocks, count * one // page)), (page, sub)]
        at = (1 + sub_blocks) * page
        if not self.one_bitmap:
            parts.append((at, self.bitmap(set(self.pages) | self.excluded, one)))
            at += one
        parts.append((at, self.bitmap(self.pages, one)))
        descs, data = self.descriptors(at + one)
        return parts + [(at + one, descs), (at + one + len(descs), data)]

    def plain(self):
        parts = self.parts()
        out = bytearray(parts[-1][0] + len(parts[-1][1]))
        for offset, data in parts:
            out[offset:offset + len(data)] = data
        return bytes(out)

    def flattened(self, piece=1 << 16, reverse=False):
        return flatten(self.parts(), piece, reverse)


def flatten(parts, piece=1 << 16, reverse=False):
    pieces = [(offset + i, data[i:i + piece]) for offset, data in parts for i in range(0, len(data), piece)]
    if reverse:
        pieces.reverse()
    out = [b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1)]
    out[0] = out[0].ljust(4096, b"\0")
    for offset, data in pieces:
        out += [struct.pack(">qq", offset, len(data)), data]
    return b"".join(out + [struct.pack(">qq", -1, -1)])


# ---- text ----

def characters(data):
    return "".join(chr(b) if 0x20 <= b < 0x7f else "." for b in data)


def md(memory, width, gap="    "):
    """U-Boot's md: groups are little-endian numbers."""
    lines = [f"=> md.{'.bw.l...q'[width]} {memory[0][0]:x}"]
    for address, data in memory:
        for at in range(0, len(data), 16):
            row = data[at:at + 16]
            groups = [f"{int.from_bytes(row[i:i + width], 'little'):0{2 * width}x}" for i in range(0, len(row), width)]
            lines.append(f"{address + at:08x}: {' '.join(groups)}{gap}{characters(row)}")
    return "\n".join(lines) + "\n"


def xxd(memory, group=2):
    lines = []
    for address, data in memory:
        for at in range(0, len(data), 16):
            row = data[at:at + 16]
            groups = " ".join(row[i:i + group].hex() for i in range(0, len(row), group))
            lines.append(f"{address + at:08x}: {groups:<{32 + 16 // group - 1}}  {characters(row)}")
    return "\n".join(lines) + "\n"


def canonical(memory):
    """hexdump -C, with its stars."""
    lines = []
    for address, data in memory:
        before, star = None, False
        for at in range(0, len(data), 16):
            row = data[at:at + 16]
            if row == before:
                if not star:
                    lines.append("*")
                star = True
                continue
            before, star = row, False
            lines.append(f"{address + at:08x}  {row[:8].hex(' ')}  {row[8:].hex(' ')}  |{characters(row)}|")
        lines.append(f"{address + len(data):08x}")
    return "\n".join(lines) + "\n"


def gdb(memory):
    """x/2gx, or QEMU's xp."""
    lines = []
    for address, data in memory:
        for at in range(0, len(data), 16):
            words = struct.unpack_from("<QQ", data, at)
            lines.append(f"0x{address + at:x} <table+{at}>:\t0x{words[0]:016x}\t0x{words[1]:016x}")
    return "\n".join(lines) + "\n"
