# SPDX-License-Identifier: MIT
"""Cases for arm_decoder.py that were worked out by hand; `python3 arm_decoder.py` runs them."""

import sys

import arm_decoder

A64_S1 = "S a64-4k el1 48 little 0x30 0x30 mair=0xf404ff44 ns=1"
A64_S2 = "S a64-4k stage2 48 little 0x30 0x30 ns=1"
V7S = ("S v7s el1 48 little 0x20 0x20 prrr=0x800b8204 nmrr=0x40004000 dacr=0x1 "
       "afe=1 tre=1 ns=1")

NC, WB, DEVICE = "normal-nc share=outer", "normal-wb share=inner", "device-nGnRE share=outer"

# What Linux writes: page's low 12 bits, access, memory and share.  (setting, XN bits, rows)
LINUX_LONG = (
    (A64_S1, 0, (
        (0xec3, "el1:r-x,el0:r-x", NC), (0xe83, "el1:r-x,el0:--x", NC),
        (0xe43, "el1:rw-,el0:rwx", NC), (0xe03, "el1:rwx,el0:--x", NC),
        (0xfc7, "el1:r-x,el0:r-x", WB), (0xf87, "el1:r-x,el0:--x", WB),
        (0xf47, "el1:rw-,el0:rwx", WB), (0xf07, "el1:rwx,el0:--x", WB),
        (0xecb, "el1:r-x,el0:r-x", DEVICE), (0xe8b, "el1:r-x,el0:--x", DEVICE),
        (0xe4b, "el1:rw-,el0:rwx", DEVICE), (0xe0b, "el1:rwx,el0:--x", DEVICE),
        # MMIO and CACHE: SH says inner, device memory is outer all the same
        (0xfcb, "el1:r-x,el0:r-x", DEVICE), (0xf8b, "el1:r-x,el0:--x", DEVICE),
        (0xf4b, "el1:rw-,el0:rwx", DEVICE), (0xf0b, "el1:rwx,el0:--x", DEVICE),
    )),
    (A64_S1, 3, (
        (0xec3, "el1:r--,el0:r--", NC), (0xf47, "el1:rw-,el0:rw-", WB),
        (0xf07, "el1:rw-,el0:---", WB), (0xe8b, "el1:r--,el0:---", DEVICE),
    )),
    (A64_S2, 0, (
        (0x657, "el1:r-x,el0:r-x", NC), (0x697, "el1:-wx,el0:-wx", NC),
        (0x6d7, "el1:rwx,el0:rwx", NC), (0x77f, "el1:r-x,el0:r-x", WB),
        (0x7bf, "el1:-wx,el0:-wx", WB), (0x7ff, "el1:rwx,el0:rwx", WB),
        (0x647, "el1:r-x,el0:r-x", DEVICE), (0x687, "el1:-wx,el0:-wx", DEVICE),
        (0x6c7, "el1:rwx,el0:rwx", DEVICE), (0x747, "el1:r-x,el0:r-x", DEVICE),
        (0x7c7, "el1:rwx,el0:rwx", DEVICE),
    )),
    # Linux means "nowhere" with XN[1:0] = 11; the manual says "at EL1, not at EL0"
    (A64_S2, 3, ((0x657, "el1:r-x,el0:r--", NC), (0x7ff, "el1:rwx,el0:rw-", WB))),
)

# The same for v7s: 4K, 64K, 1M, 16M, access, memory and share.
LINUX_SHORT = (
    ((0xe72, 0x1e31, 0x39c02, 0x79c02), "el1:r-x,el0:r-x", NC),
    ((0xc72, 0x1c31, 0x31c02, 0x71c02), "el1:rwx,el0:rwx", NC),
    ((0xe7e, 0x1e3d, 0x39c0e, 0x79c0e), "el1:r-x,el0:r-x", WB),
    ((0xc7e, 0x1c3d, 0x31c0e, 0x71c0e), "el1:rwx,el0:rwx", WB),
    ((0xe36, 0x0e35, 0x38c06, 0x78c06), "el1:r-x,el0:r-x", DEVICE),
    ((0xc36, 0x0c35, 0x30c06, 0x70c06), "el1:rwx,el0:rwx", DEVICE),
    ((0xe73, 0x9e31, 0x39c12, 0x79c12), "el1:r--,el0:r--", NC),
    ((0xc7f, 0x9c3d, 0x31c1e, 0x71c1e), "el1:rw-,el0:rw-", WB),
    ((0xe52, 0x1e11, 0x39402, 0x79402), "el1:r-x,el0:---", NC),
    ((0xc52, 0x1c11, 0x31402, 0x71402), "el1:rwx,el0:---", NC),
)
SHORT_KINDS = ((2, "page", 0x1000, 0x45671000), (2, "large", 0x10000, 0x45670000),
               (1, "section", 0x100000, 0x45600000), (1, "supersection", 0x1000000, 0x45000000))

PAGE = 0x443  # AF, AP[1], AttrIndx 0, SH 0
SECURE = A64_S1.replace("ns=1", "ns=0")
OAS_32 = A64_S1.replace("0x30 0x30", "0x30 0x20")
EL2 = "S a64-4k el2 48 little 0x30 0x30 ns=1"
EL2_E2H = "S a64-4k el2e2h 48 little 0x30 0x30 ns=1"
EL3 = "S a64-4k el3 48 little 0x30 0x30"
G4K_LPA2 = "S a64-4k el1 lpa2 little 0x34 0x34 sh=0x3 mair=0xff"
G16K = "S a64-16k el1 48 little 0x30 0x30"
G16K_LPA2 = "S a64-16k el1 lpa2 little 0x34 0x34"
G64K = "S a64-64k el1 48 little 0x30 0x30"
G64K_LPA = "S a64-64k el1 lpa little 0x34 0x34"
G64K_LPA_48 = "S a64-64k el1 lpa little 0x34 0x30"
A32_S1 = "S a32-lpae el1 48 little 0x20 0x28 ns=1"
A32_S2 = "S a32-lpae stage2 48 little 0x28 0x28 ns=1"
V7S_PLAIN = "S v7s el1 48 little 0x20 0x28 dacr=0xd ns=1"  # domain 0 client, 1 manager, 2 none

# (setting, level, inherited, descriptor, what the answer must contain)
CASES = (
    # types
    (A64_S1, 3, 0, 0, "type=invalid"),
    (A64_S1, 3, 0, 0x04e00000418c7f82, "type=invalid"),
    (A64_S1, 3, 0, 0x40000001, "type=reserved"),
    (A64_S1, 0, 0, 0x40000001, "type=reserved"),
    (A64_S1, 1, 0, 0x40000401, "type=block oa=0x40000000 size=0x40000000 "),
    (A64_S1, 2, 0, 0x40200401, "type=block oa=0x40200000 size=0x200000 "),
    (G4K_LPA2, -1, 0, 0x401, "type=reserved"),
    (G4K_LPA2, 0, 0, 0x401, "type=block oa=0x0 size=0x8000000000 "),
    (G16K, 1, 0, 0x401, "type=reserved"),
    (G16K, 2, 0, 0x2001401, "type=block oa=0x2000000 size=0x2000000 "),
    (G16K_LPA2, 0, 0, 0x401, "type=reserved"),
    (G16K_LPA2, 1, 0, 0x401, "type=block oa=0x0 size=0x1000000000 "),
    (G64K, 1, 0, 0x401, "type=reserved"),
    (G64K, 2, 0, 0x20000401, "type=block oa=0x20000000 size=0x20000000 "),
    (G64K_LPA, 1, 0, 0x401, "type=block oa=0x0 size=0x40000000000 "),
    # addresses
    (A64_S1, 0, 0, 2**64 - 1, "type=table next=0xfffffffff000 limits=0x7800000000000000"),
    (G16K, 3, 0, 2**64 - 1, "oa=0xffffffffc000 size=0x4000 fault=none"),
    (G64K, 3, 0, 2**64 - 1, "oa=0xffffffff0000 size=0x10000 fault=none"),
    (G64K_LPA, 3, 0, 0x12345678f443, "oa=0xf123456780000 size=0x10000 fault=none"),
    (G64K_LPA_48, 3, 0, 0x1443, "oa=0x1000000000000 size=0x10000 fault=address-size"),
    (G64K_LPA, 2, 0, 0xf003, "type=table next=0xf000000000000 limits=0x0"),
    (G4K_LPA2, 3, 0, 0x3000000001743,
     "oa=0xf000000001000 size=0x1000 fault=none access=el1:rw-,el0:rwx "
     "memory=normal-wb share=inner"),
    (G16K_LPA2, 2, 0, 0x1000000007203, "type=table next=0x9000000004000 limits=0x0"),
    (OAS_32, 3, 0, 0x100000443, "fault=address-size"),
    (OAS_32, 3, 0, 0xfffff443, "oa=0xfffff000 size=0x1000 fault=none"),
    (A32_S1, 3, 0, 0xffffffffff443, "oa=0xfffffffff000 size=0x1000 fault=address-size"),
    (A32_S1, 3, 0, 0xf00fffffff443, "oa=0xfffffff000 size=0x1000 fault=none"),
    # access flag
    (A64_S1, 3, 0, 0x40000043, "fault=access"),
    (A64_S1 + " ha=1", 3, 0, 0x40000043, "fault=none"),
    (OAS_32, 3, 0, 0x100000043, "fault=address-size"),
    (A32_S1 + " ha=1", 3, 0, 0x40000043, "fault=access"),
    # hierarchical bits
    (A64_S1, 3, 1 << 61, PAGE, "el1:rwx,el0:--x"),
    (A64_S1, 3, 1 << 62, PAGE, "el1:r-x,el0:r-x"),
    (A64_S1, 3, 3 << 61, PAGE, "el1:r-x,el0:--x"),
    (A64_S1, 3, 1 << 60, PAGE, "el1:rw-,el0:rw-"),
    (A64_S1, 3, 1 << 59, PAGE | 0x80, "el1:r--,el0:r-x"),
    (A64_S1 + " hpd=1", 3, 31 << 59, PAGE, "el1:rw-,el0:rwx"),
    (SECURE + " hpd=1", 2, 0, 31 << 59 | 3, "limits=0x8000000000000000"),
    (SECURE, 3, 1 << 63, PAGE, "flags=ns,ng "),
    (SECURE, 3, 0, PAGE | 0x20, "flags=ns "),
    (A64_S1, 3, 1 << 63, PAGE | 0x20, "flags=- "),
    (EL2, 2, 0, 31 << 59 | 3, "limits=0x5000000000000000"),
    (EL3, 2, 0, 31 << 59 | 3, "limits=0xd000000000000000"),
    (A64_S2, 2, 0, 31 << 59 | 3, "limits=0x0"),
    (EL2, 3, 5 << 59, PAGE, "access=el2:rwx memory"),
    (EL2, 3, 1 << 62, PAGE, "access=el2:r-x memory"),
    (EL2, 3, 1 << 60, PAGE, "access=el2:rw- memory"),
    (EL2_E2H, 3, 0, PAGE, "access=el2:rw-,el0:rwx memory"),
    # WXN, dirty state
    (A64_S1 + " wxn=1", 3, 0, PAGE, "el1:rw-,el0:rw-"),
    (A64_S1 + " wxn=1", 3, 0, 0x403, "el1:rw-,el0:--x"),
    (A64_S1 + " wxn=1", 3, 0, 0x483, "el1:r-x,el0:--x"),
    (EL3 + " wxn=1", 3, 0, PAGE, "access=el3:rw- memory"),
    (A64_S1 + " ha=1 hd=1", 3, 0, 1 << 51 | 0x4c3, "el1:rw-,el0:rwx"),
    (A64_S1 + " ha=1 hd=1", 3, 1 << 62, 1 << 51 | 0x4c3, "el1:r-x,el0:r-x"),
    (A64_S1 + " ha=1", 3, 0, 1 << 51 | 0x4c3, "el1:r-x,el0:r-x"),
    (A64_S1 + " hd=1", 3, 0, 1 << 51 | 0x4c3, "el1:r-x,el0:r-x"),
    (A64_S2 + " ha=1 hd=1", 3, 0, 1 << 51 | 0x443, "el1:rwx,el0:rwx"),
    # flags
    (A64_S1, 3, 0, 7 << 50 | 10 << 55 | PAGE | 0x800, "flags=ng,contiguous,dbm,gp software=0xa"),
    (EL2, 3, 0, PAGE | 0x800, "flags=- "),
    (A64_S2, 3, 0, 7 << 50 | PAGE | 0x820, "flags=contiguous,dbm "),
    (A32_S1, 3, 0, 7 << 50 | PAGE, "flags=contiguous "),
    (A64_S1, 3, 0, PAGE | 0x104, "memory=normal-wb share=reserved"),
    # stage 2 execution
    (A64_S2, 3, 0, 1 << 53 | 0x4c3, "el1:rw-,el0:rwx"),
    (A64_S2, 3, 0, 2 << 53 | 0x4c3, "el1:rw-,el0:rw-"),
    (A64_S2, 3, 0, 0x403, "el1:--x,el0:--x"),
    (A64_S2 + " xnx=0", 3, 0, 1 << 53 | 0x4c3, "el1:rwx,el0:rwx"),
    (A64_S2 + " xnx=0", 3, 0, 3 << 53 | 0x4c3, "el1:rw-,el0:rw-"),
    (A32_S2, 3, 0, 0x483, "el1:-w-,el0:-w-"),
    (A32_S2, 3, 0, 1 << 53 | 0x443, "el1:r--,el0:r-x"),
    # AArch32 stage 1
    (A32_S1, 3, 0, PAGE, "el1:rwx,el0:rwx"),
    (A32_S1, 3, 0, 1 << 54 | PAGE, "el1:rw-,el0:rw-"),
    (A32_S1, 3, 0, 1 << 53 | PAGE, "el1:rw-,el0:rwx"),
    (A32_S1, 3, 0, 0x403, "el1:rwx,el0:---"),
    (A32_S1 + " uwxn=1", 3, 0, PAGE, "el1:rw-,el0:rwx"),
    (A32_S1 + " wxn=1", 3, 0, PAGE, "el1:rw-,el0:rw-"),
    # short descriptors
    (V7S_PLAIN, 1, 0, 0xfffffffc, "type=invalid"),
    (V7S_PLAIN, 1, 0, 0xfffffffd, "type=table next=0xfffffc00 limits=0x1ec"),
    (V7S_PLAIN, 2, 1, 0xfffffffd, "type=large oa=0xffff0000 size=0x10000 fault=none"),
    (V7S_PLAIN, 2, 1, 0xffffffff, "type=page oa=0xfffff000 size=0x1000 fault=none"),
    (V7S_PLAIN, 1, 0, 0x00100c03,
     "fault=none access=el1:rw-,el0:rwx memory=device-nGnRnE share=outer flags=- "),
    (V7S_PLAIN, 1, 0, 0x00100032, "access=el1:rwx,el0:rwx "),
    (V7S_PLAIN, 1, 0, 0x00100c42, "access=el1:---,el0:--- "),
    (V7S_PLAIN, 1, 0, 0x12340c82,
     "type=supersection oa=0x4312000000 size=0x1000000 fault=none access=el1:rwx,el0:rwx "),
    (V7S, 1, 0, 0x12340c82, "oa=0x4312000000 size=0x1000000 fault=address-size"),
    (V7S, 1, 0, 0x00100802, "fault=access"),
    (V7S_PLAIN, 1, 0, 0x00100402, "access=el1:rwx,el0:--- "),
    (V7S_PLAIN, 1, 0, 0x00100802, "access=el1:rwx,el0:r-x "),
    (V7S_PLAIN, 1, 0, 0x00108002, "access=el1:---,el0:--- "),
    (V7S_PLAIN, 1, 0, 0x00108402, "access=el1:r-x,el0:--- "),
    (V7S_PLAIN, 1, 0, 0x00108802, "access=el1:r-x,el0:r-x "),
    (V7S_PLAIN + " wxn=1", 1, 0, 0x00100802, "access=el1:rw-,el0:r-x "),
    (V7S_PLAIN + " uwxn=1", 1, 0, 0x00100c02, "access=el1:rw-,el0:rwx "),
    (V7S_PLAIN.replace("ns=1", "ns=0"), 2, 0xd, 0x1032,
     "access=el1:rw-,el0:rwx memory=device-nGnRnE share=outer flags=ns "),
    (V7S_PLAIN, 2, 0x41, 0x1032, "access=el1:---,el0:--- "),
    (V7S_PLAIN, 1, 0, 0x00101c02, "memory=normal-nc share=outer"),
    (V7S_PLAIN, 1, 0, 0x00101c06, "memory=reserved share=none"),
    (V7S_PLAIN, 1, 0, 0x00110c0a, "memory=normal-wt share=outer"),
    (V7S_PLAIN, 1, 0, 0x00105c0a, "memory=mair:0xfa share=none"),
    (V7S_PLAIN, 1, 0, 0x00117c0e, "memory=normal-wb share=outer"),
    (V7S_PLAIN, 1, 0, 0x00104c02, "memory=normal-nc share=outer"),
    (V7S, 2, 1, 0x1a7a, "memory=reserved"),
    (V7S, 2, 1, 0x183e, "memory=device-nGnRnE share=outer"),
)

MAIR_CASES = ("device-nGnRnE", "device-nGRE", "device-GRE", "normal-wb", "normal-wt", "normal-wt",
              "mair:0x4f", "normal-tagged")
MAIR_SETTING = A64_S1.replace("0xf404ff44", "0xf04fbbaaee0c0800")
MEMATTR_CASES = ("device-nGnRnE", "device-nGnRE", "device-nGRE", "device-GRE",
                 "reserved", "normal-nc", "mair:0x4b", "mair:0x4f",
                 "reserved", "mair:0xb4", "normal-wt", "mair:0xbf",
                 "reserved", "mair:0xf4", "mair:0xfb", "normal-wb")
FWB_CASES = ("device-nGnRnE", "device-nGnRE", "device-nGRE", "device-GRE",
             "reserved", "normal-nc", "normal-wb", "normal-s1")


def linux_cases():
    for setting, xn, rows in LINUX_LONG:
        for low, access, memory in rows:
            desc = 0x45671000 | xn << 53 | low
            told = f"fault=none access={access} memory={memory}"
            yield setting, 3, 0, desc, f"type=page oa=0x45671000 size=0x1000 {told}"
            desc = 0x45600000 | xn << 53 | low - 2
            yield setting, 2, 0, desc, f"type=block oa=0x45600000 size=0x200000 {told}"
    for lows, access, memory in LINUX_SHORT:
        for low, (level, kind, size, oa) in zip(lows, SHORT_KINDS):
            yield V7S, level, level - 1, oa | low, (
                f"type={kind} oa={oa:#x} size={size:#x} fault=none access={access} "
                f"memory={memory} flags=ng software=0x0")


def memory_cases():
    for i, memory in enumerate(MAIR_CASES):
        yield MAIR_SETTING, 3, 0, PAGE | i << 2, f"memory={memory} "
    for i, memory in enumerate(MEMATTR_CASES):
        yield A64_S2, 3, 0, 0x403 | i << 2, f"memory={memory} "
        yield A64_S2 + " fwb=1", 3, 0, 0x403 | i << 2, f"memory={FWB_CASES[i & 7]} "


def run():
    total = failed = 0
    for cases in (CASES, linux_cases(), memory_cases()):
        for setting, level, inherited, desc, wanted in cases:
            total += 1
            answer = arm_decoder.decoder(setting).decode(level, inherited, desc)
            if wanted not in answer + " ":
                failed += 1
                print(f"{setting}\n  D {level} {inherited:#x} {desc:#x}\n"
                      f"  wanted {wanted}\n  got    {answer}", file=sys.stderr)
    print(f"arm_decoder: {total} cases, {failed} wrong")
    return 1 if failed else 0
