# SPDX-License-Identifier: MIT
"""Text: pasted hexdumps, and scripts."""

LOAD = ["-m", "bad", "mem", "read", "0x1000", "4"]
GOOD = "00001000: 03 10 00 40 00 00 00 00    ...@....\n"

HEXDUMPS = [
    # name, what follows a good line, line:column, words
    ("letters", "00001008: 0g 00\n", "2:12", "a hex digit expected"),
    ("odd-digits", "00001008: 001\n", "2:11", "a group of 2, 4, 8 or 16"),
    ("18-digits", "00001008: 001122334455667788\n", "2:11", "a group of 2, 4, 8 or 16"),
    ("10-digits-then-8", "00001008: 00112233 0011223344\n", "2:20", "another width"),
    ("other-width", "00001008: 00 0011\n", "2:14", "another width"),
    ("short-in-between", "00001008: 0011 00 0011\n", "2:19", "another width"),
    ("no-address", ": 00 11\n", "2:1", "an address in hex digits expected"),
    ("words", "hello: 00 11\n", "2:1", "an address in hex digits expected"),
    ("semicolon", "00001008; 00 11\n", "2:9", "a ':' or a space expected"),
    ("17-digits-address", "10000000000001008: 00\n", "2:17", "an address of more than 64 bits"),
    ("address-0x-alone", "0x: 00\n", "2:3", "an address in hex digits expected"),
    ("wraps", "ffffffffffffffff: 00 11\n", "2:1", "leave the 64-bit address space"),
    ("wraps-at-end", "fffffffffffffffc: 00112233 44556677\n", "2:1", "leave the 64-bit address space"),
    ("star-at-end", "*\n", "2:1", "an address must end the text"),
    ("star-then-comment", "*\n# end\n", "3:1", "an address must end the text"),
    ("star-back", "*\n00000000: 00\n", "3:1", "a higher address expected"),
    ("star-inside", "*\n00001007: 00\n", "3:1", "a higher address expected"),
    ("star-and-more", "* 00001010\n", "2:1", "an address in hex digits expected"),
    ("257-bytes", "00002000: " + "00 " * 257 + "\n", "2:779", "more than 256 bytes"),
    ("long-line", "00002000: " + "00" * 2500 + "\n", "2:4097", "a line of more than 4096 characters"),
    ("control", "00001008: 00 \x01\x02\n", "2:14", "a hex digit expected"),
    ("high-bytes", "00001008: \u00e9\u00e8\n", "2:11", "a hex digit expected"),
    ("colon-twice", "00001008:: 00\n", "2:10", "a hex digit expected"),
    ("comma", "00001008: 00,11\n", "2:13", "a hex digit expected"),
    ("minus", "00001008: -1\n", "2:11", "a hex digit expected"),
    ("0x-alone", "00001008: 0x\n", "2:13", "a hex digit expected"),
    ("prompt-without-sign", "md 1000\n", "2:1", "an address in hex digits expected"),
    ("dump-cut-in-group", "00001008: 00 1", "2:14", "a group of 2, 4, 8 or 16"),
    ("address-cut", "0000100x", "2:8", "a ':' or a space expected"),
    ("third-line", GOOD + "oops\n", "3:1", "an address in hex digits expected"),
    ("crlf", "00001008: 0q\r\n", "2:12", "a hex digit expected"),
    ("tab-group", "00001008:\t0x12\t0x1z\n", "2:19", "a hex digit expected"),
    ("gdb-unclosed", "0x1008 <main+8\n", "2:15", "a ':' or a space expected"),
]

SCRIPTS = [
    # name, script, status, words
    ("unknown", "nonsense", 2, "unknown command"),
    ("unknown-near", "domian create d", 2, "did you mean"),
    ("quote", 'mem load "never closed', 2, "never closed"),
    ("quote-single", "mem load 'never closed", 2, "never closed"),
    ("no-argument", "mem add 0", 2, "SIZE"),
    ("too-many", "mem add 0 4k 5", 2, "5"),
    ("number", "mem add zero 4k", 2, "zero"),
    ("number-past-64", "mem add 0x10000000000000000 4k", 2, "64 bits"),
    ("number-suffix", "mem add 0 4x", 2, "4x"),
    ("number-negative", "mem add -1 4k", 2, "-1"),
    ("sum-past-64", "mem add 0xffffffffffffffff+1 4k", 2, "64 bits"),
    ("difference-below-0", "mem add 1-2 4k", 2, "1-2"),
    ("underscores", "mem add 0x_ 4k", 2, "0x_"),
    ("binary", "mem add 0b12 4k", 2, "0b12"),
    ("variable", "mem add $nothing 4k", 2, "nothing"),
    ("variable-field", "domain create d; mem add $d.nothing 4k", 2, "nothing"),
    ("variable-self", "let a 1; mem add $a.b 4k", 2, "a.b"),
    ("range", "mem add 0x1000 4k; mem save x 5..4", 2, "5..4"),
    ("range-wraps", "mem add 0x1000 4k; mem save x 0xffffffffffffffff:2", 2, ""),
    ("misaligned-ram", "mem add 1 4k", 1, "multiples of 4 KiB"),
    ("ram-wraps", "mem add 0xfffffffffffff000 8k", 1, "leaves the 64-bit address space"),
    ("ram-twice", "mem add 0x1000 4k; mem add 0x1000 4k", 1, "already there"),
    ("memory-unknown", "mem use other", 1, "no memory 'other'"),
    ("memory-twice", "mem new a; mem new a", 1, "already a memory"),
    ("memory-name", "mem new a/b", 2, "no name"),
    ("read-too-much", "mem read 0 2m", 2, "at most 1m"),
    ("read-nothing", "mem read 0 0", 2, "empty range"),
    ("read-wraps", "mem read 0xffffffffffffffff 2", 2, "empty range"),
    ("write-absent", "mem write 0x5000 1", 1, "is not in the memory"),
    ("write-half-absent", "mem add 0x1000 4k; mem write 0x1ffc 1", 1, "0x2000 is not in the memory"),
    ("write-wide", "mem add 0x1000 4k; mem write 0x1000 0x100 --size 1", 2, "more than 8 bits"),
    ("load-nothing", "mem load nowhere@0", 5, "No such file"),
    ("load-folder", "mem load .@0", 5, "directory"),
    ("load-folder-slash", "mem load /@0", 5, "irectory"),
    ("load-name-long", "mem load " + "x" * 5000, 5, "too long"),
    ("domain-twice", "domain create d; domain create d", 1, "already a domain"),
    ("domain-format", "domain create d --format arm-65", 2, "arm-65"),
    ("domain-ias", "domain create d --ias 65", 2, "65"),
    ("domain-ias-words", "domain create d --ias many", 2, "many"),
    ("domain-granule", "domain create d --granule 8k", 2, "8k"),
    ("domain-quirk", "domain create d --quirk none", 2, "none"),
    ("domain-option", "domain create d --nothing", 2, "--nothing"),
    ("domain-two-sizes", "domain create d --granule 4k --page-sizes 4k", 2, "not both"),
    ("domain-none", "map 0 0 4k rw", 2, "no current domain"),
    ("open-nothing", "domain open d", 2, "--registers"),
    ("open-no-base", "domain open d --registers tcr=0", 1, "no table base register"),
    ("open-no-tcr", "domain open d --registers ttbr0=0", 1, "control register"),
    ("open-bad-pair", "domain open d --registers ttbr0=x,tcr=0", 2, "'x' is no value"),
    ("open-not-pair", "domain open d --registers ttbr0=1,tcr", 2, "not NAME=VALUE"),
    ("open-arch", "domain open d --registers arch=x86,ttbr0=1,tcr=1", 2, "x86"),
    ("open-granule", "domain open d --registers ttbr0=0x1000,tcr=0x80c01c", 1, "granules"),
    ("open-tsz", "domain open d --registers ttbr0=0x1000,tcr=0x80003f", 1, "TSZ is out of range"),
    ("open-disabled", "domain open d --registers ttbr0=0x1000,tcr=0x800080", 1, "disables every half"),
    ("open-regime", "domain open d --registers ttbr0=0x1000,tcr=0x80001c --regime el3", 1, "el3"),
    ("open-file", "domain open d --registers nowhere.json", 5, "No such file"),
    ("open-note", "domain open d --vmcoreinfo", 1, "VMCOREINFO"),
    ("open-both", "domain open d --vmcoreinfo --registers ttbr0=1", 2, "--vmcoreinfo"),
    ("map-misaligned", "domain create d; map 1 0 4k rw", 1, "not a multiple of the smallest page size"),
    ("map-outside", "domain create d --ias 32; map 0x100000000 0 4k rw", 1, "outside the addresses"),
    ("map-oas", "domain create d --oas 32; map 0 0x100000000 4k rw", 1, "outside the addresses"),
    ("map-twice", "domain create d; map 0 0 4k rw; map 0 0 4k rw", 1, "already mapped"),
    ("map-prot", "domain create d; map 0 0 4k q", 2, "q"),
    ("map-no-prot", "domain create d; map 0 0 4k n", 1, "neither reads nor writes"),
    ("unmap-nothing", "domain create d; unmap 0 4k", 1, "only 0x0 of 0x1000"),
    ("budget", "mem budget 0; domain create d", 1, "budget"),
    ("set-unknown", "set nothing 1", 2, "nothing"),
    ("not-negated", "! mem add 0x1000 4k", 1, "expected to fail"),
    ("null-byte", "mem add 0\0 4k", 3, "a NUL byte"),
    ("high-bytes", "\udcff\udcfe", 2, "unknown command"),
]


def rows():
    for name, text, place, words in HEXDUMPS:
        message = f"bad:{place}: error: ... {words}"
        yield f"hexdump-{name}", (GOOD + text).encode(), LOAD, 3, message
    yield "hexdump-star-first", b"*\n", LOAD, 2, "raw contents need an address"
    yield "hexdump-star-after-prompt", b"=> md 0\n*\n", LOAD, 2, "raw contents need an address"
    yield "hexdump-only-comments", b"# nothing\n\n=> md 0\n", LOAD, 2, "raw contents need an address"
    yield "hexdump-only-address", b"00001000\n", LOAD, 2, "raw contents need an address"
    yield "hexdump-past-base", GOOD.encode(), ["-m", "bad@0xfffffffffffffff0", "mem", "list"], 3, "bad:1:1: error: its bytes leave"
    yield "hexdump-star-of-2-63", (GOOD + "*\n8000000000000000\n").encode(), LOAD, 4, "more than 0x40000000 bytes"
    for name, text, status, words in SCRIPTS:
        yield f"script-{name}", text.replace("; ", "\n").encode(errors="surrogateescape") + b"\n", ["-q", "-f", "bad"], status, words
