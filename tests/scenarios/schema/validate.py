"""usage: validate.py PROGRAM SCHEMA DIRECTORY

Checks the JSON that PROGRAM emits for every scenario file below DIRECTORY with the jsonschema package, and that the check can fail.
"""
import json
import pathlib
import subprocess
import sys

import jsonschema

program, schema_path, directory = sys.argv[1:]
schema = json.loads(pathlib.Path(schema_path).read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)

files = sorted(str(path) for ending in ("*.yaml", "*.yml") for path in pathlib.Path(directory).rglob(ending))
if not files:
    sys.exit("no scenario below " + directory)
emitted = subprocess.run([program, *files], check=True, capture_output=True, text=True).stdout.splitlines()
assert len(emitted) == len(files)

wrong = 0
for path, line in zip(files, emitted):
    for error in validator.iter_errors(json.loads(line)):
        wrong += 1
        print(f"{path}: /{'/'.join(map(str, error.absolute_path))}: {error.message}")

# A validator that accepts anything would prove nothing.
spoiled = json.loads(emitted[0])
spoiled["no_such_key"] = 1
assert not validator.is_valid(spoiled)
del spoiled["no_such_key"], spoiled["about"]
assert not validator.is_valid(spoiled)

print(f"{len(files)} files, {wrong} complaints")
sys.exit(1 if wrong else 0)
