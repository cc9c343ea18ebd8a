#!/usr/bin/python3
"""The driver on QEMU's NVMe drive while what stands behind the drive hangs, nearly stops, or fails by sector, and while it is reset meanwhile.

usage: block_faults_test.py PROGRAM [unittest options]
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "block_faults_in_guest").resolve()
BLOCKS = 32768  # of 512 bytes
UNREADABLE, UNWRITABLE = 100, 2000

# What is done when the program in the guest asks for it, in the words of QEMU's human monitor. Throttling is by requests a second; 0 is no limit.
THROTTLE = "block_set_io_throttle d0 0 0 0 {} 0 0"
WISHES = {
    "outside: hang one read": 'qemu-io d0 "break read_aio A"',
    "outside: resume it": 'qemu-io d0 "resume A"',
    "outside: nearly stop\n": THROTTLE.format(1),
    "outside: go on\n": THROTTLE.format(0),
    "outside: nearly stop again\n": THROTTLE.format(1),
    "outside: go on again\n": THROTTLE.format(0),
    "outside: hold reads up during a reset": THROTTLE.format(1),
    "outside: let them go after the reset": THROTTLE.format(0),
    "outside: hold reads up during a fatal status": THROTTLE.format(1),
    "outside: let them go after the fatal status": THROTTLE.format(0),
}


class BlockFaults(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.drive = Path(directory.name) / "drive"
        with open(self.drive, "wb") as image:
            image.truncate(BLOCKS * 512)

    def blkdebug(self, **rules):
        """The drive's file behind QEMU's means to let it hang and fail, as options of run-in-guest."""
        properties = {"driver": "blkdebug", "image.driver": "file", "image.filename": self.drive, **rules}
        return [word for key, value in properties.items() for word in ("--block", f"file.{key}={value}")]

    def run_tests(self, count, chosen, *options):
        done = subprocess.run([RUN, "--qemu-may-crash", "--timeout", "280", *options, "--", PROGRAM, "{bdf}", f"--gtest_filter={chosen}"],
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn(f"[  PASSED  ] {count} tests.", done.stdout)

    def test_hangs_and_nearly_stops(self):
        self.run_tests(5, "-*MEDIA*", *self.blkdebug(), *(word for text, command in WISHES.items() for word in ("--when", text, command)))

    def test_fails_by_sector(self):
        rules = {"errno": 5, "once": "off"}
        self.run_tests(2, "*MEDIA*", *self.blkdebug(**{
            f"inject-error.{number}.{key}": value
            for number, (event, iotype, sector) in enumerate((("read_aio", "read", UNREADABLE), ("write_aio", "write", UNWRITABLE)))
            for key, value in {**rules, "event": event, "iotype": iotype, "sector": sector}.items()}))


if __name__ == "__main__":
    unittest.main()
