#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIGINT in the middle of a dump: the program dies by it, and no file is left or changed."""
import os
import signal
import subprocess
import sys
import tempfile
import time


def temporaries():
    return [x for x in os.listdir(".") if x.startswith(".iopt-")]


def interrupt_dump(program):
    """The signal is sent when the temporary file is seen: 64 Ki entries take much longer."""
    script = "domain create d\nmap 0x1000 0x2000 256m rw\ndump -F json --expand -o out.json\n"
    process = subprocess.Popen([program, "-c", script])
    while process.poll() is None and not temporaries():
        time.sleep(0.0005)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    return process.returncode


def interrupt_reader(program):
    """A dump into a pipe that nobody reads is in the middle of write() for as long as it takes."""
    script = "domain create d\nmap 0x1000 0x2000 16m rw\n" + "dump -F json --expand\n" * 20
    process = subprocess.Popen([program, "-c", script], stdout=subprocess.PIPE)
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    process.stdout.close()
    return process.returncode


def main():
    program = os.path.abspath(sys.argv[1])
    faults = []
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        open("out.json", "w", encoding="utf-8").write("old")
        if interrupt_dump(program) != -signal.SIGINT:
            faults.append("a dump into a file was not ended by SIGINT")
        if temporaries():
            faults.append("left behind: %s" % temporaries())
        if open("out.json", encoding="utf-8").read() != "old":
            faults.append("the old file has changed")
        if interrupt_reader(program) != -signal.SIGINT:
            faults.append("a dump into a full pipe was not ended by SIGINT")
        os.chdir("/")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
