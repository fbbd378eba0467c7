"""The time to a first result, from a program's text and the data in memory: to compile it for this process,
and to run it once, into memory that nothing has touched. The start of the process does not count.

Libraries are measured alike: from a model and data in memory, without their import, to the first output. What
is above a steady run is the set-up."""

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np

import compiled
from cases import BUILD, Case, narrowed

TYPES = {"f32": "F32", "f16": "F16", "bf16": "BF16", "i8": "I8"}
#: How often; the least counts, for the first process reads `tess` from the disk.
TRIES = 3


def milliseconds(
    tess: Path, target: str, case: Case, arrays: list[np.ndarray], threads: int
) -> tuple[float, float]:
    """What `tess run` says of compiling the case, dimensions fixed, and of its first run."""
    program = compiled.of_case(tess, target, case, "fixed")
    functions = json.loads(program.with_suffix(".json").read_text())["functions"]
    described = next(f for f in functions if f["name"] == case.entry)
    members = [member for member in described["args"] if member["passing"] != "out"]
    names = [".".join(filter(None, [m["name"], leaf["key"]])) for m in members for leaf in m["leaves"]]
    file = BUILD / "first.safetensors"
    _write(file, case.dtype, dict(zip(names, arrays)))
    words = [f"{member['name']}={file}#{member['name']}" for member in members]
    command = [tess, "run", "--time-passes", program.with_suffix(".tess"), case.entry, *words,
               "-o", BUILD / "result.safetensors"]  # fmt: skip
    environment = os.environ | {"TESSERA_TARGET": target, "TESSERA_THREADS": str(threads)}
    return min((_once(command, environment) for _ in range(TRIES)), key=sum)


def _once(command: list, environment: dict[str, str]) -> tuple[float, float]:
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stderr
    times = dict(re.findall(r"^(compile|first run) +([0-9.]+) ms", said, re.M))
    return float(times["compile"]), float(times["first run"])


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
