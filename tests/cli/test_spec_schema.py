#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The schema of specs and the program agree: test_spec_schema.py PROGRAM SOURCE

Every example is valid and builds; every damaged one that a schema can know about is refused by both.
"""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema


def build(program, spec):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "spec.json")
        json.dump(spec, open(path, "w", encoding="utf-8"))
        return subprocess.run([program, "build", path, "--plan"], capture_output=True, text=True, check=False)


def without(spec, *path):
    for key in path[:-1]:
        spec = spec[key]
    del spec[path[-1]]


def put(spec, value, *path):
    for key in path[:-1]:
        spec = spec[key]
    spec[path[-1]] = value


BAD = [
    lambda s: without(s, "schema"), lambda s: put(s, "iopt.spec/2", "schema"), lambda s: put(s, "el4", "regime"),
    lambda s: put(s, "48", "ias"), lambda s: put(s, 65, "oas"), lambda s: put(s, 4096, "granule"),
    lambda s: put(s, 1, "frobnicate"), lambda s: put(s, {}, "regions"), lambda s: without(s, "regions"),
    lambda s: without(s, "regions", 0, "size"), lambda s: without(s, "regions", 0, "va"),
    lambda s: put(s, "rwz", "regions", 0, "access"), lambda s: put(s, "rw", "regions", 0, "access"),
    lambda s: put(s, "normal", "regions", 0, "memory"), lambda s: put(s, "mair:0xF", "regions", 0, "memory"),
    lambda s: put(s, "yes", "regions", 0, "ns"), lambda s: put(s, "always", "regions", 0, "contiguous"),
    lambda s: put(s, "full", "regions", 0, "share"), lambda s: put(s, 0, "regions", 0, "va"),
    lambda s: put(s, "zero", "regions", 0, "va"), lambda s: put(s, "1+", "regions", 0, "va"),
    lambda s: put(s, 7, "regions", 0, "name"), lambda s: put(s, "x", "regions", 0, "colour"),
    lambda s: put(s, [{"elf": "a", "map": "b"}], "include"), lambda s: put(s, [{"exe": "a"}], "include"),
    lambda s: put(s, {"region": []}, "ttbr1"), lambda s: put(s, "write-execute", "allow"),
]


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    schema = json.load(open(os.path.join(source, "docs/schema/iopt-spec-1.json"), encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    jsonschema.Draft7Validator.check_schema(schema)
    faults, examples = [], sorted(glob.glob(os.path.join(source, "docs/specs/*.json")))
    for path in examples:
        spec = json.load(open(path, encoding="utf-8"))
        faults += ["%s: %s" % (path, e.message) for e in validator.iter_errors(spec)]
        done = build(program, spec)
        if done.returncode:
            faults.append(path + ": " + done.stderr)
    good = json.load(open(examples[0], encoding="utf-8"))
    for i, damage in enumerate(BAD):
        spec = copy.deepcopy(good)
        damage(spec)
        if validator.is_valid(spec):
            faults.append("damage %d: the schema lets it pass" % i)
        status = build(program, spec).returncode
        if status != 3:
            faults.append("damage %d: the program exits with %d" % (i, status))
    print("\n".join(faults) or "%d examples, %d damaged: agreed" % (len(examples), len(BAD)))
    return 1 if faults or len(examples) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
