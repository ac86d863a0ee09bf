#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tables of real guests (Linux, KVM, U-Boot, EDK2): every address that QEMU's MMU answered, through
the program, and their way through JSON and a raw image and back, byte by byte."""
import glob
import json
import lzma
import os
import subprocess
import sys
import tempfile

REGIMES = {"ttbr0": "el1", "ttbr1": "el1", "ttbr0_el2": "el2", "ttbr1_el2": "el2", "stage2": "stage2"}


def run(program, script):
    p = subprocess.run([program, "-j", "-k", "-f", "-"], input="\n".join(script) + "\n", capture_output=True,
                       text=True, timeout=300, check=False)
    return p, [json.loads(line) for line in p.stdout.splitlines()]


def opened(base, regime, name="d"):
    return [f"mem load {base}.elf.xz", f"domain open {name} --registers {base}.regs.json --regime {regime}"]


def check_answers(program, base, regime, expect):
    p, results = run(program, opened(base, regime) + ["translate " + e["va"] for e in expect])
    answers = [r for r in results if r["command"] == "translate"]
    if len(answers) != len(expect):
        return [f"{len(answers)} answers for {len(expect)}: {p.stderr[:200]}"]
    wrong = []
    for e, r in zip(expect, answers):
        want = e.get("walk_pa") if e.get("denied") else e["pa"]
        if r["pa"] != want:
            wrong.append(f"{e['va']} is {r['pa']}, want {want}")
    return wrong


def check_ways_back(program, base, regime):
    """dump -> load -> dump is the same text, bytes and mappings."""
    with tempfile.TemporaryDirectory() as tmp:
        at = os.path.join(tmp, "")
        p, _ = run(program, opened(base, regime) + [
            f"dump -F json -o {at}1.json", f"dump -F raw -o {at}1.bin", f"dump -F csv -o {at}1.csv",
            f"load {at}1.json e", f"dump -d e -F json -o {at}2.json", f"dump -d e -F raw -o {at}2.bin",
            f"dump -d e -F csv -o {at}2.csv", f"load {at}1.bin f", f"dump -d f -F raw -o {at}3.bin"])
        if p.returncode:
            return [p.stderr[:300]]
        wrong = []
        for one, two in (("1.json", "2.json"), ("1.bin", "2.bin"), ("1.csv", "2.csv"), ("1.bin", "3.bin")):
            with open(at + one, "rb") as a, open(at + two, "rb") as b:
                if a.read() != b.read():
                    wrong.append(f"{one} and {two} differ")
        return wrong


def main():
    program, folder = sys.argv[1:3]
    asked = failed = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.regs.json"))):
        base = path[:-len(".regs.json")]
        with lzma.open(base + ".expect.jsonl.xz", "rt") as f:
            expect = [json.loads(line) for line in f]
        for regime in sorted({REGIMES[e["space"]] for e in expect}):
            mine = [e for e in expect if REGIMES[e["space"]] == regime]
            wrong = check_answers(program, base, regime, mine) + check_ways_back(program, base, regime)
            asked += len(mine)
            failed += len(wrong)
            for line in wrong[:5]:
                print(os.path.basename(base), regime, line)
    print(f"{asked} addresses asked, {failed} failed")
    sys.exit(1 if failed or not asked else 0)


main()
