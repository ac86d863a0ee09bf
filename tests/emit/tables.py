# SPDX-License-Identifier: MIT
"""Tables of every format, made by the program, and the tools of each machine."""
import os
import subprocess

AARCH64, ARM = "aarch64", "arm"


class Machine:
    """Compilers and binutils of one machine."""

    def __init__(self, prefix, triple, emulation):
        self.prefix, self.triple, self.emulation = prefix, triple, emulation

    def tool(self, name):
        return self.prefix + name


MACHINES = {AARCH64: Machine("aarch64-linux-gnu-", "aarch64-linux-gnu", "aarch64linux"),
            ARM: Machine("arm-linux-gnueabihf-", "arm-linux-gnueabihf", "armelf_linux_eabi")}

MAPS = "map 0x0 0x40000000 64k rwc; map 0x200000 0x80200000 2m r; map 0x3ff0000 0x1000000 64k rn"

# name -> machine, how the domain is made, what is mapped besides
TABLES = {
    "a64-4k": (AARCH64, "--ias 39", "map 0x7ffffe0000 0x9000000 64k read,write,noexec,mmio"),
    "a64-16k": (AARCH64, "--granule 16k --ias 47", "map 0x2000000 0x40000000 32m rw"),
    "a64-64k": (AARCH64, "--granule 64k --ias 42", "map 0x20000000 0x40000000 512m rw"),
    "a64-64k-lpa": (AARCH64, "--granule 64k --ias 52 --oas 52", "map 0x20000000 0x8000040000000 512m rw"),
    "a64-small-root": (AARCH64, "--ias 32", "map 0xffff0000 0x9000000 64k r"),
    "a64-ttbr1": (AARCH64, "--ias 39 --quirk arm-ttbr1", None),
    "a64-el2": (AARCH64, "--ias 39 --regime el2", ""),
    "a64-ns": (AARCH64, "--ias 48 --quirk arm-ns --non-coherent-walk", ""),
    "s2-concatenated": (AARCH64, "--format arm-64-lpae-s2 --ias 43 --oas 44", "map 0x7fffff00000 0x5000000 64k r"),
    "s2-16k": (AARCH64, "--format arm-64-lpae-s2 --granule 16k --ias 40 --oas 40", ""),
    "lpae32": (ARM, "--format arm-32-lpae-s1", "map 0xffff0000 0x1040000000 64k rw"),
    "lpae32-s2": (ARM, "--format arm-32-lpae-s2", "map 0xfffff00000 0x1040000000 64k rw"),
    "v7s": (ARM, "--format arm-v7s", "map 0xfe000000 0x30000000 16m rw; map 0xffff0000 0x1000 4k r"),
    "a64-be": (AARCH64, "--ias 39 --endian big", ""),
    "v7s-be": (ARM, "--format arm-v7s --endian big", ""),
}


def run(*command, **options):
    """Runs to the end and must succeed; what it said."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, timeout=120, **options)
    text = done.stdout.decode(errors="backslashreplace")
    if done.returncode:
        raise AssertionError("%s: exit %d\n%s" % (" ".join(command), done.returncode, text))
    return text


def make_table(program, name, path):
    """A table JSON of one of TABLES."""
    _, how, more = TABLES[name]
    maps = MAPS if more is not None else MAPS.replace("map ", "map 0xffffff8000000000+")
    script = "domain create d %s; %s%s; dump -F json -o %s" % (how, maps, "; " + more if more else "", path)
    run(program, "-c", script)


def two_halves(program, path):
    """TTBR0 and TTBR1 of EL1, as a CPU's registers open them."""
    script = """
domain create lo --ias 39
map 0x1000 0x40001000 4k rw
domain create hi --ias 39 --quirk arm-ttbr1
map 0xffffff8000200000 0x80200000 2m r
let r0 $lo.root
let r1 $hi.root
domain open both --registers ttbr0_el1=$r0,ttbr1_el1=$r1,tcr_el1=0x5b5193519,mair_el1=0xf404ff44
dump -F json -o %s
""" % path
    run(program, "-c", script)


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def scratch(path):
    os.makedirs(path, exist_ok=True)
    os.chdir(path)
