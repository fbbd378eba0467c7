"""What this machine can do at most, and so the least time that a case can take.

Rates are measured by the process that times the case, so that what else the machine does slows both."""

import ctypes
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from math import prod

import numpy as np

from cases import BUILD, HERE, Case, in_huge_pages

ROUNDS, SECONDS = 5, 0.01
#: No cache holds as much: larger cases run at the rate of this one.
MOST_BYTES = 384 << 20
#: Bytes of an element.
WIDTHS = {"f32": 4, "f16": 2, "bf16": 2, "i8": 1}


@cache
def machine(target: str = "native") -> ctypes.CDLL:
    """machine.c, compiled for a target as the C compiler names it."""
    target = target.split("+")[0]
    library, text = BUILD / f"machine-{target}.so", HERE / "machine.c"
    if not library.exists() or library.stat().st_mtime < text.stat().st_mtime:
        BUILD.mkdir(parents=True, exist_ok=True)
        flags = ["-std=gnu11", "-O3", f"-march={target}", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, text, "-o", library], check=True)
    loaded = ctypes.CDLL(str(library))
    for name in ("f32_rate", "i16_rate", "i8_rate", "bf16_rate", "exp_rate", "stream_rate"):
        getattr(loaded, name).restype = ctypes.c_double
    return loaded


def least(case: Case, threads: int, target: str) -> tuple[float, str]:
    """The longest of the times for products, memory and exponentials, in milliseconds, and which it is.

    Operands are read once and results written once, from and to the caches that hold as many bytes."""
    read = sum(prod(shape) for shape, _ in case.operands) * WIDTHS[case.dtype]
    sources = 2 if 2 * read >= 3 * (case.bytes - read) else 1
    times = {
        "products": 0 if case.group == "elementwise" else case.flops / product_rate(case.dtype, threads, target),
        "memory": case.bytes / stream_rate(case.bytes, sources, threads, target),
        "exponentials": case.exps / exp_rate(threads, target) if case.exps else 0,
    }
    bound = max(times, key=times.get)
    return 1e3 * times[bound], bound


@cache
def product_rate(dtype: str, threads: int, target: str) -> float:
    """Operations a second of products of the type, by the widest instruction that the target has for them;
    f16 is widened, and so is what has no instruction."""
    library = machine(target)
    if dtype == "i8":
        rate = library.i8_rate if "+avx512vnni" in target else library.i16_rate
    else:
        rate = library.bf16_rate if dtype == "bf16" and "+avx512bf16" in target else library.f32_rate
    return _best(lambda _: rate(ctypes.c_double(SECONDS)), threads)


@cache
def exp_rate(threads: int, target: str) -> float:
    """Exponentials a second."""
    library = machine(target)
    return _best(lambda _: library.exp_rate(ctypes.c_double(SECONDS)), threads)


@cache
def stream_rate(size: int, sources: int, threads: int, target: str) -> float:
    """Bytes a second where so many are read from so many tensors and written to another, again and again."""
    library = machine(target)
    size = max(min(size, MOST_BYTES) // (sources + 1) // threads // 256, 1) * 256
    tensors = [[in_huge_pages([size // 4], np.float32) for _ in range(sources + 1)] for _ in range(threads)]
    for array in (array for arrays in tensors for array in arrays):
        array[:] = 1

    def run(thread: int, streaming: int) -> float:
        to, *rest = (ctypes.c_void_p(array.ctypes.data) for array in tensors[thread])
        given = rest if sources == 2 else [*rest, None]
        return library.stream_rate(to, *given, ctypes.c_size_t(size), streaming, ctypes.c_double(SECONDS))

    # Streaming pays where no cache holds the result.
    streaming = max((0, 1), key=lambda way: _best(lambda thread: run(thread, way), threads, 1))
    return _best(lambda thread: run(thread, streaming), threads)


def _best(rate: Callable[[int], float], threads: int, rounds: int = ROUNDS) -> float:
    """The best sum of the rates of so many threads at once."""
    with ThreadPoolExecutor(threads) as pool:
        return max(sum(pool.map(rate, range(threads))) for _ in range(rounds))
