#!/usr/bin/python3
"""Two processes at QEMU's NVMe drive: `phasebit perf --proc-type=auto`, either one killed while reads are out.

usage: second_process_test.py PROGRAM [unittest options]
"""

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUN = HERE.parents[1] / "ci" / "guest" / "run-in-guest"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()


class Ended:
    """A process that has ended by itself, as the guest tells of it."""

    def __init__(self, code, seconds, out, err):
        self.code, self.seconds, self.out, self.err = int(code), int(seconds), out, err

    def __repr__(self):
        return f"exit {self.code} after {self.seconds} s: {self.out}{self.err}"


class TwoProcessesAtOneDrive(unittest.TestCase):
    def test_either_one_is_killed(self):
        done = subprocess.run([RUN, "--qemu-may-crash", "--driver", "vfio-pci", "--with", PROGRAM, "--with", HERE / "second_process.sh",
                               "--timeout", "200", "--", "/bin/busybox", "sh", "/bin/second_process.sh", "{bdf}"], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr + done.stdout)  # a fault of the IOMMU is 100
        found = re.findall(r"^== (\w+) (\d+) (\d+)\n(.*?)^--\n(.*?)(?=^== |\Z)", done.stdout, re.MULTILINE | re.DOTALL)
        ended = {name: Ended(*rest) for name, *rest in found}
        self.assertEqual({"beside", "after_victims", "identify", "sleeper", "stuck", "after_stuck", "orphan", "anew", "left", "pages",
                          "pages_afterwards"}, ended.keys(), done.stdout)

        for name in ("beside", "after_victims", "after_stuck", "anew"):
            self.assertEqual(0, ended[name].code, ended[name])
            result = json.loads(ended[name].out)
            self.assertEqual(0, result["failed"])
            self.assertGreater(result["read"]["total_ios"], 0)

        self.assertEqual(5, ended["identify"].code, ended["identify"])
        self.assertIn("only perf can share a drive", ended["identify"].err)
        self.assertEqual(5, ended["sleeper"].code, ended["sleeper"])
        self.assertIn("a second one polls", ended["sleeper"].err)

        for name, seconds_max in (("orphan", 4), ("stuck", 15)):  # the kernel tells of a death at once; without a sign of life 5 s pass
            lost = ended[name]
            self.assertIn(lost.code, (1, 5), lost)  # 1 if commands failed, which were out
            self.assertIn("the primary process has ended, or no longer gives a sign of life", lost.err)
            self.assertLess(lost.seconds, seconds_max, lost)
            result = json.loads(lost.out)
            self.assertGreater(result["read"]["total_ios"], 0, "until then it read")
            self.assertLessEqual(result["failed"], 4, "what was out")

        self.assertIn(ended["left"].code, (1, 5), ended["left"])
        self.assertIn("the primary process has taken the queue back", ended["left"].err)

        self.assertLessEqual(len(ended["pages"].out.split()), 1, "DPDK's own, where a further process was (docs/environment.md)")
        self.assertEqual("", ended["pages_afterwards"].out, "a primary process clears away what earlier ones have left")


if __name__ == "__main__":
    unittest.main()
