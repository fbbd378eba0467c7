#!/usr/bin/env python3
"""Times the cases of cases.json, ours against those that a user would take instead.

  make bench ARGS='--cases REGEX --threads 1,2 --json FILE'
  make bench ARGS='--cases sd15_unet_64'      whole, and only by its name: gigabytes, minutes
  make bench ARGS='--cases sd15_unet_64 --memory'
  make bench ARGS='--growth'

Each peer runs in a process of its own, ours and its turns interleaved."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import chart
import growth
import report
from cases import BUILD, HERE, Case, data, load, widened
from peer import NotOffered

PEERS = ["torch", "torch-out", "torch-nhwc", "torch-compile", "ort", "openvino", "jax", "openblas", "numba"]
#: What malloc keeps for the next call, in huge pages: no peer pays for fresh memory.
MALLOC = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184"
FLAGS = set(Path("/proc/cpuinfo").read_text().split())
HAS_512 = "avx512f" in FLAGS
#: What the machine has beyond its level, as targets and as the kernel spell it.
EXTENSIONS = {"avx512vnni": "avx512_vnni", "avx512bf16": "avx512_bf16"}
V3, V4 = "x86-64-v3", "x86-64-v4"
NATIVE = "+".join([V4, *(name for name, flag in EXTENSIONS.items() if flag in FLAGS)]) if HAS_512 else V3
#: What holds peers to the vectors of x86-64-v3, where the machine has wider ones; ORT has no such switch.
NARROW = {
    "ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Zen", "OV_CPU_MAX_ISA": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "NUMBA_CPU_NAME": "znver2",
}  # fmt: skip
TOLERANCE = {"f32": 1e-4, "f16": 2e-3, "bf16": 1e-2, "i8": 1e-12}


def peers_named(text: str) -> list[str]:
    """The peers in 'ort,openvino'."""
    peers = [peer for peer in text.split(",") if peer]
    for peer in peers:
        if peer not in PEERS:
            raise argparse.ArgumentTypeError(f"no peer is called '{peer}': there are {', '.join(PEERS)}")
    return peers


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", default="", help="only cases whose name has this pattern")
    parser.add_argument("--threads", default="1", help="counts of threads: 1,2")
    parser.add_argument("--peers", type=peers_named, default=",".join(PEERS),
                        help="peers between commas, or '' for none")  # fmt: skip
    parser.add_argument("--json", type=Path, help="writes one line for each case and count here")
    parser.add_argument("--chart", type=Path, help="the PNG that is drawn")
    parser.add_argument("--growth", action="store_true",
                        help="share of the limit by size, and time to compile by size of the program")  # fmt: skip
    parser.add_argument("--memory", action="store_true",
                        help="the most memory that a process holds up to its first result")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=1.0, help="for each pair")
    parser.add_argument("--tess", type=Path, default=HERE.parents[1] / ".build/release/tess")
    parser.add_argument("--target", choices=sorted({V3, V4, NATIVE}), default=NATIVE)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def largest_error(result, expected) -> float:
    """The largest difference, against the largest value."""
    import numpy as np

    return float(np.abs(result - expected).max() / np.abs(expected).max())


def measure_ours(case: Case, threads: int, given: argparse.Namespace) -> dict:
    """Checks all forms against float64, then times them."""
    import compiled
    import first
    import limits
    import references
    import timing

    arrays, calls = data(case), {}
    for form in compiled.forms(case):
        calls[form] = compiled.call(given.tess, given.target, case, form, arrays, limits.machine())
        calls[form].run()
    reference = references.expected(case, arrays)
    error = max(largest_error(widened(call.result), reference) for call in calls.values())
    if not error < TOLERANCE[case.dtype]:
        return {"failed": f"largest error {error:.2g}"}
    times = timing.interleaved([call.run for call in calls.values()], given.seconds, threads)
    speedup = timing.speedup(calls["fixed"].run_by, given.seconds, threads) if threads > 1 else None
    limit_ms, limited_by = limits.least(case, threads, given.target)
    started = first.result(given.tess, given.target, case, arrays) if case.quick else {}
    return {
        "forms": dict(zip(calls, times.min(axis=0))),
        "ours_ms": times[:, 0].min(),
        "speedup": speedup,
        "max_error": error,
        "compile_ms": started.get("compile_ms"),
        "first_run_ms": started.get("first_run_ms"),
        "setup_ms": started.get("setup_ms"),
        "limit_ms": limit_ms,
        "limited_by": limited_by,
    }


def measure_peer(case: Case, threads: int, given: argparse.Namespace) -> dict:
    """Times a peer against ours, if both give the same."""
    import compiled
    import limits
    import timing
    from peers import PEERS as functions

    arrays = data(case)
    run, result = functions[given.child](case, arrays, threads)
    run(1)
    ours = compiled.call(given.tess, given.target, case, "fixed", arrays, limits.machine())
    ours.run()
    error = largest_error(result().reshape(ours.result.shape), widened(ours.result))
    if not error < 2 * TOLERANCE[case.dtype]:
        return {"failed": f"differs from ours by {error:.2g}"}
    times = timing.interleaved([ours.run, run], given.seconds, threads)
    ratio, interval = timing.ratio(times[:, 0], times[:, 1])
    return {"ours_ms": times[:, 0].min(), "peer_ms": times[:, 1].min(), "ratio": ratio, "interval": interval}


def measure_memory(case: Case, threads: int, given: argparse.Namespace) -> dict:
    """What a process has held that does nothing but come to its first result."""
    import compiled
    import limits
    from peers import PEERS as functions

    if given.child == "ours":
        compiled.call(given.tess, given.target, case, "fixed", data(case), limits.machine()).run()
    else:
        run, _ = functions[given.child](case, data(case), threads)
        run(1)
    status = Path("/proc/self/status").read_text()
    return {"peak_mb": int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1e3}


def child(given: argparse.Namespace, cases: list[Case]) -> None:
    """Measures all cases with one peer, or ours alone; a line of JSON for each."""
    threads = int(given.threads)
    for case in cases:
        try:
            work = measure_memory if given.memory else measure_ours if given.child == "ours" else measure_peer
            found = work(case, threads, given)
        except NotOffered:
            continue
        except Exception as error:  # what a peer cannot do is a result too
            found = {"failed": f"{type(error).__name__}: {error}"[:200].replace("\n", " ")}
        print(json.dumps({"case": case.id, "threads": threads, "peer": given.child} | found), flush=True)


def environment(threads: str, target: str) -> dict[str, str]:
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "TESSERA_THREADS")
    return os.environ | {name: threads for name in names} | {
        "GLIBC_TUNABLES": MALLOC, "THP_MEM_ALLOC_ENABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
    } | (NARROW if target == V3 and HAS_512 else {})  # fmt: skip


def run_child(peer: str, threads: str, given: argparse.Namespace) -> list[dict]:
    """The lines of a child process; none if what it needs is not installed."""
    arguments = [sys.executable, __file__, "--child", peer, "--threads", threads, "--cases", given.cases,
                 "--seconds", str(given.seconds), "--tess", str(given.tess.resolve()), "--target", given.target]  # fmt: skip
    arguments += ["--memory"] * given.memory
    if peer == "jax":  # it makes as many threads as there are processors
        processors = sorted(os.sched_getaffinity(0))[-int(threads) :]
        arguments = ["taskset", "-c", ",".join(map(str, processors)), *arguments]
    lines = []
    with subprocess.Popen(arguments, env=environment(threads, given.target), stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            if not text.startswith("{"):
                continue
            lines.append(json.loads(text))
            line = lines[-1]
            if "peak_mb" in line:
                said = f"{line['peak_mb']:.0f} MB at most"
            else:
                said = line.get("failed") or f"{line['ours_ms']:.4g} ms ours" + (
                    f", ratio {line['ratio']:.3g}" if "ratio" in line else "")
            print(f"{line['case']:28} {peer:14} {threads}  {said}", file=sys.stderr, flush=True)
    return lines


def main() -> None:
    given = options()
    cases = [c for c in load() if c.id == given.cases or c.quick and re.search(given.cases, c.id)]
    if given.child:
        return child(given, [case for case in cases if not case.missing])
    BUILD.mkdir(parents=True, exist_ok=True)
    if given.growth:
        return growth.run(given.tess, given.target, given.seconds, given.json, given.chart or BUILD / "growth.png")
    peers = given.peers
    if given.target == V3 and HAS_512:
        peers = [peer for peer in peers if peer != "ort"]
    rows = []
    for threads in given.threads.split(","):
        lines = [line for peer in ["ours", *peers] for line in run_child(peer, threads, given)]
        if given.memory:
            continue
        found = report.rows(cases, lines, int(threads))
        report.show(found)
        rows += found
        if given.json:
            given.json.write_text(report.lines(rows))
    for case in cases:
        if case.missing:
            print(f"{case.id:28}   not run: we lack {case.missing}")
    if not given.memory:
        chart.draw(rows, given.chart or BUILD / "ratios.png")


if __name__ == "__main__":
    main()
