#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QEMU's own dump-guest-memory, as ELF core and as kdump, of a guest that runs on iopt's tables.

dump_guest.py PROGRAM: both files are opened, walked, and hold what the guest wrote through the
tables.  Skipped where QEMU or the cross compiler is missing, unless CI is set."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
QEMU, CC, OBJCOPY = "qemu-system-aarch64", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-objcopy"
RAM, RAM_SIZE = 0x40000000, 32 << 20
CODE, TABLES, DATA, ALIAS = 0x40400000, 0x40800000, 0x40a00000, 0x7f_1234_5000
MARK = 0x1234567890abcdef
FORMATS = ("elf", "kdump-zlib")


def build_guest(tmp, registers):
    elf, flat = os.path.join(tmp, "guest.elf"), os.path.join(tmp, "guest.bin")
    subprocess.run([CC, "-nostdlib", "-static", "-Wl,--build-id=none", f"-Wl,-Ttext={CODE:#x}", "-o", elf,
                    os.path.join(HERE, "dump_guest.S")], check=True)
    subprocess.run([OBJCOPY, "-O", "binary", "-j", ".text", elf, flat], check=True)
    with open(flat, "rb") as f:
        code = bytearray(f.read())
    at = code.rindex(struct.pack("<Q", MARK)) - 32
    struct.pack_into("<4Q", code, at, *registers)
    with open(flat, "wb") as f:
        f.write(code)
    return flat


def build_tables(program, tmp):
    """The tables in a file, and ttbr0, tcr and mair."""
    image = os.path.join(tmp, "tables.bin")
    script = ("domain create d --ias 39 --oas 36\n"
              f"map {CODE:#x} {CODE:#x} 4k rcp\nmap {ALIAS:#x} {DATA:#x} 4k rwcp\n"
              f"map {RAM:#x} {RAM:#x} 2m rw\ndump -F raw -o {image} --base {TABLES:#x}\n")
    subprocess.run([program, "-q", "-f", "-"], input=script, text=True, check=True, timeout=60, stdout=subprocess.DEVNULL)
    with open(image + ".json", encoding="utf-8") as f:
        registers = json.load(f)["registers"]
    values = [int(registers[name]["value"], 16) for name in ("ttbr", "tcr", "mair")]
    return image, values


class Qemu:
    def __init__(self, tmp, image, flat):
        self.process = subprocess.Popen(
            [QEMU, "-M", "virt", "-cpu", "cortex-a57", "-accel", "tcg", "-m", f"{RAM_SIZE >> 20}M", "-nodefaults", "-display", "none",
             "-qmp", "stdio", "-device", f"loader,file={image},addr={TABLES:#x},force-raw=on",
             "-device", f"loader,file={flat},addr={CODE:#x},force-raw=on", "-device", f"loader,addr={CODE:#x},cpu-num=0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp)
        self.process.stdout.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.process.stdin.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]
        raise RuntimeError(f"QEMU ended at {command}")

    def wait_for_mark(self, tmp):
        path = os.path.join(tmp, "word")
        for _ in range(300):
            self.ask("pmemsave", val=DATA, size=8, filename=path)
            with open(path, "rb") as f:
                if f.read() == struct.pack("<Q", MARK):
                    return
            time.sleep(0.1)
        raise RuntimeError("the guest did not come to write through its tables")


def check(program, path, values):
    """What is wrong with what iopt says of a dump."""
    registers = "ttbr0={:#x},tcr={:#x},mair={:#x}".format(*values)
    script = (f"domain open d --registers {registers}\ntranslate {ALIAS:#x} {CODE:#x}\n! translate 0x5000\n"
              f"mem read {DATA:#x} 8\nmem read {RAM + RAM_SIZE:#x} 4\ndump\n")
    done = subprocess.run([program, "-j", "-m", path, "-f", "-"], input=script, capture_output=True, text=True, timeout=60, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        return [f"exit {done.returncode}: {done.stderr[:500]}"]
    pas = [r["pa"] for r in results if r.get("command") == "translate"]
    read = [r["data"] for r in results if r.get("command") == "mem read"]
    mapped = sum(int(r["size"], 16) for r in results if "iova" in r and "count" in r)
    faults = []
    if pas != [hex(DATA), hex(CODE), None]:
        faults.append(f"translate says {pas}")
    if read != [struct.pack("<Q", MARK).hex(), "........"]:
        faults.append(f"mem read says {read}")
    if mapped != 0x202000:
        faults.append(f"0x{mapped:x} bytes are mapped")
    return faults


def main():
    program = os.path.abspath(sys.argv[1])
    missing = [tool for tool in (QEMU, CC, OBJCOPY) if not shutil.which(tool)]
    if missing:
        print("not installed:", *missing)
        return 1 if os.environ.get("CI") else 77
    faults = []
    with tempfile.TemporaryDirectory(prefix="iopt-dump-") as tmp:
        image, values = build_tables(program, tmp)
        qemu = Qemu(tmp, image, build_guest(tmp, [*values, ALIAS]))
        try:
            qemu.wait_for_mark(tmp)
            for kind in FORMATS:
                path = os.path.join(tmp, kind)
                qemu.ask("dump-guest-memory", paging=False, protocol="file:" + path, format=kind)
                faults += [f"{kind}: {fault}" for fault in check(program, path, values)]
                print(kind, os.path.getsize(path), "bytes")
        finally:
            qemu.process.kill()
            qemu.process.wait()
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
