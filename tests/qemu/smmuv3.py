#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""QEMU's SMMUv3 takes what iopt wrote: smmuv3.py --iopt PROGRAM [--keep DIR]

iopt makes an SMMUv3, a device and buffers, and writes the memory (mem save) and the programming
sequence (smmu dump).  A guest takes that sequence, and lets QEMU's edu device read and write through
the SMMU: the right bytes have to be at the right physical addresses, and what must not get through
has to give the event that translate --sid predicts.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import machine  # noqa: E402

RAM, RAM_SIZE = 0x40000000, 64 << 20
IMAGE, IMAGE_SIZE = 0x40200000, 32 << 20  # what iopt has as its RAM
OWN = 0x42400000  # of streaming mappings: memory behind what iopt allocates in
OWN_SIZE = 4 << 20
MAILBOX, GUEST = 0x43000000, 0x43f00000
SMMU, ECAM, EDU = 0x09050000, 0x3f000000, 0x10000000
SLOT = 2  # of the device: its stream ID is 8 * SLOT
SID = 8 * SLOT
EDU_BUFFER, EDU_SOURCE, EDU_TARGET, EDU_COUNT, EDU_COMMAND = 0x40000, 0x80, 0x88, 0x90, 0x98
END, WRITE32, WRITE64, WAIT32, READ32, READ64 = range(6)
DONE = 0x656e6f64
SETTINGS = [(granule, linear) for granule in ("4k", "16k", "64k") for linear in (False, True)]


class Failure(Exception):
    pass


def build_guest(directory):
    elf, flat = os.path.join(directory, "guest.elf"), os.path.join(directory, "guest.bin")
    subprocess.run(["aarch64-linux-gnu-gcc", "-march=armv8-a", "-mgeneral-regs-only", "-mstrict-align", "-O2", "-Wall", "-Wextra",
                    "-Werror", "-ffreestanding", "-fno-pic", "-no-pie", "-fno-stack-protector", "-static", "-nostdlib",
                    f"-Wl,-T,{HERE}/guest.ld", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments",
                    f"-Wl,--defsym=guest_base={GUEST:#x}", f"-Wl,--defsym=guest_mailbox={MAILBOX:#x}",
                    "-o", elf, os.path.join(HERE, "guest_smmu.S"), os.path.join(HERE, "guest_smmu.c")], check=True)
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", elf, flat], check=True)
    with open(flat, "rb") as file:
        return file.read()


def run_iopt(program, directory, script):
    """The results of the commands, and the records before them, in order."""
    done = subprocess.run([program, "-j", "-k", "-f", "-"], input=script, cwd=directory, capture_output=True, text=True, timeout=60, check=False)
    lines = [json.loads(x) for x in done.stdout.splitlines()]
    if done.returncode > 1:
        raise Failure(f"iopt ends with {done.returncode}: {done.stderr}")
    return lines


class Board:
    """What iopt has built, and the accesses that it takes to use it."""

    def __init__(self, program, directory, granule, linear):
        script = (f"mem add {IMAGE:#x} {IMAGE_SIZE:#x}\nmem add {OWN:#x} {OWN_SIZE:#x}\nset cpu-page-size {granule}\n"
                  f"smmu add s --model v3 --base {SMMU:#x} --oas 44 --granules {granule}{' --linear' if linear else ''}\n"
                  f"device add edu --smmu s --sid {SID:#x}\nalloc edu 0x30000 buf\n"
                  f"dma map-page edu {OWN:#x} 0x10000 to-device ro\n"
                  f"let RO $ro.iova\ntranslate --sid {SID} $RO --access r\ntranslate --sid {SID} $RO --access w\n"
                  f"translate --sid {SID} 0x5000 --access r\n"
                  f"smmu dump s -F json -o steps.json\nmem save image.bin {IMAGE:#x}:{IMAGE_SIZE:#x}\n")
        lines = run_iopt(program, directory, script)
        results = {}
        for line in lines:
            if "command" in line:
                results.setdefault(line["command"], []).append(line)
        for line in lines:
            if not line.get("ok", True) and line.get("command") != "translate":
                raise Failure(f"iopt: {line}")
        self.buffer = results["alloc"][0]["buffer"]
        self.read_only = results["dma map-page"][0]["buffer"]
        self.predicted = results["translate"]
        with open(os.path.join(directory, "steps.json"), encoding="utf-8") as file:
            self.steps = json.load(file)
        with open(os.path.join(directory, "image.bin"), "rb") as file:
            self.image = file.read()

    def physical(self, offset):
        """Of a byte of the buffer, by its segments."""
        for segment in self.buffer["segments"]:
            size = int(segment["size"], 16)
            if offset < size:
                return int(segment["pa"], 16) + offset
            offset -= size
        raise Failure("beyond the buffer")


def program_accesses(board):
    kinds = {("write", 4): WRITE32, ("write", 8): WRITE64, ("trigger", 4): WRITE32, ("wait", 4): WAIT32}
    accesses = []
    for step in board.steps["steps"]:
        kind = kinds[step["op"], step["width"]]
        accesses.append((kind, SMMU + int(step["offset"], 16), int(step["value"], 16), int(step.get("mask", "0xffffffff"), 16)))
    return accesses


def device_accesses():
    config = ECAM + (SLOT << 15)
    return [(WRITE32, config + 0x10, EDU, 0), (WRITE32, config + 4, 6, 0)]


def dma(source, target, count, to_device):
    return [(WRITE64, EDU + EDU_SOURCE, source, 0), (WRITE64, EDU + EDU_TARGET, target, 0), (WRITE64, EDU + EDU_COUNT, count, 0),
            (WRITE64, EDU + EDU_COMMAND, 1 if to_device else 3, 0), (WAIT32, EDU + EDU_COMMAND, 0, 1)]


def boot(directory, guest, board, accesses, contents):
    """The RAM as it is afterwards."""
    path = os.path.join(directory, "ram.bin")
    with open(path, "wb") as file:
        file.truncate(RAM_SIZE)
    command = [machine.QEMU, "-M", "virt,iommu=smmuv3,highmem=off,memory-backend=ram", "-object",
               f"memory-backend-file,id=ram,size={RAM_SIZE},share=on,mem-path={path}", "-m", f"{RAM_SIZE >> 20}M", "-cpu", "cortex-a57",
               "-accel", "tcg", "-icount", "shift=10,sleep=off", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio",
               "-semihosting-config", "enable=on,target=native", "-device", f"edu,addr=0{SLOT}.0,dma_mask=0xffffffffffffffff",
               "-device", f"loader,addr={GUEST:#x},cpu-num=0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as qemu:
        watchdog = machine.threading.Timer(100, qemu.kill)
        watchdog.start()
        try:
            machine.Machine.qmp_ready(machine.Machine, qemu)
            with open(path, "r+b") as file:
                parts = [(IMAGE, board.image), (GUEST, guest), *contents,
                         (MAILBOX, bytes(16) + b"".join(struct.pack("<4Q", *a) for a in [*accesses, (END, 0, 0, 0)]))]
                for address, data in parts:
                    file.seek(address - RAM)
                    file.write(data)
            machine.Machine.qmp_send(qemu, "cont")
            output = qemu.stdout.read().decode(errors="replace")
            qemu.wait()
        finally:
            watchdog.cancel()
            qemu.kill()
    with open(path, "rb") as file:
        ram = file.read()
    done, failed = struct.unpack_from("<2Q", ram, MAILBOX - RAM)
    if done != DONE or failed:
        raise Failure(f"the guest is {'done' if done == DONE else 'not done'}, in vain: {failed and accesses[failed - 1]}: {output[-300:]}")
    return ram


def check_event(event, answer, what):
    """QEMU leaves CLASS out; all else has to be as it was predicted."""
    want = [int(x, 16) for x in answer["event"]["words"]]
    classless = ~(3 << 40)
    if answer["ok"] or not answer["event"]["recorded"]:
        raise Failure(f"{what}: it was not predicted")
    if event[0] != want[0] or event[1] & classless != want[1] & classless or event[2] != want[2]:
        raise Failure(f"{what}: {[hex(x) for x in event]}, predicted {[hex(x) for x in want]}")


def check(program, directory, guest, granule, linear):
    board = Board(program, directory, granule, linear)
    iova, ro = int(board.buffer["iova"], 16), int(board.read_only["iova"], 16)
    offsets = [0, 0x1000, 0xffc0, 0x2f000]
    pattern = bytes((7 * i + 3) & 0xff for i in range(64))
    contents = [(board.physical(o), bytes((x ^ o >> 8) & 0xff for x in pattern)) for o in offsets] + [(OWN + 0x40, pattern)]
    accesses = [*program_accesses(board), *device_accesses()]
    # what is read at one place is written at another, 0x100 behind it; then from the read-only mapping
    for o in offsets:
        accesses += dma(iova + o, EDU_BUFFER, 64, True) + dma(EDU_BUFFER, iova + (o ^ 0x200), 64, False)
    accesses += dma(ro + 0x40, EDU_BUFFER, 64, True) + dma(EDU_BUFFER, iova + 0x2000, 64, False)
    accesses += dma(EDU_BUFFER, ro, 4, False) + dma(0x5000, EDU_BUFFER, 4, True)
    prod = len(accesses)
    accesses.append((READ32, SMMU + 0x100a8, 0, 0))
    ram = boot(directory, guest, board, accesses, contents)
    for o in offsets:
        at = board.physical(o ^ 0x200) - RAM
        if ram[at:at + 64] != bytes((x ^ o >> 8) & 0xff for x in pattern):
            raise Failure(f"offset {o:#x}: other bytes at {at + RAM:#x}")
    at = board.physical(0x2000) - RAM
    if ram[at:at + 64] != pattern:
        raise Failure("the read-only mapping gives other bytes")
    if ram[OWN - RAM:OWN - RAM + 4] != bytes(4):
        raise Failure("the read-only mapping was written")
    count = struct.unpack_from("<Q", ram, MAILBOX - RAM + 16 + 32 * prod + 16)[0]
    base = [int(s["value"], 16) for s in board.steps["steps"] if s["register"] == "eventq_base"][0] & ((1 << 52) - 32)
    events = [struct.unpack_from("<4Q", ram, base - RAM + 32 * i) for i in range(count)]
    if len(events) != 2:
        raise Failure(f"{len(events)} events: {[[hex(x) for x in e] for e in events]}")
    if not board.predicted[0]["ok"] or int(board.predicted[0]["pa"], 16) != OWN:
        raise Failure(f"reading what is read-only: {board.predicted[0]}")
    check_event(events[0], board.predicted[1], "writing what is read-only")
    check_event(events[1], board.predicted[2], "reading what is not mapped")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iopt", required=True)
    parser.add_argument("--keep")
    options = parser.parse_args()
    missing = [x for x in machine.missing_tools() if "arm-linux" not in x]
    if missing:
        print("skipped: no", ", ".join(missing))
        return 1 if os.environ.get("CI") else 77
    bad = 0
    with tempfile.TemporaryDirectory() as tmp:
        guest = build_guest(tmp)
        for granule, linear in SETTINGS:
            name = f"{granule}, {'linear' if linear else '2 levels'}"
            directory = os.path.join(options.keep or tmp, name.replace(", ", "-").replace(" ", "-"))
            os.makedirs(directory, exist_ok=True)
            try:
                check(os.path.abspath(options.iopt), directory, guest, granule, linear)
                print(f"{name}: as predicted")
            except (Failure, machine.MachineError) as failure:
                bad += 1
                print(f"{name}: {failure}")
    return 1 if bad else 0


sys.exit(main())
