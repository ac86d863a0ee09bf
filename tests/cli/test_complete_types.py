#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each kind of argument that a command takes is completed, or is known to be nobody's guess."""
import json
import os
import re
import subprocess
import sys
import tempfile

# Numbers, and names and texts that only their author knows.
PLAIN = set("IOVA PA IPA ADDR BASE ADDR|SYMBOL SIZE PGSIZE COUNT LEN NUMBER PFN PFN-LO PFN-HI BITS RANGE ADDR|RANGE"
            " NAME WORD SYMBOL SID SEG BUS:PA:SIZE RID".split())

SETUP = """mem new other; mem use main
domain create d0; map 0 0x8000_0000 4k rw; iova new space; let value 0x1
cma add area 0x8800_0000:64m; smmu add s0; device add nic --smmu s0 --sid 0x10 --coherent
alloc nic 4k ring; pool create blocks nic 64"""

# What is typed, and some of what it may become.
SAMPLES = {
    "AREA": ("device add x --cma ", ["area"]),
    "ASSERTION": ("assert d0 'va 0 memory normal-w'", ["va 0 memory normal-wb", "va 0 memory normal-wt"]),
    "ATTR": ("alloc nic 4k x --attr p", ["privileged"]),
    "BUFFER": ("free ", ["ring"]),
    "COMMAND": ("help dom", ["domain"]),
    "COMMANDS": ("foreach i 1 'dump -d '", ["dump -d d0"]),
    "DEV": ("device show ", ["nic"]),
    "DIR": ("dma map-page nic 0 4k ", ["to-device", "from-device", "bidirectional"]),
    "DOMAIN": ("dump -d ", ["d0", "nic.dma"]),
    "DOMAIN|FILE": ("diff ", ["d0", "t.json", "folder/"]),
    "EXPR": ("find --attr 'el1.w && memory == normal-n'", ["el1.w && memory == normal-nc"]),
    "FILE": ("dtb load ", ["board.dtb", "folder/"]),
    "FILE[@ADDR]": ("mem load ", ["core.elf", "folder/"]),
    "FILE|DOMAIN": ("assert ", ["d0", "t.json"]),
    "FILE|K=V,...": ("domain open x --registers arch=arm,ttbr0_el", ["arch=arm,ttbr0_el1=", "arch=arm,ttbr0_el2=",
                                                                     "arch=arm,ttbr0_el3="]),
    "FORMAT": ("domain create x --format arm-v", ["arm-v7s"]),
    "GRANULE": ("domain create x --granule ", ["4k", "16k", "64k"]),
    "HOST": ("device add x --pci-host ", []),  # none without a device tree
    "MEMORY": ("mem use ", ["main", "other"]),
    "MODEL": ("smmu add x --model mm", ["mmu500"]),
    "N|off": ("mem budget ", ["off"]),
    "POOL": ("pool alloc ", ["blocks"]),
    "PROT": ("map 0 0 4k read,wr", ["read,write"]),
    "QUIRK": ("domain create x --quirk arm-t", ["arm-ttbr1"]),
    "REGIME": ("decode --regime ", ["el1", "el2", "el3", "stage2"]),
    "REGISTER=VALUE": ("decode tcr_el3", ["tcr_el3="]),
    "RULE": ("lint --rule write-e", ["write-execute"]),
    "SETTING": ("set pro", ["profile"]),
    "SIZE,...": ("domain create x --page-sizes 4k,2", ["4k,2m"]),
    "SMMU": ("smmu show ", ["s0"]),
    "SPACE": ("iova alloc ", ["space"]),
    "SPACE|DOMAIN": ("iova show ", ["space", "d0"]),
    "SPEC": ("build ", ["t.json", "folder/"]),
    "STAGE,...": ("smmu add x --stages 1,", ["1,2"]),
    "STREAM": ("translate --sid ", ["0x10"]),
    "TYPE": ("domain create x --type dma", ["dma", "dma-fq"]),
    "TYPE:RANGE": ("device add x --region direct-", ["direct-relaxable:"]),
    "VALUE": ("set profile ", ["linux-6.1", "linux-4.9", "mainline"]),
    "VARIABLE": ("let v", ["value"]),
}

# Beside the types.
MORE = [
    ("dump -F", ["-F"]),
    ("dump --format", []),
    ("domain create x --format=arm-v", ["--format=arm-v7s"]),
    ("dump -d d0 -", ["-F", "-o", "--base", "--expand"]),  # -d is given
    ("dump -d d0 -- -", []),
    ("stats ", ["-d"]),
    ("echo $va", ["$value"]),
    ("echo $ring.", ["$ring.iova", "$ring.pa", "$ring.size"]),
    ("echo $d0.tcr.ts", ["$d0.tcr.tsz"]),
    ("source ", ["run.iopt", "folder/"]),
    ("load ", ["t.json", "t.bin", "folder/"]),
    ("load folder/", ["folder/in.json"]),
    ("load no", ["notes"]),  # nothing fits
    ("load ./-", ["./-x.json"]),
    ("load s", ["s p a.json"]),
    ("map 0 0 4k read,write,n", ["read,write,noexec"]),
    ("! tr", ["translate", "trace"]),
    ("help nu", ["numbers"]),
    ("--color=a", ["--color=auto", "--color=always"]),
    ("-m core.elf -t ", ["t.json", "t.bin", "folder/"]),
    ("-c 'let a 1; dump -F cs'", ["let a 1; dump -F csv"]),
    ("-r arch=aarch64,", ["arch=aarch64,ttbr0=", "arch=aarch64,tcr_el1="]),
]


def placeholders(usage):
    """The words of a usage that stand for values; choices as r|w|x are completed as they are."""
    found = set()
    for part in re.findall(r"\[[^\]]*\]|[^ \[]\S*", re.sub(r"^[a-z_ -]+(?= |$)", "", usage, count=1)):
        inside = part[1:part.index("]")] if part.startswith("[") else part
        words = [x for x in inside.split() if not x.startswith("-")]
        found.update(re.sub(r"(?<!,)\.\.\.$", "", x) for x in words)
    return {x for x in found if re.search("[A-Z]", x)}


def candidates(program, line):
    script = SETUP + "\ncomplete -- " + line + (" ''" if line.endswith(" ") else "") + "\n"
    out = subprocess.run([program, "-j", "-c", script.replace("$", "\\$")], capture_output=True, text=True,
                         check=False)
    found = [json.loads(x) for x in out.stdout.splitlines()]
    if not found or not found[-1]["ok"]:
        raise AssertionError(line + ": " + out.stderr)
    return [x["candidate"] for x in found if "candidate" in x]


def check(program, line, wanted):
    found = candidates(program, line)
    missing = [x for x in wanted if x not in found]
    if missing or (not wanted and found):
        return ["%s: %s, not %s" % (line, found, wanted)]
    return []


def main():
    program = os.path.abspath(sys.argv[1])
    faults = []
    helped = subprocess.run([program, "-j", "help"], capture_output=True, text=True, check=True).stdout
    used = set()
    for line in helped.splitlines():
        used |= placeholders(json.loads(line).get("usage", ""))
    for name in sorted(used - PLAIN - set(SAMPLES)):
        faults.append("no sample for %s" % name)
    for name in sorted((PLAIN | set(SAMPLES)) - used):
        faults.append("no command has a %s any more" % name)
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        os.mkdir("folder")
        for name in ("t.json", "t.bin", "board.dtb", "run.iopt", "core.elf", "notes", "-x.json", "s p a.json",
                     "folder/in.json", ".hidden.json", "new\nline.json"):
            open(name, "w", encoding="utf-8").close()
        for line, wanted in list(SAMPLES.values()) + MORE:
            faults += check(program, line, wanted)
        found = candidates(program, "load ")
        if ".hidden.json" in found or any("new" in x for x in found) or "board.dtb" in found:
            faults.append("load: %s" % found)
        os.chdir("/")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
