#!/usr/bin/python3
"""Proof that ci/guest/run-in-guest brings a verdict out of the guest, and that each of its own verdicts can fall."""

import subprocess
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
SHELL = ("/bin/busybox", "sh", "-c")


def run(*words):
    return subprocess.run([RUN, *words], capture_output=True, text=True)


class RunInGuest(unittest.TestCase):
    def test_passes_on_arguments_streams_and_exit_code(self):
        done = run("--drive-arg", "serial=A1", "--driver", "nvme", "--",
                   *SHELL, 'echo "$1|$2"; cat /sys/class/nvme/nvme0/serial; echo aside >&2; exit 42', "sh", "it's", "at {bdf}")
        self.assertEqual((42, "it's|at 0000:01:00.0\nA1", "aside\n"), (done.returncode, done.stdout.rstrip(), done.stderr))

    def test_a_fault_of_the_iommu_outweighs_the_programs_success(self):
        done = run("--", *SHELL, 'echo "<3>DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x1000" >/dev/kmsg')
        self.assertEqual(100, done.returncode)
        self.assertIn("fault addr 0x1000", done.stderr)

    def test_a_leaked_hugepage_outweighs_the_programs_success(self):
        done = run("--", *SHELL, "mkdir /tmp/h; mount -t hugetlbfs none /tmp/h; fallocate -l 2M /tmp/h/kept")
        self.assertEqual(102, done.returncode, done.stderr)
        self.assertIn("of 64 are free 63", done.stderr)

    def test_a_panic_while_the_program_runs_is_a_failure_with_the_console(self):
        done = run("--", *SHELL, "echo before; sleep 0.1; echo c >/proc/sysrq-trigger")
        self.assertEqual(101, done.returncode)
        self.assertIn("sysrq_handle_crash", done.stderr)
        self.assertNotIn("boot 1 of", done.stderr)

    def test_a_program_that_does_not_end_is_killed(self):
        done = run("--timeout", "10", "--", *SHELL, "sleep 1000")
        self.assertEqual(101, done.returncode)
        self.assertIn("killed after 10 s", done.stderr)

    def test_a_boot_that_fails_before_the_program_is_tried_three_times(self):
        done = run("--iommu", "none", "--driver", "vfio-pci", "--", "/bin/busybox", "true")
        self.assertEqual(101, done.returncode)
        self.assertIn("boot 3 of 3 failed", done.stderr)
        self.assertIn("vfio-pci does not bind", done.stderr)

    def test_power_is_cut_when_the_program_says_so(self):
        done = run("--kill-when", "now", "--", *SHELL, "echo now; sleep 1000")
        self.assertEqual((0, "now"), (done.returncode, done.stdout.rstrip()))
        done = run("--kill-when", "now", "--", *SHELL, "echo later")
        self.assertEqual(101, done.returncode)
        self.assertIn("ended before it came to the moment at which power is cut", done.stderr)

    def test_a_wish_that_qemu_does_not_understand_is_a_failure(self):
        done = run("--when", "now", "no-such-command", "--", *SHELL, "echo now; sleep 1000")
        self.assertEqual(101, done.returncode)
        self.assertIn("QEMU's monitor: no-such-command: unknown command", done.stderr)

    def test_what_is_missing_on_this_side_is_an_environment_error(self):
        self.assertEqual(5, run("--", "/bin/no-such-program").returncode)
        self.assertEqual(5, run("--drive-arg", "no-such-property=1", "--", "/bin/busybox", "true").returncode)


if __name__ == "__main__":
    unittest.main()
