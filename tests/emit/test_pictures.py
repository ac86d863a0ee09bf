#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PROGRAM DRIVER: pictures and graphs are well formed, true to the mappings, and of bounded size."""
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from tables import TABLES, contents, make_table, run, two_halves

PROGRAM = os.path.abspath(sys.argv[1])
SVG = "{http://www.w3.org/2000/svg}"
BANDS_MAX, TABLES_MAX, EDGES_MAX = 64, 400, 1000


def wrong(what, *values):
    raise AssertionError("%s: %s" % (what, ", ".join(map(str, values))))


def mappings(*how):
    """(first, last) of each record, and how many entries there are."""
    said = subprocess.run([PROGRAM, "-j", *how, "-c", "dump -F mappings"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True, timeout=120).stdout.decode()
    records = [r for r in map(json.loads, said.splitlines()) if "attrs" in r]
    return [(int(r["iova"], 16), int(r["last"], 16)) for r in records], sum(r["count"] for r in records)


def bands_of(tree):
    return [tuple(int(x, 16) for x in g.find(SVG + "title").text.split("..")) for g in tree.iter(SVG + "g")]


def joined(ranges):
    out = []
    for first, last in ranges:
        if out and out[-1][1] + 1 >= first:
            out[-1][1] = max(out[-1][1], last)
        else:
            out.append([first, last])
    return out


def check_svg(path, ranges, count, exact):
    """Every mapping lies in a band; all in one column that ends within the page."""
    run("xmllint", "--noout", "--nonet", path)
    tree = ElementTree.parse(path).getroot()
    bands = bands_of(tree)
    if len(bands) > BANDS_MAX:
        wrong("bands", len(bands))
    if exact and joined(bands) != joined(ranges):
        wrong("bands are not the mappings", bands, ranges)
    at = 0
    for first, last in ranges:
        while at < len(bands) and bands[at][1] < first:
            at += 1
        if at == len(bands) or not bands[at][0] <= first <= bands[at][1]:
            wrong("in no band", hex(first), hex(last))
    height = int(tree.get("height"))
    for rect in tree.iter(SVG + "rect"):
        if int(rect.get("y") or 0) + float(rect.get("height")) > height:
            wrong("below the page", ElementTree.tostring(rect))
    text = "".join(tree.itertext())
    shown = sum(int(n) for n in re.findall(r"in (\d+) mapping", text))
    if shown != 2 * count:  # in the title, and in the legend
        wrong("mappings in title and legend", shown, count)


def check_dot(path):
    """Each node once, each edge between nodes; what is open is closed."""
    text = contents(path).decode()
    nodes = re.findall(r"^\t(t\w+) \[", text, re.M)
    edges = re.findall(r"^\t(t\w+) -> (t\w+) \[", text, re.M)
    if len(set(nodes)) != len(nodes) or not nodes or len(nodes) > TABLES_MAX or len(edges) > EDGES_MAX + TABLES_MAX:
        wrong("nodes and edges", len(nodes), len(set(nodes)), len(edges))
    if not set(sum(edges, ())) <= set(nodes):
        wrong("an edge to nowhere")
    for line in text.splitlines():
        if line.count('"') % 2 or (line.startswith("\t") and line[-1] != ";"):
            wrong("not well formed", line)
    if text.count("{") != text.count("}"):
        wrong("braces")
    return nodes, edges, text


def draw(*how):
    run(PROGRAM, *how, "-c", "dump -o p.svg; dump -o p.dot")


def check_all_formats():
    for name in TABLES:
        make_table(PROGRAM, name, "table.json")
        draw("-t", "table.json")
        check_svg("p.svg", *mappings("-t", "table.json"), True)
        nodes, edges, _ = check_dot("p.dot")
        if len(edges) != len(nodes) - 1:
            wrong("a tree", name, nodes, edges)
    two_halves(PROGRAM, "table.json")
    draw("-t", "table.json")
    check_svg("p.svg", *mappings("-t", "table.json"), True)
    if b"ttbr1" not in contents("p.svg") or b"ttbr1" not in contents("p.dot"):
        wrong("the upper half is not named")


def check_ends():
    """First and last page of a 64-bit space; nothing at all."""
    how = ["-c", "domain create d --ias 48 --quirk arm-ttbr1; map 0xffff000000000000 0x1000 4k r; "
           "map 0xfffffffffffff000 0x1000 4k r"]
    draw(*how)
    check_svg("p.svg", *mappings(*how), True)
    draw("-c", "domain create d")
    check_svg("p.svg", [], 0, True)
    if b"nothing is mapped" not in contents("p.svg"):
        wrong("an empty domain")
    check_dot("p.dot")


def check_many():
    """Thousands of mappings: bounded, and none is lost."""
    rnd = random.Random(1)
    lines, at = ["domain create d --ias 39"], 0x10000000
    for _ in range(3000):
        at += rnd.choice((0, 0x1000, 0x5000, 0x200000)) + (rnd.random() < .01) * 0x40000000
        pages = rnd.choice((1, 1, 2, 16, 300))
        lines.append("map 0x%x 0x%x %dk %s" % (at, 0x100000000 + (rnd.randrange(1 << 30) & ~4095), 4 * pages,
                                               rnd.choice(("rw", "rwn", "rc", "rwcn", "read,mmio", "rcn"))))
        at += 4096 * pages
    lines.append("dump -F json -o many.json")
    open("many.iopt", "w", encoding="utf-8").write("\n".join(lines))
    run(PROGRAM, "-f", "many.iopt")
    draw("-t", "many.json")
    check_svg("p.svg", *mappings("-t", "many.json"), False)
    if os.path.getsize("p.svg") > 1 << 20 or os.path.getsize("p.dot") > 1 << 20:
        wrong("size", os.path.getsize("p.svg"), os.path.getsize("p.dot"))
    _, _, text = check_dot("p.dot")
    if not re.search(r"and \d+ more tables", text):
        wrong("tables that are not drawn are not told of")


def check_self():
    """A page that points to itself from every slot but some."""
    words = [0x80000003] * 256 + [0x80000443] * 200 + [0] * 56
    open("self.bin", "wb").write(struct.pack("<512Q", *words))
    how = ["-m", "self.bin@0x80000000", "-c", "domain open d --registers ttbr=0x80000000,mair=0xff "
           "--format arm-64-lpae-s1"]
    draw(*how)
    check_svg("p.svg", *mappings(*how), False)
    nodes, edges, _ = check_dot("p.dot")
    if len(nodes) != 4 or len(edges) != 6:
        wrong("a page that points to itself", nodes, edges)


def check_failures():
    if subprocess.run([PROGRAM, "-c", "domain create d; dump -F svg"], stdin=subprocess.DEVNULL,
                      stdout=open("/dev/full", "w"), stderr=subprocess.DEVNULL, check=False).returncode != 5:
        wrong("a full disk is not told of")


def main():
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        check_all_formats()
        check_ends()
        check_many()
        check_self()
        check_failures()
        os.chdir("/")
    print("pictures and graphs are as they should be")


if __name__ == "__main__":
    main()
