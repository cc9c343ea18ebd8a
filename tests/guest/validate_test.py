#!/usr/bin/python3
"""`phasebit validate --device` on QEMU's NVMe drive: a sound one passes, and of a defective one that check fails that is about the defect.

What QEMU's drive cannot be made to do (lie about MDTS, never answer an Abort) an interposer in front of it does, in validate_in_guest.cpp.

usage: validate_test.py PROGRAM [unittest options]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()
SERIAL = "S4EVN0N0123456"
BLOCKS = 32768  # of 512 bytes


class ValidateOnQemusDrive(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)
        self.drive = self.folder / "drive"
        with open(self.drive, "wb") as image:
            image.truncate(BLOCKS * 512)

    def verdict(self, *options, block=()):
        """Exit code and the checks by their verdict."""
        properties = [word for value in block for word in ("--block", value)]
        # It has the drive reset while reads are out.
        done = subprocess.run([RUN, "--qemu-may-crash", "--drive", self.drive, *properties, "--drive-arg", f"serial={SERIAL}", "--",
                               PROGRAM, "validate", "--device", "{bdf}", "--json", *options], capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1), done.stderr + done.stdout)
        checks = json.loads(done.stdout)["checks"]
        self.explained = "\n".join(f"{check['verdict']} {check['name']}: {check['what']}" for check in checks)
        return done.returncode, {check["name"]: check["verdict"] for check in checks}

    def failing(self, event, iotype, sector=-1):
        """The drive's file, behind a rule by which requests fail, as properties of QEMU's block device."""
        rule = {"event": event, "iotype": iotype, "errno": 5, "once": "off", "sector": sector}
        return ["file.driver=blkdebug", "file.image.driver=file", f"file.image.filename={self.drive}",
                *(f"file.inject-error.0.{key}={value}" for key, value in rule.items())]

    def assert_fails(self, expected, *options, block=()):
        code, checks = self.verdict(*options, block=block)
        self.assertEqual(set(expected), {name for name, verdict in checks.items() if verdict == "failed"}, self.explained)
        self.assertEqual(1, code)

    def test_passes_a_sound_drive_that_it_only_reads(self):
        code, checks = self.verdict()
        self.assertEqual([], [name for name, verdict in checks.items() if verdict == "failed"], self.explained)
        self.assertEqual("skipped", checks["data.writes_are_read"])
        self.assertEqual(0, code)
        self.assertEqual(bytes(BLOCKS * 512), self.drive.read_bytes())

    def test_passes_a_sound_drive_that_it_may_overwrite(self):
        code, checks = self.verdict("--destructive", "--serial", SERIAL)
        self.assertEqual([], [name for name, verdict in checks.items() if verdict == "failed"], self.explained)
        self.assertEqual("passed", checks["data.writes_are_read"])
        self.assertEqual(0, code)

    def test_fails_a_drive_with_a_media_error(self):
        self.assert_fails({"data.reads_are_stable"}, block=self.failing("read_aio", "read", BLOCKS // 2))

    def test_fails_a_drive_that_is_smaller_than_it_says(self):
        self.assert_fails({"limits.last_block", "data.reads_are_stable"}, block=self.failing("read_aio", "read", BLOCKS - 1))

    def test_fails_a_drive_whose_flush_fails(self):
        self.assert_fails({"data.flush"}, "--destructive", "--serial", SERIAL, block=self.failing("flush_to_disk", "flush"))

    def test_fails_a_slow_drive(self):
        self.assert_fails({"latency.reads"}, "--latency-max", "10", block=["throttling.iops-total=40"])


if __name__ == "__main__":
    unittest.main()
