#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Failures at every place: sweep.py PROGRAM PRELOAD SOURCE [--runs N]

The scripts of tests/cli/cases are run again and again, each time with another allocation, another
call for a file failing, or killed at another write.  Whatever fails, the program ends by itself with
one of its statuses, what it says on stdout stays JSON, a failure has its reason on stderr, and a file
that was there before is either as it was or as it is without a failure.

N runs of each kind for each script (default 12), spread over all places; 0: every place.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from run_case import sections_of  # noqa: E402

OLD = b"as it was\n"


class Script:
    """One case's commands and files, run in a folder of its own."""

    def __init__(self, program, preload, path):
        self.program, self.preload = program, preload
        self.name = os.path.basename(path)
        sections = sections_of(path)
        self.files = [(name, body) for kind, name, body in sections if kind == "file"]
        self.arguments = [x for kind, _, body in sections if kind == "args" for x in body.splitlines()]
        self.text = "".join(body for kind, _, body in sections if kind == "script")
        self.outputs = [name for kind, name, _ in sections if kind == "after"]

    def run(self, **fault):
        """(status, stdout, stderr, calls, contents of the outputs)"""
        with tempfile.TemporaryDirectory() as tmp:
            for name, body in self.files + [("s.iopt", self.text)]:
                open(os.path.join(tmp, name), "w", encoding="utf-8").write(body)
            for name in self.outputs:
                open(os.path.join(tmp, name), "wb").write(OLD)
            environment = dict(os.environ, LD_PRELOAD=self.preload, HOME=tmp, FAULT_COUNT=os.path.join(tmp, ".count"))
            environment.update({"FAULT_" + k.upper(): str(v) for k, v in fault.items()})
            try:
                done = subprocess.run([self.program, "-j", "-k", *self.arguments, "-f", "s.iopt"], cwd=tmp, env=environment,
                                      stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
            except subprocess.TimeoutExpired:
                return 99, b"", b"it does not end", 0, {}, []
            count = os.path.join(tmp, ".count")
            calls = int(open(count, encoding="utf-8").read() or 0) if os.path.exists(count) else 0
            files = {x: open(os.path.join(tmp, x), "rb").read() if os.path.exists(os.path.join(tmp, x)) else None for x in self.outputs}
            left = [x for x in os.listdir(tmp) if x.startswith(".iopt-")]
        return done.returncode, done.stdout, done.stderr, calls, files, left

    def wrong(self, good, result, kind):
        killed = kind == "kill"
        status, stdout, stderr, _, files, left = result
        faults = []
        if status != (-9 if killed else status) or (not killed and not 0 <= status <= 5):
            faults.append("status %d" % status)
        if not killed:
            try:
                for line in stdout.splitlines():
                    json.loads(line)
            except ValueError:
                if status != 5:  # stdout itself may be what failed
                    faults.append("no JSON: %r" % line[:100])
            if status and good[0] != status and not stderr:
                faults.append("no reason on stderr")
            if left:
                faults.append("left behind: %s" % left)
        if kind != "malloc":  # after a command that failed a later one may have had less to write
            faults += ["%s is neither old nor new" % x for x in files if files[x] not in (OLD, good[4][x])]
        return faults

    def sweep(self, kind, runs, **more):
        good = self.run(kind=kind, at=0)
        if not 0 <= good[0] <= 5 or not good[3]:
            return ["%s: status %d without a failure" % (self.name, good[0])], 0
        places = range(1, good[3] + 1)
        if runs and runs < len(places):
            places = sorted({1 + i * (len(places) - 1) // (runs - 1) for i in range(runs)})
        faults = []
        for at in places:
            found = self.wrong(good, self.run(kind=kind, at=at, **more), kind)
            faults += ["%s: %s at %d %s: %s" % (self.name, kind, at, "and on" if more else "", x) for x in found]
        return faults, len(places)


def main():
    program, preload, source = (os.path.abspath(x) for x in sys.argv[1:4])
    runs = int(sys.argv[sys.argv.index("--runs") + 1]) if "--runs" in sys.argv else 12
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    faults, count = [], 0
    for path in sorted(glob.glob(source + "/tests/cli/cases/*%s*.case" % only)):
        script = Script(program, preload, path)
        if not script.text:
            continue
        for kind, more in (("malloc", {}), ("malloc", {"sticky": 1}), ("io", {}), ("kill", {})):
            found, n = script.sweep(kind, runs, **more)
            print("\n".join(found), end="\n" if found else "", flush=True)
            faults += found
            count += n

    print("%d runs, %d faults" % (count, len(faults)))
    return 1 if faults or not count else 0


sys.exit(main())
