# SPDX-License-Identifier: MIT
"""Random AArch32 settings: long descriptors, short ones, stage 2, and both stages."""

from machine import VECTORS_EL1
from setting import Ask, Setting, aim, asks, stray
from settings_a64 import (MIB, READ_ONLY_EL1, SCTLR_EE, SCTLR_M, SCTLR_WXN,
                          Stage1Bits, Stage2, Stage2Bits, finish, random_mair)
from short import ShortTree
from tables import Arena, Geometry, Page, Ram, Tree, start_level

SCTLR, SCTLR_UWXN, SCTLR_TRE, SCTLR_AFE = 0x00c50078, 1 << 20, 1 << 28, 1 << 29
TTBCR_EAE = 1 << 31
HCR_VM, HCR_DC = 1, 1 << 12
FETCHES = [Ask("fetch_pl1", "x", 1), Ask("fetch_pl0", "x", 0)]


class LongBits(Stage1Bits):
    def table_bits(self):
        return super().table_bits() & ~(1 << 51)


class LongStage2Bits(Stage2Bits):
    def leaf_bits(self, layout):
        return super().leaf_bits(layout) & ~(1 << 53 | 1 << 51)

    def table_bits(self):
        return super().table_bits() & ~(1 << 51)


def three_quarters(base, bits, page=1):
    return base + (3 << bits - 2) + (page << 12)


def quarter(base, bits, page=1):
    return base + (1 << bits - 2) + (page << 12)


class Addresses:
    """What is asked of a 32-bit space."""

    def addresses(self, count):
        rng = self.rng
        covered = [(0, 32), *self.covered]
        return [(stray(rng, covered) if rng.random() < 0.04 else aim(rng, self.entries))
                & 0xffffffff for _ in range(count)]


class LongStage1(Addresses):
    """TTBCR.EAE = 1."""

    def __init__(self, rng, ram, s2=None):
        self.rng = rng
        self.sizes = [rng.choice((0, 0, 1, 2, 3, rng.randint(0, 7))) for _ in range(2)]
        self.big = rng.random() < 0.2
        self.wxn = rng.random() < 0.25
        self.uwxn = rng.random() < 0.35
        self.epd = [False, rng.random() < 0.15]
        if self.sizes != [0, 0] and rng.random() < 0.3:
            self.epd.reverse()
        self.entries, self.known, self.covered, self.roots = [], [], [], []
        vectors_in = int(self.epd[0])
        for half in (0, 1):
            self.build(half, half == vectors_in, ram, s2)

    def build(self, half, has_vectors, ram, s2):
        ias = 32 - self.sizes[half]
        base = (1 << 32) - (1 << ias) if half else 0
        geometry = Geometry(12, ias, 40, start_level(12, ias), "40", base, self.big)
        arena = s2.arena(ram) if s2 else Arena(ram, MIB)
        tree = Tree(self.rng, arena, geometry, LongBits(self.rng, True),
                    s2.entries if s2 else ())
        pages = []
        if has_vectors:
            address = (three_quarters if half else quarter)(base, ias)
            pages = [Page(address, VECTORS_EL1, READ_ONLY_EL1)]
            self.known.append((address, VECTORS_EL1))
        self.roots.append(tree.build(pages, align=32))
        self.covered.append((base, ias))
        self.entries += tree.entries

    def registers(self):
        mair = random_mair(self.rng)
        ttbcr = TTBCR_EAE | self.sizes[0] | self.sizes[1] << 16 | self.epd[0] << 7 | \
            self.epd[1] << 23 | self.rng.getrandbits(1) << 22 | 0x3500 | 0x35 << 24 & 0x3f000000
        sctlr = SCTLR | SCTLR_M | self.wxn * SCTLR_WXN | self.uwxn * SCTLR_UWXN | \
            self.big * SCTLR_EE
        roots = [root | self.rng.getrandbits(8) << 48 for root in self.roots]
        return {"ttbcr": ttbcr, "ttbr0": roots[0], "ttbr1": roots[1], "sctlr": sctlr,
                "mair0": mair & 0xffffffff, "mair1": mair >> 32}

    def words(self):
        flags = "".join(f" {name}" for name in ("wxn", "uwxn") if getattr(self, name))
        return (f"t0sz {self.sizes[0]} t1sz {self.sizes[1]}" + " epd0" * self.epd[0] +
                " epd1" * self.epd[1] + flags + " be" * self.big)


class LongStage2(Stage2):
    """Stage 2 of AArch32."""

    def random_geometry(self):
        self.ha = self.hd = self.fwb = self.ds = False
        while True:
            ias = self.rng.choice((40, 32, self.rng.randint(31 if self.nested else 25, 40)))
            levels = [level for level in (1, 2) if 1 <= ias - 12 - 9 * (3 - level) <= 13]
            if levels:
                return Geometry(12, ias, 40, self.rng.choice(levels), "40", 0, self.big)

    def bits(self):
        return LongStage2Bits(self.rng, False)

    def registers(self):
        g = self.geometry
        size = 32 - g.ias & 15
        vtcr = 1 << 31 | size | (size >> 3) << 4 | (2 - g.start_level) << 6 | 0x3500
        return {"vtcr": vtcr, "vttbr": self.root | self.rng.getrandbits(8) << 48, "hcr": HCR_VM,
                "hsctlr": 0x30c50878 | self.big * SCTLR_EE}

    def addresses(self, count):
        return [address & 0xffffffff for address in super().addresses(count)]


class ShortStage1(Addresses):
    """TTBCR.EAE = 0."""

    def __init__(self, rng, ram):
        self.rng = rng
        self.n = rng.choice((0, 0, 1, 2, rng.randint(0, 7)))
        self.big = rng.random() < 0.2
        self.afe, self.tre = rng.random() < 0.4, rng.random() < 0.5
        self.pd = [False, self.n > 0 and rng.random() < 0.2]
        if self.n and rng.random() < 0.3:
            self.pd.reverse()
        self.entries, self.known, self.roots = [], [], []
        self.covered = [(0, 32 - self.n)]
        vectors_in = int(self.pd[0])
        for half in (0, 1):
            self.build(half, half == vectors_in, ram)

    def build(self, half, has_vectors, ram):
        bits = 32 if half else 32 - self.n
        tree = ShortTree(self.rng, Arena(ram, 512 << 10), self.afe, self.big)
        vectors = None
        if has_vectors:
            vectors = ((three_quarters if half else quarter)(0, bits), VECTORS_EL1)
            self.known.append(vectors)
        self.roots.append(tree.build(bits - 20, 0, vectors))
        self.entries += tree.entries

    def registers(self):
        rng = self.rng
        ttbcr = self.n | self.pd[0] << 4 | self.pd[1] << 5
        sctlr = SCTLR | SCTLR_M | self.afe * SCTLR_AFE | self.tre * SCTLR_TRE | self.big * SCTLR_EE
        # a manager may do everything, but QEMU then forgets the access flag too
        words = (0, 1, 1) if self.afe else (0, 1, 1, 3)
        dacr = 1 | sum(rng.choice(words) << 2 * domain for domain in range(1, 16))
        return {"ttbcr": ttbcr, "ttbr0": self.roots[0] | 0x4a, "ttbr1": self.roots[1] | 0x4a,
                "sctlr": sctlr, "dacr": dacr, "mair0": rng.getrandbits(32) & 0xff0aaaaa,
                "mair1": rng.getrandbits(32)}

    def words(self):
        return f"n {self.n}" + " pd0" * self.pd[0] + " pd1" * self.pd[1] + " afe" * self.afe + \
            " tre" * self.tre + " be" * self.big


def setting(kind, words, registers, regime, stem, vectors):
    made = Setting(kind, "a32", words, registers, regime,
                   asks({1: stem + "p", 0: stem + "u"}), FETCHES)
    made.extra = {"vbar": vectors}
    return made


def lpae(rng, count):
    ram = Ram()
    s1 = LongStage1(rng, ram)
    made = setting("a32-lpae", s1.words(), s1.registers(), "el1", "s1c", s1.known[0][0])
    return finish(made, ram, s1, count)


def v7s(rng, count):
    ram = Ram()
    s1 = ShortStage1(rng, ram)
    made = setting("a32-v7s", s1.words(), s1.registers(), "el1", "short_", s1.known[0][0])
    # for the guest PRRR and NMRR are the same registers as MAIR0 and MAIR1
    made.names = {"mair0": "prrr", "mair1": "nmrr"}
    made.has_memory, made.short = False, True
    return finish(made, ram, s1, count)


def stage2(rng, count):
    ram = Ram()
    s2 = LongStage2(rng, ram, False)
    registers = s2.registers()
    registers["hcr"] |= HCR_DC
    made = setting("a32-stage2", s2.words(), registers, "stage2", "s12nso", VECTORS_EL1)
    made.extra.update(sctlr=SCTLR, ttbcr=TTBCR_EAE)  # so that PL1 reports in the long form
    if not s2.known:
        made.fetches = []
    return finish(made, ram, s2, count)


def nested(rng, count):
    ram = Ram()
    s2 = LongStage2(rng, ram, True)
    s1 = LongStage1(rng, ram, s2)
    made = setting("a32-nested", f"{s1.words()}; {s2.words()}",
                   {**s1.registers(), **s2.registers()}, "el1", "s12nso", s1.known[0][0])
    made.nested = True
    return finish(made, ram, s1, count)
