#!/usr/bin/python3
"""`phasebit hello --device` on QEMU's NVMe drive, through VFIO or without an IOMMU, judged by what is on the drive afterwards.

usage: hello_test.py PROGRAM [unittest options]
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[2] / "ci" / "guest" / "run-in-guest"
PROGRAM = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "phasebit").resolve()
BLOCK_BYTES = 512
OLD_BLOCK = bytes(range(256)) * 2
REST = b"\x5a" * BLOCK_BYTES * 7
SERIAL = "S4EVN0N0123456"
# Says on stderr what is left of memory that processes share.
COMPLAIN_OF_PAGES = "ls /dev/hugepages >&2; awk '/^HugePages_(Total|Free)/ { if (seen != \"\" && $2 != seen) print; seen = $2 }' /proc/meminfo >&2"


class QemusDrive(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.drive = Path(directory.name) / "drive"
        self.drive.write_bytes(OLD_BLOCK + REST)
        with open(self.drive, "r+b") as image:
            image.truncate(1 << 20)

    def guest(self, *command, driver="vfio-pci", iommu="intel"):
        options = ["--iommu", iommu, "--driver", driver, "--drive", self.drive, "--drive-arg", f"serial={SERIAL}", "--with", PROGRAM]
        return subprocess.run([RUN, *options, "--", *command], capture_output=True, text=True)

    def answers(self, *commands, **options):
        """Runs shell commands one after the other in one guest. Gives exit code, stdout and stderr of each."""
        script = "; ".join(f"{{ {command}; }} 2>/tmp/err; echo \"=$?\"; cat /tmp/err; echo '=='" for command in commands)
        done = self.guest("/bin/busybox", "sh", "-c", script, **options)
        self.assertEqual(0, done.returncode, done.stderr)
        parts = done.stdout.split("==\n")[:-1]
        self.assertEqual(len(commands), len(parts), done.stdout)
        for part in parts:
            steps, _, rest = part.rpartition("=")
            code, _, complaint = rest.partition("\n")
            yield int(code), steps, complaint

    def assert_answer(self, answer, code, complaint):
        self.assertEqual(code, answer[0], answer)
        self.assertIn(complaint, answer[2])

    def assert_drive_untouched(self):
        self.assertEqual(OLD_BLOCK + REST, self.drive.read_bytes()[:len(OLD_BLOCK + REST)])


class HelloOnQemusDrive(QemusDrive):
    def test_writes_one_block(self):
        done = self.guest(PROGRAM, "hello", "--device", "{bdf}", "--destructive", "--serial", SERIAL)
        self.assertEqual((0, ""), (done.returncode, done.stderr), done.stdout)
        steps = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertEqual(["probe", "attach", "write", "read", "compare", "detach"], steps)
        self.assertIn(f"QEMU NVMe Ctrl, serial {SERIAL}, ", done.stdout)
        self.assertIn("namespace 1 of 2048 blocks of 512 bytes", done.stdout)
        image = self.drive.read_bytes()
        self.assertNotEqual(OLD_BLOCK, image[:BLOCK_BYTES])
        self.assertEqual(REST, image[BLOCK_BYTES:BLOCK_BYTES + len(REST)])

    def test_writes_nothing_that_it_was_not_told_to(self):
        read_only, identified, wrong_serial, no_serial, absent, no_drive, no_name = self.answers(
            "phasebit hello --device 'trtype:PCIe traddr:{bdf}'",
            "phasebit identify --device {bdf}",
            "phasebit hello --device {bdf} --destructive --serial OTHER",
            "phasebit hello --device {bdf} --destructive",
            f"phasebit hello --device 0000:07:00.0 --destructive --serial {SERIAL}",
            f"phasebit hello --device 0000:00:00.0 --destructive --serial {SERIAL}",
            f"phasebit hello --device nvme0 --destructive --serial {SERIAL}")
        self.assert_answer(read_only, 0, "")
        self.assertIn("write    left out: the drive is only read without --destructive", read_only[1])
        self.assertIn("read     block 0 of namespace 1, 512 bytes: ok", read_only[1])
        self.assert_answer(identified, 0, "")
        self.assertIn(f"sn        : {SERIAL}\n", identified[1])
        self.assert_answer(wrong_serial, 5, f'serial is "{SERIAL}", not "OTHER"; nothing was written')
        self.assert_answer(no_serial, 2, "--serial")
        self.assert_answer(absent, 5, "0000:07:00.0: there is no such PCI function")
        self.assert_answer(no_drive, 5, "0000:00:00.0: it is not an NVMe I/O controller")
        self.assert_answer(no_name, 2, "'nvme0': neither a PCI address")
        self.assert_drive_untouched()

    def test_starts_dpdk_as_it_is_told(self):
        legal = ("--lcores 0 --log-level error", "--core-mask 0x1", "--iova-mode va --base-virtaddr 0x200000000000 --match-allocations -s 16",
                 "--iova-mode pa", "--no-huge", "--no-huge -s 32 --base-virtaddr 0x200000000000")
        shared = ("--file-prefix drives --proc-type auto", "--file-prefix alone", "--proc-type primary", "--file-prefix drives --core-mask 0x1 -s 16",
                  "--file-prefix placed --lcores 0 --iova-mode va --base-virtaddr 0x200000000000 --match-allocations",
                  "--proc-type auto --iova-mode pa")
        answers = list(self.answers(
            *(f"phasebit hello --device {{bdf}} {options}" for options in legal),
            "phasebit hello --device {bdf} --lcores 1",
            "phasebit hello --device {bdf} -s 4096",
            f"phasebit hello --device {{bdf}} {shared[0]}",
            "mkdir -p /dev/hugepages; mount -t hugetlbfs none /dev/hugepages",
            "phasebit identify --json --device {bdf} --no-huge --log-level info",
            *(f"phasebit hello --device {{bdf}} {options}; code=$?; {COMPLAIN_OF_PAGES}; (exit $code)" for options in shared)))
        absent, too_much, unshared, mounted, verbose = answers[len(legal):-len(shared)]
        for options, answer in zip(legal + shared, answers[:len(legal)] + answers[-len(shared):], strict=True):
            self.assertEqual((0, ""), (answer[0], answer[2]), options)
            self.assertIn("read     block 0 of namespace 1, 512 bytes: ok", answer[1], options)
            self.assertIn("detach   the drive was shut down in good order", answer[1], options)
        self.assert_answer(absent, 5, "phasebit: --lcores '1' names processors that this process may not run on")
        self.assert_answer(too_much, 5, "phasebit: --mem-size '4096' is more MiB than the free hugepages have")
        self.assert_answer(unshared, 5, "mount -t hugetlbfs none /dev/hugepages")
        self.assert_answer(mounted, 0, "")
        self.assert_answer(verbose, 0, "EAL: Selected IOVA mode 'VA'")
        self.assertEqual(SERIAL, json.loads(verbose[1])["sn"].strip())

    def test_takes_nothing_from_a_kernel_driver(self):
        held, = self.answers(f"phasebit hello --device {{bdf}} --destructive --serial {SERIAL}", driver="nvme")
        self.assert_answer(held, 5, "the kernel driver 'nvme' holds it")
        self.assert_drive_untouched()

    def test_says_what_the_machine_lacks(self):
        group = "/dev/vfio/$(basename $(readlink /sys/bus/pci/devices/{bdf}/iommu_group))"
        taken, no_hugepage, no_driver = self.answers(
            f"exec 9<>{group}; phasebit hello --device {{bdf}}",
            "exec 9>&-; echo 0 >/proc/sys/vm/nr_hugepages; phasebit hello --device {bdf}",
            "echo {bdf} >/sys/bus/pci/drivers/vfio-pci/unbind; phasebit hello --device {bdf}")
        self.assert_answer(taken, 5, "another process uses this IOMMU group")
        self.assert_answer(no_hugepage, 5, "no hugepage is free; as root: phasebit setup hugepages 64")
        self.assert_answer(no_driver, 5, "no kernel driver holds it; to hand it to vfio-pci: phasebit setup bind 0000:")


# The bus master bit of the drive's Command register; and waiting until it is set.
BUS_MASTER = "echo $((0x$(hexdump -s 4 -n 2 -e '1/2 \"%04x\"' /sys/bus/pci/devices/{bdf}/config) & 4))"
UNTIL_AT_WORK = f"until [ $({BUS_MASTER}) = 4 ]; do sleep 0.1; done"
PERF_IN_BACKGROUND = f"phasebit perf --device {{bdf}} -q 4 -t 100 >/dev/null 2>&1 & {UNTIL_AT_WORK}"
LOAD_NVME = "for m in $(grep '^nvme ' /etc/modules | cut -d' ' -f2-); do insmod /modules/$m.ko; done"
WARNING = "no IOMMU stands between this drive and memory: "


class HelloWithoutAnIommu(QemusDrive):
    def test_writes_one_block_by_physical_addresses(self):
        hello = f"phasebit hello --device {{bdf}} --destructive --serial {SERIAL}"
        unbind = "echo {bdf} >/sys/bus/pci/drivers/uio_pci_generic/unbind"
        written, identified, ordinary, virtual, taken, killed, unbound, stories, alone, bound, again, poor, kernels = self.answers(
            f"{hello} --iova-mode pa",
            "phasebit identify --json --device {bdf}",
            f"{hello} --no-huge",
            f"{hello} --iova-mode va",
            f"{PERF_IN_BACKGROUND}; {hello}",
            f"kill -9 $!; wait; {BUS_MASTER}",
            f"{unbind}; phasebit hello --device {{bdf}}",
            "printf 'name: a\\nabout: A drive.\\n' >/tmp/a.yaml; phasebit run --device {bdf} /tmp/a.yaml",
            f"echo >/sys/bus/pci/devices/{{bdf}}/driver_override; {hello}",
            "phasebit setup bind {bdf}",
            "phasebit hello --device {bdf}",
            f"echo 0 >/proc/sys/vm/nr_hugepages; {hello}",
            f"{LOAD_NVME}; phasebit setup unbind {{bdf}}; {hello}",
            driver="uio_pci_generic", iommu="none")
        self.assert_answer(written, 0, WARNING)
        self.assertEqual(["probe", "attach", "write", "read", "compare", "detach"], [line.split()[0] for line in written[1].splitlines()])
        image = self.drive.read_bytes()
        self.assertNotEqual(OLD_BLOCK, image[:BLOCK_BYTES])
        self.assertEqual(REST, image[BLOCK_BYTES:BLOCK_BYTES + len(REST)])
        self.assert_answer(identified, 0, WARNING)
        self.assertEqual(SERIAL, json.loads(identified[1])["sn"].strip())
        self.assert_answer(ordinary, 5, "--no-huge is not for a drive without an IOMMU")
        self.assert_answer(virtual, 5, "--iova-mode 'va' is not for a drive without an IOMMU")
        self.assert_answer(taken, 5, "another process uses it")
        self.assertEqual((0, "0"), (killed[0], killed[1].strip()), "a killed process leaves no drive behind that reaches memory")
        self.assert_answer(unbound, 0, "it goes on doing so if this process is killed")
        self.assertIn("read     block 0 of namespace 1, 512 bytes: ok", unbound[1])
        self.assert_answer(stories, 5, "nobody would then stop this drive from writing to memory; hand it to uio_pci_generic")
        self.assert_answer(alone, 5, "no kernel driver holds it; to hand it to uio_pci_generic: phasebit setup bind 0000:")
        self.assert_answer(bound, 0, "warning: there is no IOMMU, so that it is uio_pci_generic")
        self.assertIn("is with uio_pci_generic now, was with no driver", bound[1])
        self.assert_answer(again, 0, WARNING)
        for answer in (written, identified, unbound, again):
            self.assertEqual(1, answer[2].count("\n"), "one warning, and nothing else")
        self.assert_answer(poor, 5, "no hugepage is free; as root: phasebit setup hugepages 64")
        self.assert_answer(kernels, 5, "the kernel driver 'nvme' holds it; to hand it to uio_pci_generic: phasebit setup bind 0000:")


if __name__ == "__main__":
    unittest.main()
