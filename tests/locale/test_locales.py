#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same bytes in every locale: test_locales.py PROGRAM SOURCE SHIM FOLDER

Every case of tests/cli/cases, and every example of the manual, which must say what they say in the
C locale.  The locales are made in FOLDER, as few machines have them; SHIM makes iopt enter them.
"""
import glob
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(sys.argv[2])
sys.path.insert(0, SOURCE + "/tests/cli")
import run_case

# What tells that a locale is really set: its decimal point, what stands between thousands, its
# characters and its digit 0.
KEYWORDS = ["decimal_point", "thousands_sep", "charmap", "ctype-outdigit0_mb"]
LOCALES = {
    "C": [".", "", "ANSI_X3.4-1968", "0"],
    "de_DE.UTF-8": [",", ".", "UTF-8", "0"],
    "tr_TR.UTF-8": [",", ".", "UTF-8", "0"],
    "tr_TR.ISO-8859-9": [",", ".", "ISO-8859-9", "0"],  # where a small I is one byte, and no i
    "fa_IR.UTF-8": [".", ",", "UTF-8", "\u06f0"],
    "ja_JP.EUC-JP": [".", ",", "EUC-JP", "0"],
}


def make_locale(folder, name):
    language, charset = name.split(".")
    if not os.path.isdir(os.path.join(folder, name)):
        with tempfile.TemporaryDirectory(dir=folder) as tmp:
            made = os.path.join(tmp, name)
            subprocess.run(["localedef", "-i", language, "-f", charset, made], check=True)
            os.rename(made, os.path.join(folder, name))


def signs(name):
    said = subprocess.run(["locale", *KEYWORDS], env=dict(os.environ, LC_ALL=name), capture_output=True, check=True)
    return said.stdout.decode().split("\n")[:-1]


def examples(program):
    done = subprocess.run([sys.executable, SOURCE + "/tests/cli/test_examples.py", program, SOURCE],
                          capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout.strip()


def check(program, name, wanted):
    """What is wrong in one locale; 'wanted' is what the examples say in C."""
    os.environ["IOPT_TEST_LOCALE"] = name
    if signs(name) != LOCALES[name]:
        return ["the locale is not set: %s" % signs(name)]
    wrong = []
    for path in sorted(glob.glob(SOURCE + "/tests/cli/cases/*.case")):
        text, faults = run_case.check(program, run_case.sections_of(path))
        if faults:
            wrong.append("%s: %s\n%s%s" % (os.path.basename(path), faults, text["stdout"], text["stderr"]))
    got = examples(program)
    if got != wanted:
        wrong.append("the examples of the manual: %s, %s in C" % (got, wanted))
    return wrong


def main():
    program, _, shim, folder = (os.path.abspath(x) for x in sys.argv[1:5])
    failed = 0
    # PYTHONUTF8: the files of the tests are UTF-8, wherever they are read
    os.environ.update(LOCPATH=folder, LC_ALL="C", PYTHONUTF8="1")
    wanted = examples(program)
    os.environ["LD_PRELOAD"] = shim
    for name in LOCALES:
        if name != "C":
            make_locale(folder, name)
        wrong = check(program, name, wanted)
        failed += len(wrong)
        print("%s: %d wrong" % (name, len(wrong)))
        print("".join(name + ": " + x + "\n" for x in wrong), end="", flush=True)
    print("%d cases, %s" % (len(glob.glob(SOURCE + "/tests/cli/cases/*.case")), wanted[1]))
    return 1 if failed or wanted[0] else 0


sys.exit(main())
