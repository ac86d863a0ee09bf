# SPDX-License-Identifier: MIT
"""Random tables of short descriptors."""

from machine import CODE, CODE_END
from tables import Entry, NoRoom, safe_to_fetch

SECTION, SUPERSECTION, LARGE, SMALL = 20, 24, 16, 12
TABLE_BYTES = 1024


def short_oa(rng, shift, bits):
    for _ in range(8):
        oa = rng.randrange(CODE, CODE_END) if rng.random() < 0.4 else rng.getrandbits(bits)
        oa &= -(1 << shift)
        if safe_to_fetch(oa, 1 << shift):
            return oa
    return None


class ShortTree:
    """One first-level table and what hangs below it."""

    def __init__(self, rng, arena, access_flag, big_endian):
        self.rng, self.arena = rng, arena
        self.access_flag, self.order = access_flag, "big" if big_endian else "little"
        self.entries = []

    def build(self, index_bits, base, vectors=None, tables=40):
        """vectors: (address, oa) of a small page that PL1 may execute, in domain 0."""
        rng = self.rng
        root = self.arena.alloc(4 << index_bits, 4 << index_bits)
        count = 1 << index_bits
        slots = set(range(count)) if count <= 512 else set(rng.sample(range(count), 300))
        slots.update((0, count - 1))
        below = set(rng.sample(sorted(slots), min(tables, len(slots) // 2)))
        for slot in sorted(slots):
            address = base + (slot << SECTION)
            word = self.table(address) if slot in below else self.section(address)
            self.store(root + 4 * slot, word)
        if vectors:
            slot = vectors[0] - base >> SECTION
            self.store(root + 4 * slot, self.vector_table(*vectors))
        return root

    def store(self, address, word):
        self.arena.write(address, word.to_bytes(4, self.order))

    def permissions(self):
        """AP[2:0], XN, PXN: not the reserved 0b100, and nothing unfetchable that is unaccessed."""
        rng = self.rng
        if self.access_flag:
            accessed = rng.random() < 0.9
            ap = rng.getrandbits(2) << 1 | accessed
            if not accessed:
                return ap, 0, 0
        else:
            ap = rng.choice((0, 1, 1, 2, 3, 3, 5, 6, 7))
        return ap, rng.random() < 0.3, rng.random() < 0.3

    def section(self, address):
        rng = self.rng
        self.entries.append(Entry(address, 1 << SECTION))
        what = rng.random()
        if what < 0.1:
            return rng.getrandbits(32) & ~3
        ap, xn, pxn = self.permissions()
        big = what < 0.4
        oa = short_oa(rng, SUPERSECTION if big else SECTION, rng.randint(31, 40) if big else 32)
        if oa is None:
            return 0
        word = 2 | pxn | rng.getrandbits(2) << 2 | xn << 4 | (ap & 3) << 10 | \
            rng.getrandbits(3) << 12 | (ap >> 2) << 15 | rng.getrandbits(3) << 16 & 3 << 16
        word |= rng.getrandbits(1) << 19
        if big:
            return word | 1 << 18 | oa & 0xff000000 | (oa >> 32 & 15) << 20 | (oa >> 36) << 5
        return word | oa | rng.getrandbits(4) << 5

    def table(self, address):
        rng = self.rng
        try:
            table = self.arena.alloc(TABLE_BYTES, TABLE_BYTES)
        except NoRoom:
            return 0
        run = rng.randrange(256 - 24)
        for slot in sorted({0, 255, *range(run, run + 24), *rng.sample(range(256), 40)}):
            self.store(table + 4 * slot, self.page(address + (slot << SMALL)))
        return table | 1 | rng.getrandbits(1) << 2 | rng.getrandbits(1) << 3 | \
            rng.getrandbits(4) << 5

    def page(self, address):
        rng = self.rng
        self.entries.append(Entry(address, 1 << SMALL))
        what = rng.random()
        if what < 0.1:
            return rng.getrandbits(32) & ~3
        ap, xn, _ = self.permissions()
        large = what < 0.4
        oa = short_oa(rng, LARGE if large else SMALL, 32)
        if oa is None:
            return 0
        word = oa | rng.getrandbits(2) << 2 | (ap & 3) << 4 | (ap >> 2) << 9 | \
            rng.getrandbits(2) << 10
        if large:
            return word | 1 | rng.getrandbits(3) << 12 | xn << 15
        return word | 2 | xn | rng.getrandbits(3) << 6

    def vector_table(self, address, oa):
        table = self.arena.alloc(TABLE_BYTES, TABLE_BYTES)
        ap = 5 << 4 & 0x30 | 1 << 9  # PL1 reads, with and without an access flag
        self.store(table + 4 * (address >> SMALL & 255), oa | ap | 2)
        return table | 1
