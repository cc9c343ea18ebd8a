#!/usr/bin/python3
"""One list of commands, right and wrong, to QEMU's NVMe drive in a guest and to the emulated drive that `phasebit capture` makes of it here:
both answer alike, but for the disagreements of disagreements.py, each of which has its reason there and its row in docs/disagreements.md.

usage: differential_test.py PROGRAM LIST [unittest options]
"""

import collections
import itertools
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import disagreements

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "ci" / "guest" / "run-in-guest"
PAGE = ROOT / "docs" / "disagreements.md"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()
LIST = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "command_list").resolve()
SERIAL = "DIFFERENTIAL"
DRIVE_BYTES = 64 << 20
COMMANDS_MIN, PAIRS_MIN = 300, 60

# What both drives can answer and the list has to bring about. Aborts by deletion or request, conflicts of identifiers and errors of media or
# of transfers are missing: QEMU gives the first never, and the others only where its IOMMU or its disk fails.
STATUSES = {"success", "invalid_opcode", "invalid_field", "invalid_namespace_or_format", "command_sequence_error", "prp_offset_invalid",
            "lba_out_of_range", "completion_queue_invalid", "invalid_queue_identifier", "invalid_queue_size", "invalid_interrupt_vector",
            "invalid_queue_deletion", "async_event_request_limit_exceeded", "feature_identifier_not_saveable", "feature_not_namespace_specific",
            "compare_failure"}
ANSWERS = ("status", "dnr", "more", "crd", "dword0", "dword1", "data", "csts", "changes")


def question_of(line):
    return tuple((key, value) for key, value in line.items() if key not in ANSWERS and not is_answer(line, key))


def is_answer(line, key):
    """A register's value is what it answers; a command's value is what it asks."""
    return key == "value" and ("register" in line or "configuration" in line)


class EmulatedAndQemusDrive(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.folder = Path(directory.name)

    def qemus_answers(self):
        """Gives the scenario that was captured and the lines of answers, from one guest."""
        drive = self.folder / "drive"
        with open(drive, "wb") as image:
            image.truncate(DRIVE_BYTES)
        script = "phasebit capture --device {bdf} && echo == && command_list --device {bdf}"
        done = subprocess.run([RUN, "--driver", "vfio-pci", "--drive", drive, "--drive-arg", f"serial={SERIAL}", "--with", PROGRAM, "--with", LIST,
                               "--", "/bin/busybox", "sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr + done.stdout[-2000:])
        captured, _, answers = done.stdout.partition("==\n")
        return captured, answers

    def our_answers(self, captured):
        file = self.folder / "drive.yaml"
        file.write_text(captured, encoding="utf-8")
        done = subprocess.run([LIST, "--drive", file], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_answer_alike_but_where_the_table_says_why_not(self):
        captured, text = self.qemus_answers()
        theirs = [json.loads(line) for line in text.splitlines()]
        ours = [json.loads(line) for line in self.our_answers(captured).splitlines()]
        self.assert_is_enough(theirs)
        found = list(self.differences(theirs, ours))
        used = collections.Counter()
        unexplained = []
        for question, there, here in found:
            row = disagreements.explain(dict(question), there, here)
            used[row] += 1
            if row is None:
                unexplained.append(f"{dict(question)}\n    QEMU: {there}\n    ours: {here}")
        print(f"{len(found)} answers differ, by {len(disagreements.ROWS)} rows of the table", file=sys.stderr)
        self.assertFalse(unexplained, f"{len(unexplained)} answers differ for no known reason:\n" + "\n".join(unexplained[:200]))
        self.assertEqual([], [row for row in disagreements.ROWS if not used[row]], "disagree no longer: the rows can go")
        for row in disagreements.ROWS:
            self.assertIn(f"| {row} |", PAGE.read_text(encoding="utf-8"), "has no row in docs/disagreements.md")

    def differences(self, theirs, ours):
        """Questions are in the same order on both sides; one that only one side was asked has no answer on the other."""
        there, here = {}, {}
        for lines, answers in ((theirs, there), (ours, here)):
            for line in lines:
                question = question_of(line)
                number = next(n for n in itertools.count() if (question, n) not in answers)
                answers[question, number] = {key: value for key, value in line.items() if (key, value) not in question}
        keys = list(there) + [key for key in here if key not in there]
        for key in keys:
            one, other = disagreements.unmasked(dict(key[0]), there.get(key)), disagreements.unmasked(dict(key[0]), here.get(key))
            if one != other:
                yield key[0], one, other

    def assert_is_enough(self, lines):
        commands = [line for line in lines if "command" in line]
        pairs = {(line["command"], line["field"]) for line in commands if line["field"]}
        statuses = {line["status"] for line in lines if "status" in line}
        print(f"{len(commands)} commands, {len(pairs)} pairs of a command and a wrong field, {len(statuses)} statuses", file=sys.stderr)
        self.assertGreaterEqual(len(commands), COMMANDS_MIN)
        self.assertGreaterEqual(len(pairs), PAIRS_MIN)
        self.assertEqual(set(), STATUSES - statuses, "statuses that the list does not bring about")


if __name__ == "__main__":
    unittest.main()
