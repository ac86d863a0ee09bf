# SPDX-License-Identifier: MIT
"""What the program says with -j: in every case, example and script of the tests, as (where, line).

The tests are run as they are, with a program in place of iopt that runs it with -j and keeps what
it says; that they then do not get the text that they want is their concern.
"""
import concurrent.futures
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
    return []


def run_script(program, source, script):
    """One of schema/, in a folder with boards and specs; what it writes as JSON, as (name, text)."""
    with tempfile.TemporaryDirectory() as tmp:
        os.symlink(os.path.join(source, "docs", "specs"), os.path.join(tmp, "specs"))
        for board in glob.glob(source + "/testdata/dts/*.dts"):
            made = os.path.join(tmp, os.path.basename(board)[:-1] + "b")
            subprocess.run(["dtc", "-q", "-O", "dtb", "-o", made, board], check=True)
        subprocess.run([program, "-q", "-f", script], cwd=tmp, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=100, check=False)
        return [(os.path.basename(path), open(path, encoding="utf-8").read()) for path in sorted(glob.glob(tmp + "/*.json"))]


def run_wrong(program, commands):
    """A script in which each command fails."""
    script = "".join("! %s x\n" % name if name in FREE else name + " --no-such-option\n" for name in commands)
    subprocess.run([program, "-q", "-f", "-"], input=script, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=100, check=False)
    return []


def keep(said, more, run, *arguments):
    """What the program says meanwhile goes to files that are called 'said'."""
    os.environ.update(IOPT_SAID=said, IOPT_MORE=more)
    return run(*arguments)


def tasks_of(wrapper, source, commands):
    tests = os.path.join(source, "tests")
    for test in TESTS:
        yield os.path.basename(test), "", run_test, os.path.join(tests, test), wrapper, source
    for case in sorted(glob.glob(tests + "/cli/cases/*.case")):
        yield os.path.basename(case), "", run_test, tests + "/cli/run_case.py", wrapper, case
    for script in sorted(glob.glob(tests + "/cli/schema/*.iopt")):
        yield os.path.basename(script), "-v", run_script, wrapper, source, script
    yield "wrong", "", run_wrong, wrapper, commands


def lines_of(program, source, commands, documents):
    """Files that the program wrote are added to 'documents'."""
    with tempfile.TemporaryDirectory() as tmp:
        wrapper = os.path.join(tmp, "iopt")
        with open(wrapper, "w", encoding="utf-8") as f:
            f.write(WRAPPER)
        os.chmod(wrapper, 0o755)
        os.environ["IOPT_REAL"] = program
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            made = [pool.submit(keep, os.path.join(tmp, name), *rest) for name, *rest in tasks_of(wrapper, source, commands)]
        for future in made:
            documents += future.result()
        for path in sorted(glob.glob(tmp + "/*.*")):
            with open(path, encoding="utf-8", errors="backslashreplace") as f:
                for line in f:
                    yield os.path.basename(path).rsplit(".", 1)[0], line
