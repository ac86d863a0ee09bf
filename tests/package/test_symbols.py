#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libiopt exports what its headers declare, all of it and nothing else: test_symbols.py LIBRARY SOURCE"""
import re
import subprocess
import sys

EXPORTED = '__attribute__((visibility("default")))'
NAME = re.compile(r"\b(\w+)\s*(?:\(|;|\[)")


def out(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def statements(source):
    """What the compiler sees of the installed headers, without bodies, one declaration each."""
    text = out("cc", "-E", "-P", "-I", source + "/src/core", "-include", "iopt.h", "-x", "c", "/dev/null")
    while True:
        shorter = re.sub(r"\{[^{}]*\}", "{}", text.replace("{}", " "))
        if shorter == text:
            return [" ".join(x.split()) + ";" for x in text.split(";")]
        text = shorter


def declared(source):
    """(exported, other functions of ours that are declared)"""
    exported, others = set(), set()
    for line in statements(source):
        if EXPORTED in line:
            exported.add(NAME.search(re.sub(r"__attribute__\s*\(\(.*?\)\)\)?", "", line)).group(1))
        elif re.match(r"(?!.*\btypedef\b)[\w\s*]+\b(iopt_\w+)\s*\(", line) and "static" not in line:
            others.add(re.search(r"\b(iopt_\w+)\s*\(", line).group(1))
    return exported, others


def main():
    library, source = sys.argv[1:3]
    wanted, others = declared(source)
    # what begins with two underscores is the compiler's own
    got = {line.split()[-1] for line in out("nm", "-D", "--defined-only", library).splitlines()}
    got = {name for name in got if not name.startswith("__")}
    faults = ["%s is declared and not exported" % x for x in sorted(wanted - got)]
    faults += ["%s is exported and not declared" % x for x in sorted(got - wanted)]
    faults += ["%s is declared without IOPT_API" % x for x in sorted(others)]
    faults += ["%s does not begin with iopt_" % x for x in sorted(got) if not x.startswith("iopt_")]
    print("\n".join(faults + ["%d symbols" % len(got)]))
    return 1 if faults or not got else 0


sys.exit(main())
