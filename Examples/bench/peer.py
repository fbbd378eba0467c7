"""What peers share.

A peer is a function of case and data that gives a way to run it several times and a way to look at the
result; it raises NotOffered where it has nothing for the case. Weights are prepared before, where it can."""

from collections.abc import Callable
from math import prod

import numpy as np

from cases import Case, in_huge_pages

Work = tuple[Callable[[int], object], Callable[[], np.ndarray]]


class NotOffered(Exception):
    """The peer does not have this operation."""


def repeated(call: Callable[[], object]) -> Callable[[int], None]:
    def run(times: int) -> None:
        for _ in range(times):
            call()

    return run


def only(case: Case, *operations: str, dtypes: tuple[str, ...] = ("f32",)) -> None:
    if case.operation not in operations or case.dtype not in dtypes:
        raise NotOffered


def result_shapes(case: Case) -> list[tuple[int, ...]]:
    """The shapes of the results, which lie one after the other in an array of `result_shape`."""
    if case.operation != "t2i_adapter":
        return [result_shape(case)]
    n, _, h, w = case.inputs[0][0]
    return [(n, channels, h >> s, w >> s) for channels, s in zip((320, 640, 1280, 1280), range(3, 7))]


def result_shape(case: Case) -> tuple[int, ...]:
    shapes = [shape for shape, _ in case.operands]
    match case.operation:
        case "geglu":
            return (shapes[0][0], shapes[0][1] // 2)
        case "matmul":
            return (shapes[0][0], shapes[1][1])
        case "linear":
            return (shapes[0][0], shapes[1][0])
        case "qkt":
            return (shapes[0][0], shapes[0][1], shapes[1][1])
        case "conv":
            n, _, h, w = shapes[0]
            o, _, r, s = shapes[1]
            stride, pad = int(case.parameters["stride"]), int(case.parameters["pad"])
            return (n, o, (h + 2 * pad - r) // stride + 1, (w + 2 * pad - s) // stride + 1)
        case "t2i_adapter":
            return (sum(map(prod, result_shapes(case))),)
        case _:
            return tuple(shapes[0])
