#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Named bad inputs, each with the exit status and the words that must come of it: run.py PROGRAM [NAME...]

The tables are in table_*.py: rows of (name, bytes or an edit of a good file, status, words).  Every
row is one run of the program; it must end with the status, say the words on stderr, and leave
nothing on stdout and no file behind."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

import table_dumps
import table_json
import table_text

TABLES = (table_dumps, table_text, table_json)


def run(program, row):
    """What is wrong with the answer, or None."""
    name, data, arguments, status, words = row
    with tempfile.TemporaryDirectory(prefix="iopt-bad-") as tmp:
        with open(os.path.join(tmp, "bad"), "wb") as f:
            f.write(data)
        done = subprocess.run([program, *arguments], cwd=tmp, capture_output=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": tmp, "LC_ALL": "C.UTF-8"})
        left = sorted(os.listdir(tmp))
    stderr = done.stderr.decode(errors="replace")
    if done.returncode != status:
        return f"{name}: exit {done.returncode}, want {status}: {stderr[:200]}"
    for part in words.split(" ... "):
        if part not in stderr:
            return f"{name}: does not say {part!r}: {stderr[:300]}"
    if done.stdout:
        return f"{name}: stdout has {done.stdout[:100]!r}"
    return f"{name}: leaves {left}" if left != ["bad"] else None


def main():
    program, only = os.path.abspath(sys.argv[1]), sys.argv[2:]
    rows = [row for table in TABLES for row in table.rows() if not only or row[0] in only]
    names = [row[0] for row in rows]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        sys.exit(f"names that stand twice: {sorted(twice)}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [x for x in pool.map(lambda row: run(program, row), rows) if x]
    print("\n".join(faults))
    print(f"{len(rows)} bad inputs, {len(faults)} not as they should be")
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
