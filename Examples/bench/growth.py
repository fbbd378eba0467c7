"""How speed grows with the data, and the time to compile with the program."""

import json
import os
import resource
import subprocess
from pathlib import Path

import compiled
import limits
import timing
from cases import BUILD, Case, data

MATMULS = [64, 128, 256, 512, 1024, 2048, 4096]
SOFTMAXES = [1 << power for power in range(8, 25, 2)]
MODULES = [10, 100, 1000]

#: A module repeats these with numbers of its own: a chain, a reduction, a product, a scan, a branch.
FUNCTIONS = """\
export fn chain{i}<N>(x: f32[N], y: f32[N]) -> (z: f32[N]) {{ z[i] = x[i] * {i}.5 + exp(y[i]) / (1 + x[i] * x[i]) }}
export fn norm{i}<M, N>(x: f32[M, N]) -> (y: f32[M]) {{ y[i] = sqrt({i}.25 + sum[j] x[i, j] * x[i, j]) }}
export fn product{i}<M, N, K>(a: f32[M, K], b: f32[K, N]) -> (c: f32[M, N]) {{ c[i, j] = {i}.75 + sum[k] a[i, k] * b[k, j] }}
export fn scan{i}<N>(x: f32[N]) -> (y: f32[N]) {{ y[i] = {i} + sum[k in 0..i + 1] x[k] }}
export fn steps{i}(n: i64) -> i64 {{ if n < {i} {{ n }} else {{ steps{i}(n / 2) + 1 }} }}
"""


def run(tess: Path, target: str, seconds: float, lines: Path | None, chart: Path) -> None:
    """Measures by one thread, prints tables, writes lines of JSON, draws a chart."""
    os.environ["TESSERA_THREADS"] = "1"
    sizes = [_of_size(tess, target, seconds, case) for case in _cases()]
    modules = [_of_module(tess, target, count) for count in MODULES]
    print(f"{'operation':10} {'elements':>10} {'ms':>10} {'limit':>6}")
    for row in sizes:
        print(f"{row['operation']:10} {row['elements']:10} {row['ours_ms']:10.4g} {row['share_of_limit']:6.0%}")
    print(f"{'functions':>10} {'compile ms':>10} {'each':>6}")
    for row in modules:
        print(f"{row['functions']:10} {row['compile_ms']:10.0f} {row['compile_ms'] / row['functions']:6.2f}")
    if lines:
        lines.write_text("".join(json.dumps(row) + "\n" for row in sizes + modules))
    _draw(sizes, modules, chart)


def _cases() -> list[Case]:
    def case(operation: str, name: int, shapes: list[list[int]], flops: int, elements: int, exps: int) -> Case:
        return Case(
            id=f"{operation}_{name}", group="growth", operation=operation, entry=operation, dtype="f32", seed=name,
            inputs=[(shape, 1.0) for shape in shapes], weights=[], flops=flops, bytes=4 * elements, exps=exps,
        )  # fmt: skip

    products = [case("matmul", n, [[n, n]] * 2, 2 * n**3, 3 * n * n, 0) for n in MATMULS]
    return products + [case("softmax", n, [[1, n]], 5 * n, 2 * n, n) for n in SOFTMAXES]


def _of_size(tess: Path, target: str, seconds: float, case: Case) -> dict:
    call = compiled.call(tess, target, case, "free", data(case), limits.machine())
    best = timing.interleaved([call.run], seconds, 1).min()
    return {
        "operation": case.operation, "elements": call.result.size, "ours_ms": best,
        "share_of_limit": limits.least(case, 1, target)[0] / best,
    }  # fmt: skip


def _of_module(tess: Path, target: str, functions: int) -> dict:
    """Processor time for an object of so many functions, the start of the process included."""
    file = BUILD / f"module-{functions}.tess"
    file.write_text("".join(FUNCTIONS.format(i=i) for i in range(functions // 5)))
    command = [tess, "build", file, "--target", target, "--emit=obj", "-o", file.with_suffix(".o")]
    times = []
    for _ in range(3 if functions < 1000 else 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"functions": functions, "compile_ms": 1e3 * min(times)}


def _draw(sizes: list[dict], modules: list[dict], file: Path) -> None:
    """Shares of the limit by the elements of the result; milliseconds a function by their number."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plot

    figure, (speed, compiling) = plot.subplots(1, 2, figsize=(11, 4))
    for operation in dict.fromkeys(row["operation"] for row in sizes):
        rows = [row for row in sizes if row["operation"] == operation]
        speed.plot([row["elements"] for row in rows], [row["share_of_limit"] for row in rows], "o-", label=operation)
    speed.axhline(1, color="black", linewidth=0.8)
    speed.set_xscale("log", base=2)
    speed.set_ylim(bottom=0)
    speed.set_xlabel("elements of the result")
    speed.set_ylabel("share of the machine's limit")
    speed.legend()
    counts = [row["functions"] for row in modules]
    compiling.plot(counts, [row["compile_ms"] for row in modules], "o-", label="compiled")
    linear = modules[0]["compile_ms"] / counts[0]
    compiling.plot(counts, [linear * count for count in counts], ":", color="black", label="linear")
    compiling.set_xscale("log")
    compiling.set_yscale("log")
    compiling.set_xlabel("functions of the module")
    compiling.set_ylabel("milliseconds to an object, of the processor")
    compiling.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=120)
