# SPDX-License-Identifier: MIT
"""One setting: registers and tables, what to ask about them, and of whom."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Ask:
    """One question about an address: for the guest, and for iopt."""
    operation: str
    access: str
    el: int


@dataclasses.dataclass
class Setting:
    kind: str
    arch: str  # a64, a32
    words: str  # what is special about it, for people
    registers: dict
    regime: str  # as iopt's --regime
    asks: list
    fetches: list
    nested: bool = False
    extra: dict = dataclasses.field(default_factory=dict)  # registers of the guest's own
    addresses: list = dataclasses.field(default_factory=list)
    known: list = dataclasses.field(default_factory=list)  # [(address, pa)]: harness checks itself
    has_memory: bool = True
    short: bool = False
    # iopt's names for registers that the guest knows by another
    names: dict = dataclasses.field(default_factory=dict)
    tables: bytes = b""

    def registers_json(self):
        values = {self.names.get(name, name): f"{value:#x}"
                  for name, value in self.registers.items()}
        return {"arch": {"a64": "aarch64", "a32": "arm"}[self.arch], **values}

    def opens(self):
        """Script lines that open the domain d."""
        if self.nested:
            return ["domain open s2 --registers regs.json --regime stage2",
                    f"domain open d --registers regs.json --regime {self.regime} --stage2 s2"]
        return [f"domain open d --registers regs.json --regime {self.regime}"]


def asks(el_operations):
    """{el: stem}: a read and a write question each."""
    return [Ask(stem + access, access, el) for el, stem in el_operations.items() for access in "rw"]


def aim(rng, entries, tagged=None):
    """An address under one of the entries: its ends, or anywhere in it."""
    entry = rng.choice(entries)
    place = rng.random()
    if place < 0.1:
        address = entry.address
    elif place < 0.2:
        address = entry.address + entry.size - 1
    else:
        address = entry.address + rng.randrange(entry.size)
    return tagged(address) if tagged else address


def stray(rng, halves):
    """Near the ends of what the registers cover, or outside it; halves: [(base, bits)]."""
    base, bits = rng.choice(halves)
    place = rng.random()
    if place < 0.3:
        return base + rng.getrandbits(bits)
    if place < 0.5:
        return base + rng.choice((0, (1 << bits) - 1))
    if place < 0.7:
        return (base + rng.choice((-1, 1 << bits))) & (1 << 64) - 1
    if place < 0.9:
        return (base ^ 1 << rng.randrange(bits, 64)) + rng.getrandbits(bits) & (1 << 64) - 1
    return rng.getrandbits(64)

