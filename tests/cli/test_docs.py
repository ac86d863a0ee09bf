#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the ```console blocks of README.md and docs/*.md: PROGRAM SOURCE [--update]

A line "$ COMMAND" is run by bash, with iopt in its PATH, and must say what follows it; a line "…"
stands for any that are left out.  What follows "$ cat FILE" is written into that file the first
time.  $IOPT_SOURCE is the project's folder; its testdata and docs can be named as from there.
"""
import glob
import os
import subprocess
import sys
import tempfile


def pieces_of(lines):
    """(command or None, its lines) for all lines of a document, in order."""
    pieces, inside = [(None, [])], False
    for line in lines:
        if line.startswith("```"):
            inside = line.strip() == "```console"
            pieces.append((None, [line]))
        elif inside and line.startswith("$ "):
            pieces.append((line[2:].strip(), []))
        else:
            pieces[-1][1].append(line)
    return pieces


def run(command, body, program, source):
    word = command.split()
    if word[0] == "cat" and len(word) == 2 and not os.path.exists(word[1]):
        open(word[1], "w", encoding="utf-8").write(body)
        return body
    path = os.path.dirname(program) + ":" + os.environ["PATH"]
    environment = dict(os.environ, PATH=path, LC_ALL="C.UTF-8", IOPT_SOURCE=source, HOME=os.getcwd())
    done = subprocess.run(["bash", "-c", command], env=environment, timeout=int(os.environ.get("IOPT_TEST_TIMEOUT", "100")), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="backslashreplace")


def is_said(said, wanted):
    """With any lines for each "…"."""
    at, parts = 0, wanted.split("…\n")
    if not said.startswith(parts[0]) or not said.endswith(parts[-1]):
        return False
    for part in parts:
        at = said.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(parts) > 1 or said == wanted


def check(path, program, source, update):
    wrong, text = [], ""
    for command, lines in pieces_of(open(path, encoding="utf-8")):
        body = "".join(lines)
        said = body if command is None else run(command, body, program, source)
        if is_said(said, body):
            said = body
        else:
            wrong.append("%s: $ %s\n%s--- wanted\n%s" % (os.path.basename(path), command, said, body))
        text += ("$ %s\n" % command if command is not None else "") + said
    if update:
        open(path, "w", encoding="utf-8").write(text)
    return [] if update else wrong


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    paths = sorted(glob.glob(source + "/docs/*.md"))
    wrong = [] if paths else ["no documents"]
    for path in [source + "/README.md", *paths]:
        with tempfile.TemporaryDirectory() as tmp:
            os.chdir(tmp)
            for name in ("testdata", "docs"):
                os.symlink(os.path.join(source, name), name)
            wrong += check(path, program, source, "--update" in sys.argv)
            os.chdir("/")
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
