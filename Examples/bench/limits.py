"""What this machine can do at most, and so the least time that a case can take."""

import ctypes
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from cases import BUILD, HERE, Case, in_huge_pages

ROUNDS, SECONDS = 12, 0.05
#: Bytes a thread copies, for each level of memory.
LEVELS = {"l2": 192 << 10, "l3": 3 << 20, "dram": 128 << 20}


def machine(target: str = "native") -> ctypes.CDLL:
    """machine.c, compiled for a target as the C compiler names it."""
    target = target.split("+")[0]
    library, text = BUILD / f"machine-{target}.so", HERE / "machine.c"
    if not library.exists() or library.stat().st_mtime < text.stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        flags = ["-std=gnu11", "-O3", f"-march={target}", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, text, "-o", library], check=True)
    loaded = ctypes.CDLL(str(library))
    for name in ("flop_rate", "exp_rate", "copy_rate"):
        getattr(loaded, name).restype = ctypes.c_double
    return loaded


def measured(threads: int, target: str) -> dict[str, float]:
    """Rates a second with so many threads, measured once and then kept in a file."""
    file = BUILD / f"limits-{threads}-{target.split('+')[0]}.json"
    if not file.exists():
        file.write_text(json.dumps(_measure(machine(target), threads)))
    return json.loads(file.read_text())


def _measure(library: ctypes.CDLL, threads: int) -> dict[str, float]:
    seconds = ctypes.c_double(SECONDS)
    with ThreadPoolExecutor(threads) as pool:

        def best(rate, *arguments: list) -> float:
            """The best sum over the threads, each with its own arguments."""
            lists = arguments or [[]] * threads
            return max(sum(pool.map(lambda a: rate(*a, seconds), lists)) for _ in range(ROUNDS))

        rates = {"flops": best(library.flop_rate), "exps": best(library.exp_rate)}
        for level, size in LEVELS.items():
            buffers = [[in_huge_pages([size // 4], np.float32) for _ in "ab"] for _ in range(threads)]
            for pair in buffers:
                pair[0][:] = pair[1][:] = 1
            for streaming in (0, 1) if level == "dram" else (0,):
                arguments = [
                    [ctypes.c_void_p(x.ctypes.data) for x in pair] + [ctypes.c_size_t(size), streaming]
                    for pair in buffers
                ]
                rates[level] = max(rates.get(level, 0), best(library.copy_rate, *arguments))
    return rates


def least_ms(case: Case, rates: dict[str, float], threads: int) -> float:
    """The longest of the times for arithmetic, memory and exponentials.

    The operands lie in the level that holds them all, each is read once and each result written once."""
    level = "l2" if case.bytes < threads * (700 << 10) else "l3" if case.bytes < 20 << 20 else "dram"
    flops = 0 if case.group == "elementwise" else case.flops
    return 1e3 * max(flops / rates["flops"], case.bytes / rates[level], case.exps / rates["exps"])
