# SPDX-License-Identifier: MIT
"""JSON: tables, and registers."""
import json

TABLE = {"schema": "iopt.table/1", "format": "arm-64-lpae-s1", "regime": "el1", "ias": 48, "oas": 48, "granule": "0x1000",
         "page_sizes": ["0x1000", "0x200000", "0x40000000"], "quirks": [], "coherent_walk": True, "endian": "little",
         "oa_layout": "48", "start_level": 0, "root": "0x80000000", "registers": {},
         "tables": [{"pa": "0x80000000", "level": 0, "iova": "0x0", "runs": [[0, 1, "table", "0x80001003", "0x0"]]},
                    {"pa": "0x80001000", "level": 1, "iova": "0x0", "runs": []}]}
LOAD = ["load", "bad", "d", "-F", "json"]
OPEN = ["-m", "bad@0x10000000", "domain", "open", "d", "--registers", "bad"]


def changed(**members):
    table = json.loads(json.dumps(TABLE))
    for name, value in members.items():
        if value is None:
            del table[name]
        else:
            table[name] = value
    return table


def with_run(*run):
    table = json.loads(json.dumps(TABLE))
    table["tables"][0]["runs"] = [list(run)]
    return table


def with_table(**members):
    table = json.loads(json.dumps(TABLE))
    table["tables"][0].update(members)
    return table


def header_rows():
    text = json.dumps(TABLE)
    for left in (1, 2, 10, 50, 200, len(text) // 2, len(text) - 2, len(text) - 1):
        yield f"table-cut-at-{left}", text[:left], 3, "error"
    yield "table-without-tables", json.dumps(changed(tables=None)), 3, "no table at the root"
    for name in ("format", "granule", "root", "ias", "oas", "start_level", "regime"):
        yield f"table-without-{name}", json.dumps(changed(**{name: None})), 3, name
    for name in ("format", "granule", "root", "ias", "oas", "regime", "page_sizes", "quirks", "coherent_walk",
                 "endian", "oa_layout", "start_level"):
        for word, value in (("object", {}), ("wrong-word", "no such thing")):
            yield f"table-{name}-is-{word}", json.dumps(changed(**{name: value})), 3, name
    yield "table-tables-is-object", json.dumps(changed(tables={})), 3, "'[' expected"
    yield "table-tables-is-word", json.dumps(changed(tables="none")), 3, "'[' expected"
    for name, value in (("root", "0x80000001"), ("root", "80000000"), ("root", "0x"), ("root", "0x10000000000000000"), ("root", "0X80"),
                        ("root", -1), ("ias", -1), ("ias", 1.5), ("ias", 1000), ("oas", 99), ("oas", -3),
                        ("granule", "0x1001"), ("granule", "0x2000"), ("start_level", 4), ("start_level", -2), ("start_level", 1.5),
                        ("page_sizes", ["0x3000"]), ("quirks", ["nothing"]), ("quirks", [1]), ("endian", "middle"), ("oa_layout", "49"),
                        ("schema", "iopt.table/2"), ("schema", "something"), ("format", "arm-65-lpae-s1"), ("regime", "el4")):
        yield f"table-{name}-{value}".replace(" ", ""), json.dumps(changed(**{name: value})), 3, "error"
    yield "table-duplicate-key", text[:-1] + ',"ias":48}', 3, "error"
    yield "table-trailing", text + "x", 3, "error"
    yield "table-two-documents", text + text, 3, "error"
    yield "table-array", "[]", 3, "error"
    yield "table-number", "5", 3, "error"
    yield "table-empty-object", "{}", 3, "error"
    yield "table-control-character", text.replace("el1", "el\x01"), 3, "error"
    yield "table-bad-utf8", text.replace("el1", "el\udcff"), 3, "error"
    yield "table-deep", "[" * 100000, 3, "error"
    yield "table-deep-inside", text[:-1] + ',"x":' + "[" * 5000 + "]" * 5000 + "}", 3, "error"


def run_rows():
    for name, run in (("empty", ()), ("short", (0, 1, "table")), ("long", (0, 1, "table", "0x80001003", "0x0", 1)),
                      ("index-negative", (-1, 1, "table", "0x80001003", "0x0")), ("index-past-end", (512, 1, "table", "0x80001003", "0x0")),
                      ("index-huge", (1 << 62, 1, "table", "0x80001003", "0x0")), ("index-word", ("0", 1, "table", "0x80001003", "0x0")),
                      ("count-zero", (0, 0, "table", "0x80001003", "0x0")), ("count-past-end", (500, 13, "page", "0x80001003", "0x0")),
                      ("count-negative", (0, -1, "table", "0x80001003", "0x0")), ("count-huge", (0, 1 << 40, "table", "0x80001003", "0x0")),
                      ("count-fraction", (0, 1.5, "table", "0x80001003", "0x0")), ("type-unknown", (0, 1, "leaf", "0x80001003", "0x0")),
                      ("type-number", (0, 1, 7, "0x80001003", "0x0")), ("type-wrong", (0, 1, "page", "0x80001003", "0x0")),
                      ("type-block-at-0", (0, 1, "block", "0x80001001", "0x0")), ("descriptor-number", (0, 1, "table", 5, "0x0")),
                      ("descriptor-no-hex", (0, 1, "table", "80001003", "0x0")), ("descriptor-long", (0, 1, "table", "0x180001003ffffffff", "0x0")),
                      ("descriptor-zero", (0, 1, "table", "0x0", "0x0")), ("descriptor-null", (0, 1, "table", None, "0x0")),
                      ("step-word", (0, 1, "table", "0x80001003", "far")), ("step-null", (0, 1, "table", "0x80001003", None))):
        yield f"run-{name}", json.dumps(with_run(*run)), 3, "error"
    for name, members in (("pa-odd", {"pa": "0x80000004"}), ("pa-word", {"pa": "there"}), ("pa-number", {"pa": -5}), ("pa-long", {"pa": "0x1ffffffffffffffff"}),
                          ("level-4", {"level": 4}), ("level-word", {"level": "0"}), ("level-1", {"level": 1}), ("level-fraction", {"level": 0.5}),
                          ("runs-object", {"runs": {}}), ("runs-of-numbers", {"runs": [1, 2]}), ("runs-null", {"runs": None}),
                          ("iova-word", {"iova": "x"}), ("iova-number", {"iova": -1})):
        yield f"one-{name}", json.dumps(with_table(**members)), 3, "error"


def register_rows():
    good = '{"arch":"aarch64","ttbr0":"0x1000","tcr":"0x80001c"}'
    for left in (1, 5, 20, 30, len(good) - 1):
        yield f"registers-cut-at-{left}", good[:left], 3, "error"
    for name, text in (("array", "[]"), ("number", "5"), ("word", '"ttbr0"'), ("empty", ""), ("blank", "  \n"), ("null", "null"),
                       ("duplicate", '{"ttbr0":"0x1","ttbr0":"0x2"}'), ("trailing", good + "}"), ("value-word", '{"ttbr0":"there"}'),
                       ("value-list", '{"ttbr0":[1]}'), ("value-null", '{"ttbr0":null}'), ("value-negative", '{"ttbr0":-1}'),
                       ("value-fraction", '{"ttbr0":1.5}'), ("value-long", '{"ttbr0":"0x10000000000000000"}'), ("value-bare-hex", '{"ttbr0":"1000"}'),
                       ("value-empty", '{"ttbr0":""}'), ("value-0x", '{"ttbr0":"0x"}'), ("value-true", '{"ttbr0":true}'),
                       ("arch-unknown", '{"arch":"x86","ttbr0":"0x1"}'), ("arch-number", '{"arch":5}'), ("quirks-word", '{"quirks":"arm-ns"}'),
                       ("quirks-unknown", '{"quirks":["none"]}'), ("field-word", '{"tcr":{"tsz":"x"}}'), ("value-member-word", '{"tcr":{"value":"x"}}'),
                       ("fields-word", '{"tcr":{"value":"0x1","fields":5}}'), ("deep", '{"a":' * 3000), ("utf8", '{"ttbr0":"\udcff"}'),
                       ("comment", "# registers\n{}"), ("single-quotes", "{'ttbr0':'0x1'}"), ("yaml", "ttbr0: 0x1000\n")):
        yield f"registers-{name}", text, 3, "error"
    for name, text, words in (("none", "{}", "no table base register"), ("others", '{"x0":"0x1"}', "no table base register"),
                              ("no-tcr", '{"ttbr0":"0x1000"}', "control register"), ("tsz", '{"ttbr0":"0x1000","tcr":"0x80003f"}', "TSZ is out of range"),
                              ("granule", '{"ttbr0":"0x1000","tcr":"0x80c01c"}', "granules"), ("epd", '{"ttbr0":"0x1000","tcr":"0x800080"}', "disables every half")):
        yield f"registers-open-{name}", text, 1, words


def rows():
    for name, text, status, words in (*header_rows(), *run_rows()):
        yield "json-" + name, text.encode(errors="surrogateescape"), LOAD, status, words
    for name, text, status, words in register_rows():
        yield "json-" + name, text.encode(errors="surrogateescape"), ["domain", "open", "d", "--registers", "bad"], status, words
