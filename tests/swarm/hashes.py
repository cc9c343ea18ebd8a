#!/usr/bin/python3
"""Runs the catalog in two processes and compares what became of it, hash by hash.

usage: hashes.py PHASEBIT CATALOG

The second process finds other bytes in memory that it has not written (MALLOC_PERTURB_), has other addresses, and runs its worlds one after the
other. Exits 4 if a hash differs, else with the program's own code.
"""

import os
import subprocess
import sys


def hashes_of(program, catalog, jobs, environment):
    command = [program, "run", catalog, "--trace-hash", "--jobs", jobs]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.splitlines()
    print("\n".join(line for line in lines if not line.startswith("pass") and " trace-hash " not in line))
    return done.returncode, {line for line in lines if " trace-hash 0x" in line}


def main():
    program, catalog = sys.argv[1:]
    first_code, first = hashes_of(program, catalog, "2", {})
    second_code, second = hashes_of(program, catalog, "1", {"MALLOC_PERTURB_": "165"})
    for line in sorted(first ^ second):
        print(line)
    print(f"{len(first & second)} hashes agree, {len(first ^ second) // 2} differ")
    if first_code or second_code:
        return first_code or second_code
    return 4 if first != second or not first else 0


if __name__ == "__main__":
    sys.exit(main())
