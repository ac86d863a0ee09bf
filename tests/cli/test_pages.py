#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every manual page is clean, and its examples do what they say: test_pages.py PROGRAM SOURCE

A comment 'run: script', 'run: shell' or 'run: c' stands before each example and says what runs it.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ESCAPES = {"\\-": "-", "\\(aq": "'", "\\(dq": '"', "\\e": "\\", "\\&": ""}


def plain(line):
    return re.sub("|".join(re.escape(e) for e in ESCAPES), lambda m: ESCAPES[m.group()], line)


def examples_of(path):
    """(line, how to run it or None, text) for each literal block."""
    how, block, start = None, None, 0
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.startswith('.\\" run: '):
            how = line.split(":")[1].strip()
        elif line.startswith(".Bd -literal"):
            block, start = [], number
        elif line.startswith(".Ed"):
            yield start, how, "".join(block)
            how = block = None
        elif block is not None:
            block.append(plain(line))


def run(how, text, program, source):
    if how == "script":
        command = [program, "-f", "-"]
    elif how == "shell":
        command, text = ["bash", "-c", "set -e\n" + text], None
    elif how == "c":
        open("example.c", "w", encoding="utf-8").write(text)
        folder = os.path.dirname(program)
        built = subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-I" + source + "/src/core", "-o", "example", "example.c",
                                "-L" + folder, "-liopt", "-Wl,-rpath," + folder], capture_output=True, text=True, check=False)
        if built.returncode:
            return built
        command, text = ["./example"], None
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False,
                          stdin=None if text is not None else subprocess.DEVNULL)


def lint(path):
    """Pages that refer to each other are not installed yet."""
    if not shutil.which("mandoc"):
        return []
    done = subprocess.run(["mandoc", "-Tlint", path], capture_output=True, text=True, check=False)
    return [x for x in done.stdout.splitlines() if "referenced manual not found" not in x]


def commands_block(path, line):
    """The examples of COMMANDS are the table's: test_examples.py runs them."""
    if not path.endswith("iopt.1"):
        return False
    section = ""
    for number, text in enumerate(open(path, encoding="utf-8"), 1):
        if text.startswith(".Sh "):
            section = text[4:].strip()
        if number == line:
            return section == "COMMANDS"
    return False


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    sanitized = len(sys.argv) > 3 and sys.argv[3] == "ON"
    os.environ["PATH"] = os.path.dirname(program) + ":" + os.environ["PATH"]
    faults, count = [], 0
    for path in sorted(glob.glob(source + "/man/*.[1-8]")):
        faults += lint(path)
        for line, how, text in examples_of(path):
            if commands_block(path, line) or (how == "c" and sanitized):
                continue
            with tempfile.TemporaryDirectory() as tmp:
                os.chdir(tmp)
                for name in ("a57-small.elf.xz", "a57-small.regs.json"):
                    os.symlink(os.path.join(source, "testdata/dumps", name), name)
                done = run(how, text, program, source) if how else None
                os.chdir("/")
            count += 1
            place = "%s:%d" % (os.path.basename(path), line)
            if not how:
                faults.append(place + ": nothing says how to run this example")
            elif done.returncode or done.stderr or not (done.stdout or how == "shell"):
                faults.append("%s: exit %d\n%s%s" % (place, done.returncode, done.stdout, done.stderr))
    print("%d examples" % count)
    print("\n".join(faults))
    return 1 if faults or not count else 0


sys.exit(main())
