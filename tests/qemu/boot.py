#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots a bare-metal program in QEMU on tables that iopt made: boot.py --iopt PROGRAM NAME

The spec includes the program's own ELF headers, so that its code can only be executed, its constants
only read, its data never executed; the program turns the MMU on and says by its exit status whether
everything was as it should be.  77: QEMU or a compiler is missing (a failure with CI set).
"""
import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TABLES, PARAMS = 0x44000000, 0x40180000
REASONS = {
    11: "read something else", 12: "wrote something else", 13: "the second mapping leads elsewhere",
    14: "wrote read-only memory", 15: "executed what must not be", 16: "read where nothing is mapped",
    17: "the write to read-only memory arrived", 18: "an unexpected exception",
}
A64 = ["aarch64-linux-gnu-gcc", "qemu-system-aarch64", ["-M", "virt,secure=on,virtualization=on", "-cpu", "max"]]
A32 = ["arm-linux-gnueabihf-gcc", "qemu-system-arm", ["-M", "virt", "-cpu", "cortex-a15"]]

# The members of the spec, the program's macros, and the registers that it wants.
BOOTS = {}
for level in (1, 2, 3):
    for granule in ("4k", "16k", "64k"):
        names = ["%s_el%d" % (x, level) for x in ("ttbr0", "tcr", "mair")]
        BOOTS["el%d_%s" % (level, granule)] = (A64, {"regime": "el%d" % level, "granule": granule, "oas": 40}, ["-DEL=%d" % level], names)
BOOTS["a32_lpae"] = (A32, {"format": "arm-32-lpae-s1"}, ["-DLPAE=1"], ["ttbr0", "ttbcr", "mair0", "mair1"])
BOOTS["a32_short"] = (A32, {"format": "arm-v7s"}, [], ["ttbr0", "ttbcr", "prrr", "nmrr"])


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit("%s: exit %d\n%s%s" % (command[0], done.returncode, done.stdout, done.stderr))


def compile_program(compiler, macros, folder):
    source = "boot_a64.S" if "aarch64" in compiler else "boot_a32.S"
    flags = ["-mgeneral-regs-only", "-mstrict-align"] if "aarch64" in compiler else ["-marm", "-mno-unaligned-access", "-mfloat-abi=soft"]
    elf = os.path.join(folder, "boot.elf")
    run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-nostdlib", "-static",
         "-Wl,--build-id=none", "-Wl,-z,max-page-size=0x10000", "-Wl,--no-warn-rwx-segments", *flags, *macros,
         "-T", os.path.join(HERE, "boot.ld"), os.path.join(HERE, source), os.path.join(HERE, "boot_main.c"), "-o", elf])
    return elf


def make_tables(iopt, members, folder):
    spec = {"schema": "iopt.spec/1", "base": hex(TABLES), **members, "include": [{"elf": "boot.elf"}], "regions": [
        {"name": "parameters", "va": hex(PARAMS), "size": "64k", "access": "r--"},
        {"name": "big", "va": "0x60000000", "size": "512m"},
        {"name": "alias", "va": "0xa0000000", "pa": "0x60000000", "size": "64k"}]}
    json.dump(spec, open(os.path.join(folder, "spec.json"), "w", encoding="utf-8"))
    image = os.path.join(folder, "tables.bin")
    run([iopt, "build", os.path.join(folder, "spec.json"), "-o", image])
    return image, json.load(open(image + ".json", encoding="utf-8"))["registers"]


def boot(qemu, machine, elf, image, parameters):
    command = [qemu, *machine, "-m", "1g", "-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none",
               "-semihosting-config", "enable=on,target=native", "-device", "loader,file=%s,cpu-num=0" % elf,
               "-device", "loader,file=%s,addr=%#x,force-raw=on" % (image, TABLES),
               "-device", "loader,file=%s,addr=%#x,force-raw=on" % (parameters, PARAMS)]
    try:
        return subprocess.run(command, timeout=60, stdin=subprocess.DEVNULL, check=False).returncode
    except subprocess.TimeoutExpired:
        return -1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iopt", required=True)
    parser.add_argument("name", choices=sorted(BOOTS))
    args = parser.parse_args()
    (compiler, qemu, machine), members, macros, names = BOOTS[args.name]
    missing = [x for x in (compiler, qemu) if not shutil.which(x)]
    if missing:
        print("missing: " + ", ".join(missing))
        return 1 if os.environ.get("CI") else 77
    with tempfile.TemporaryDirectory() as folder:
        elf = compile_program(compiler, macros, folder)
        image, registers = make_tables(os.path.abspath(args.iopt), members, folder)
        parameters = os.path.join(folder, "parameters.bin")
        with open(parameters, "wb") as out:
            out.write(b"".join(struct.pack("<Q", int(registers[x]["value"], 16)) for x in names))
        status = boot(qemu, machine, elf, image, parameters)
    print("%s: %s" % (args.name, "booted" if status == 0 else REASONS.get(status, "exit %d, or it hung" % status)))
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
