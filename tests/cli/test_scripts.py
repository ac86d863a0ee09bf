#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs testdata/scripts/*.iopt, each of which must say what its .out holds: PROGRAM SOURCE [--update]"""
import glob
import os
import subprocess
import sys


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    scripts = sorted(glob.glob(source + "/testdata/scripts/*.iopt"))
    failed = not scripts
    for script in scripts:
        name = os.path.basename(script)
        done = subprocess.run([program, "-f", name], cwd=os.path.dirname(script), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=int(os.environ.get("IOPT_TEST_TIMEOUT", "100")), check=False)
        wanted = script[:-len(".iopt")] + ".out"
        if "--update" in sys.argv:
            open(wanted, "w", encoding="utf-8").write(done.stdout)
            continue
        if done.returncode or done.stderr or done.stdout != open(wanted, encoding="utf-8").read():
            print("%s: exit status %d\n%s%s" % (name, done.returncode, done.stdout, done.stderr))
            failed = True
    return 1 if failed else 0


sys.exit(main())
