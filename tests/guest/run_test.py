#!/usr/bin/python3
"""`phasebit run --device` and `phasebit perf --device` on QEMU's NVMe drive, through VFIO or without an IOMMU: the same stories as on the emulated drive.

usage: run_test.py PROGRAM [unittest options]
"""

import json
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "ci" / "guest" / "run-in-guest"
CATALOG = ROOT / "scenarios" / "catalog"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()
SERIAL = "S4EVN0N0123456"
CONSENT = f"--device {{bdf}} --destructive --serial {SERIAL}"
DRIVE_BYTES = 64 << 20

# A few that together use bring-up, the data path, the interposer's faults and recovery by reset.
FEW = ("quiet-drive", "every-command-of-the-set", "lost-doorbell-is-recovered", "foreign-identifier-harms-nobody", "do-not-retry-is-honoured",
       "duplicated-completion-is-ignored", "fatal-status-is-reset", "blocks-of-4096-bytes", "sqlite-loses-power-wal")
SKIPPED_OF_FEW = {"every-command-of-the-set": "uses optional commands that this drive has not",
                  "blocks-of-4096-bytes": "is about a drive whose namespace 2 has 65536 blocks of 4096 bytes",
                  "sqlite-loses-power-wal": "cuts the power of a world and goes back to the moment before"}
# The stories of the catalog that run on a drive as QEMU makes it: exactly these, so that none begins to be skipped in silence.
STORIES = set((ROOT / "tests" / "guest" / "stories_on_qemu.txt").read_text().split())


class OnQemusDrive(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)
        self.drive = self.folder / "drive"
        with open(self.drive, "wb") as image:
            image.truncate(DRIVE_BYTES)

    def namespace(self, name, size, block_bytes):
        """An empty image that is a namespace, as an option of run-in-guest."""
        image = self.folder / name
        with open(image, "wb") as file:
            file.truncate(size)
        return f"--namespace={image},logical_block_size={block_bytes},physical_block_size={block_bytes}"

    def answers(self, *commands, files=(), driver="vfio-pci", options=()):
        """Runs shell commands one after the other in one guest, in a directory with the files. Gives exit code, stdout and stderr of each."""
        pack = self.folder / "pack.tar"
        with tarfile.open(pack, "w") as tar:
            for file in files:
                tar.add(file, arcname=file.name)
        script = "mkdir /tmp/s; cd /tmp/s; busybox tar xf /bin/pack.tar; " + "; ".join(
            f"{{ {command}; }} 2>/tmp/err; echo \"=$?\"; cat /tmp/err; echo '=='" for command in commands)
        done = subprocess.run([RUN, "--qemu-may-crash", "--driver", driver, "--drive", self.drive, "--drive-arg", f"serial={SERIAL}", *options,
                               "--with", PROGRAM, "--with", pack, "--timeout", "280", "--", "/bin/busybox", "sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr + done.stdout)
        parts = done.stdout.split("==\n")[:-1]
        self.assertEqual(len(commands), len(parts), done.stdout)
        for part in parts:
            out, _, rest = f"\n{part}".rpartition("\n=")
            code, _, complaint = rest.partition("\n")
            yield int(code), out, complaint

    def test_runs_stories_and_measures(self):
        ran, refused, unasked, measured, slept, asked = self.answers(
            f"phasebit run {CONSENT} .",
            f"phasebit run --device {{bdf}} --destructive --serial OTHER quiet-drive.yaml",
            "phasebit run --device {bdf} quiet-drive.yaml",
            "phasebit perf --device {bdf} -q 8 -t 1 --json",
            "phasebit perf --device {bdf} -q 1 -t 1 --interrupts --json",
            "phasebit perf --device {bdf} -t 3600 & while ! ls -l /proc/$!/fd | grep -q vfio-device; do sleep 1; done; sleep 2; "
            "echo 1 > /sys/bus/pci/devices/{bdf}/remove; wait $!",
            files=[CATALOG / f"{name}.yaml" for name in FEW])
        self.judge_few(ran)
        self.assertEqual(5, refused[0], refused)
        self.assertIn(f'serial is "{SERIAL}", not "OTHER"; nothing was written', refused[1])
        self.assertEqual(77, unasked[0], unasked)
        self.assertIn("skip  quiet-drive: writes, and the drive is only read without --destructive", unasked[1])
        self.assertEqual(0, measured[0], measured)
        result = json.loads(measured[1])
        self.assertEqual("wall", result["time"])
        self.assertEqual(0, result["failed"])
        self.assertGreater(result["read"]["total_ios"], 0)
        self.assertEqual(0, slept[0], slept)
        result = json.loads(slept[1])
        self.assertEqual(0, result["failed"])
        self.assertGreater(result["read"]["total_ios"], 20, "a lost interrupt costs 100 ms")
        self.assertLess(result["polls_per_io"], 3, "one look finds nothing, and after the sleep one finds the completion")
        self.assertEqual(5, asked[0], asked)
        self.assertIn("perf: somebody asks for the drive: it is given back before its time", asked[2])

    def judge_few(self, ran):
        self.assertEqual(0, ran[0], ran)
        self.assertIn(f"{len(FEW)} scenarios: {len(FEW) - len(SKIPPED_OF_FEW)} passed, 0 failed, {len(SKIPPED_OF_FEW)} skipped", ran[1])
        for name, reason in SKIPPED_OF_FEW.items():
            self.assertIn(f"skip  {name}: {reason}", ran[1])

    def test_runs_stories_without_an_iommu(self):
        ran, measured, asleep, judged = self.answers(
            f"phasebit run {CONSENT} .",
            "phasebit perf --device {bdf} -q 32 -o 256k -t 1 --json",  # more than a hugepage
            "phasebit perf --device {bdf} -q 1 -t 1 --interrupts",
            "phasebit validate --device {bdf} --json",
            files=[CATALOG / f"{name}.yaml" for name in FEW], driver="uio_pci_generic", options=["--iommu", "none"])
        self.judge_few(ran)
        self.assertEqual(1, ran[2].count("no IOMMU stands between this drive and memory"), ran[2])
        self.assertEqual(0, measured[0], measured)
        self.assertEqual(0, json.loads(measured[1])["failed"])
        self.assertEqual(5, asleep[0], asleep)
        self.assertIn("--interrupts: neither the drive nor the machine has one to spare", asleep[2])
        self.assertEqual(0, judged[0], judged)

    def test_overwrites_nothing_that_somebody_keeps(self):
        subprocess.run(["/sbin/mke2fs", "-q", "-F", "-t", "ext4", self.drive], check=True)
        before = self.drive.read_bytes()
        stories, perf, hello = self.answers(
            f"phasebit run {CONSENT} quiet-drive.yaml",
            f"phasebit perf {CONSENT} -w randwrite",
            f"phasebit hello {CONSENT}",
            files=[CATALOG / "quiet-drive.yaml"])
        for answer in (stories, perf, hello):
            self.assertEqual(5, answer[0], answer)
            self.assertIn("there is ext4 on it; --i-know overwrites it nevertheless", answer[1] + answer[2])
        self.assertEqual(before, self.drive.read_bytes())

    def run_catalog(self, *options, more=(), fewer=()):
        """Runs the catalog on one drive. Every story that is not skipped has passed, all its faults have struck, and every skipped one says why.
        The stories that run are those of a drive as QEMU makes it, with `more` and without `fewer`. Gives the reasons of those that were skipped."""
        stories = sorted(CATALOG.glob("*.yaml"))
        ran, = self.answers(f"phasebit run {CONSENT} --deadline-scale 400 .", files=stories, options=options)
        self.assertEqual(0, ran[0], ran[1] + ran[2])
        passed = {name: int(strikes) for name, strikes in re.findall(r"^pass  (\S+) \(.*, (\d+) faults\)$", ran[1], re.MULTILINE)}
        skipped = dict(re.findall(r"^skip  (\S+): (.+)$", ran[1], re.MULTILINE))
        self.assertEqual({story.stem for story in stories}, passed.keys() | skipped.keys(), ran[1])
        self.assertIn(f"{len(stories)} scenarios: {len(passed)} passed, 0 failed, {len(skipped)} skipped", ran[1])
        for story in stories:
            text = story.read_text()
            self.assertNotIn("faults_may_miss", text)
            if story.stem in passed:
                self.assertGreaterEqual(passed[story.stem], text.count("what: "), story.stem)
        print(f"{len(passed)} of {len(stories)} stories passed on {' '.join(map(str, options)) or 'a drive as QEMU makes it'}", file=sys.stderr)
        expected = STORIES.difference(fewer).union(more)
        self.assertEqual(sorted(expected), sorted(passed), {name: skipped[name] for name in expected & skipped.keys()})
        return skipped

    def test_runs_the_catalog(self):
        self.run_catalog()

    def test_runs_the_catalog_on_namespaces_of_both_block_sizes(self):
        self.run_catalog(self.namespace("first", 64 << 20, 512), self.namespace("second", 256 << 20, 4096), self.namespace("third", 1 << 20, 512),
                         more={"blocks-of-4096-bytes"})

    def test_runs_the_catalog_on_blocks_of_4096_bytes(self):
        self.run_catalog(self.namespace("first", 64 << 20, 4096), self.namespace("second", 64 << 20, 512))

    def test_runs_the_catalog_within_small_limits(self):
        skipped = self.run_catalog("--drive-arg", "mdts=1", "--drive-arg", "max_ioqpairs=2", "--drive-arg", "aerl=0",
                                   fewer={"weighted-arbitration-and-many-queues"})
        self.assertEqual("needs 8 pairs of I/O queues, and this drive grants 2", skipped["weighted-arbitration-and-many-queues"])

    def test_runs_the_catalog_on_one_pair_of_queues(self):
        self.run_catalog("--drive-arg", "max_ioqpairs=1", more={"one-queue-is-granted"}, fewer={"weighted-arbitration-and-many-queues"})

    def test_runs_the_catalog_beside_a_controller_memory_buffer(self):
        self.run_catalog("--drive-arg", "cmb_size_mb=16")


if __name__ == "__main__":
    unittest.main()
