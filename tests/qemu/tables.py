# SPDX-License-Identifier: MIT
"""Random tables of 64-bit descriptors: shapes and bits, as the manual's figures draw them."""

import dataclasses

from machine import CODE, CODE_END, RAM, RAM_SIZE, TABLES, TABLES_END

TABLE, VALID = 2, 1


class NoRoom(Exception):
    pass


class Ram:
    """The part of RAM that holds tables."""

    def __init__(self):
        self.bytes = bytearray(TABLES_END - TABLES)
        self.used = 0

    def write(self, address, data):
        start = address - TABLES
        self.bytes[start:start + len(data)] = data

    def contents(self):
        return bytes(self.bytes[:self.used])


class Arena:
    """Gives out a part of the RAM; 'called' is where its first byte is for whoever walks it."""

    def __init__(self, ram, size, align=1 << 16, called=None):
        self.ram = ram
        self.start = (TABLES + ram.used + align - 1) & -align
        self.end = self.start + size
        if self.end > TABLES_END:
            raise NoRoom
        ram.used = self.end - TABLES
        self.next = self.start
        self.offset = 0 if called is None else called - self.start

    def alloc(self, size, align):
        address = (self.next + align - 1) & -align
        if address + size > self.end:
            raise NoRoom
        self.next = address + size
        return address + self.offset

    def write(self, address, data):
        self.ram.write(address - self.offset, data)


@dataclasses.dataclass
class Geometry:
    """One table tree: what its registers say."""
    granule_shift: int
    ias: int
    oas: int
    start_level: int
    layout: str = "48"  # how output addresses are stored: 48, lpa, lpa2, 40 (AArch32)
    base: int = 0  # of the input addresses: all ones above for TTBR1
    big_endian: bool = False

    @property
    def stride(self):
        return self.granule_shift - 3

    @property
    def root_bits(self):
        return self.ias - self.shift(self.start_level)

    def shift(self, level):
        return self.granule_shift + self.stride * (3 - level)

    def leaf_levels(self):
        first = {12: 1, 14: 2, 16: 2}[self.granule_shift]
        return range(first - (self.layout in ("lpa", "lpa2")), 4)

    def encode(self, oa):
        if self.layout == "lpa":
            return oa & 0xffffffff0000 | oa >> 48 << 12
        if self.layout == "lpa2":
            return oa & 0x3fffffffff000 | oa >> 50 << 8
        return oa


def start_level(granule_shift, ias):
    return 4 - -(-(ias - granule_shift) // (granule_shift - 3))


@dataclasses.dataclass
class Entry:
    """Something that a query may aim at: the addresses that one descriptor is for."""
    address: int
    size: int


@dataclasses.dataclass
class Page:
    """A leaf that must be where it is: vectors, the guest itself, stage 1's tables."""
    address: int
    oa: int
    bits: int


def safe_to_fetch(oa, size):
    """Nothing but our code and what is no memory at all."""
    if CODE <= oa and oa + size <= CODE_END:
        return True
    return oa >= RAM + RAM_SIZE


def random_oa(rng, size, oas, targets=()):
    """An output address that suits 'size'; None if none was found."""
    for _ in range(8):
        kind = rng.random()
        if targets and kind < 0.8:
            target = rng.choice(targets)
            oa = target.address + rng.randrange(max(1, target.size))
        elif kind < 0.3:
            oa = rng.randrange(CODE, CODE_END)
        elif kind < 0.5:
            oa = 1 << rng.randrange(31, oas)
        else:
            oa = rng.getrandbits(rng.randint(31, oas))
        oa &= -size
        if targets or safe_to_fetch(oa, size):
            return oa & ((1 << oas) - 1)
    return None


class Tree:
    """Fills an arena with one table tree.  'maker' knows the regime's attribute bits."""

    WIDTH = {0: (1, 1), 1: (2, 3), 2: (3, 4), 3: (4, 6), 4: (4, 6)}

    def __init__(self, rng, arena, geometry, maker, targets=()):
        self.rng, self.arena, self.geometry, self.maker = rng, arena, geometry, maker
        self.targets = targets
        self.entries = []
        self.known = {}  # level -> tables there, to be used twice

    def build(self, pages=(), align=64):
        g = self.geometry
        depth = 3 - g.start_level
        self.width = self.rng.randint(*self.WIDTH[min(depth, 4)]) if depth < 3 else \
            self.rng.randint(2, 4 if depth == 3 else 3)
        return self.table(g.start_level, g.base, g.root_bits, list(pages), align)

    def slots(self, bits):
        if bits <= 5:
            return list(range(1 << bits))
        count = 1 << bits
        run = self.rng.randrange(count - 24)
        some = {0, 1, count - 1, *range(run, run + 24)}
        some.update(self.rng.randrange(count) for _ in range(72))
        return sorted(some)

    def table(self, level, base, bits, pages, align=0):
        g, rng = self.geometry, self.rng
        size = 8 << bits
        address = self.arena.alloc(size, max(size, align))
        own = {}
        for page in pages:
            own.setdefault((page.address - base) >> g.shift(level), []).append(page)
        slots = [slot for slot in self.slots(bits) if slot not in own]
        below = set(rng.sample(slots, min(len(slots), self.width))) if level < 3 else ()
        words = {}
        for slot, inner in own.items():
            words[slot] = self.forced(level, base + (slot << g.shift(level)), inner)
        for slot in slots:
            start = base + (slot << g.shift(level))
            words[slot] = self.below(level, start) if slot in below else self.other(level, start)
        self.store(address, words)
        return address

    def store(self, address, words):
        order = "big" if self.geometry.big_endian else "little"
        for slot, word in words.items():
            self.arena.write(address + 8 * slot, word.to_bytes(8, order))

    def forced(self, level, base, pages):
        g = self.geometry
        if level == 3:
            return g.encode(pages[0].oa) | pages[0].bits | TABLE | VALID
        return g.encode(self.table(level + 1, base, g.stride, pages)) | TABLE | VALID

    def below(self, level, base):
        """A table descriptor, sometimes to a table that is already used elsewhere."""
        g, rng = self.geometry, self.rng
        known = self.known.setdefault(level + 1, [])
        if known and rng.random() < 0.1:
            table = rng.choice(known)
            self.entries.append(Entry(base, 1 << g.shift(level)))
        else:
            try:
                table = self.table(level + 1, base, g.stride, [])
            except NoRoom:
                return self.other(level, base)
            known.append(table)
        return g.encode(table) | self.maker.table_bits() | TABLE | VALID

    def other(self, level, base):
        """A leaf, an address that does not fit, or nothing."""
        g, rng = self.geometry, self.rng
        self.entries.append(Entry(base, 1 << g.shift(level)))
        what = rng.random()
        if what < 0.08 or (level not in g.leaf_levels() and what < 0.7):
            return self.nothing(level)
        beyond = self.beyond(level) if what < 0.12 or level not in g.leaf_levels() else None
        if beyond is not None:
            table = TABLE if level == 3 or level not in g.leaf_levels() or rng.random() < 0.3 else 0
            return beyond | self.maker.leaf_bits(g.layout) | table | VALID
        if level not in g.leaf_levels():
            return 0
        oa = random_oa(rng, 1 << g.shift(level), g.oas, self.targets)
        if oa is None:
            return 0
        return g.encode(oa) | self.maker.leaf_bits(g.layout) | (TABLE if level == 3 else 0) | VALID

    def nothing(self, level):
        word = self.rng.choice((0, self.rng.getrandbits(64)))
        if level == 3 and word & 4:
            return word & ~TABLE | VALID  # reserved: no block at the last level
        return word & ~VALID

    def beyond(self, level):
        """Address bits above the output size; None where none can be written."""
        g, rng = self.geometry, self.rng
        if g.layout == "40" or g.oas >= 48:
            return None
        low = g.shift(level) if level in g.leaf_levels() else g.granule_shift
        oa = 1 << rng.randrange(max(g.oas, low), 48) | rng.getrandbits(48)
        return oa & -(1 << low) & ((1 << 48) - 1)
