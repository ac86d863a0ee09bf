#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lint as SARIF 2.1.0, member by member as the standard has them: PROGRAM SOURCE"""
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

LEVELS = ("none", "note", "warning", "error")


def check(condition, what):
    if not condition:
        print(what)
        sys.exit(1)


def check_text(value, what):
    check(isinstance(value, dict) and isinstance(value.get("text"), str) and value["text"], what + " has no text")


def check_rules(rules):
    check(len({r["id"] for r in rules}) == len(rules), "two rules have one id")
    for r in rules:
        check_text(r["shortDescription"], r["id"])
        check_text(r["fullDescription"], r["id"])
        check(r["defaultConfiguration"]["level"] in LEVELS, r["id"] + ": level")
        check(set(r) <= {"id", "shortDescription", "fullDescription", "defaultConfiguration"}, "rule: unknown members")


def check_result(result, rules):
    allowed = {"ruleId", "ruleIndex", "level", "message", "locations", "properties"}
    check(set(result) == allowed, "result: members %s" % sorted(result))
    check(rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex is not the rule's")
    check(result["level"] in LEVELS, "result: level")
    check_text(result["message"], "message")
    check(len(result["locations"]) == 1, "result: locations")
    location = result["locations"][0]
    uri = location["physicalLocation"]["artifactLocation"]["uri"]
    check(uri and urllib.parse.quote(urllib.parse.unquote(uri), safe="/~") == uri, "'%s' is no URI" % uri)
    for logical in location["logicalLocations"]:
        check(set(logical) == {"kind", "fullyQualifiedName"}, "logicalLocation")


def check_log(log):
    check(set(log) == {"$schema", "version", "runs"} and log["version"] == "2.1.0", "no SARIF 2.1.0")
    check("sarif" in log["$schema"] and len(log["runs"]) == 1, "schema, runs")
    run = log["runs"][0]
    check(set(run) == {"tool", "results", "columnKind"}, "run: members")
    check(run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints"), "columnKind")
    driver = run["tool"]["driver"]
    check(driver["name"] == "iopt" and driver["version"], "driver")
    check_rules(driver["rules"])
    for result in run["results"]:
        check_result(result, driver["rules"])
    return run["results"]


def iopt(program, *args):
    return subprocess.run([program, *args], capture_output=True, text=True, timeout=100, check=False)


def check_files(program, tables):
    """A file appears whole or not at all, and the exit status says what was found."""
    done = iopt(program, *tables, "-j", "lint")
    records = [json.loads(line) for line in done.stdout.splitlines()][:-1]
    check(records and done.returncode == 1, "no findings to compare with")
    done = iopt(program, *tables, "lint -o a b.sarif")
    check(done.returncode == 2, "a name of two words: %d" % done.returncode)
    done = iopt(program, *tables, "lint", "-o", "a b.sarif")
    check(done.returncode == 1, "exit status %d: %s" % (done.returncode, done.stderr))
    with open("a b.sarif", encoding="utf-8") as f:
        results = check_log(json.load(f))
    for record, result in zip(records, results):
        check(result["ruleId"] == record["rule"] and result["message"]["text"] == record["message"], "another finding")
        for name in ("iova", "size", "count", "table", "level", "index"):
            check(result["properties"][name] == record[name], name)
    check(len(records) == len(results), "%d records, %d results" % (len(records), len(results)))
    check(iopt(program, *tables, "lint", "-F", "sarif", "-o", "/dev/full").returncode == 5, "/dev/full")
    check(iopt(program, *tables, "lint", "-o", "no/where.sarif").returncode == 5, "no such folder")
    check(iopt(program, *tables, "lint", "-o", "text").returncode == 1, "as text")
    with open("text", encoding="utf-8") as f:
        check(len(f.read().splitlines()) == len(records), "lines of text")


def check_stdout(program, tables):
    done = iopt(program, *tables, "lint", "-F", "sarif")
    check(done.returncode == 1 and check_log(json.loads(done.stdout)), "on stdout")
    lines = iopt(program, *tables, "-j", "lint", "-F", "sarif").stdout.splitlines()
    check(len(lines) == 2 and check_log(json.loads(lines[0])), "one line under -j")
    check(json.loads(lines[1])["records"] == 1, "a document is one record")
    done = iopt(program, "-c", "domain create d; lint -F sarif")
    check(done.returncode == 0 and not check_log(json.loads(done.stdout)), "nothing found")


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    dump = source + "/testdata/dumps/uefi-arm"
    tables = ["-m", dump + ".elf.xz", "-r", dump + ".regs.json"]
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        check_files(program, tables)
        check_stdout(program, tables)
        check([x for x in os.listdir(".") if x.startswith(".iopt-")] == [], "a temporary file is left")
        os.chdir("/")


main()
