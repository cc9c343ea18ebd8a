#!/usr/bin/python3
"""`phasebit capture --device` on QEMU's NVMe drive: the file runs here, and its emulated drive identifies itself as QEMU's does.

usage: capture_test.py PROGRAM [unittest options]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()
SERIAL = "S4 #:\"1"
DRIVE_BYTES = 64 << 20

# Fields of Identify Controller that the emulated drive answers in its own way: what QEMU says, what the emulated drive says, and why. The
# reasons are those of own_fields.cpp. The table is exact: a field that no longer differs is a mistake here too.
DIFFERENCES = {
    "ctratt": (0x8000, 0, "more than 16 LBA formats: a host may ask for them by Host Behavior Support and CNS 05h"),
    "oacs": (0x10a, 0, "Format NVM, Namespace Management and Doorbell Buffer Config are commands that the emulated drive has not"),
    "lpa": (0x07, 0x06, "SMART of a single namespace is a log page that the emulated drive has not"),
    "oncs": (0x15d, 0x01d, "Timestamp is a feature and Copy a command that the emulated drive has not"),
    "sgls": (1, 0, "the emulated drive takes PRPs only"),
}


class CaptureOfQemusDrive(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)
        self.drive = self.folder / "drive"
        with open(self.drive, "wb") as image:
            image.write(bytes(range(256)) * 2)
            image.truncate(DRIVE_BYTES)

    def in_guest(self, *commands):
        """Runs shell commands one after the other in one guest. Gives exit code, stdout and stderr of each."""
        script = "; ".join(f"{{ {command}; }} 2>/tmp/err; echo \"=$?\"; cat /tmp/err; echo '=='" for command in commands)
        done = subprocess.run([RUN, "--driver", "vfio-pci", "--drive", self.drive, "--drive-arg", f"serial={SERIAL}", "--with", PROGRAM, "--",
                               "/bin/busybox", "sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr + done.stdout)
        parts = done.stdout.split("==\n")[:-1]
        self.assertEqual(len(commands), len(parts), done.stdout)
        for part in parts:
            out, _, rest = f"\n{part}".rpartition("\n=")
            code, _, complaint = rest.partition("\n")
            yield int(code), out.lstrip("\n") + "\n", complaint

    def here(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def test_is_emulated_here(self):
        group = "/dev/vfio/$(basename $(readlink /sys/bus/pci/devices/{bdf}/iommu_group))"
        before = self.drive.read_bytes()
        captured, identified, busy = self.in_guest("phasebit capture --device {bdf}", "phasebit identify --json --device {bdf}",
                                                   f"exec 9<>{group}; phasebit capture --device {{bdf}}")
        self.assertEqual((0, ""), (captured[0], captured[2]), captured)
        self.assertEqual(before, self.drive.read_bytes())
        self.assertEqual((5, "\n"), busy[:2])
        self.assertIn("another process uses this IOMMU group", busy[2])
        file = self.folder / "drive.yaml"
        file.write_text(captured[1], encoding="utf-8")
        self.assertIn("pass  captured-drive", self.here("run", file))
        self.assert_says_the_same(json.loads(identified[1]), json.loads(self.here("identify", "--json", "--drive", file)))
        self.assert_drive(captured[1])

    def assert_says_the_same(self, real, emulated):
        self.assertEqual(real.keys(), emulated.keys())
        found = {name: (real[name], emulated[name]) for name in real if real[name] != emulated[name]}
        self.assertEqual({name: (there, here) for name, (there, here, _) in DIFFERENCES.items()}, found)

    def assert_drive(self, text):
        """What is known of QEMU's drive beyond Identify Controller, and that the file tells of each difference."""
        for name in DIFFERENCES:
            self.assertIn(f"#   {name.upper()} is ", text)
        for line in ("  queue_entries_max: 2048\n", "  ready_timeout_steps: 15\n", "  version: \"1.4\"\n", "      blocks: 128k\n",
                     "  io_submission_queues: 64\n", "  interrupt_vectors: 65\n", "  device_id: 16\n", "    temperature: 323\n",
                     f"  serial: {json.dumps(SERIAL)}\n"):
            self.assertIn(line, text)


if __name__ == "__main__":
    unittest.main()
