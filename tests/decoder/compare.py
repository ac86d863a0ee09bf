#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks a driver of the C decoder and arm_decoder.py the same questions, at random.

    compare.py [--count N] [--seed N] [--tally] DRIVER [ARG...]

Exit status: 0 all the same, 1 they differ, 2 the driver failed.
"""

import argparse
import collections
import itertools
import random
import subprocess
import sys

import arm_decoder

LEVELS = {
    ("a64-4k", "48"): range(0, 4), ("a64-4k", "lpa2"): range(-1, 4),
    ("a64-16k", "48"): range(0, 4), ("a64-16k", "lpa2"): range(0, 4),
    ("a64-64k", "48"): range(1, 4), ("a64-64k", "lpa"): range(1, 4),
    ("a32-lpae", "48"): range(1, 4), ("v7s", "48"): range(1, 3),
}
AARCH64 = [key for key in LEVELS if key[0].startswith("a64")]
REGIMES = ("el1", "el2", "el2e2h", "el3", "stage2")
# (format, layout, regime); the one with the most registers and the fewest formats comes oftener
KINDS = ([(*key, regime) for key in AARCH64 for regime in REGIMES]
         + [("a32-lpae", "48", regime) for regime in ("el1", "el2", "stage2")] * 2
         + [("v7s", "48", "el1")] * 6)
SETTINGS = list(itertools.product(KINDS, ("little", "big")))

MAIR_BYTES = (0x00, 0x04, 0x08, 0x0c, 0x44, 0xaa, 0xbb, 0xee, 0xff, 0xf0, 0x40, 0xa0, 0xf4, 0x4f)
# Bits 1:0, what means something more often than what does not.
TYPE_BITS = {64: (0, 1, 1, 1, 2, 3, 3, 3), 32: (0, 1, 1, 2, 2, 3, 3)}
# Where output address bits above bit 47 are, and above bit 31 in a supersection.
HIGH_OA = {"48": 0, "lpa": arm_decoder.ones(15, 12), "lpa2": arm_decoder.ones(9, 8)}
SUPERSECTION_OA = arm_decoder.ones(23, 20) | arm_decoder.ones(8, 5)

QUERIES = 100  # for one setting
BATCH = 200  # settings for one run of the driver
DIFFERENCES = 20
TALLIED = ("type", "fault", "access", "memory", "share", "flags")


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.walking = collections.Counter()

    def flag(self, name):
        return f"{name}={self.random.getrandbits(1)}"

    def setting(self, number):
        (fmt, layout, regime), endian = SETTINGS[number % len(SETTINGS)]
        ias, oas = self.sizes(fmt, layout, regime)
        keys = self.keys(fmt, layout, regime)
        line = f"S {fmt} {regime} {layout} {endian} {ias:#x} {oas:#x} {' '.join(keys)}"
        return line, LEVELS[fmt, layout], (fmt, layout, regime), oas

    def sizes(self, fmt, layout, regime):
        if fmt == "v7s":
            return 32, self.random.choice((32, 36, 40))
        if fmt == "a32-lpae":
            return 40 if regime == "stage2" else 32, self.random.choice((32, 36, 40))
        if layout == "48":
            return 48, self.random.choice((32, 36, 40, 42, 44, 48))
        return 52, self.random.choice((32, 36, 40, 42, 44, 48, 52, 52))

    def keys(self, fmt, layout, regime):
        """The registers that the manual gives this format and regime, and no others."""
        if fmt == "v7s":
            return ([f"{name}={self.random.getrandbits(32):#x}" for name in ("prrr", "nmrr")]
                    + [f"dacr={self.dacr():#x}"]
                    + [self.flag(name) for name in ("wxn", "uwxn", "afe", "tre", "ns")])
        keys = []
        if regime == "stage2":
            keys += ["xnx=1", "ns=1"]
        else:
            keys += [f"mair={self.mair():#x}", self.flag("wxn"), self.flag("hpd")]
            # EL3 is Secure, AArch32's Hyp mode Non-secure
            keys.append("ns=0" if regime == "el3" else
                        "ns=1" if (fmt, regime) == ("a32-lpae", "el2") else self.flag("ns"))
        if fmt != "a32-lpae":
            keys += [self.flag("ha"), self.flag("hd")]
            if regime == "stage2":
                keys.append(self.flag("fwb"))
        elif regime == "el1":
            keys.append(self.flag("uwxn"))
        if layout == "lpa2":
            keys.append(f"sh={self.random.getrandbits(2):#x}")
        return keys

    def dacr(self):
        """Clients before others: only their permissions are looked at."""
        return sum(self.random.choice((0, 1, 1, 1, 1, 2, 3)) << 2 * domain for domain in range(16))

    def mair(self):
        choice = self.random.choice
        return int.from_bytes(bytes(
            choice(MAIR_BYTES) if self.random.getrandbits(2) else self.random.getrandbits(8)
            for _ in range(8)), "little")

    def inherited(self, fmt, level):
        if fmt == "v7s":
            return self.random.getrandbits(32) & ~3 | 1 if level == 2 else 0
        upper = self.random.getrandbits(5)
        return (upper & self.random.getrandbits(5) if self.random.getrandbits(1) else upper) << 59

    def bit_in_turn(self, kind, level):
        """Each bit of each kind and level has its turn, so that none is left to luck."""
        width = 32 if kind[0] == "v7s" else 64
        self.walking[kind, level] += 1
        return 1 << self.walking[kind, level] % width

    @staticmethod
    def beyond(kind, oas):
        """What must be clear for an output address to have no bit above 'oas'."""
        if kind[0] == "v7s":
            return SUPERSECTION_OA
        return arm_decoder.ones(51, oas) | HIGH_OA[kind[1]] if oas < 52 else 0

    def descriptor(self, kind, level, oas):
        width = 32 if kind[0] == "v7s" else 64
        everything = (1 << width) - 1
        draw, way = self.random.getrandbits, self.random.randrange(9)
        desc = draw(width)
        if way == 1:
            desc &= draw(width)
        elif way == 2:
            desc |= draw(width)
        elif way == 3:
            desc = self.bit_in_turn(kind, level)
        elif way == 4:
            desc = everything ^ self.bit_in_turn(kind, level)
        elif way == 5:
            low = self.random.randrange(width)
            field = arm_decoder.ones(self.random.randrange(low, width), low)
            desc = field if draw(1) else everything ^ field
        elif way == 6:
            desc &= ~arm_decoder.ones(47, 12)
        elif way == 7:
            desc &= ~self.beyond(kind, oas)
        elif way == 8:
            return desc
        return desc & ~3 | self.random.choice(TYPE_BITS[width])


def ask(driver, lines):
    run = subprocess.run(driver, input="".join(lines), stdout=subprocess.PIPE, text=True,
                         check=False)
    if run.returncode:
        raise RuntimeError(f"the driver ended with {run.returncode}")
    return run.stdout.split("\n")[:-1]


class Comparison:
    def __init__(self, arguments):
        self.arguments = arguments
        self.generator = Generator(arguments.seed)
        self.asked = self.settings = self.differences = 0
        self.tally = collections.Counter()

    def run(self):
        while self.asked < self.arguments.count and self.differences < DIFFERENCES:
            self.batch()
        print(f"{self.asked} descriptors in {self.settings} settings, "
              f"{self.differences} differences (seed {self.arguments.seed})")
        if self.arguments.tally:
            for (fmt, word), count in sorted(self.tally.items()):
                print(f"{fmt} {word} {count}")
        return 1 if self.differences else 0

    def batch(self):
        lines, expected = [], []
        for _ in range(BATCH):
            if self.asked >= self.arguments.count:
                break
            self.questions(lines, expected)
        answers = ask(self.arguments.driver, lines)
        if len(answers) != len(expected):
            raise RuntimeError(f"{len(expected)} questions, {len(answers)} answers of the driver")
        for answer, (setting, query, wanted) in zip(answers, expected):
            if answer != wanted:
                self.differ(setting, query, wanted, answer)
                if self.differences == DIFFERENCES:
                    return

    def questions(self, lines, expected):
        setting, levels, kind, oas = self.generator.setting(self.settings)
        self.settings += 1
        decoder = arm_decoder.decoder(setting)
        lines.append(setting + "\n")
        for i in range(min(QUERIES, self.arguments.count - self.asked)):
            level = levels[i % len(levels)]
            inherited = self.generator.inherited(kind[0], level)
            desc = self.generator.descriptor(kind, level, oas)
            query = f"D {level} {inherited:#x} {desc:#x}"
            lines.append(query + "\n")
            wanted = decoder.decode(level, inherited, desc)
            expected.append((setting, query, wanted))
            self.asked += 1
            if self.arguments.tally:
                self.tally.update((kind[0], word) for word in wanted.split()
                                  if word.partition("=")[0] in TALLIED)

    def differ(self, setting, query, wanted, answer):
        self.differences += 1
        other = dict(word.partition("=")[::2] for word in answer.split())
        fields = [name for name, _, value in (word.partition("=") for word in wanted.split())
                  if other.get(name) != value]
        print(f"{setting}\n{query}\n  python {wanted}\n  driver {answer}\n"
              f"  differs in {' '.join(fields) or 'what the driver has more'}")


def main():
    parser = argparse.ArgumentParser(
        usage="%(prog)s [--count N] [--seed N] [--tally] DRIVER [ARG...]")
    parser.add_argument("--count", type=int, default=1000000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tally", action="store_true",
                        help="print how often each value was expected")
    parser.add_argument("driver", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.driver:
        parser.error("which driver?")
    try:
        return Comparison(arguments).run()
    except (OSError, RuntimeError) as failure:
        print(f"compare.py: {failure}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
