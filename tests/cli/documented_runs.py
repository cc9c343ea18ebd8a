#!/usr/bin/python3
"""What the documents show is what the program does.

usage: documented_runs.py PROGRAM SOURCES

Runs every scenario of docs/scenario-language.md, fragments completed with a name and a workload, and holds each line that README.md or a page
of docs/ quotes of `phasebit run` ("pass  NAME (...)") to what the program prints for that scenario. The tally that README.md quotes is of as many
scenarios as the catalog has.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

PAGE = "docs/scenario-language.md"
TRACE = "fio version 2 iolog\n/dev/x add\n/dev/x open\n/dev/x write 0 8192\n/dev/x read 0 8192\n/dev/x close\n"


def scenarios_of(page):
    """Name and text of each scenario, in the order of the page."""
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL), 1):
        if not re.search(r"^name:", text, re.MULTILINE):
            text = f"name: fragment-{number}\nabout: A fragment of the page.\n" + text
        if not re.search(r"^(workloads?|sqlite):", text, re.MULTILINE):
            text += "workload: {number_ios: 200, size: 1m}\n"
        yield re.search(r"^name: (\S+)", text, re.MULTILINE)[1], text


def run(program, path):
    ended = subprocess.run([program, "run", path], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def main():
    program, sources = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = []
    said = {}
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "app.iolog").write_text(TRACE)
        shown = list(scenarios_of((sources / PAGE).read_text()))
        for name, text in shown:
            path = pathlib.Path(folder, name + ".yaml")
            path.write_text(text)
            code, said[name] = run(program, path)
            if code != 0:
                wrong.append(f"{PAGE}: {name} ends with {code}:\n{said[name]}")
    quotes = 0
    for page in [sources / "README.md", *sorted((sources / "docs").rglob("*.md"))]:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            quoted = re.fullmatch(r"    (pass  (\S+) \(.*\))", line)
            if not quoted:
                continue
            quotes += 1
            name = quoted[2]
            if name not in said:
                said[name] = run(program, sources / "scenarios/catalog" / (name + ".yaml"))[1]
            if quoted[1] not in said[name].splitlines():
                wrong.append(f"{page.relative_to(sources)}:{number}: it quotes\n    {quoted[1]}\nand the program says\n{said[name]}")
    count = len(list((sources / "scenarios/catalog").glob("*.yaml")))
    tally = f"    {count} scenarios: {count} passed, 0 failed, 0 skipped"
    if tally not in (sources / "README.md").read_text().splitlines():
        wrong.append(f"README.md: it does not quote\n{tally}")
    if not shown or not quotes:
        wrong.append(f"{len(shown)} scenarios and {quotes} quoted lines: the documents have some of each")
    print("\n".join(wrong))
    print(f"{len(shown)} scenarios and {quotes} quoted lines, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
