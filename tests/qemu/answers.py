# SPDX-License-Identifier: MIT
"""What QEMU answered, what iopt answered, and whether that is the same."""

import dataclasses
import json
import os
import subprocess

TYPES = ("address-size", "translation", "access", "permission")
SHORT_FAULTS = {0x05: ("translation", 1), 0x07: ("translation", 2), 0x03: ("access", 1),
                0x06: ("access", 2), 0x09: ("domain", 1), 0x0b: ("domain", 2),
                0x0d: ("permission", 1), 0x0f: ("permission", 2)}
LONG_FAULTS = {0x29: ("address-size", -1), 0x2b: ("translation", -1)}
LONG_FAULTS.update({code: (TYPES[code >> 2], code & 3) for code in range(16)})
EXTERNAL_LONG, EXTERNAL_SHORT = 0x10, 0x08
UNEXPECTED = 1 << 54  # as guest.h says
FROM_TARGET, FROM_EL2 = 1, 3
MEMORY_WORDS = {0x00: "device-nGnRnE", 0x04: "device-nGnRE", 0x08: "device-nGRE",
                0x0c: "device-GRE", 0x44: "normal-nc", 0xbb: "normal-wt", 0xff: "normal-wb",
                0xf0: "normal-tagged"}


@dataclasses.dataclass(frozen=True)
class Answer:
    """'what' is ok or a fault type; None: not known, and not compared."""
    what: str
    pa: int = None
    memory: int = None  # as a byte of MAIR
    level: int = None
    stage: int = None

    def __str__(self):
        if self.what == "ok":
            pa = "" if self.pa is None else f" {self.pa:#x}"
            return "ok" + pa + ("" if self.memory is None else f" memory {self.memory!r}")
        return f"{self.what} fault, level {self.level}, stage {self.stage}"


def fault(codes, code, stage):
    what, level = codes.get(code, (f"unknown-{code:#x}", None))
    return Answer(what, level=level, stage=stage)


def from_par(setting, address, par):
    if par & UNEXPECTED:
        return Answer(f"unexpected-{par & 0xffffffff:#x}")
    if not par & 1:
        pa = par & 0xffffffffff000 | address & 0xfff
        return Answer("ok", pa=pa, memory=par >> 56 if setting.has_memory else None)
    if setting.short:
        return fault(SHORT_FAULTS, par >> 1 & 31, 1)
    return fault(LONG_FAULTS, par >> 1 & 63, 2 if par >> 9 & 1 else 1)


def from_fetch(setting, result):
    """The syndrome is ESR or HSR, or for PL1 of AArch32 the IFSR."""
    source, syndrome = result >> 56, result & 0xffffffff
    if result & UNEXPECTED:
        return Answer(f"unexpected-{syndrome:#x}")
    if source == FROM_TARGET or not syndrome >> 26 and setting.arch == "a64" or not syndrome:
        return Answer("ok")
    if setting.short:
        code = syndrome >> 6 & 16 | syndrome & 15
        return Answer("ok") if code == EXTERNAL_SHORT else fault(SHORT_FAULTS, code, 1)
    # what lies there is no memory, but the fetch was allowed
    if syndrome & 63 == EXTERNAL_LONG:
        return Answer("ok")
    stage = 2 if source == FROM_EL2 and setting.regime != "el2" else 1
    return fault(LONG_FAULTS, syndrome & 63, stage)


def from_iopt(record):
    if record["ok"]:
        return Answer("ok", pa=int(record["pa"], 16), memory=record.get("memory"))
    told = record.get("fault")
    if not told:
        return Answer(f"error: {record.get('error', {}).get('message')}")
    return Answer(told["type"], level=told.get("level"), stage=told.get("stage", 1))


def memory_agrees(byte, word):
    """Cacheable types have several encodings: allocation hints and transience are not words."""
    if word == "normal-s1":  # with stage 1 off QEMU takes write-back
        return byte == 0xff
    if word in ("normal-wt", "normal-wb"):
        rest = (0x8, 0x9, 0xa, 0xb, 1, 2, 3) if word == "normal-wt" else range(0xc, 0x10)
        also = () if word == "normal-wt" else (5, 6, 7)
        return all(nibble in rest or nibble in also for nibble in (byte >> 4, byte & 15))
    return word == MEMORY_WORDS.get(byte, f"mair:{byte:#04x}")


def tolerated(setting, ask, qemu, iopt):
    """Where QEMU does not do what the architecture says; README.md has the reasons."""
    if not setting.short or qemu.level != iopt.level:
        return False
    if qemu.what == "domain":
        return iopt.what in ("translation", "access")
    return ask.access == "x" and (qemu.what, iopt.what) == ("permission", "access")


def agree(setting, ask, qemu, iopt):
    if qemu.what != iopt.what:
        return tolerated(setting, ask, qemu, iopt)
    if qemu.what != "ok":
        return (qemu.level, qemu.stage) == (iopt.level, iopt.stage)
    if qemu.pa is not None and qemu.pa != iopt.pa:
        return False
    if setting.nested and qemu.memory == 0x04 and iopt.memory in ("device-nGRE", "device-GRE"):
        return True
    return qemu.memory is None or memory_agrees(qemu.memory, iopt.memory)


class IoptError(Exception):
    pass


class Iopt:
    """Runs the program under test in a directory of its own, once for each setting."""

    def __init__(self, program, directory, tables_base):
        self.program, self.directory, self.tables_base = program, directory, tables_base

    def walk(self, setting, questions):
        """questions: [(address, Ask)]; a list of one Answer for each."""
        self.write("ram.bin", setting.tables)
        self.write("regs.json", json.dumps(setting.registers_json(), indent=1).encode())
        lines = setting.opens() + [f"walk {address:#x} --access {ask.access} --el {ask.el}"
                                   for address, ask in questions]
        self.write("script", "\n".join(lines).encode() + b"\n")
        command = [self.program, "-j", "-k", "-m", f"ram.bin@{self.tables_base:#x}", "-f", "script"]
        with open(os.path.join(self.directory, "stderr"), "w+b") as errors:
            with subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=errors) as process:
                told = [answer for answer in map(self.answer, process.stdout) if answer]
            if len(told) != len(questions) or process.returncode not in (0, 1):
                errors.seek(0)
                message = errors.read(300).decode(errors="replace")
                raise IoptError(f"exit {process.returncode}, {len(told)} answers to "
                                f"{len(questions)} questions: {message}")
        return told

    @staticmethod
    def answer(line):
        """None for what is no answer to a walk."""
        record = json.loads(line)
        if record.get("command") == "walk":
            return from_iopt(record)
        if not record.get("ok", True):
            raise IoptError(str(record))
        return None

    def write(self, name, data):
        with open(os.path.join(self.directory, name), "wb") as file:
            file.write(data)
