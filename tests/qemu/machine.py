# SPDX-License-Identifier: MIT
"""The machine that is asked: its memory map, the guest program, and QEMU around both."""

import array
import json
import os
import re
import shutil
import struct
import subprocess
import threading

HERE = os.path.dirname(os.path.abspath(__file__))

# QEMU's own device tree is at the start of RAM, whatever lies there is lost.
RAM, RAM_SIZE = 0x40000000, 64 << 20
TABLES, TABLES_END = 0x40200000, 0x40e00000
VECTORS_EL1, VECTORS_EL2 = 0x40f00000, 0x40f10000
CODE, CODE_END = 0x41000000, 0x41200000
MAILBOX, QUERIES = 0x41200000, 0x41201000
GUEST, GUEST_SIZE = 0x43f00000, 64 << 10
MAILBOX_DONE = 0x656e6f64

# For AArch32 too: qemu-system-arm loses the upper bits of a stage 1 table's 40-bit address.
QEMU = "qemu-system-aarch64"

ARCHS = {
    "a64": {
        "prefix": "aarch64-linux-gnu-",
        "flags": ["-march=armv8.4-a", "-mgeneral-regs-only", "-mstrict-align"],
        "cpu": "max",
        "words": {CODE: 0xd4000023, VECTORS_EL1: 0xd4000043, VECTORS_EL2: 0xd4000063},  # SMC
    },
    "a32": {
        "prefix": "arm-linux-gnueabihf-",
        "flags": ["-marm", "-march=armv7ve", "-mfloat-abi=soft"],
        "cpu": "cortex-a15",
        "words": {CODE: 0xe1400071, VECTORS_EL1: 0xe1400072},  # HVC
    },
}


class MachineError(Exception):
    pass


def missing_tools():
    tools = [QEMU]
    for arch in ARCHS.values():
        tools += [arch["prefix"] + "gcc", arch["prefix"] + "objcopy"]
    return [tool for tool in tools if not shutil.which(tool)]


def source_text(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


class Guest:
    """The guest program of one architecture, and what its source says of the mailbox."""

    def __init__(self, arch, directory):
        self.arch = arch
        self.registers = re.findall(r"^REGISTER\((\w+)", source_text(f"registers_{arch}.h"), re.M)
        if arch == "a64":
            self.registers.append("sctlr_el3")
        names = re.search(r"enum operation \{(.*?)OP_COUNT", source_text(f"guest_{arch}.c"), re.S)
        self.operations = [name.lower() for name in re.findall(r"OP_(\w+)", names.group(1))]
        self.image = self.build(directory)

    def build(self, directory):
        how = ARCHS[self.arch]
        elf = os.path.join(directory, f"guest_{self.arch}.elf")
        flat = os.path.join(directory, f"guest_{self.arch}.bin")
        sources = [os.path.join(HERE, f"guest_{self.arch}{suffix}") for suffix in (".S", ".c")]
        link = [f"-T,{HERE}/guest.ld", "--build-id=none", "--no-warn-rwx-segments",
                f"--defsym=guest_base={GUEST:#x}", f"--defsym=guest_mailbox={MAILBOX:#x}"]
        subprocess.run([how["prefix"] + "gcc", *how["flags"], "-O2", "-Wall", "-Wextra", "-Werror",
                        "-ffreestanding", "-fno-pic", "-no-pie", "-fno-stack-protector", "-static",
                        "-nostdlib", *(f"-Wl,{option}" for option in link), "-o", elf, *sources],
                       check=True)
        subprocess.run([how["prefix"] + "objcopy", "-O", "binary", elf, flat], check=True)
        with open(flat, "rb") as file:
            image = file.read()
        if len(image) > GUEST_SIZE:
            raise MachineError("the guest program is larger than its place")
        return image


def popcount(number):
    return bin(number).count("1")


class Machine:
    """Runs one set of tables and queries; each run is a fresh QEMU over the same RAM file."""

    def __init__(self, guest, ram_file, timeout):
        self.guest, self.ram_file, self.timeout = guest, ram_file, timeout
        with open(ram_file, "wb") as file:
            file.truncate(RAM_SIZE)

    def command(self):
        how = ARCHS[self.guest.arch]
        return [QEMU,
                "-M", "virt,virtualization=on,secure=on,highmem=off,memory-backend=ram",
                "-object", f"memory-backend-file,id=ram,size={RAM_SIZE},share=on,"
                           f"mem-path={self.ram_file}",
                "-m", f"{RAM_SIZE >> 20}M", "-cpu", how["cpu"], "-accel", "tcg",
                "-nodefaults", "-display", "none", "-S", "-qmp", "stdio",
                "-semihosting-config", "enable=on,target=native",
                "-device", f"loader,addr={GUEST:#x},cpu-num=0"]

    def fill_ram(self, tables, registers, queries):
        """queries: [(address, operation bits)]"""
        results = QUERIES + 16 * len(queries)
        count = sum(popcount(bits) for _, bits in queries)
        if results + 8 * count > GUEST:
            raise MachineError("more queries than the RAM has room for")
        values = [registers.get(name, 0) for name in self.guest.registers]
        mailbox = struct.pack(f"<4Q{len(values)}Q", 0, QUERIES, len(queries), results, *values)
        words = ARCHS[self.guest.arch]["words"]
        with open(self.ram_file, "r+b") as file:
            def put(address, data):
                file.seek(address - RAM)
                file.write(data)
            put(TABLES, tables)
            for address in (VECTORS_EL1, VECTORS_EL2):
                put(address, struct.pack("<I", words.get(address, 0)) * (GUEST_SIZE // 4))
            put(CODE, struct.pack("<I", words[CODE]) * ((CODE_END - CODE) // 4))
            put(MAILBOX, mailbox)
            flat = array.array("Q", (number for query in queries for number in query))
            put(QUERIES, flat.tobytes())
            put(GUEST, self.guest.image)
        return results, count

    def run(self, tables, registers, queries):
        """One 64-bit result for each operation of each query, in order."""
        with subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as qemu:
            watchdog = threading.Timer(self.timeout, qemu.kill)
            watchdog.start()
            try:
                self.qmp_ready(qemu)
                results, count = self.fill_ram(tables, registers, queries)
                # the guest may be through before QEMU has answered
                self.qmp_send(qemu, "cont")
                output = qemu.stdout.read().decode(errors="replace")
                status = qemu.wait()
            finally:
                watchdog.cancel()
                qemu.kill()
        with open(self.ram_file, "rb") as file:
            file.seek(MAILBOX - RAM)
            done = struct.unpack("<Q", file.read(8))[0]
            file.seek(results - RAM)
            answers = array.array("Q", file.read(8 * count))
        if status or done != MAILBOX_DONE:
            raise MachineError(f"QEMU ended with {status}, guest {'done' if done else 'not done'}: "
                               f"{output[-500:]}")
        return answers

    @staticmethod
    def qmp_send(qemu, command):
        qemu.stdin.write(json.dumps({"execute": command}).encode() + b"\n")
        qemu.stdin.flush()

    def qmp_ready(self, qemu):
        self.qmp_send(qemu, "qmp_capabilities")
        for line in qemu.stdout:
            if b'"return"' in line:
                return
            if b'"QMP"' not in line:
                raise MachineError(line.decode(errors="replace"))
        raise MachineError(f"QEMU ended with {qemu.wait()} before it was asked")
