#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PROGRAM DRIVER: the same bytes in any folder, locale and time zone."""
import os
import sys
import tempfile

from tables import contents, make_table, run, scratch

PROGRAM, DRIVER = (os.path.abspath(x) for x in sys.argv[1:3])
PLACES = (("a", {"LC_ALL": "C", "TZ": "UTC"}),
          ("deep/er/folder with blanks", {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu",
                                          "HOME": "/nowhere", "SOURCE_DATE_EPOCH": "1"}))
KINDS = (".bin", ".bin.json", ".json", ".c", ".h", ".S", ".o", ".hex", ".srec", ".ld", ".dts", ".svg")


def main():
    with tempfile.TemporaryDirectory() as top:
        made = []
        for place, environment in PLACES:
            scratch(os.path.join(top, place))
            make_table(PROGRAM, "a64-4k", "table.json")
            paths = [os.path.join(os.getcwd(), "out" + kind) for kind in KINDS if kind != ".bin.json"]
            run(DRIVER, "table.json", "base=0x40000000", *paths, env=dict(os.environ, **environment))
            made.append({kind: contents("out" + kind) for kind in KINDS})
        for kind in KINDS:
            first, second = made[0][kind], made[1][kind]
            if not first or first != second:
                raise AssertionError(kind + " differs from place to place")
            for trace in (os.fsencode(top), b"folder", b"/tmp"):
                if trace in first:
                    raise AssertionError("%s says where it was made" % kind)
        os.chdir("/")
    print("%d outputs are the same everywhere" % len(KINDS))


if __name__ == "__main__":
    main()
