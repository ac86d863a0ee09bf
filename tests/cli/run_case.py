#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one golden case: run_case.py PROGRAM CASE [--update]

A case is a text of sections, each begun by a line "--- NAME [WORD]":

    file NAME       a file to be there before
    testdata PATH   the same, a file of testdata
    args            the program's arguments, one a line
    script          commands, run by -f s.iopt after the arguments
    shell           instead of the program: a script for bash, with $IOPT and $COMPLETIONS
    stdout, stderr  what must come out, exactly
    stdout has      lines that must be in it, each
    after NAME      what a file must hold then
    gone NAME       a file that must not be there
    exit            the status

What stands before the first section says what the case is about.
"""
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def sections_of(path):
    found, body = [], None
    for line in open(path, encoding="utf-8"):
        if line.startswith("--- "):
            body = []
            found.append((line[4:].split(), body))
        elif body is not None:
            body.append(line)
    return [(head[0], head[1] if len(head) > 1 else "", "".join(body)) for head, body in found]


def command_of(program, sections):
    for kind, _, body in sections:
        if kind == "shell":
            return ["bash", "-c", body]
    command = [program]
    for kind, _, body in sections:
        if kind == "args":
            command += body.splitlines()
        if kind == "script":
            open("s.iopt", "w", encoding="utf-8").write(body)
            command += ["-f", "s.iopt"]
    return command


def run(program, sections):
    """What came out, in the order of the sections that ask for it."""
    for kind, name, body in sections:
        if kind == "file":
            open(name, "w", encoding="utf-8").write(body)
        if kind == "testdata":
            os.symlink(os.path.join(SOURCE, "testdata", name), os.path.basename(name))
    environment = dict(os.environ, IOPT=program, COMPLETIONS=SOURCE + "/completions", LC_ALL="C.UTF-8", HOME=os.getcwd())
    if not any(kind == "shell" for kind, _, _ in sections):  # whose other programs say what they say in C.UTF-8
        environment["LC_ALL"] = os.environ.get("IOPT_TEST_LOCALE", "C.UTF-8")
    done = subprocess.run(command_of(program, sections), env=environment, timeout=int(os.environ.get("IOPT_TEST_TIMEOUT", "100")),
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    text = {"stdout": done.stdout.decode(errors="backslashreplace"), "stderr": done.stderr.decode(errors="backslashreplace")}
    text["exit"] = "%d\n" % done.returncode
    return text


def wrong(kind, name, body, text):
    """The first thing that differs from what a section wants, or None."""
    if kind == "after":
        text = {"after": open(name, encoding="utf-8").read() if os.path.exists(name) else "(no file)"}
    if kind == "gone":
        return "%s is there" % name if os.path.exists(name) else None
    if kind not in text:
        return None
    if name == "has":
        missing = [line for line in body.splitlines() if line not in text[kind]]
        return "%s lacks %r" % (kind, missing[0]) if missing else None
    return None if body == text[kind] else "%s is not as wanted" % kind


def check(program, sections):
    """What came out, and all that is wrong with it."""
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        text = run(program, sections)
        faults = [wrong(*section, text) for section in sections]
        leftovers = [x for x in os.listdir(".") if x.startswith(".iopt-")]
        os.chdir("/")
    faults = [x for x in faults if x] + ["temporary file %s is left" % x for x in leftovers]
    if not any(kind == "exit" for kind, _, _ in sections):
        faults.append("the case does not say the exit status")
    return text, faults


def update(path, sections, text):
    head = open(path, encoding="utf-8").read().split("\n--- ")[0]
    with open(path, "w", encoding="utf-8") as f:
        f.write(head + "\n")
        for kind, name, body in sections:
            if kind in text and name != "has":
                body = text[kind]
            f.write("--- %s\n%s" % ((kind + " " + name).strip(), body))


def main():
    program, path = (os.path.abspath(x) for x in sys.argv[1:3])
    sections = sections_of(path)
    text, faults = check(program, sections)
    if "--update" in sys.argv:
        update(path, sections, text)
        return 0
    for fault in faults:
        print(fault)
    if faults:
        print("--- stdout\n%s--- stderr\n%s--- exit\n%s" % (text["stdout"], text["stderr"], text["exit"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
