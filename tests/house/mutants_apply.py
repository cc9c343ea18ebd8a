#!/usr/bin/python3
"""Every patch of tests/mutants fits the sources as they are: one that does not grades nothing, and ci/mutants runs seldom."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def fits(patch):
    """Empty if it does, else what `git apply` says."""
    with tempfile.TemporaryDirectory() as folder:
        for line in patch.read_text(encoding="utf-8").splitlines():
            if line.startswith("+++ b/"):
                name = line.removeprefix("+++ b/")
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
        done = subprocess.run(["git", "apply", "--check", patch], cwd=folder, capture_output=True, text=True, check=False)
        return done.stderr.strip()


def main():
    patches = sorted((ROOT / "tests" / "mutants").glob("*.patch"))
    complaints = [f"{patch.name}: {text}" for patch in patches if (text := fits(patch))]
    print("\n".join([*complaints, f"{len(patches)} patches, {len(complaints)} do not fit"]))
    return 1 if complaints or not patches else 0


if __name__ == "__main__":
    sys.exit(main())
