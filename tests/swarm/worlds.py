#!/usr/bin/python3
"""Runs worlds and looks at what happened in them.

usage: worlds.py PHASEBIT A..B [--everything]

Every world has to end without objection. With --everything each kind of fault has to have struck often enough to mean something, an admin
command has to have failed at each row of bring-up, and each row of bring-up and recovery has to have been passed and timed out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

STRIKES_MIN = 20
FAULTS = (
    "status", "delay", "drop", "duplicate", "wrong_cid", "wrong_sqid", "reorder", "stale_phase", "torn_cqe", "late_doorbell",
    "lost_doorbell", "ready_late", "ready_never", "ready_stuck", "fatal", "all_ones", "all_ones for ever", "surprise_removal",
    "return_after_removal", "orderly_removal", "link_flap", "power_cut", "namespace_attach", "namespace_detach", "namespace_resize",
    "async_event_storm", "thermal_throttle", "bus_master_stuck", "lost_interrupt",
)
REGISTER_ROWS = ("await_shutdown", "await_ready", "disable", "enable")
COMMAND_ROWS = (
    "identify_controller", "command_set_combinations", "command_set_profile", "identify_command_set", "host_behavior", "number_of_queues", "active_namespaces", "identify_namespace",
    "namespace_descriptors", "configure_events", "create_completion_queues", "create_submission_queues",
)
RECOVERY_ROWS = ("abort", "suspect", "reset", "stop_dma")


def shortfalls(totals):
    """What happened too seldom, one line each."""
    wanted = {("faults", fault): STRIKES_MIN for fault in FAULTS}
    wanted |= {("rows", f"bring_up.{row}.failed"): STRIKES_MIN for row in COMMAND_ROWS}
    for result in ("passed", "timed_out"):
        wanted |= {("rows", f"bring_up.{row}.{result}"): 1 for row in REGISTER_ROWS + COMMAND_ROWS}
        wanted |= {("rows", f"recovery.{row}.{result}"): 1 for row in RECOVERY_ROWS}
    for (kind, name), least in wanted.items():
        count = totals[kind].get(name, 0)
        if count < least:
            yield f"{kind}: {name} {count} times, wanted {least}"


def main():
    program, seeds, *rest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as report:
        code = subprocess.run([program, "swarm", "--seeds", seeds, "--jobs", "2", "--report", report], check=False).returncode
        totals = json.loads((Path(report) / "summary.json").read_text(encoding="utf-8"))["totals"]
    lacking = list(shortfalls(totals)) if "--everything" in rest else []
    for line in lacking:
        print(line)
    if "--everything" in rest:
        print(f"{sum(totals['faults'].values())} strikes, {sum(totals['rows'].values())} rows, {len(lacking)} too few")
    return code or (1 if lacking else 0)


if __name__ == "__main__":
    sys.exit(main())
