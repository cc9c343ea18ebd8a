#!/usr/bin/python3
"""Shows that ci/check-house refuses what it is there to refuse, and lets the rest pass."""

import subprocess
import sys
import tempfile
from pathlib import Path

CHECK = Path(__file__).resolve().parent.parent.parent / "ci" / "check-house"

# name, text, what the refusal must say (None where the file is good); the texts are put together so that this file is itself in order
FILES = (
    ("a.cpp", "int a;\n" * 400, None),
    ("a.cpp", "int a;\n" * 401, "a.cpp:401: longer than 400 lines"),
    ("a.md", "see https://example.org/" + "home/page\n", None),
    ("a.md", "one\nsee /" + "home/me\n", "a.md:2: a path of one machine"),
    ("a.cpp", "// TO" + "DO\n", "a.cpp:1: a leftover"),
    ("a.cpp", "GTEST_" + "SKIP();\n", "a.cpp:1: a skipped test"),
    ("a.cpp", "GTEST_" + "SKIP();  // skipped: no device\n", None),
    ("a.py", "#!/usr/bin/env" + " python3\n", "a.py:1: scripts run on Debian's own"),
)


def run(name, text):
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["git", "init", "--quiet", root], check=True)
        (Path(root) / name).write_text(text, encoding="utf-8")
        return subprocess.run([CHECK, "--root", root], capture_output=True, text=True, check=False)


def main():
    wrong = 0
    for name, text, refusal in FILES:
        done = run(name, text)
        passed = done.returncode == 0 if refusal is None else done.returncode == 1 and refusal in done.stdout
        if not passed:
            wrong += 1
            print(f"{name}: expected {refusal or 'no refusal'}, got exit {done.returncode}:\n{done.stdout}{done.stderr}")
    print(f"{len(FILES)} files, {wrong} judged wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
