#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second decoder of Arm translation-table descriptors, from the manual's tables alone.

It exists to disagree with the C decoder, so it shares nothing with it: do not "fix" it by
looking there, look into the Arm ARM (DDI 0487).  Tables and sections are named as they are there.

    arm_decoder.py             checks itself against cases worked out by hand
    arm_decoder.py --driver    answers the protocol of README.md on stdin and stdout
"""

import sys
from typing import NamedTuple


def ones(high, low):
    return (1 << high + 1) - (1 << low)


def bits(value, high, low):
    return value >> low & (1 << high - low + 1) - 1


FLAGS = ("wxn", "ha", "hd", "hpd", "afe", "tre", "uwxn", "fwb", "xnx", "ns")
VALUES = ("mair", "prrr", "nmrr", "dacr", "sh")
SHARE = ("none", "reserved", "outer", "inner")
DEVICE = ("device-nGnRnE", "device-nGnRE", "device-nGRE", "device-GRE")

# "MAIR_EL1": the encodings that have a word; each other one is named by its number.
MAIR_WORDS = {
    0x00: DEVICE[0], 0x04: DEVICE[1], 0x08: DEVICE[2], 0x0c: DEVICE[3],
    0x44: "normal-nc",
    0xaa: "normal-wt", 0xbb: "normal-wt",
    0xee: "normal-wb", 0xff: "normal-wb",
    0xf0: "normal-tagged",
}
MAIR = tuple(MAIR_WORDS.get(byte, f"mair:0x{byte:02x}") for byte in range(256))

# "For Device memory and Normal Non-cacheable mappings [...] Outer Shareable"
ALWAYS_OUTER = frozenset(DEVICE + ("normal-nc",))


def rwx(read, write, execute):
    return ("r" if read else "-") + ("w" if write else "-") + ("x" if execute else "-")


class Setting:
    """The words of an 'S' line."""

    def __init__(self, line):
        words = line.split()
        self.format, self.regime, self.layout, self.endian = words[1:5]
        self.ias, self.oas = int(words[5], 0), int(words[6], 0)
        for name in FLAGS + VALUES:
            setattr(self, name, 0)
        self.xnx = 1
        for word in words[7:]:
            name, value = word.split("=")
            if name not in FLAGS + VALUES:
                raise ValueError(f"unknown key {name!r}")
            setattr(self, name, int(value, 0))


class Decoder:
    """What both descriptor formats have in common: how a leaf is told."""

    def __init__(self, setting):
        self.s = setting

    def leaf(self, kind, oa, shift, faults, rest):
        """'rest' is access, memory, share, flags, software."""
        if oa >> self.s.oas:
            fault = "address-size"
        else:
            fault = "access" if faults else "none"
        access, memory, share, flags, software = rest
        return (f"type={kind} oa={oa:#x} size={1 << shift:#x} fault={fault} access={access} "
                f"memory={memory} share={share} flags={','.join(flags) or '-'} "
                f"software={software:#x}")


# ---- 64-bit descriptors: VMSAv8-64, and VMSAv8-32 Long-descriptor ----

GRANULE_SHIFT = {"a64-4k": 12, "a64-16k": 14, "a64-64k": 16, "a32-lpae": 12}

# Levels below 3 that a Block descriptor may stand at: Block[47:17] of "Stage 1 VMSAv8-64 Block
# and Page descriptor fields"; "VMSAv8-32 Long-descriptor level 1 and level 2 descriptor formats".
BLOCK_LEVELS = {
    ("a64-4k", "48"): (1, 2), ("a64-4k", "lpa2"): (0, 1, 2),
    ("a64-16k", "48"): (2,), ("a64-16k", "lpa2"): (1, 2),
    ("a64-64k", "48"): (2,), ("a64-64k", "lpa"): (1, 2),
    ("a32-lpae", "48"): (1, 2),
}

NSTABLE, APTABLE_RO, APTABLE_PRIV, XNTABLE, PXNTABLE = (1 << bit for bit in (63, 62, 61, 60, 59))


class LongDecoder(Decoder):
    def __init__(self, setting):
        super().__init__(setting)
        self.aarch64 = setting.format != "a32-lpae"
        self.shift = GRANULE_SHIFT[setting.format]
        self.block_levels = BLOCK_LEVELS[setting.format, setting.layout]
        self.stage2 = setting.regime == "stage2"
        self.two_levels = setting.regime in ("el1", "el2e2h")
        self.secure = not setting.ns and not self.stage2
        # Hardware management of flags is a feature of VMSAv8-64 alone; HD needs HA.
        self.access_managed = self.aarch64 and setting.ha
        self.dirty_managed = self.access_managed and setting.hd
        self.limits = self.limits_that_count()

    def limits_that_count(self):
        """'Stage 1 VMSAv8-64 Table descriptor fields'; HPD does not reach NSTable."""
        if self.stage2:
            return 0
        limits = NSTABLE if self.secure else 0
        if not self.s.hpd:
            limits |= APTABLE_RO | XNTABLE
            if self.two_levels:
                limits |= APTABLE_PRIV | PXNTABLE
        return limits

    def decode(self, level, inherited, desc):
        if not desc & 1:
            return "type=invalid"
        if level == 3:
            return self.leaf_at(3, inherited, desc, "page") if desc & 2 else "type=reserved"
        if desc & 2:
            return (f"type=table next={self.address(desc, self.shift):#x} "
                    f"limits={desc & self.limits:#x}")
        if level not in self.block_levels:
            return "type=reserved"
        return self.leaf_at(level, inherited, desc, "block")

    def address(self, desc, low):
        address = desc & ones(47, low)
        if self.s.layout == "lpa":
            address |= bits(desc, 15, 12) << 48
        elif self.s.layout == "lpa2":
            address |= bits(desc, 9, 8) << 50 | desc & ones(49, 48)
        return address

    def leaf_at(self, level, inherited, desc, kind):
        shift = self.shift + (3 - level) * (self.shift - 3)
        limits = inherited & self.limits
        faults = not desc >> 10 & 1 and not self.access_managed
        if self.stage2:
            access, memory = self.stage2_access(desc), self.stage2_memory(bits(desc, 5, 2))
        else:
            access, memory = self.stage1_access(desc, limits), self.stage1_memory(desc)
        rest = (access, memory, self.share(desc, memory), self.flags(desc, limits),
                bits(desc, 58, 55))
        return self.leaf(kind, self.address(desc, shift), shift, faults, rest)

    def stage1_access(self, desc, limits):
        writable = not desc >> 7 & 1 or self.dirty_managed and desc >> 51 & 1
        write = writable and not limits & APTABLE_RO
        xn = desc >> 54 & 1 or limits & XNTABLE
        if not self.two_levels:
            return f"{self.s.regime}:{rwx(True, write, not xn and not (self.s.wxn and write))}"
        user = desc >> 6 & 1 and not limits & APTABLE_PRIV
        pxn = desc >> 53 & 1 or limits & PXNTABLE
        user_write = user and write
        wxn = self.s.wxn
        if self.aarch64:
            # bit 54 is UXN: EL0 alone, and without regard to whether EL0 may read
            user_execute = not xn and not (wxn and user_write)
            execute = not pxn and not user_write and not (wxn and write)
        else:
            user_execute = user and not xn and not (wxn and user_write)
            execute = (not xn and not pxn and not (wxn and write)
                       and not (self.s.uwxn and user_write))
        upper = "el2" if self.s.regime == "el2e2h" else "el1"
        return f"{upper}:{rwx(True, write, execute)},el0:{rwx(user, user_write, user_execute)}"

    def stage1_memory(self, desc):
        return MAIR[self.s.mair >> 8 * bits(desc, 4, 2) & 0xff]

    def stage2_access(self, desc):
        """'Data access permissions for a stage 2 translation', 'XN[1:0] stage 2 [...]'."""
        read = desc >> 6 & 1
        write = desc >> 7 & 1 or self.dirty_managed and desc >> 51 & 1
        xn = bits(desc, 54, 53) if self.s.xnx else bits(desc, 54, 54) << 1
        execute, user_execute = ((True, True), (False, True), (False, False), (True, False))[xn]
        if not self.aarch64 and not read:
            execute = user_execute = False
        return f"el1:{rwx(read, write, execute)},el0:{rwx(read, write, user_execute)}"

    def stage2_memory(self, memattr):
        outer, inner = memattr >> 2, memattr & 3
        if self.aarch64 and self.s.fwb:
            # MemAttr[3] is RES0
            return ("reserved", "normal-nc", "normal-wb", "normal-s1")[inner] \
                if outer & 1 else DEVICE[inner]
        if not outer:
            return DEVICE[inner]
        if not inner:
            return "reserved"
        if outer == inner:
            return (None, "normal-nc", "normal-wt", "normal-wb")[outer]
        return "mair:0x" + " 4bf"[outer] + " 4bf"[inner]

    def share(self, desc, memory):
        if memory in ALWAYS_OUTER:
            return "outer"
        return SHARE[self.s.sh if self.s.layout == "lpa2" else bits(desc, 9, 8)]

    def flags(self, desc, limits):
        flags = []
        stage1 = not self.stage2
        from_nonsecure = limits & NSTABLE
        if self.secure and (desc >> 5 & 1 or from_nonsecure):
            flags.append("ns")
        if self.two_levels and (desc >> 11 & 1 or from_nonsecure):
            flags.append("ng")
        if desc >> 52 & 1:
            flags.append("contiguous")
        if self.aarch64 and desc >> 51 & 1:
            flags.append("dbm")
        if self.aarch64 and stage1 and desc >> 50 & 1:
            flags.append("gp")
        return flags


# ---- 32-bit descriptors: VMSAv8-32 Short-descriptor ----

# "VMSAv8-32 MMU access permissions", by AP[2:0]: PL1 read, write, unprivileged read, write
AP_FULL = ((0, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0), (1, 1, 1, 1),
           (0, 0, 0, 0), (1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0))
# "VMSAv8-32 AP[2:1] access permissions model", by AP[2:1]
AP_SIMPLE = ((1, 1, 0, 0), (1, 1, 1, 1), (1, 0, 0, 0), (1, 0, 1, 0))

# "Inner and Outer Cacheability attribute encoding" and NMRR.IRn, ORn, as a nibble of a MAIR byte
CACHE_NIBBLE = (0x4, 0xf, 0xa, 0xe)

# "TEX, C, and B encodings when TRE == 0", by TEX[2:0]:C:B where TEX[2] is 0
TEX_PLAIN = (DEVICE[0], DEVICE[1], "normal-wt", "normal-wb",
             "normal-nc", "reserved", "reserved", "normal-wb",
             DEVICE[1], "reserved", "reserved", "reserved",
             "reserved", "reserved", "reserved", "reserved")


class Fields(NamedTuple):
    """A leaf's fields, which each of the four kinds has in other places."""

    ap: int
    tex: int
    cb: int
    xn: int
    pxn: int
    s: int
    ng: int
    ns: int
    domain: int


class ShortDecoder(Decoder):
    def decode(self, level, inherited, desc):
        kind = desc & 3
        if not kind:
            return "type=invalid"
        if level == 2:
            return self.large(inherited, desc) if kind == 1 else self.small(inherited, desc)
        if kind == 1:
            # Domain, NS and PXN are what the table below is told
            return f"type=table next={desc & ones(31, 10):#x} limits={desc & 0x1ec:#x}"
        return self.section(desc)

    def section(self, desc):
        fields = Fields(ap=bits(desc, 15, 15) << 2 | bits(desc, 11, 10), tex=bits(desc, 14, 12),
                        cb=bits(desc, 3, 2), xn=bits(desc, 4, 4), pxn=bits(desc, 0, 0),
                        s=bits(desc, 16, 16), ng=bits(desc, 17, 17), ns=bits(desc, 19, 19),
                        domain=bits(desc, 8, 5))
        if not desc >> 18 & 1:
            return self.told("section", desc & ones(31, 20), 20, fields)
        oa = desc & ones(31, 24) | bits(desc, 23, 20) << 32 | bits(desc, 8, 5) << 36
        return self.told("supersection", oa, 24, fields._replace(domain=0))

    def large(self, inherited, desc):
        fields = self.page(inherited, desc, bits(desc, 14, 12), bits(desc, 15, 15))
        return self.told("large", desc & ones(31, 16), 16, fields)

    def small(self, inherited, desc):
        fields = self.page(inherited, desc, bits(desc, 8, 6), bits(desc, 0, 0))
        return self.told("page", desc & ones(31, 12), 12, fields)

    @staticmethod
    def page(inherited, desc, tex, xn):
        return Fields(ap=bits(desc, 9, 9) << 2 | bits(desc, 5, 4), tex=tex, cb=bits(desc, 3, 2),
                      xn=xn, pxn=bits(inherited, 2, 2), s=bits(desc, 10, 10),
                      ng=bits(desc, 11, 11), ns=bits(inherited, 3, 3),
                      domain=bits(inherited, 8, 5))

    def told(self, kind, oa, shift, fields):
        memory, share = self.memory(fields.tex, fields.cb, fields.s)
        flags = []
        if fields.ns and not self.s.ns:
            flags.append("ns")
        if fields.ng:
            flags.append("ng")
        faults = self.s.afe and not fields.ap & 1
        return self.leaf(kind, oa, shift, faults, (self.access(fields), memory, share, flags, 0))

    def access(self, fields):
        rule = bits(self.s.dacr, 2 * fields.domain + 1, 2 * fields.domain)
        if rule == 3:
            return "el1:rwx,el0:rwx"
        if rule != 1:
            return "el1:---,el0:---"
        permissions = AP_SIMPLE[fields.ap >> 1] if self.s.afe else AP_FULL[fields.ap]
        read, write, user_read, user_write = permissions
        wxn = self.s.wxn
        execute = (read and not fields.xn and not fields.pxn and not (wxn and write)
                   and not (self.s.uwxn and user_write))
        user_execute = user_read and not fields.xn and not (wxn and user_write)
        return f"el1:{rwx(read, write, execute)},el0:{rwx(user_read, user_write, user_execute)}"

    def memory(self, tex, cb, share_bit):
        return self.remapped(tex, cb, share_bit) if self.s.tre else self.plain(tex, cb, share_bit)

    @staticmethod
    def plain(tex, cb, share_bit):
        if tex & 4:
            memory = MAIR[CACHE_NIBBLE[tex & 3] << 4 | CACHE_NIBBLE[cb]]
        else:
            memory = TEX_PLAIN[tex << 2 | cb]
        return memory, "outer" if share_bit or memory in ALWAYS_OUTER else "none"

    def remapped(self, tex, cb, share_bit):
        n = (tex & 1) << 2 | cb
        kind = bits(self.s.prrr, 2 * n + 1, 2 * n)
        if n == 6 or kind == 3:
            memory = "reserved"
        elif kind == 2:
            memory = MAIR[CACHE_NIBBLE[bits(self.s.nmrr, 2 * n + 17, 2 * n + 16)] << 4
                          | CACHE_NIBBLE[bits(self.s.nmrr, 2 * n + 1, 2 * n)]]
        else:
            memory = DEVICE[kind]
        if memory in ALWAYS_OUTER:
            return memory, "outer"
        if not self.s.prrr >> 18 + share_bit & 1:
            return memory, "none"
        return memory, "inner" if self.s.prrr >> 24 + n & 1 else "outer"


def decoder(line):
    setting = Setting(line)
    return (ShortDecoder if setting.format == "v7s" else LongDecoder)(setting)


# ---- the protocol ----

def serve(lines, out):
    current = None
    for line in lines:
        if line.startswith("S "):
            current = decoder(line)
        elif line.startswith("D "):
            level, inherited, desc = (int(word, 0) for word in line.split()[1:])
            out.write(current.decode(level, inherited, desc) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--driver"]:
        serve(sys.stdin, sys.stdout)
    elif sys.argv[1:]:
        sys.exit("usage: arm_decoder.py [--driver]")
    else:
        import selftest
        sys.exit(selftest.run())
