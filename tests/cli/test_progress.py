#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What takes long is told on a terminal, and erased; nowhere else a word: test_progress.py PROGRAM"""
import os
import subprocess
import sys
import tempfile
import threading
import time

try:
    import pexpect
except ImportError:
    sys.exit(77)

BYTES = 1 << 20


def feed(fifo):
    """As a slow disk: a little at a time, for a second and a half."""
    with open(fifo, "wb", buffering=0) as f:
        for _ in range(30):
            f.write(bytes(BYTES // 32))
            time.sleep(0.05)


def fed(fifo):
    thread = threading.Thread(target=feed, args=(fifo,))
    thread.start()
    return thread


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as tmp:
        fifo = os.path.join(tmp, "slow")
        os.mkfifo(fifo)
        command = ["-m", fifo + "@0", "mem", "read", "0", "16"]
        thread = fed(fifo)
        child = pexpect.spawn(program, command, timeout=60)
        child.expect(pexpect.EOF)
        thread.join()
        shown = child.before
        thread = fed(fifo)
        quiet = subprocess.run([program] + command, capture_output=True, timeout=60, check=False)
        thread.join()
    faults = []
    if b"reading: 0 MiB" not in shown:
        faults.append("nothing was shown: %r" % shown)
    if b"\r\x1b[K0x0000" not in shown:
        faults.append("it was not erased: %r" % shown)
    if quiet.stderr or quiet.returncode:
        faults.append("without a terminal: %r" % quiet.stderr)
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
