#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual page's COMMANDS are those of the program, and every option is in it."""
import os
import re
import subprocess
import sys


def out(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    program, source = sys.argv[1:3]
    path = os.path.join(source, "man", "iopt.1")
    page = open(path, encoding="utf-8").read()
    commands = out(program, "help", "--man")
    faults = []
    if commands not in page:
        faults.append("COMMANDS differs from what 'iopt help --man' prints")
    for option in re.findall(r"^  .{4}(--[a-z-]+)", out(program, "--help"), re.M):
        if "Fl \\-" + option[2:] not in page:
            faults.append("the page does not have " + option)
    check = subprocess.run([program, "help", "--check"], capture_output=True, text=True, check=False)
    if check.returncode:
        faults.append(check.stderr)
    print("\n".join(faults))
    return 1 if faults else 0


sys.exit(main())
