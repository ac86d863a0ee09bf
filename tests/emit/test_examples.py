#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PROGRAM SOURCE: the example projects build, are built again only when they must, and boot."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tables import AARCH64, ARM, MACHINES, contents, run

PROGRAM, SOURCE = (os.path.abspath(x) for x in sys.argv[1:3])
os.environ["PATH"] = os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]


def must(what, true):
    if not true:
        raise AssertionError(what)


def boot(qemu, cpu, firmware):
    """It says so itself, through the mapping of its UART, and switches the machine off."""
    said = subprocess.run([qemu, "-M", "virt", "-cpu", cpu, "-m", "256", "-display", "none", "-nic", "none",
                           "-monitor", "none", "-serial", "stdio", "-kernel", firmware], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    must("%s says %s" % (firmware, said.stdout), said.returncode == 0 and b"the MMU is on" in said.stdout)


def check_tables(machine, firmware, spec):
    """What the linker placed is what is built for that place."""
    at = next(line.split()[0] for line in run(machine.tool("nm"), firmware).splitlines()
              if line.endswith(" iopt_tables"))
    run(machine.tool("objcopy"), "-O", "binary", "-j", ".iopt_tables", firmware, "section")
    run(PROGRAM, "build", spec, "--base", "0x" + at, "-o", "want.bin")
    must("the tables of " + firmware, contents("section") == contents("want.bin"))


def touch(path):
    """Newer than all that has been made, however coarse the time of files is."""
    time.sleep(1.1)
    os.utime(path)


def change(path, old, new):
    text = contents(path).decode()
    must("%s has no %s" % (path, old), old in text)
    open(path, "w", encoding="utf-8").write(text.replace(old, new))


def check_cmake(generator):
    os.chdir("cmake-firmware")
    run("cmake", "-B", "build", "-G", generator, "-DCMAKE_TOOLCHAIN_FILE=%s/aarch64.cmake" % os.getcwd(),
        "-DCMAKE_DISABLE_FIND_PACKAGE_iopt=ON")
    run("cmake", "--build", "build")
    check_tables(MACHINES[AARCH64], "build/firmware", "board.json")
    boot("qemu-system-aarch64", "cortex-a57", "build/firmware")
    before = os.stat("build/firmware").st_mtime_ns
    touch("board.json")
    said = run("cmake", "--build", "build")
    must("a spec that was touched: " + said, "Making" in said)
    must("linked again for nothing", os.stat("build/firmware").st_mtime_ns == before)
    change("board.json", '"0x40400000", "size": "2m"', '"0x40400000", "size": "4m"')
    touch("board.json")
    run("cmake", "--build", "build")
    must("not linked again", os.stat("build/firmware").st_mtime_ns != before)
    check_tables(MACHINES[AARCH64], "build/firmware", "board.json")
    change("board.json", '"rw-"', '"rw"')
    touch("board.json")
    kept = contents("build/tables.c")
    must("a bad spec was built", subprocess.run(["cmake", "--build", "build"], stdout=subprocess.DEVNULL,
                                                stderr=subprocess.DEVNULL, check=False).returncode != 0)
    must("a bad spec changed an output", contents("build/tables.c") == kept)
    os.chdir("..")


def check_make():
    os.chdir("make-firmware")
    make = ("make", "IOPT_MK=%s/share/iopt.mk" % SOURCE)
    run(*make)
    check_tables(MACHINES[ARM], "firmware", "board.json")
    boot("qemu-system-arm", "cortex-a15", "firmware")
    must("made again for nothing", "up to date" in run(*make))
    change("board.json", '"0x40200000", "size": "1m"', '"0x40200000", "size": "2m"')
    touch("board.json")
    must("not made again", "build board.json" in run(*make))
    check_tables(MACHINES[ARM], "firmware", "board.json")
    os.chdir("..")


def main():
    if subprocess.run([PROGRAM, "help", "build"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      check=False).returncode:
        print("this program has no build")
        sys.exit(77)
    for generator in ("Ninja", "Unix Makefiles"):
        with tempfile.TemporaryDirectory() as top:
            os.chdir(top)
            shutil.copytree(SOURCE + "/examples", "examples")
            shutil.copytree(SOURCE + "/cmake", "cmake")
            os.chdir("examples")
            check_cmake(generator)
            if generator == "Ninja":
                check_make()
            os.chdir("/")
    print("the examples build and boot")


if __name__ == "__main__":
    main()
