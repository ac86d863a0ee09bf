#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boards of testdata/dts, compiled by dtc, and QEMU's own: test_boards.py PROGRAM SOURCE

QEMU's virt machine with an SMMUv3 says in iommu-map what its model does: a function's stream ID is
its requester ID.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

HEADER = ["magic", "totalsize", "off_dt_struct", "off_dt_strings", "off_mem_rsvmap", "version",
          "last_comp_version", "boot_cpuid", "size_dt_strings", "size_dt_struct"]


class Failure(Exception):
    pass


def want(what, got, wanted):
    if got != wanted:
        raise Failure("%s: %r instead of %r" % (what, got, wanted))


def run(program, *commands):
    done = subprocess.run([program, "-j", "-q", "-c", "\n".join(commands)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def load(program, path, *commands):
    status, results = run(program, "dtb load " + path, *commands)
    want(path + ": exit status", status, 0)
    return results[0]["board"], results[1:]


def by_name(parts):
    return {part["name"]: part for part in parts}


def streams_of(device):
    return [(x["sid"], x["mask"]) for x in device["streams"]]


def check_soc(program, path):
    board, rest = load(program, path, "device list", "iova show display@100000.dma", "iova show dsp@300000.dma", "alloc dsp@300000 0x1000 b",
                       "cma list", "mem list")
    devices, smmus, listed = by_name(board["devices"]), by_name(board["smmus"]), by_name(rest[:4])
    want("RAM", [(x["base"], x["size"]) for x in board["ram"]], [("0x80000000", "0x40000000"), ("0x880000000", "0x80000000")])
    want("models", {n: (s["model"], s["base"], s["coherent_walk"]) for n, s in smmus.items()},
         {"iommu@0": ("v1", "0x60000000", False), "iommu@10000": ("v2", "0x60010000", True)})
    want("streams", streams_of(devices["display@100000"]), [(0x10, 3)])
    want("legacy", (streams_of(devices["sata@500000"]), listed["sata@500000"]["ops"]), ([(2, 0), (3, 0)], "direct"))
    want("coherence", [devices[x]["coherent"] for x in ("gpu@200000", "dsp@300000")], [True, False])
    want("disabled", board["disabled_count"], 1)
    want("bounds", (listed["dsp@300000"]["bus_base"], listed["dsp@300000"]["bus_limit"]), ("0x80000000", "0xbfffffff"))
    want("the framebuffer is kept", [x for x in rest[5]["ranges"] if x == ["0xb0000", "0xb07ff"]], [["0xb0000", "0xb07ff"]])
    buffer = [x for x in rest if x.get("command") == "alloc"][0]["buffer"]
    want("the pool", (buffer["source"], buffer["segments"][0]["pa"]), ("device-pool", "0xbe000000"))
    area = [x for x in rest if x.get("name") == "linux_cma" and "default" in x][0]
    want("the area", (area["base"], area["size"], area["default"]), ("0xba000000", "0x4000000", True))


def check_phone(program, path):
    board, rest = load(program, path, "alloc gpu@5000000 0x3000 b", "translate -d gpu@5000000.dma $b.iova")
    devices, smmus = by_name(board["devices"]), by_name(board["smmus"])
    want("models", {n: s["model"] for n, s in smmus.items()}, {"iommu@15000000": "mmu500", "iommu@5040000": "v2"})
    want("known by", smmus["iommu@15000000"]["compatible"], "qcom,sdm845-smmu-500")
    want("stream-match-mask", streams_of(devices["gpu@5000000"]), [(0, 8)])
    want("two specifiers", streams_of(devices["mdss@ae00000"]), [(0x880, 8), (0xc80, 8)])
    want("no-map", [(x["name"], x["no_map"]) for x in board["reserved"]], [("hyp@80000000", True), ("mpss@8b000000", True)])
    pa = int(rest[1]["pa"], 16)
    want("memory is RAM that nobody keeps", 0x80600000 <= pa < 0x8b000000, True)


def check_server(program, path):
    host, other = "pcie@40000000", "pcie@60000000"
    board, rest = load(program, path,
                       "device add nvme --pci-host %s --rid 01:00.0 --dma-mask 64" % host,
                       "device add twin --pci-host %s --rid 01:00.3" % other,
                       "device add nic --pci-host %s --rid 02:1f.7" % other,
                       "device add free --pci-host %s --rid 00:01.0" % other,
                       "device show accelerator@2b600000")
    devices = by_name(board["devices"])
    want("sid bits", [s["sid_bits"] for s in board["smmus"]], [17, 16])
    want("stall and substreams", [devices["accelerator@2b600000"][x] for x in ("can_stall", "ssid_bits")], [True, 16])
    want("functions", [(r["device"]["smmu"], streams_of(r["device"]), r["device"]["coherent"]) for r in rest[:4]],
         [("iommu@2b400000", [(0x10100, 0)], True), ("iommu@2b500000", [(0, 0)], False),
          ("iommu@2b500000", [(0x8f8, 0)], False), (None, [], False)])
    want("a host", devices[host]["windows"], [
        {"base": "0x50000000", "last": "0x57ffffff", "type": "pci-window"}, {"base": "0x4000000000", "last": "0x40ffffffff", "type": "pci-window"}])


def check_qemu(program, folder):
    for options in ("", ",iommu=smmuv3", ",iommu=smmuv3,virtualization=on,secure=on", ",iommu=smmuv3,gic-version=3", ",highmem=off"):
        path = os.path.join(folder, "virt.dtb")
        subprocess.run(["qemu-system-aarch64", "-nodefaults", "-display", "none", "-m", "512", "-M", "virt%s,dumpdtb=%s" % (options, path)],
                       capture_output=True, check=True, timeout=60)
        board, _ = load(program, path)
        host = [d for d in board["devices"] if d["pci_host"]][0]
        want("RAM of virt" + options, board["ram"], [{"base": "0x40000000", "size": "0x20000000"}])
        want("SMMUs of virt" + options, [(s["model"], s["base"]) for s in board["smmus"]],
             [("v3", "0x9050000")] if "smmuv3" in options else [])
        rids = ["00:00.0", "00:02.0", "00:1f.7", "01:00.0", "80:04.2", "ff:1f.7"]
        _, rest = load(program, path, *["device add d%d --pci-host %s --rid %s" % (i, host["name"], rid) for i, rid in enumerate(rids)])
        for rid, result in zip(rids, rest):
            bus, device, function = int(rid[:2], 16), int(rid[3:5], 16), int(rid[6])
            number = bus << 8 | device << 3 | function
            want("stream ID of %s on virt%s" % (rid, options), streams_of(result["device"]), [(number, 0)] if "smmuv3" in options else [])


def check_bad(program, folder, path):
    """Nothing is loaded of what lies about itself; exit 3, and the session goes on."""
    blob = open(path, "rb").read()
    fields = dict(zip(HEADER, struct.unpack(">10I", blob[:40])))
    bad = {"cut": blob[:len(blob) // 2], "empty": b"", "text": b"/dts-v1/;\n"}
    for name in HEADER:
        for value in (0, 1, fields[name] + 0x10000, 0x7fffffff, 0xffffffff):
            lies = dict(fields, **{name: value})
            if name != "boot_cpuid" and not (name == "version" and value > 16) and not (name == "last_comp_version" and value < 18):
                bad["%s=%d" % (name, value)] = struct.pack(">10I", *lies.values()) + blob[40:]
    deep = b"".join((b"\0\0\0\1" + (b"a\0\0\0" if i else b"\0\0\0\0")) for i in range(100000)) + b"\0\0\0\2" * 100000 + b"\0\0\0\x09"
    bad["deep"] = struct.pack(">10I", 0xd00dfeed, 56 + len(deep), 56, 56 + len(deep), 40, 17, 16, 0, 0, len(deep)) + bytes(16) + deep
    for name, data in bad.items():
        file = os.path.join(folder, "bad.dtb")
        open(file, "wb").write(data)
        done = subprocess.run([program, "-j", "-k", "-c", "dtb load %s; smmu list; device list; mem list" % file],
                              capture_output=True, text=True, timeout=20, check=False)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        want(name + ": exit status", done.returncode, 3)
        want(name + ": code", results[0]["error"]["code"], "ENOEXEC")
        want(name + ": what is there", [x.get("records") for x in results[1:3]] + [results[3].get("windows")], [0, 0, []])
    return len(bad)


def main():
    program, source = (os.path.abspath(x) for x in sys.argv[1:3])
    checks = {"smmuv2-soc": check_soc, "mmu500-phone": check_phone, "smmuv3-server": check_server}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, check in checks.items():
                path = os.path.join(folder, name + ".dtb")
                subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, os.path.join(source, "testdata/dts", name + ".dts")], check=True)
                check(program, path)
            check_qemu(program, folder)
            count = check_bad(program, folder, os.path.join(folder, "smmuv2-soc.dtb"))
        except Failure as failure:
            print(failure)
            return 1
    print("%d boards, 5 of QEMU, %d that lie" % (len(checks), count))
    return 0


sys.exit(main())
