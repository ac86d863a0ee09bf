#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The schemas and what the program really says with -j agree: test_schema.py PROGRAM SOURCE

Every line of every case, example and script is valid.  Every command is seen to succeed and to
fail, and everything that a schema describes is seen: a member that never comes is not described.
What the manual names is.
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema

from schema_lines import lines_of

# They write a file to standard output on purpose.
NOT_JSON = {"files.case", "stdout_fails.case"}
# What is only read: test_spec_schema.py, test_registers_schema.py.
READ = {"iopt-spec-1.json", "iopt-registers-1.json"}


class Coverage:
    """Which members and alternatives of the schemas took part in something valid."""

    def __init__(self):
        self.sets = [set()]

    def note(self, schema):
        self.sets[-1].add(id(schema))

    def attempt(self, errors):
        """The errors of an alternative, which counts if there are none."""
        self.sets.append(set())
        errors = list(errors)
        tried = self.sets.pop()
        if not errors:
            self.sets[-1] |= tried
        return errors


def validator_class(coverage):
    base = jsonschema.Draft202012Validator

    def properties(validator, members, instance, schema):
        for name, member in members.items():
            if isinstance(instance, dict) and name in instance:
                coverage.note(member)
                yield from validator.descend(instance[name], member, path=name, schema_path=name)

    def any_of(validator, schemas, instance, schema):
        all_errors = []
        for i, choice in enumerate(schemas):
            errors = coverage.attempt(validator.descend(instance, choice, schema_path=i))
            if not errors:
                coverage.note(choice)
            all_errors.append(errors)
        if all(all_errors):
            nearest = min(all_errors, key=len)
            yield jsonschema.ValidationError("none of the alternatives, nearest: " + "; ".join(e.message for e in nearest))

    def unevaluated(validator, value, instance, schema):
        coverage.sets.append(set())
        errors = list(base.VALIDATORS["unevaluatedProperties"](validator, value, instance, schema))
        coverage.sets.pop()
        yield from errors

    return jsonschema.validators.extend(base, {"properties": properties, "anyOf": any_of, "unevaluatedProperties": unevaluated})


def load(source):
    schemas = {}
    for path in sorted(glob.glob(source + "/docs/schema/*.json")):
        with open(path, encoding="utf-8") as f:
            schema = json.load(f)
        jsonschema.validators.validator_for(schema).check_schema(schema)
        name = os.path.basename(path)
        assert schema["$id"] == name, path
        schema.pop("$schema")  # or what is behind a reference is no longer watched
        schemas[name] = schema
    return schemas


def among(schemas):
    """How a validator finds those that others refer to; older versions have no registry."""
    try:
        from referencing import Registry, jsonschema as drafts
    except ImportError:
        return {"resolver": jsonschema.RefResolver("", {}, store=schemas)}
    resources = [(name, drafts.DRAFT202012.create_resource(schema)) for name, schema in schemas.items()]
    return {"registry": Registry().with_resources(resources)}


def parts_of(schema, path):
    """(path, what is there) of all members and alternatives of a schema."""
    if isinstance(schema, list):
        for i, part in enumerate(schema):
            yield from parts_of(part, "%s/%d" % (path, i))
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        here = "%s/%s" % (path, key)
        if key == "properties" and isinstance(value, dict):
            for name, member in value.items():
                yield "%s/%s" % (here, name), member
        if key == "anyOf":
            for i, choice in enumerate(value):
                yield "%s/%d" % (here, i), choice
        if key not in ("if", "not", "enum", "const", "required"):
            yield from parts_of(value, here)


def shape(line):
    """The same text for lines that no schema can tell apart."""
    line = re.sub(r'"0x(0|[1-9a-f][0-9a-f]{0,15})"', '"0x0"', line)
    line = re.sub(r"(?<=[:,\[])[0-9]{3,}(?=[,\]}])", "100", line)
    return re.sub(r"(\[[^][{}]*\]|\{[^][{}]*\})(,\1)+", r"\1", line)


def definition(name):
    return "#/$defs/" + name.replace(" ", "-")


class Checker:
    def __init__(self, schemas, commands):
        self.coverage = Coverage()
        self.schemas, self.commands = schemas, commands
        self.make = validator_class(self.coverage)
        self.among = among(schemas)
        self.faults, self.known, self.seen = collections.Counter(), set(), set()
        root = schemas["iopt-result-1.json"]
        # as the root has it, but for one command: it is a hundred times slower
        members = dict(root["properties"], error={"$ref": "iopt-result-1.json#/$defs/error"})
        self.frame = {"required": root["required"], "properties": members, "unevaluatedProperties": False}

    def check(self, where, value, schema):
        for error in self.make(schema, **self.among).iter_errors(value):
            place = "/".join(str(x) for x in error.absolute_path)
            self.faults["%s: %s: %s" % (where, place, error.message[:300])] += 1

    def result(self, where, value):
        name = value.get("command")
        if name not in self.commands:
            return self.check(where, value, {"$ref": "iopt-result-1.json"})
        kind = "ok" if value.get("ok") else "error" if "error" in value else "no"
        if (name, kind) not in self.seen:
            self.seen.add((name, kind))
            self.check(where, value, {"$ref": "iopt-line-1.json"})
        frame = dict(self.frame, **{"$ref": "iopt-result-1.json" + definition(name)})
        return self.check(where + ": " + name, value, frame)

    def record(self, where, value, command):
        name = "trace" if "trace" in value else command
        if definition(name)[8:] not in self.schemas["iopt-record-1.json"]["$defs"]:
            self.faults["%s: records of %s, which lists nothing" % (where, command)] += 1
            return
        if ("record", name) not in self.seen:
            self.seen.add(("record", name))
            self.check(where, value, {"$ref": "iopt-line-1.json"})
        self.check("%s: record of %s" % (where, command), value, {"$ref": "iopt-record-1.json" + definition(name)})

    def line(self, where, line, records):
        """A line; 'records' are those before it, of the same program."""
        try:
            value = json.loads(line, object_pairs_hook=self.unique)
        except ValueError as e:
            if where not in NOT_JSON:
                self.faults["%s: %s: %s" % (where, e, line[:200])] += 1
            return
        if not isinstance(value, dict):
            if where not in NOT_JSON:
                self.faults["%s: no object: %s" % (where, line[:200])] += 1
        elif "command" not in value:
            records.append((line, value))
        else:
            for text, record in records:
                if self.is_new((value["command"], shape(text))):
                    self.record(where, record, value["command"])
            records.clear()
            if self.is_new(shape(line)):
                self.result(where, value)

    def is_new(self, key):
        new = key not in self.known
        self.known.add(key)
        return new

    @staticmethod
    def unique(pairs):
        value = dict(pairs)
        if len(value) != len(pairs):
            raise ValueError("a key is there twice")
        return value


def check_selection(schemas, commands):
    """The root of results selects each command's schema, and knows no others."""
    rows = schemas["iopt-result-1.json"]["allOf"]
    wanted = rows[:1]  # negative answers
    wanted += [{"if": {"not": {"properties": {"command": {"enum": commands}}}}, "then": {"required": ["error"]}}]
    wanted += [{"if": {"properties": {"command": {"const": x}}}, "then": {"$ref": definition(x)}} for x in commands]
    return [] if rows == wanted else ["iopt-result-1.json: allOf is not a row for each of: " + ", ".join(commands)]


def check_manual(source, parts):
    """Members that the manual names are in the schemas."""
    with open(source + "/man/iopt-json.5", encoding="utf-8") as f:
        named = set(re.findall(r"\\\(dq([a-z_]+)\\\(dq", f.read()))
    known = {path.rsplit("/", 1)[1] for path, _ in parts}
    return ["the manual's \"%s\" is in no schema" % name for name in sorted(named - known)] if named else ["the manual names nothing"]


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    listed = subprocess.run([program, "-j", "help"], capture_output=True, text=True, check=True).stdout
    commands = [row["name"] for row in map(json.loads, listed.splitlines()) if "name" in row]
    schemas = load(source)
    checker = Checker(schemas, set(commands))
    records, documents, last, count = [], [], None, 0
    for where, line in lines_of(program, source, commands, documents):
        if where != last:
            records = []
        last, count = where, count + 1
        checker.line(where, line, records)
    for where, text in documents:
        value = json.loads(text)
        checker.check(where, value, {"$ref": value["schema"].replace(".", "-").replace("/", "-") + ".json"})
    faults = ["%s (%d times)" % x for x in checker.faults.most_common()] + check_selection(schemas, commands)
    faults += ["%s is never seen to be %s" % (c, k) for c in commands for k in ("ok", "error") if (c, k) not in checker.seen]
    negative = schemas["iopt-result-1.json"]["allOf"][0]["then"]["properties"]["command"]["enum"]
    faults += ["%s is never seen to say no" % c for c in negative if (c, "no") not in checker.seen]
    parts = [(n + p, s) for n, schema in schemas.items() if n not in READ for p, s in parts_of(schema, "#")]
    faults += ["%s is never seen" % path for path, part in parts if id(part) not in checker.coverage.sets[0]]
    faults += check_manual(source, parts)
    print("\n".join(faults))
    print("%d lines of %d shapes, %d commands, %d parts of schemas" % (count, len(checker.known), len(commands), len(parts)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
