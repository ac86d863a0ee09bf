# SPDX-License-Identifier: MIT
"""Random AArch64 settings: EL1&0, EL2, EL2&0, EL3, stage 2, and stage 1 over stage 2."""

from machine import GUEST, GUEST_SIZE, VECTORS_EL1, VECTORS_EL2
from setting import Ask, Setting, aim, asks, stray
from tables import Arena, Geometry, Page, Ram, Tree, start_level

TG0 = {12: 0, 14: 2, 16: 1}
TG1 = {12: 2, 14: 1, 16: 3}
OAS = (32, 36, 40, 42, 44, 48, 52)
MIB = 1 << 20

SCTLR_WXN, SCTLR_EE, SCTLR_M = 1 << 19, 1 << 25, 1
SCTLR_RES1 = {1: 0x30d00800, 2: 0x30c50830, 3: 0x30c50830}
HCR_RW, HCR_TGE, HCR_E2H, HCR_VM, HCR_DC, HCR_FWB = 1 << 31, 1 << 27, 1 << 34, 1, 1 << 12, 1 << 46
AF = 1 << 10
READ_ONLY_EL1, PRIVILEGED_CODE = 2 << 6 | AF, 1 << 54
MEMORY_TYPES = (0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0xff, 0xff, 0xf4, 0x4f, 0xaa, 0xee)


class Stage1Bits:
    """Attributes of stage 1 descriptors."""

    def __init__(self, rng, two_ranges, hd=False, wild_tables=False):
        self.rng, self.two_ranges, self.hd, self.wild = rng, two_ranges, hd, wild_tables

    def leaf_bits(self, layout):
        rng = self.rng
        bits = rng.getrandbits(3) << 2 | rng.getrandbits(1) << 5
        bits |= rng.getrandbits(2) << 6 | (rng.random() < 0.93) * AF
        if layout != "lpa2":
            bits |= rng.choice((0, 2, 3)) << 8
        bits |= rng.getrandbits(3) << 50 & (1 << 52 if layout == "40" else -1)
        bits |= (rng.random() < 0.3) << 54 | rng.getrandbits(9) << 55
        if self.two_ranges:
            bits |= rng.getrandbits(1) << 11 | (rng.random() < 0.3) << 53
            if self.hd and bits >> 51 & bits >> 6 & 1:
                # a clean page becomes writable for EL0, and then nothing for EL1 to execute
                bits |= 1 << 53
        else:
            bits |= 1 << 6
        return bits

    def table_bits(self):
        rng = self.rng
        often = 0.6 if self.wild else 0.12
        bits = rng.getrandbits(1) << 63 | rng.getrandbits(8) << 51
        bits |= (rng.random() < often) << 62 | (rng.random() < often) << 60
        if self.two_ranges:
            bits |= (rng.random() < often) << 61 | (rng.random() < often) << 59
        return bits


class Stage2Bits:
    """Attributes of stage 2 descriptors; its tables have none."""

    PLAIN = (0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 15, 15)
    FORCED = (0, 1, 2, 3, 5, 6, 7, 7)

    def __init__(self, rng, fwb):
        self.rng, self.types = rng, self.FORCED if fwb else self.PLAIN

    def leaf_bits(self, layout):
        rng = self.rng
        bits = rng.choice(self.types) << 2 | rng.choice((0, 1, 2, 3, 3, 3)) << 6
        bits |= (rng.random() < 0.93) * AF
        if layout != "lpa2":
            bits |= rng.choice((0, 2, 3)) << 8
        return bits | rng.getrandbits(2) << 51 | rng.choice((0, 0, 1, 2, 3)) << 53 | \
            rng.getrandbits(4) << 55

    def table_bits(self):
        return self.rng.getrandbits(8) << 51


def random_geometry(rng, ds, ips, upper=False, big_endian=False):
    granule = rng.choice((12, 14, 16))
    lpa2 = ds and granule != 16
    smallest = 12 if lpa2 or granule == 16 else 16
    tsz = rng.choice((smallest, 16, 25, rng.randint(smallest, 45), rng.randint(16, 39)))
    ias = 64 - tsz
    layout = "lpa2" if lpa2 else "lpa" if granule == 16 and ips == 6 else "48"
    oas = OAS[ips] if layout != "48" else min(48, OAS[ips])
    base = (1 << 64) - (1 << ias) if upper else 0
    return Geometry(granule, ias, oas, start_level(granule, ias), layout, base, big_endian)


def ttbr(rng, address, two_ranges=True):
    return address | rng.getrandbits(1) | (rng.getrandbits(8) << 48 if two_ranges else 0)


def random_mair(rng):
    return sum(rng.choice(MEMORY_TYPES) << 8 * i for i in range(8))


class HalfChoice:
    """What TCR says of each half beyond its geometry."""

    def __init__(self, rng, halves):
        self.halves = halves
        self.epd = [rng.random() < 0.12, False] if len(halves) > 1 else [False]
        if rng.random() < 0.5:
            self.epd.reverse()
        self.tbi = [rng.random() < 0.4 for _ in halves]
        self.tbid = [tbi and rng.random() < 0.3 for tbi in self.tbi]
        self.hpd = [rng.random() < 0.2 for _ in halves]


def tcr_two_ranges(rng, choice, ips, ha, hd, ds):
    low, high = choice.halves
    tcr = 64 - low.ias | TG0[low.granule_shift] << 14 | (64 - high.ias) << 16
    tcr |= TG1[high.granule_shift] << 30 | ips << 32 | ha << 39 | hd << 40 | ds << 59
    tcr |= rng.getrandbits(6) << 8 & 0x3f00 & ~0x1000 | rng.getrandbits(1) << 22 | 3 << 28
    for half in (0, 1):
        tcr |= choice.epd[half] << (7, 23)[half] | choice.tbi[half] << 37 + half
        tcr |= choice.hpd[half] << 41 + half | choice.tbid[half] << 51 + half
    return tcr


def tcr_one_range(choice, ips, ha, hd, ds):
    g = choice.halves[0]
    return (64 - g.ias | TG0[g.granule_shift] << 14 | ips << 16 | choice.tbi[0] << 20 | ha << 21 |
            hd << 22 | 1 << 23 | choice.hpd[0] << 24 | choice.tbid[0] << 29 | 1 << 31 | ds << 32)


def tags(rng, choice):
    """A function that puts a tag on an address where the top byte is ignored."""
    def tagged(address):
        half = address >> 55 & 1 if len(choice.halves) > 1 else 0
        if choice.tbi[half] and rng.random() < 0.3:
            return address & ~(0xff << 56) | rng.getrandbits(8) << 56
        return address
    return tagged


def last_page(geometry, page):
    """Where the vectors go: in the middle of a half, a place like any other."""
    return geometry.base + (1 << geometry.ias - 1) + page * (1 << geometry.granule_shift)


def vector_page(geometry, oa, bits):
    address = last_page(geometry, 1)
    return Page(address, oa & -(1 << geometry.granule_shift), bits)


class Stage1:
    """Tables, registers and addresses of one stage 1 regime."""

    def __init__(self, rng, ram, el, two_ranges, s2=None):
        self.rng, self.el, self.two_ranges = rng, el, two_ranges
        self.ips = rng.choice((0, 1, 2, 3, 4, 5, 5, 6, 6, 6))
        self.ds = rng.random() < 0.4
        self.ha = rng.random() < 0.4
        self.hd = self.ha and rng.random() < 0.6
        self.wxn = not self.hd and rng.random() < 0.25
        big = rng.random() < 0.2
        if s2:  # its tables must be within reach
            self.ips = max(self.ips, next(i for i, oas in enumerate(OAS) if oas >= s2.reach))
        halves = [random_geometry(rng, self.ds, self.ips, half == 1, big)
                  for half in range(1 + two_ranges)]
        self.choice = HalfChoice(rng, halves)
        self.sctlr = SCTLR_RES1[el] | SCTLR_M | 0x1004 | self.wxn * SCTLR_WXN | big * SCTLR_EE
        self.build(ram, s2)

    def build(self, ram, s2):
        self.entries, self.roots, self.known = [], [], []
        enabled = [i for i, epd in enumerate(self.choice.epd) if not epd]
        vectors_in = self.rng.choice(enabled)
        for half, geometry in enumerate(self.choice.halves):
            maker = Stage1Bits(self.rng, self.two_ranges, self.hd, self.choice.hpd[half])
            arena = s2.arena(ram) if s2 else Arena(ram, 3 * MIB)
            tree = Tree(self.rng, arena, geometry, maker, s2.entries if s2 else ())
            pages = self.pages(geometry) if half == vectors_in else []
            self.roots.append(tree.build(pages))
            self.entries += tree.entries

    def pages(self, geometry):
        """The vectors; at EL3 the guest itself, which runs on these tables for a moment."""
        if self.el == 3:
            step = 1 << geometry.granule_shift
            self.known.append((GUEST, GUEST))
            return [Page(GUEST + i, GUEST + i, READ_ONLY_EL1 | 1 << 6)
                    for i in range(0, GUEST_SIZE, step)]
        bits = READ_ONLY_EL1 | (PRIVILEGED_CODE if self.two_ranges else 1 << 6)
        page = vector_page(geometry, VECTORS_EL1 if self.el == 1 else VECTORS_EL2, bits)
        self.known.append((page.address, page.oa))
        return [page]

    def registers(self):
        el, rng = self.el, self.rng
        registers = {f"sctlr_el{el}": self.sctlr, f"mair_el{el}": random_mair(rng)}
        make = [ttbr(rng, root, self.two_ranges) for root in self.roots]
        registers.update({f"ttbr{half}_el{el}": value for half, value in enumerate(make)})
        if self.two_ranges:
            tcr = tcr_two_ranges(rng, self.choice, self.ips, self.ha, self.hd, self.ds)
        else:
            tcr = tcr_one_range(self.choice, self.ips, self.ha, self.hd, self.ds)
        return {**registers, f"tcr_el{el}": tcr}

    def addresses(self, count):
        rng = self.rng
        covered = [(g.base, g.ias) for g in self.choice.halves]
        tagged = tags(rng, self.choice)
        return [stray(rng, covered) if rng.random() < 0.04 else aim(rng, self.entries, tagged)
                for _ in range(count)]

    def words(self):
        halves = ", ".join(f"{1 << g.granule_shift - 10}k/{g.ias} {g.layout}"
                           f"{' epd' * epd}{' tbi' * tbi}{' tbid' * tbid}{' hpd' * hpd}"
                           for g, epd, tbi, tbid, hpd in
                           zip(self.choice.halves, self.choice.epd, self.choice.tbi,
                               self.choice.tbid, self.choice.hpd))
        flags = "".join(f" {name}" for name in ("ds", "ha", "hd", "wxn") if getattr(self, name))
        return f"{halves}; oas {OAS[self.ips]}{flags}" + " be" * self.choice.halves[0].big_endian


class Stage2:
    """Tables and registers of stage 2; for a stage 1 above it, a window for that one's tables."""

    def __init__(self, rng, ram, nested):
        self.rng, self.nested = rng, nested
        self.ps = rng.choice((2, 3, 4, 5, 5, 6, 6))
        self.ds = rng.random() < 0.4
        self.ha = rng.random() < 0.3
        self.hd = self.ha and rng.random() < 0.6
        self.fwb = rng.random() < 0.3
        self.big = rng.random() < 0.2
        self.geometry = self.random_geometry()
        self.reach = min(48, self.geometry.ias)
        self.window_size = 2 * MIB
        self.build(ram)

    def random_geometry(self):
        rng = self.rng
        while True:
            g = random_geometry(rng, self.ds, self.ps, big_endian=self.big)
            g.ias = min(g.ias, g.oas)
            levels = [level for level in range(-1 if g.layout == "lpa2" else 0, 4)
                      if self.start_allowed(g, level)]
            if levels and g.ias >= (33 if self.nested else 25):
                g.start_level = rng.choice(levels)
                return g

    @staticmethod
    def start_allowed(g, level):
        """Start levels that both the architecture and QEMU take; concatenated up to 16 tables."""
        index = g.ias - g.shift(level)
        if not 1 <= index <= g.stride + 4 or index > 16:
            return False
        if g.granule_shift == 12:
            return level >= 1 or (level == 0 and g.oas > 42)
        if g.granule_shift == 14:
            return level >= 2 or (level == 1 and g.oas > 40)
        return level >= 2 or (level == 1 and g.oas > 42)

    def build(self, ram):
        rng, g = self.rng, self.geometry
        self.window = None
        normal = (6 if self.fwb else 15) << 2
        pages = [Page(VECTORS_EL1, VECTORS_EL1, READ_EXECUTE_S2 | normal)] if g.ias > 30 else []
        if self.nested:
            self.window = self.windows(ram)
            pages += [Page(self.called + i, self.window.start + i, READ_WRITE_S2 | normal)
                      for i in range(0, 2 * self.window_size, 1 << g.granule_shift)]
        tree = Tree(rng, Arena(ram, 4 * MIB), g, self.bits())
        self.root = tree.build(pages, align=64)
        self.entries = tree.entries
        self.known = [(page.address, page.oa) for page in pages[:1]]

    def bits(self):
        return Stage2Bits(self.rng, self.fwb)

    def windows(self, ram):
        """Where stage 1's tables are, and where stage 1 believes them to be."""
        g, size = self.geometry, 2 * self.window_size
        self.called = self.rng.getrandbits(min(g.ias, 48) - 22) << 22
        if self.called == VECTORS_EL1 & -size:
            self.called ^= size
        return Arena(ram, size, size, self.called)

    def arena(self, _ram):
        """Half of the window for each half of stage 1."""
        whole, size = self.window, self.window_size
        half = Arena.__new__(Arena)
        half.ram, half.offset = whole.ram, whole.offset
        half.start = half.next = whole.next
        half.end = whole.next = half.start + size
        return half

    def registers(self):
        g = self.geometry
        start = g.start_level
        sl0 = {12: {0: 2, 1: 1, 2: 0, 3: 3, -1: 0}, 14: {0: 3, 1: 2, 2: 1, 3: 0},
               16: {1: 2, 2: 1, 3: 0}}[g.granule_shift][start]
        vtcr = (64 - g.ias | sl0 << 6 | TG0[g.granule_shift] << 14 | self.ps << 16 | self.ha << 21 |
                self.hd << 22 | 1 << 31 | self.ds << 32 | (start < 0) << 33 | 3 << 12)
        hcr = HCR_RW | HCR_VM | self.fwb * HCR_FWB
        sctlr = SCTLR_RES1[2] | self.big * SCTLR_EE
        return {"vtcr_el2": vtcr, "vttbr_el2": ttbr(self.rng, self.root), "hcr_el2": hcr,
                "sctlr_el2": sctlr}

    def addresses(self, count):
        covered = [(0, self.geometry.ias)]
        return [(stray(self.rng, covered) if self.rng.random() < 0.04 else
                 aim(self.rng, self.entries)) & (1 << 52) - 1 for _ in range(count)]

    def words(self):
        g = self.geometry
        flags = "".join(f" {name}" for name in ("ds", "ha", "hd", "fwb") if getattr(self, name))
        return (f"stage 2 {1 << g.granule_shift - 10}k/{g.ias} {g.layout} from level "
                f"{g.start_level}, oas {g.oas}{flags}" + " be" * self.big)


READ_EXECUTE_S2 = 1 << 6 | AF
READ_WRITE_S2 = 3 << 6 | AF | 2 << 53

EL1_ASKS = asks({1: "s1e1", 0: "s1e0"})
EL1_FETCHES = [Ask("fetch_el1", "x", 1), Ask("fetch_el0", "x", 0)]


def el1(rng, count):
    ram = Ram()
    s1 = Stage1(rng, ram, 1, True)
    registers = {**s1.registers(), "hcr_el2": HCR_RW}
    return finish(Setting("a64-el1", "a64", s1.words(), registers, "el1", EL1_ASKS, EL1_FETCHES,
                          extra={"vbar_el1": s1.known[0][0]}), ram, s1, count)


def el2(rng, count):
    ram = Ram()
    s1 = Stage1(rng, ram, 2, False)
    registers = {**s1.registers(), "hcr_el2": HCR_RW}
    return finish(Setting("a64-el2", "a64", s1.words(), registers, "el2", asks({2: "s1e2"}),
                          [Ask("fetch_el2", "x", 2)], extra={"vbar_el2": s1.known[0][0]}),
                  ram, s1, count)


def el20(rng, count):
    ram = Ram()
    s1 = Stage1(rng, ram, 2, True)
    registers = {**s1.registers(), "hcr_el2": HCR_RW | HCR_E2H | HCR_TGE}
    return finish(Setting("a64-el2-e2h", "a64", s1.words(), registers, "el2",
                          asks({2: "s1e1", 0: "s1e0"}),
                          [Ask("fetch_el2", "x", 2), Ask("fetch_el0", "x", 0)],
                          extra={"vbar_el2": s1.known[0][0]}), ram, s1, count)


def el3(rng, count):
    while True:
        ram = Ram()
        s1 = Stage1(rng, ram, 3, False)
        if s1.choice.halves[0].ias > 31:
            break
    return finish(Setting("a64-el3", "a64", s1.words(), s1.registers(), "el3", asks({3: "s1e3"}),
                          []), ram, s1, count)


def stage2(rng, count):
    ram = Ram()
    s2 = Stage2(rng, ram, False)
    registers = s2.registers()
    registers["hcr_el2"] |= HCR_DC
    fetches = EL1_FETCHES if s2.known else []
    setting = Setting("a64-stage2", "a64", s2.words(), registers, "stage2",
                      asks({1: "s12e1", 0: "s12e0"}), fetches)
    setting.extra = {"vbar_el1": VECTORS_EL1, "vbar_el2": VECTORS_EL2, "sctlr_el1": SCTLR_RES1[1]}
    return finish(setting, ram, s2, count)


def nested(rng, count):
    ram = Ram()
    s2 = Stage2(rng, ram, True)
    s1 = Stage1(rng, ram, 1, True, s2)
    setting = Setting("a64-nested", "a64", f"{s1.words()}; {s2.words()}",
                      {**s1.registers(), **s2.registers()}, "el1",
                      asks({1: "s12e1", 0: "s12e0"}), EL1_FETCHES, nested=True)
    setting.extra = {"vbar_el1": s1.known[0][0], "vbar_el2": VECTORS_EL2}
    return finish(setting, ram, s1, count)


def finish(setting, ram, stage, count):
    setting.tables = ram.contents()
    setting.addresses = stage.addresses(count)
    setting.known = stage.known
    return setting
