"""Times two ways to do one thing, turn by turn, so that both see the same moments of the machine."""

import time
from collections.abc import Callable

import numpy as np

Run = Callable[[int], object]

#: The least time of a turn: below it the clock would be what is measured.
TURN, TURN_OF_THREADS = 2e-4, 1e-2
#: Idle threads of a pool spin for a while; the other side's turn begins when they sleep.
PAUSE = 0.03


def _turn(run: Run, calls: int, threads: int) -> float:
    """Milliseconds of a call; with one thread without the time that other processes took."""
    if threads > 1:
        time.sleep(PAUSE)
        run(1)
    wall, cpu = time.perf_counter(), time.process_time()
    run(calls)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return 1e3 * (min(wall, cpu) if threads == 1 else wall) / calls


def _calls(run: Run, threads: int) -> int:
    """How many calls make a turn."""
    once = min(_turn(run, 1, 1) for _ in range(3)) / 1e3
    return int((TURN if threads == 1 else TURN_OF_THREADS) / once) + 1


def interleaved(runs: list[Run], seconds: float, threads: int) -> np.ndarray:
    """Milliseconds of a call: a row for each round, a column for each way."""
    calls = [_calls(run, threads) for run in runs]
    end, rounds = time.perf_counter() + seconds, []
    while len(rounds) < 3 or (time.perf_counter() < end and len(rounds) < 2000):
        rounds.append([_turn(run, n, threads) for run, n in zip(runs, calls)])
    return np.array(rounds)


def speedup(run_by: Callable[[int, int], object], seconds: float, threads: int) -> float:
    """How many times faster several threads are than one, by the minima of turns that follow one another;
    `run_by` takes a count of calls and one of threads."""
    times = interleaved([lambda n, of=of: run_by(n, of) for of in (1, threads)], seconds, threads)
    one, several = times.min(axis=0)
    return one / several


def ratio(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, list[float]]:
    """The ratio of the minima, and where four in five of the rounds lie."""
    return theirs.min() / ours.min(), list(np.quantile(theirs / ours, [0.1, 0.9]))
