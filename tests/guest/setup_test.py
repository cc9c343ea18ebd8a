#!/usr/bin/python3
"""`phasebit setup` in a guest whose kernel holds QEMU's NVMe drive with a file system and swap: nobody is robbed, and everything is put back.

usage: setup_test.py PROGRAM [unittest options]
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
DRIVE_BLOCKS = 64 << 11
# A file system, and room for swap.
PARTITION_BLOCKS = 16 << 11
STARTS = (2048, 2048 + PARTITION_BLOCKS)
TABLE = "label: dos\n" + "".join(f"start={start}, size={PARTITION_BLOCKS}, type={kind}\n" for start, kind in zip(STARTS, ("83", "82")))

STATUS = "phasebit setup status --json"
BIND = "phasebit setup bind {bdf}"
MOUNT = "mount -t minix /dev/nvme0n1p1 /tmp/m"
LOAD = "for m in $(grep '^{0} ' /etc/modules | cut -d' ' -f2-); do insmod /modules/$m.ko; done"
# The kernel looks for namespaces when the drive is bound, in its own time.
WAIT = "until [ -e /dev/nvme0n1p2 ]; do sleep 0.1; done"
GROUP = "/dev/vfio/$(basename $(readlink /sys/bus/pci/devices/{bdf}/iommu_group))"
KILL_SLEEPER = "kill $(cat /tmp/sleeper); wait"

# What is done in the guest, in this order, by the names under which it is judged.
STEPS = {
    "begin": f"{WAIT}; {LOAD.format('minix')}; mkdir /tmp/m; {STATUS}",
    "bind_mounted": f"{MOUNT}; {BIND}",
    "bind_all": "phasebit setup bind",
    "mounted": STATUS,
    "table": "phasebit setup status",
    # Mounted in a mount namespace that we do not see.
    "bind_elsewhere": f"umount /tmp/m; unshare -m sh -c '{MOUNT}; echo >/tmp/ready; exec sleep 1000' & echo $! >/tmp/sleeper; "
                      f"until [ -e /tmp/ready ]; do sleep 0.1; done; {BIND}",
    # A file system that is in no list of mounts and lives on, for somebody is in it.
    "bind_detached": f"{KILL_SLEEPER}; {MOUNT}; cd /tmp/m; sleep 1000 & echo $! >/tmp/sleeper; cd /; umount -l /tmp/m; {BIND}",
    "bind_swap": f"{KILL_SLEEPER}; mkswap /dev/nvme0n1p2; swapon /dev/nvme0n1p2; {BIND}",
    "bind_open": f"swapoff /dev/nvme0n1p2; exec 9</dev/nvme0n1; {BIND}",
    "bind_no_module": f"exec 9<&-; {BIND}",
    "unchanged": STATUS,
    "bind": f"{LOAD.format('vfio-pci')}; {BIND}",
    "hugepages": "phasebit setup hugepages 32",
    "too_many": "phasebit setup hugepages 100000",
    "bound": STATUS,
    "identify": "phasebit identify --device {bdf}",
    "unbind_used": f"exec 9<>{GROUP}; phasebit setup unbind {{bdf}}",
    "reset_used": "phasebit setup reset",
    "reset": "exec 9>&-; phasebit setup reset",
    "end": f"{WAIT}; {STATUS}",
    "reset_again": "phasebit setup reset",
    "uio": f"{LOAD.format('uio_pci_generic')}; {BIND} --driver uio_pci_generic",
    "unbind": "phasebit setup unbind {bdf}",
    "unbound": f"{WAIT}; {STATUS}",
    "mount_again": MOUNT,
}


class SetupInGuest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="phasebit-drive.")
        self.addCleanup(directory.cleanup)
        self.drive = Path(directory.name) / "drive"
        file_system = Path(directory.name) / "minix"
        for path, blocks in (self.drive, DRIVE_BLOCKS), (file_system, PARTITION_BLOCKS):
            with open(path, "wb") as image:
                image.truncate(blocks * BLOCK_BYTES)
        subprocess.run(["/sbin/sfdisk", "--quiet", self.drive], input=TABLE, text=True, check=True, capture_output=True)
        subprocess.run(["/sbin/mkfs.minix", file_system], check=True, capture_output=True)
        with open(self.drive, "r+b") as image:
            image.seek(STARTS[0] * BLOCK_BYTES)
            image.write(file_system.read_bytes())

    def take_steps(self):
        """Runs all steps in one guest, in one shell. `self.done` has exit code, stdout and stderr of each."""
        script = "; ".join(f"{{ {command}; }} >/tmp/out 2>/tmp/err; echo $?; cat /tmp/out; echo '=err'; cat /tmp/err; echo '=end'"
                           for command in STEPS.values())
        ran = subprocess.run([RUN, "--driver", "nvme", "--drive", self.drive, "--with", PROGRAM, "--", "/bin/busybox", "sh", "-c", script],
                             capture_output=True, text=True)
        self.assertEqual(0, ran.returncode, ran.stderr + ran.stdout)
        parts = ran.stdout.split("=end\n")[:-1]
        self.assertEqual(len(STEPS), len(parts), ran.stdout)
        self.done = {}
        for name, part in zip(STEPS, parts):
            code, _, rest = part.partition("\n")
            self.done[name] = int(code), *rest.split("=err\n")

    def assert_done(self, name, code, out="", err=""):
        self.assertEqual(code, self.done[name][0], (name, self.done[name]))
        self.assertIn(out, self.done[name][1], name)
        self.assertIn(err, self.done[name][2], name)

    def status(self, name):
        self.assert_done(name, 0)
        return json.loads(self.done[name][1])

    def drive_in(self, name):
        functions = self.status(name)["functions"]
        self.assertEqual(1, len(functions), functions)
        return functions[0]

    def hugepages_in(self, name):
        return self.status(name)["hugepages"][0]["total"]

    def test_robs_nobody_and_puts_everything_back(self):
        self.take_steps()
        self.judge_refusals()
        self.judge_changes()
        self.judge_return()

    def judge_refusals(self):
        begin = self.drive_in("begin")
        self.assertEqual(("nvme", [], ""), (begin["driver"], begin["used_by"], begin["unseen"]))
        self.assertEqual(["nvme0n1", "nvme0n1p1", "nvme0n1p2"], begin["block_devices"])
        self.assert_done("bind_mounted", 5, err="it is in use: nvme0n1p1 is mounted on /tmp/m\n")
        self.assert_done("bind_all", 77, err="it is in use: nvme0n1p1 is mounted on /tmp/m\n")
        self.assertEqual([("mount", "nvme0n1p1", "/tmp/m")],
                         [(user["kind"], user["device"], user["by"]) for user in self.drive_in("mounted")["used_by"]])
        self.assert_done("table", 0, out="nvme0n1 nvme0n1p1 nvme0n1p2  nvme0n1p1 is mounted on /tmp/m\n")
        self.assert_done("bind_elsewhere", 5, err="nvme0n1p1 is mounted on /tmp/m, as process ")
        self.assert_done("bind_detached", 5, err="it is in use: /dev/nvme0n1 is opened exclusively by somebody\n")
        self.assert_done("bind_swap", 5, err="it is in use: nvme0n1p2 is swap\n")
        self.assert_done("bind_open", 5, err="it is in use: /dev/nvme0n1 is open in process ")
        self.assert_done("bind_no_module", 5, err="the kernel module vfio-pci is not loaded, and /sbin/modprobe cannot be run")
        self.assertEqual(self.status("begin"), self.status("unchanged"))

    def judge_changes(self):
        self.assert_done("bind", 0, out=": is with vfio-pci now, was with nvme\n")
        self.assert_done("hugepages", 0, out="32 hugepages of 2M, were 64\n")
        self.assert_done("too_many", 5, err="of 100000 hugepages of 2M the kernel could give ")
        bound = self.drive_in("bound")
        self.assertEqual(("vfio-pci", [], [], ""), (bound["driver"], bound["block_devices"], bound["used_by"], bound["unseen"]))
        self.assertEqual(32, self.hugepages_in("bound"))
        self.assertTrue(self.status("bound")["changed"])
        self.assert_done("identify", 0, out="phasebit-guest")
        self.assert_done("unbind_used", 5, err="it is in use: /dev/vfio/")
        self.assert_done("reset_used", 5, out="64 hugepages of 2M", err="it is in use: /dev/vfio/")

    def judge_return(self):
        self.assert_done("reset", 0, out=": is with nvme again, was with vfio-pci\n")
        begin, end = self.status("begin"), self.status("end")
        for part in ("functions", "hugepages", "iommu_groups", "changed"):
            self.assertEqual(begin[part], end[part], part)
        self.assert_done("reset_again", 0, out="there is nothing to put back\n")
        self.assert_done("uio", 0, out=": is with uio_pci_generic now, was with nvme\n")
        self.assert_done("unbind", 0, out=": is with nvme now, was with uio_pci_generic\n")
        self.assertEqual(begin["functions"], self.status("unbound")["functions"])
        self.assert_done("mount_again", 0)


if __name__ == "__main__":
    unittest.main()
