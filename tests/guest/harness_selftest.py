#!/usr/bin/python3
"""Proof that ci/guest/run-in-guest brings a verdict out of the guest, and that each of its own verdicts can fall."""

import os
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
SHELL = ("/bin/busybox", "sh", "-c")


# In QEMU's place: is killed by a signal the first times, with what the program in the guest had got to by then, and is QEMU from then on.
CRASHING_QEMU = """#!/bin/sh
boots={folder}/boots
echo boot >>$boots
[ $(wc -l <$boots) -le {crashes} ] || exec {qemu} "$@"
for word; do
  case $word in
    file:*/report) [ -z {started} ] || echo started >"${{word#file:}}" ;;
    file:*/stdout) printf {said} >"${{word#file:}}" ;;
  esac
done
kill -SEGV $$
"""


class RunInGuest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-selftest.")
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)
        self.retries = self.folder / "retries"
        self.environment = {**os.environ, "PHASEBIT_GUEST_TEST": "a.test"}

    def run_in_guest(self, *words):
        return subprocess.run([RUN, "--retries", self.retries, *words], capture_output=True, text=True, env=self.environment)

    def with_crashing_qemu(self, *words, crashes=1, started=False, said=""):
        """Runs `true` in the guest. Gives what became of it, and how often QEMU was started."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            qemu = Path(folder) / "qemu-system-x86_64"
            qemu.write_text(CRASHING_QEMU.format(folder=shlex.quote(folder), crashes=crashes, qemu=shutil.which(qemu.name),
                                                 started=shlex.quote("yes" if started else ""), said=shlex.quote(said)))
            qemu.chmod(0o755)
            self.environment["PATH"] = f"{folder}:{os.environ['PATH']}"
            done = self.run_in_guest(*words, "--", "/bin/busybox", "true")
            return done, len((Path(folder) / "boots").read_text().splitlines())

    def noted(self):
        """The lines about boots that were tried again."""
        return self.retries.read_text().splitlines() if self.retries.exists() else []

    def test_passes_on_arguments_streams_and_exit_code(self):
        done = self.run_in_guest("--drive-arg", "serial=A1", "--driver", "nvme", "--",
                                 *SHELL, 'echo "$1|$2"; cat /sys/class/nvme/nvme0/serial; echo aside >&2; exit 42', "sh", "it's", "at {bdf}")
        self.assertEqual((42, "it's|at 0000:01:00.0\nA1", "aside\n"), (done.returncode, done.stdout.rstrip(), done.stderr))

    def test_a_fault_of_the_iommu_outweighs_the_programs_success(self):
        done = self.run_in_guest("--", *SHELL, 'echo "<3>DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x1000" >/dev/kmsg')
        self.assertEqual(100, done.returncode)
        self.assertIn("fault addr 0x1000", done.stderr)

    def test_a_leaked_hugepage_outweighs_the_programs_success(self):
        done = self.run_in_guest("--", *SHELL, "mkdir /tmp/h; mount -t hugetlbfs none /tmp/h; fallocate -l 2M /tmp/h/kept")
        self.assertEqual(102, done.returncode, done.stderr)
        self.assertIn("of 64 are free 63", done.stderr)

    def test_a_panic_while_the_program_runs_is_a_failure_with_the_console(self):
        done = self.run_in_guest("--", *SHELL, "echo before; sleep 0.1; echo c >/proc/sysrq-trigger")
        self.assertEqual(101, done.returncode)
        self.assertIn("sysrq_handle_crash", done.stderr)
        self.assertNotIn("boot 1 of", done.stderr)
        self.assertEqual([], self.noted())

    def test_a_program_that_does_not_end_is_killed(self):
        done = self.run_in_guest("--timeout", "10", "--", *SHELL, "sleep 1000")
        self.assertEqual(101, done.returncode)
        self.assertIn("killed after 10 s", done.stderr)

    def test_a_boot_that_fails_before_the_program_is_tried_three_times(self):
        done = self.run_in_guest("--iommu", "none", "--driver", "vfio-pci", "--", "/bin/busybox", "true")
        self.assertEqual(101, done.returncode)
        self.assertIn("boot 3 of 3: failed before the program started", done.stderr)
        self.assertIn("vfio-pci does not bind", done.stderr)
        self.assertEqual(["a.test: failed before the program started"] * 2, self.noted())

    def test_a_qemu_that_crashes_before_the_program_has_started_is_tried_again_and_that_is_noted(self):
        done, boots = self.with_crashing_qemu()
        self.assertEqual((0, 2), (done.returncode, boots), done.stderr)
        self.assertEqual(["a.test: QEMU ended with -11: in silence"], self.noted())

    def test_a_qemu_that_crashes_after_the_program_has_started_is_a_failure(self):
        done, boots = self.with_crashing_qemu(started=True, said="as far as this")
        self.assertEqual((101, 1), (done.returncode, boots), done.stderr)
        self.assertEqual("as far as this", done.stdout)
        self.assertIn("QEMU ended with -11", done.stderr)
        self.assertEqual([], self.noted())

    def test_it_is_tried_again_where_the_test_says_so_but_not_for_ever_and_not_after_a_failure_of_the_program(self):
        done, boots = self.with_crashing_qemu("--qemu-may-crash", started=True)
        self.assertEqual((0, 2), (done.returncode, boots), done.stderr)
        self.assertEqual(["a.test: QEMU ended with -11: in silence"], self.noted())
        done, boots = self.with_crashing_qemu("--qemu-may-crash", started=True, crashes=9)
        self.assertEqual((101, 3), (done.returncode, boots), done.stderr)
        self.assertEqual(["a.test: QEMU ended with -11: in silence"] * 3, self.noted())
        for failure in (r"a.cpp:1: Failure\n", "[  FAILED  ] A.test", r"pass  a\nFAIL  b"):
            done, boots = self.with_crashing_qemu("--qemu-may-crash", started=True, said=failure)
            self.assertEqual((101, 1), (done.returncode, boots), failure)
        self.assertEqual(3, len(self.noted()))

    def test_power_is_cut_when_the_program_says_so(self):
        done = self.run_in_guest("--kill-when", "now", "--", *SHELL, "echo now; sleep 1000")
        self.assertEqual((0, "now"), (done.returncode, done.stdout.rstrip()))
        done = self.run_in_guest("--kill-when", "now", "--", *SHELL, "echo later")
        self.assertEqual(101, done.returncode)
        self.assertIn("ended before it came to the moment at which power is cut", done.stderr)

    def test_a_wish_that_qemu_does_not_understand_is_a_failure(self):
        done = self.run_in_guest("--when", "now", "no-such-command", "--", *SHELL, "echo now; sleep 1000")
        self.assertEqual(101, done.returncode)
        self.assertIn("QEMU's monitor: no-such-command: unknown command", done.stderr)

    def test_what_is_missing_on_this_side_is_an_environment_error(self):
        self.assertEqual(5, self.run_in_guest("--", "/bin/no-such-program").returncode)
        self.assertEqual(5, self.run_in_guest("--drive-arg", "no-such-property=1", "--", "/bin/busybox", "true").returncode)


if __name__ == "__main__":
    unittest.main()
