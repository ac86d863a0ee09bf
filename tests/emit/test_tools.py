#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PROGRAM DRIVER: compiled, assembled, linked or decoded, every output has the bytes of the .bin."""
import json
import os
import sys
import tempfile

from tables import AARCH64, ARM, MACHINES, TABLES, contents, make_table, run, scratch, two_halves

PROGRAM, DRIVER = (os.path.abspath(x) for x in sys.argv[1:3])
FIXED, LINKED = 0x40100000, (0x80000000, 0x7ff40000)
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wmissing-variable-declarations")
SCRIPT = "SECTIONS\n{\n\t. = %s;\n\tINCLUDE t.ld\n\t.text : { *(.text*) }\n\t/DISCARD/ : { *(.comment .note*) }\n}\n"
checks = 0


def equal(what, got, want):
    global checks
    checks += 1
    if got != want:
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        raise AssertionError("%s: %d bytes, wanted %d; differs at 0x%x" % (what, len(got), len(want), at))


def section(machine, path, symbol):
    run(machine.tool("objcopy"), "-O", "binary", "-j", "." + symbol, path, "section")
    return contents("section")


def big(name):
    return name.endswith("-be")


def compilers(machine, name):
    """gcc and clang for the byte order of the tables."""
    order = ["-mbig-endian"] if big(name) else []
    gcc = [machine.tool("gcc"), "-ffreestanding", *order]
    clang = ["clang", "--target=" + machine.triple, "-ffreestanding", *order]
    return gcc, clang


def objects_of(machine, name, files):
    """(what, object file) for every way from the outputs to an object."""
    gcc, clang = compilers(machine, name)
    for source in files:
        if source.endswith(".o"):
            yield source, source
            continue
        for compiler, standard in ((gcc, "-std=c11"), (clang, "-std=gnu17"))[:2 if source.endswith(".c") else 1]:
            warnings = [w for w in WARNINGS if compiler is clang or "variable" not in w]
            run(*compiler, standard, *warnings, "-c", source, "-o", "made.o")
            yield "%s by %s" % (source, compiler[0]), "made.o"


def link(machine, name, obj, at):
    open("link.ld", "w", encoding="utf-8").write(SCRIPT % hex(at))
    flags = ["-EB"] if big(name) else []
    run(machine.tool("ld"), *flags, "-T", "link.ld", obj, "-o", "linked")


def symbols(machine, path):
    found = {}
    for line in run(machine.tool("nm"), path).splitlines():
        words = line.split()
        if len(words) == 3:
            found[words[2]] = int(words[0], 16)
    return found


def check_fixed(machine, name, table):
    """Base a number: bytes wherever they come from."""
    run(DRIVER, table, "base=%d" % FIXED, "header=t.h", *("t" + x for x in (
        ".bin", ".json", ".h", ".c", ".S", ".o", ".hex", ".srec", ".ld", ".dts")))
    want = contents("t.bin")
    for what, obj in objects_of(machine, name, ["t.c", "t.S", "t.o"]):
        equal(what, section(machine, obj, "iopt_tables"), want)
        link(machine, name, obj, 0x1000)
        found = symbols(machine, "linked")
        equal(what + ": begin and end", (found["iopt_tables"], found["iopt_tables_end"]), (FIXED, FIXED + len(want)))
    for kind, reader in ((".hex", "ihex"), (".srec", "srec")):
        run(machine.tool("objcopy"), "-I", reader, "-O", "binary", "t" + kind, "out")
        equal(kind, contents("out"), want)
    run(PROGRAM, "-t", "t.json", "-c", "dump -F raw -o again.bin")
    equal(".json", contents("again.bin"), want)
    run(PROGRAM, "-t", "t.bin", "-c", "dump -F raw -o again.bin")
    equal(".bin", contents("again.bin"), want)
    check_dts(want)
    check_header(machine, name, want)


def check_dts(want):
    equal("dtc's warnings", run("dtc", "-I", "dts", "-O", "dtb", "-o", "t.dtb", "t.dts"), "")
    reg = run("fdtget", "-t", "x", "t.dtb", "/reserved-memory/iopt-tables@%x" % FIXED, "reg").split()
    equal("reg", [int(x, 16) for x in reg], [0, FIXED, 0, len(want)])


def check_header(machine, name, want):
    """C, C++ and assembly take the header, and its registers are those of the sidecar."""
    sidecar = json.loads(contents("t.bin.json"))
    registers = {k.upper(): int(v["value"], 16) for k, v in sidecar["registers"].items()}
    asserts = ["_Static_assert(IOPT_TABLES_SIZE == %d && IOPT_TABLES_BASE == %d, \"\");" % (len(want), FIXED)]
    asserts += ["_Static_assert(IOPT_TABLES_%s == %dU, \"\");" % x for x in registers.items()]
    if len(registers) < 2:
        raise AssertionError("registers: %s" % registers)
    text = "#include \"t.h\"\n" + "\n".join(asserts) + "\n"
    gcc, clang = compilers(machine, name)
    for source, flags in (("use.c", []), ("use.cc", ["-D_Static_assert=static_assert", "-std=c++11"])):
        open(source, "w", encoding="utf-8").write(text)
        run(*clang, *flags, *WARNINGS, "-fsyntax-only", source)
        if source == "use.c":
            run(*gcc, *WARNINGS[:-1], "-fsyntax-only", source)
    open("use.S", "w", encoding="utf-8").write(
        "#include \"t.h\"\n" + "".join("\t.8byte IOPT_TABLES_%s\n" % x for x in registers))
    run(*gcc, "-c", "use.S", "-o", "use.o")
    run(machine.tool("objcopy"), "-O", "binary", "-j", ".text", "use.o", "out")
    order = "big" if big(name) else "little"
    equal("registers in assembly", contents("out"), b"".join(v.to_bytes(8, order) for v in registers.values()))


def check_linked(machine, name, table, base_symbol, offset, kinds, high=0):
    """Base a symbol: linked at two addresses, the bytes are those of a .bin made for each."""
    run(DRIVER, table, "base_symbol=" + base_symbol, "symbol=pt", "phys_offset=%d" % (offset % 2**64),
        *kinds, "t.ld", "t.h")
    want, places = {}, [at + high for at in LINKED]
    for at in places:
        run(DRIVER, table, "base=%d" % (at + offset), "want.bin")
        want[at] = contents("want.bin")
    for what, obj in objects_of(machine, name, kinds):
        for at in places:
            link(machine, name, obj, at)
            equal("%s, base %s, at 0x%x" % (what, base_symbol, at), section(machine, "linked", "pt"), want[at])
    found = symbols(machine, "linked")
    equal("symbols", (found["pt"], found["pt_end"]), (at, at + len(want[at])))


def check(name, machine, table):
    check_fixed(machine, name, table)
    check_linked(machine, name, table, "pt", 0, ["t.c", "t.S", "t.o"])
    check_linked(machine, name, table, "elsewhere", -0x40000000, ["t.S", "t.o"])
    if name == "a64-4k":  # a kernel's addresses
        check_linked(machine, name, table, "pt", -0xffff800000000000, ["t.c", "t.S", "t.o"], 0xffff800000000000)
    if name == "lpae32":
        check_linked(machine, name, table, "pt", 0x800000000, ["t.c", "t.S", "t.o"])


def check_refused(table):
    for offset, symbol in ((0x840000000, "pt"), (0x8000000000000, "pt")):
        try:
            run(DRIVER, table, "base_symbol=" + symbol, "phys_offset=%d" % offset, "no.o")
        except AssertionError as why:
            if "ERANGE" not in str(why):
                raise
        else:
            raise AssertionError("a physical offset of 0x%x was taken" % offset)


def main():
    with tempfile.TemporaryDirectory() as top:
        for name, (machine, *_) in TABLES.items():
            scratch(os.path.join(top, name))
            make_table(PROGRAM, name, "table.json")
            check(name, MACHINES[machine], "table.json")
            if machine == ARM:
                check_refused("table.json")
        scratch(os.path.join(top, "halves"))
        two_halves(PROGRAM, "table.json")
        run(DRIVER, "table.json", "base=%d" % FIXED, "t.bin", "t.h")
        check_linked_halves(MACHINES[AARCH64])
        os.chdir("/")
    print("%d outputs have the bytes that they should" % checks)


def check_linked_halves(machine):
    header = contents("t.h").decode()
    for macro in ("TTBR0_EL1", "TTBR1_EL1", "TCR_EL1", "MAIR_EL1"):
        equal(macro, header.count("#define IOPT_TABLES_%s " % macro), 1)
    check_linked(machine, "halves", "table.json", "pt", 0, ["t.c", "t.S", "t.o"])


if __name__ == "__main__":
    main()
