#!/usr/bin/python3
"""Shows that ci/check-arrows refuses what it is there to refuse: one small bad tree for each rule, and good ones that it lets pass."""

import subprocess
import sys
import tempfile
from pathlib import Path

CHECK = Path(__file__).resolve().parent.parent.parent / "ci" / "check-arrows"
THING = "#pragma once\nstruct Thing {};\n"

# name: (files, what the refusal must say; None where the tree is good)
TREES = {
    "a driver on the core": ({"src/base/a.hpp": THING, "src/driver/b.cpp": '#include "src/base/a.hpp"\n#include <span>\n'}, None),
    "words in comments, strings and longer names": (
        {"src/driver/a.cpp": '// new malloc\nconst char* s = "new"; int newest = 1\'000; char c = \'"\'; /* try */ int renew;\n#include <new>\n'}, None),
    "a test sees everything": ({"sim/world/a.hpp": THING, "tests/sim/b.cpp": '#include "sim/world/a.hpp"\n#include <gtest/gtest.h>\n'}, None),
    "the emulator includes the driver": (
        {"src/driver/a.hpp": THING, "sim/world/b.cpp": '#include "src/driver/a.hpp"\n'},
        "sim/world/b.cpp:1: sim may not include src/driver/a.hpp"),
    "the driver includes the emulator": (
        {"sim/pci/a.hpp": THING, "src/driver/b.cpp": '\n#include "sim/pci/a.hpp"\n'},
        "src/driver/b.cpp:2: src/driver may not include sim/pci/a.hpp"),
    "an oracle sees the controller through the stream": (
        {"sim/controller/a.hpp": THING, "sim/stream/b.hpp": '#include "sim/controller/a.hpp"\n' + THING,
         "scenarios/oracles/c.cpp": '#include "sim/stream/b.hpp"\n'},
        "scenarios/oracles/c.cpp:1: scenarios/oracles may not include sim/controller/a.hpp (by way of sim/stream/b.hpp)"),
    "somebody includes the program": (
        {"src/cli/a.hpp": THING, "scenarios/engine/b.cpp": '#include "src/cli/a.hpp"\n'}, "scenarios/engine may not include src/cli/a.hpp"),
    "the engine includes hardware": (
        {"hw/a.hpp": THING, "scenarios/engine/b.cpp": '#include "hw/a.hpp"\n'}, "scenarios/engine may not include hw/a.hpp"),
    "the program includes a test": (
        {"tests/support/a.hpp": THING, "src/cli/b.cpp": '#include "tests/support/a.hpp"\n'}, "src/cli may not include tests/support/a.hpp"),
    "a clock in the driver": ({"src/driver/a.cpp": "#include <chrono>\n"}, "src/driver must never see <chrono>"),
    "a clock in the driver through the core": (
        {"src/base/a.hpp": "#include <chrono>\n" + THING, "src/driver/b.cpp": '#include "src/base/a.hpp"\n'},
        "src/driver/b.cpp:1: src/driver must never see <chrono> (by way of src/base/a.hpp)"),
    "new in the driver": ({"src/driver/a.cpp": "int* a = new int;\n"}, "src/driver/a.cpp:1: src/driver must never say 'new'"),
    "malloc in the driver": ({"src/driver/a.cpp": "void* a = std::malloc(1);\n"}, "src/driver must never say 'malloc'"),
    "an exception in the driver": ({"src/driver/a.cpp": "void f() { throw 1; }\n"}, "src/driver must never say 'throw'"),
    "unordered containers in the emulator": ({"sim/media/a.cpp": "#include <unordered_map>\n"}, "sim must never see <unordered_map>"),
    "random distributions in the emulator": ({"sim/media/a.cpp": "#include <random>\n"}, "sim must never see <random>"),
    "threads in the emulator": ({"sim/media/a.cpp": "#include <thread>\n"}, "sim must never see <thread>"),
    "floating point in the emulator": ({"sim/media/a.cpp": "/* a */ double b;\n"}, "sim/media/a.cpp:1: sim must never say 'double'"),
    "a library in the wrong room": ({"src/driver/a.cpp": "#include <fmt/core.h>\n"}, "src/driver may not use fmt"),
    "an unknown library": ({"src/base/a.cpp": "#include <boost/any.hpp>\n"}, "<boost/any.hpp> belongs to no library"),
    "the operating system in the core": ({"src/backend/a.cpp": "#include <sys/mman.h>\n"}, "src/backend may not use posix"),
    "a relative include": ({"src/base/a.hpp": THING, "src/base/b.cpp": '#include "a.hpp"\n'}, '"a.hpp" is not written from the repository root'),
    "an include that climbs": (
        {"src/base/a.hpp": THING, "src/spec/b.cpp": '#include "../base/a.hpp"\n'}, '"../base/a.hpp" is not written from the repository root'),
    "an include by macro": ({"src/base/a.cpp": "#include HEADER\n"}, "an include that a macro decides"),
    "a forwarding header": (
        {"src/base/a.hpp": THING, "src/spec/b.hpp": '// All of it.\n#pragma once\n\n#include "src/base/a.hpp"\n'},
        "src/spec/b.hpp:1: a forwarding header"),
    "a file without a room": ({"scenarios/misc/a.cpp": "int a;\n"}, "no row of the Arrows table"),
    "two rooms of the emulator that need one another": (
        {"sim/media/a.hpp": '#include "sim/pci/b.hpp"\n' + THING, "sim/pci/b.hpp": '#include "sim/media/a.hpp"\n' + THING},
        "sim/media and sim/pci include one another"),
    "a page that shows another table": (
        {"src/base/a.hpp": THING, "docs/architecture.md": "| room | may include |\n"}, "docs/architecture.md:1: its Arrows table is not"),
    "an empty house": ({}, "no C++ file found"),
}


def run(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([CHECK, "--root", root], capture_output=True, text=True, check=False)


def main():
    wrong = 0
    for name, (files, refusal) in TREES.items():
        done = run(files)
        passed = done.returncode == 0 if refusal is None else done.returncode == 1 and refusal in done.stdout
        if not passed:
            wrong += 1
            print(f"{name}: expected {refusal or 'no refusal'}, got exit {done.returncode}:\n{done.stdout}{done.stderr}")
    print(f"{len(TREES)} trees, {wrong} judged wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
