# SPDX-License-Identifier: MIT
"""What the program says with -j: in every case, example and script of the tests, as (where, line).

The tests are run as they are, with a program in place of iopt that runs it with -j and keeps what
it says; that they then do not get the text that they want is their concern.
"""
import contextlib
import glob
import io
import os
import runpy
import subprocess
import sys
import tempfile

WRAPPER = """#!/bin/sh
"$IOPT_REAL" -j -k $IOPT_MORE "$@" >"$IOPT_SAID.$$"
status=$?
cat "$IOPT_SAID.$$" 2>/dev/null
exit $status
"""
TESTS = ["cli/test_examples.py", "cli/test_pages.py", "cli/test_docs.py", "cli/test_scripts.py", "dumps/missing.py"]
# Commands that take every word.
FREE = {"echo", "complete"}


def run_test(script, *arguments):
    """One test, in this process: what it thinks of the answers is no matter."""
    before, sys.argv = sys.argv, [script, *arguments]
    sys.path.insert(0, os.path.dirname(script))
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit, Exception):
            runpy.run_path(script, run_name="__main__")
    finally:
        sys.argv = before
        sys.path.pop(0)
        os.chdir("/")


def run_script(program, source, script, documents):
    """One of schema/, in a folder with boards and specs; what it writes as JSON is kept."""
    with tempfile.TemporaryDirectory() as tmp:
        os.symlink(os.path.join(source, "docs", "specs"), os.path.join(tmp, "specs"))
        for board in glob.glob(source + "/testdata/dts/*.dts"):
            made = os.path.join(tmp, os.path.basename(board)[:-1] + "b")
            subprocess.run(["dtc", "-q", "-O", "dtb", "-o", made, board], check=True)
        subprocess.run([program, "-q", "-f", script], cwd=tmp, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=100, check=False)
        for path in sorted(glob.glob(tmp + "/*.json")):
            with open(path, encoding="utf-8") as f:
                documents.append((os.path.basename(path), f.read()))


def wrong_calls(commands):
    """A script in which each command fails."""
    return "".join("! %s x\n" % name if name in FREE else name + " --no-such-option\n" for name in commands)


def lines_of(program, source, commands, documents):
    here = os.path.join(source, "tests", "cli")
    with tempfile.TemporaryDirectory() as tmp:
        wrapper = os.path.join(tmp, "iopt")
        with open(wrapper, "w", encoding="utf-8") as f:
            f.write(WRAPPER)
        os.chmod(wrapper, 0o755)
        os.environ["IOPT_REAL"] = program

        def said(name, more=""):
            os.environ.update(IOPT_SAID=os.path.join(tmp, name), IOPT_MORE=more)

        for case in sorted(glob.glob(here + "/cases/*.case")):
            said(os.path.basename(case))
            run_test(here + "/run_case.py", wrapper, case)
        for test in TESTS:
            said(os.path.basename(test))
            run_test(os.path.join(source, "tests", test), wrapper, source)
        said("wrong")
        subprocess.run([wrapper, "-q", "-f", "-"], input=wrong_calls(commands), text=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        for script in sorted(glob.glob(here + "/schema/*.iopt")):
            said(os.path.basename(script), "-v")
            run_script(wrapper, source, script, documents)
        for path in sorted(glob.glob(tmp + "/*.*")):
            with open(path, encoding="utf-8", errors="backslashreplace") as f:
                for line in f:
                    yield os.path.basename(path).rsplit(".", 1)[0], line
