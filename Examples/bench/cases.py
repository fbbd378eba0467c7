"""The table of work: what each case computes, on which data, and how much of it."""

import ctypes
import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path

import numpy as np

import unet

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / ".build" / "bench"
HUGE_PAGE = 2 << 20
MADVISE = ctypes.CDLL(None).madvise
MADVISE.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


@dataclass(frozen=True)
class Case:
    """One row of cases.json; shapes come with the scale of their data."""

    id: str
    group: str
    operation: str  # the file in operations/
    entry: str  # the function in it
    dtype: str
    seed: int
    inputs: list[tuple[list[int], float]]
    weights: list[tuple[list[int], float]]
    flops: int
    bytes: int
    exps: int
    parameters: dict[str, float] = field(default_factory=dict)
    missing: str = ""  # what we lack to run it
    quick: bool = True  # the others run only if the pattern of --cases is their name

    @property
    def operands(self) -> list[tuple[list[int], float]]:
        return self.inputs + self.weights


def load() -> list[Case]:
    cases = [Case(**row) for row in json.loads((HERE / "cases.json").read_text())]
    return [replace(case, weights=unet.weights(case.inputs)) if case.operation == "sd15_unet" else case for case in cases]


def data(case: Case) -> list[np.ndarray]:
    """Inputs, then weights; the weights of a whole network are mapped from a file."""
    if not case.quick:
        return mapped(case)
    arrays = []
    for values in drawn(case):
        arrays.append(in_huge_pages(values.shape, np.float32))
        arrays[-1][...] = values
    return arrays


def drawn(case: Case) -> Iterator[np.ndarray]:
    """The data of a case one by one, always the same; narrow types as what f32 values round to."""
    draw = np.random.default_rng(case.seed)
    for shape, scale in case.operands:
        values = draw.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        yield widened(narrowed(values, case.dtype))


def data_file(case: Case) -> Path:
    return BUILD / f"{case.id}.data"


def mapped(case: Case) -> list[np.ndarray]:
    file, sizes = data_file(case), [prod(shape) for shape, _ in case.operands]
    if not file.exists() or file.stat().st_size != 4 * sum(sizes):
        with file.with_suffix(".part").open("wb") as part:
            for values in drawn(case):
                part.write(values.tobytes())
        file.with_suffix(".part").rename(file)
    ends = np.cumsum(sizes)
    arrays = [np.memmap(file, np.float32, "r", 4 * int(end - size), tuple(shape))
              for (shape, _), size, end in zip(case.operands, sizes, ends)]  # fmt: skip
    inputs = len(case.inputs)
    return [np.array(array) for array in arrays[:inputs]] + arrays[inputs:]


def give_back(place: int, size: int) -> None:
    """Takes the whole pages between two bytes of a mapped file out of memory."""
    start, end = -(-place // mmap.PAGESIZE) * mmap.PAGESIZE, (place + size) // mmap.PAGESIZE * mmap.PAGESIZE
    if start < end:
        MADVISE(start, end - start, mmap.MADV_DONTNEED)


def in_huge_pages(shape: list[int] | tuple[int, ...], dtype: type) -> np.ndarray:
    """Memory for an array that begins at a huge page, where it is as large as one."""
    size = prod(shape) * np.dtype(dtype).itemsize
    if size < HUGE_PAGE // 2:
        bytes_ = np.zeros(size + 64, np.uint8)
        start = -bytes_.ctypes.data % 64
    else:
        memory = mmap.mmap(-1, size + 2 * HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.madvise(mmap.MADV_HUGEPAGE)
        bytes_ = np.frombuffer(memory, np.uint8)
        start = -bytes_.ctypes.data % HUGE_PAGE
    return bytes_[start : start + size].view(dtype).reshape(shape)


def narrowed(values: np.ndarray, dtype: str) -> np.ndarray:
    """What memory holds for values of a type: of bf16 the bits that are nearest, ties to even."""
    if dtype == "f16":
        return values.astype(np.float16)
    if dtype == "f32":
        return values
    if dtype == "i8":
        return np.clip(np.rint(values), -127, 127).astype(np.int8)
    bits = np.ascontiguousarray(values).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def widened(stored: np.ndarray) -> np.ndarray:
    """The values of what memory holds, as f32, or f64 where that is too narrow."""
    if stored.dtype == np.uint16:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    if stored.dtype == np.int32:
        return stored.astype(np.float64)
    return stored.astype(np.float32, copy=False)
