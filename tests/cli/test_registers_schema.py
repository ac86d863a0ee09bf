#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The schema of register files and the program agree: test_registers_schema.py PROGRAM SOURCE

Every file of the tests, and what domain show prints, is valid and read; what is damaged is refused
by both.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

from test_schema import among, load

A64 = {"arch": "aarch64", "ttbr0_el1": "0x80000000", "ttbr1": 2147487744, "tcr": {"value": "0x280190019"}, "mair_el1": "0xFF"}
SPACE = {"ttbr": "0x80000000", "tcr": {"ips": 2, "tg": 0, "sh": 3, "tsz": 25}, "ias": 39, "oas": 40, "quirks": ["arm-ns"]}
GOOD = [
    A64, SPACE, {"registers": A64, "made": "by hand"}, {"registers": {"tcr": {"value": "0x19", "fields": {"tsz": 25}}}},
    dict(A64, name=["anything"], vbar=None), {"arch": "arm", "ttbcr": 0, "prrr": "0x1", "nmrr": 0, "dacr": "0x55555555", "mair0": "0x0"},
    {"smmuv3": {"strtab_base": "0x80000000", "strtab_base_cfg": 6, "idr0": "0x1"}}, {"tcr": {"other": "x"}}, {"scr": "0X10", "hcr_el2": 0},
]
BAD = [
    [], "0x1", 7, {"arch": "arm64"}, {"arch": 8}, {"ttbr0": "80000000"}, {"ttbr0": "0x"}, {"ttbr0_el1": "0x10000000000000000"},
    {"tcr": -1}, {"tcr": None}, {"tcr": []}, {"tcr": 1.5}, {"mair": True}, {"tcr": {"value": "x"}}, {"tcr": {"value": 1, "fields": []}},
    {"tcr": {"value": 1, "fields": {"tsz": "25"}}}, {"tcr": {"tsz": -1}}, {"quirks": "arm-ns"}, {"quirks": ["arm-nt"]}, {"quirks": [1]},
    {"ias": "48"}, {"registers": {"ttbr0": "zero"}}, {"ttbcr": "0"}, {"id_aa64mmfr1": "none"}, {"vttbr_el2": [1]},
]


def read(program, value):
    """The exit status of opening what the registers lead to, where there is no memory; 3: wrong."""
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "regs.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(value, f)
        return subprocess.run([program, "-q", "domain", "open", "d", "--registers", path], capture_output=True, check=False).returncode


def printed(program):
    """Registers of spaces of each kind, as domain create shows them."""
    for options in ("", "--regime el2", "--format arm-64-lpae-s2", "--format arm-32-lpae-s1", "--format arm-v7s", "--quirk arm-ttbr1"):
        script = "domain create d " + options
        said = subprocess.run([program, "-j", "-q", "-c", script], capture_output=True, check=True).stdout
        domain = json.loads(said)["domain"]
        yield script, {k: domain[k] for k in ("registers", "ias", "oas", "quirks")}


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    schemas = load(source)
    validator = jsonschema.Draft202012Validator({"$ref": "iopt-registers-1.json"}, **among(schemas))
    files = sorted(glob.glob(source + "/testdata/*/*.regs.json"))
    good = [("good %d" % i, value) for i, value in enumerate(GOOD)] + list(printed(program))
    for path in files:
        with open(path, encoding="utf-8") as f:
            good.append((os.path.basename(path), json.load(f)))
    faults = []
    for name, value in good:
        faults += ["%s: %s" % (name, e.message[:200]) for e in validator.iter_errors(value)]
        if read(program, value) == 3:
            faults.append(name + ": the program does not read it")
    for i, value in enumerate(BAD):
        if validator.is_valid(value):
            faults.append("bad %d: the schema lets it pass" % i)
        if read(program, value) != 3:
            faults.append("bad %d: the program reads it" % i)
    print("\n".join(faults) or "%d good, %d bad: agreed" % (len(good), len(BAD)))
    return 1 if faults or len(files) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
