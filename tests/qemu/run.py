#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks QEMU's MMU and iopt about the same random translation tables, and compares."""

import argparse
import collections
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time

import answers
import machine
import settings_a32
import settings_a64

SKIPPED = 77
MAKERS = [settings_a64.el1, settings_a64.nested, settings_a32.lpae, settings_a64.stage2,
          settings_a64.el2, settings_a64.el1, settings_a32.v7s, settings_a64.el20,
          settings_a64.el1, settings_a32.nested, settings_a64.nested, settings_a64.el3,
          settings_a64.el1, settings_a32.lpae, settings_a32.stage2, settings_a64.stage2,
          settings_a64.el2, settings_a64.el1, settings_a32.v7s, settings_a64.el20]
EVERY_OUTCOME = {"ok", "translation", "access", "permission", "address-size", "domain"}

Report = collections.namedtuple("Report", "index kind words addresses outcomes failures")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iopt", default="iopt", help="the program under test")
    parser.add_argument("--settings", type=int, default=66)
    parser.add_argument("--queries", type=int, default=3200, help="addresses for each setting")
    parser.add_argument("--fetches", type=int, default=240, help="of them, how many are executed")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="the N-th setting alone")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one QEMU")
    parser.add_argument("--show", type=int, default=5, help="disagreements shown of a setting")
    parser.add_argument("--keep", metavar="DIR", help="leave RAM, registers and script there")
    parser.add_argument("--qemu-only", action="store_true", help="do not ask iopt")
    return parser.parse_args()


class Runner:
    """What one worker process has: guests and a directory."""

    def __init__(self, args, directory):
        self.args = args
        self.directory = directory
        self.guests = {arch: machine.Guest(arch, directory) for arch in machine.ARCHS}

    def setting(self, index):
        rng = random.Random(f"{self.args.seed}:{index}")
        made = MAKERS[index % len(MAKERS)](rng, self.args.queries)
        made.addresses = [address for address, _ in made.known] + made.addresses
        return made, rng

    def questions(self, setting, rng):
        """[(address, Ask)] in the order of the guest's results, and the guest's queries."""
        guest = self.guests[setting.arch]
        fetched = [address & ~3 for address in
                   rng.sample(setting.addresses, min(self.args.fetches, len(setting.addresses)))]
        asked, queries = [], []
        for addresses, asks in ((setting.addresses, setting.asks), (fetched, setting.fetches)):
            asks = sorted(asks, key=lambda ask: guest.operations.index(ask.operation))
            bits = sum(1 << guest.operations.index(ask.operation) for ask in asks)
            if asks:
                queries += [(address, bits) for address in addresses]
                asked += [(address, ask) for address in addresses for ask in asks]
        return asked, queries

    def ask_qemu(self, setting, questions, queries):
        guest = self.guests[setting.arch]
        ram_file = os.path.join(self.directory, "qemu-ram")
        qemu = machine.Machine(guest, ram_file, self.args.timeout)
        results = qemu.run(setting.tables, {**setting.registers, **setting.extra}, queries)
        return [answers.from_fetch(setting, result) if ask.access == "x" else
                answers.from_par(setting, address, result)
                for (address, ask), result in zip(questions, results)]

    def run(self, index):
        setting, rng = self.setting(index)
        try:
            failures, outcomes = self.compare(setting, *self.questions(setting, rng))
        except (answers.IoptError, machine.MachineError) as error:
            failures, outcomes = [str(error)], collections.Counter()
        finally:
            if self.args.keep:
                shutil.copytree(self.directory, os.path.join(self.args.keep, str(index)),
                                ignore=shutil.ignore_patterns("guest*"), dirs_exist_ok=True)
        return Report(index, setting.kind, setting.words, len(setting.addresses), outcomes,
                      failures)

    def compare(self, setting, questions, queries):
        told = self.ask_qemu(setting, questions, queries)
        outcomes = collections.Counter(answer.what for answer in told)
        failures = self.known_failures(setting, questions, told)
        if not self.args.qemu_only:
            failures += self.disagreements(setting, questions, told)
        return failures, outcomes

    def disagreements(self, setting, questions, told):
        program = os.path.abspath(shutil.which(self.args.iopt))
        iopt = answers.Iopt(program, self.directory, machine.TABLES)
        failures = []
        for (address, ask), qemu, own in zip(questions, told, iopt.walk(setting, questions)):
            if not answers.agree(setting, ask, qemu, own):
                failures.append(f"walk {address:#x} --access {ask.access} --el {ask.el}: "
                                f"QEMU: {qemu}; iopt: {own}")
            if len(failures) >= 100:
                break
        return failures

    @staticmethod
    def known_failures(setting, questions, told):
        """The harness's own proof: what must be so whatever the dice said."""
        known = dict(setting.known)
        failures = []
        for (address, ask), answer in zip(questions, told):
            if answer.what.startswith("un"):
                failures.append(f"{address:#x} {ask}: QEMU: {answer}")
            if address in known and ask.el and ask.access == "r" and \
                    (answer.what, answer.pa) != ("ok", known[address]):
                failures.append(f"{address:#x} {ask}: QEMU: {answer}, should be "
                                f"{known[address]:#x}")
        return failures


def work(args, indices, reports):
    with tempfile.TemporaryDirectory(prefix="iopt-qemu-") as directory:
        runner = Runner(args, directory)
        for index in iter(indices.get, None):
            try:
                reports.put(runner.run(index))
            except Exception as error:  # pylint: disable=broad-except
                kind = MAKERS[index % len(MAKERS)].__name__
                reports.put(Report(index, kind, "", 0, collections.Counter(), [repr(error)]))


def run_all(args, wanted):
    """Reports as they come."""
    indices, reports = multiprocessing.Queue(), multiprocessing.Queue()
    jobs = min(args.jobs, len(wanted))
    for index in [*wanted, *[None] * jobs]:
        indices.put(index)
    workers = [multiprocessing.Process(target=work, args=(args, indices, reports))
               for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for _ in wanted:
        yield reports.get()
    for worker in workers:
        worker.join()


def show(args, report):
    outcomes = " ".join(f"{what}:{count}" for what, count in report.outcomes.most_common())
    verdict = "FAILED" if report.failures else "ok"
    print(f"{report.index:3} {verdict:6} {report.kind:12} {report.words} [{outcomes}]")
    for failure in report.failures[:args.show]:
        print(f"      {failure}")
    if len(report.failures) > args.show:
        print(f"      ... {len(report.failures) - args.show} more; --only {report.index} "
              f"--seed {args.seed} --show N shows them")
    sys.stdout.flush()


def skip_reason(args):
    tools = machine.missing_tools()
    if tools:
        return f"not installed: {', '.join(tools)}"
    if not args.qemu_only and not shutil.which(args.iopt):
        return f"no program {args.iopt}"
    return None


def main():
    args = arguments()
    reason = skip_reason(args)
    if reason:
        print(f"tests/qemu: skipped: {reason}" if not os.environ.get("CI") else reason)
        return 1 if os.environ.get("CI") else SKIPPED
    wanted = range(args.settings) if args.only is None else [args.only]
    begun = time.monotonic()
    addresses, failed, outcomes = 0, [], set()
    for report in run_all(args, wanted):
        show(args, report)
        addresses += report.addresses
        outcomes.update(report.outcomes)
        if report.failures:
            failed.append(report.index)
    print(f"{addresses} addresses, {len(wanted)} settings, {len(failed)} failed, "
          f"{time.monotonic() - begun:.0f} s")
    missed = EVERY_OUTCOME - outcomes if len(wanted) >= len(MAKERS) else ()
    if missed:
        print(f"never seen, so not tested: {', '.join(sorted(missed))}")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
