"""The time to a first result, from a program's text and the data in memory: to compile it for this process,
to pack its weights, and to run it once, into memory that nothing has touched.

Libraries are measured alike: in a process that takes one case after the other, from a model and data in memory,
without the import, to the first output. What is above a steady run is the set-up."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import numpy as np

import compiled
from cases import BUILD, Case, narrowed

TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "i8": "I8"}


def result(tess: Path, target: str, case: Case, arrays: list[np.ndarray]) -> dict[str, float]:
    """Milliseconds to compile the case with its dimensions fixed, of its first run, and of the set-up."""
    library = compiled.of_case(tess, target, case, "fixed")
    functions = json.loads(library.with_suffix(".json").read_text())["functions"]
    described = next(f for f in functions if f["name"] == case.entry)
    members = [member for member in described["args"] if member["passing"] != "out"]
    names = [".".join(filter(None, [m["name"], leaf["key"]])) for m in members for leaf in m["leaves"]]
    file = BUILD / "first.safetensors"
    _write(file, case.dtype, dict(zip(names, arrays)))
    process = _process(tess.with_name("first-results"), target)
    print(library.with_suffix(".tess"), case.entry, file, sep="\t", file=process.stdin, flush=True)
    if not (answer := process.stdout.readline()):
        raise RuntimeError("first-results has ended")
    found = json.loads(answer)
    return found | {"setup_ms": found["compile_ms"] + found["first_run_ms"] - found["steady_ms"]}


@cache
def _process(program: Path, target: str) -> subprocess.Popen:
    """What compiles and runs all cases; it reads until this process ends."""
    environment = os.environ | {"TESSERA_TARGET": target}
    return subprocess.Popen([program], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _write(file: Path, dtype: str, tensors: dict[str, np.ndarray]) -> None:
    """A file in the safetensors format."""
    header, start, parts = {}, 0, []
    for name, array in tensors.items():
        part = narrowed(array, dtype).tobytes()
        header[name] = {"dtype": TYPES[dtype], "shape": array.shape, "data_offsets": [start, start + len(part)]}
        start += len(part)
        parts.append(part)
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
