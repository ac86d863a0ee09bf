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
    """Holds the dump in its middle: the sidecar's bytes go to the file, the image waits on a FIFO."""
    os.mkfifo("pipe")
    script = "domain create d\nmap 0 0 8g rw\nmap 16g 0 4k rw\ndump --expand -o out.json\n" * 1
    script += "mem save slow.raw 0x80000000:512m\n" * 50
    process = subprocess.Popen([program, "-c", script], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    seen = False
    while process.poll() is None and not seen:
        seen = bool(temporaries())
        time.sleep(0 if seen else 0.0005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return process.returncode


def interrupt_reader(program):
    """A dump into a pipe that nobody reads is in the middle of write() for as long as it takes."""
    script = "domain create d\nmap 0 0 1g rw\nmap 1g 0 2m rw\ndump --expand -F csv\n" \
             + "dump -F json --expand\n" * 2000
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
        status = interrupt_dump(program)
        if status not in (-signal.SIGINT, 0):
            faults.append("the program ended with %d" % status)
        if temporaries():
            faults.append("left behind: %s" % temporaries())
        if interrupt_reader(program) != -signal.SIGINT:
            faults.append("a dump into a full pipe was not ended by SIGINT")
        os.chdir("/")
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
