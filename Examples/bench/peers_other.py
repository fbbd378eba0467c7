"""JAX, OpenBLAS and Numba."""

import ctypes
from pathlib import Path

import numpy as np

import limits
from cases import Case, in_huge_pages
from peer import Work, only, repeated, result_shape


def jax(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import jax
    import jax.numpy as jnp
    from jax import lax, nn

    p = case.parameters

    def normalised(x):
        return (x - x.mean(-1, keepdims=True)) * lax.rsqrt(x.var(-1, keepdims=True) + 1e-5)

    def gnsilu(x, g, b):
        y = normalised(x.reshape(x.shape[0], int(p["groups"]), -1)).reshape(x.shape)
        return nn.silu(y * g[:, None, None] + b[:, None, None])

    def conv(x, w, b):
        pad = (int(p["pad"]),) * 2
        return lax.conv_general_dilated(x, w, (int(p["stride"]),) * 2, (pad, pad)) + b[:, None, None]

    def geglu(x):
        left, right = jnp.split(x, 2, -1)
        return left * nn.gelu(right, approximate=False)

    def attn(q, k, v):
        scores = jnp.einsum("bhqd,bhkd->bhqk", q, k) * q.shape[-1] ** -0.5
        return jnp.einsum("bhqk,bhkd->bhqd", nn.softmax(scores, -1), v)

    def matmul(a, b):
        return jnp.matmul(a, b, preferred_element_type=jnp.int32 if case.dtype == "i8" else None)

    function = {
        "add": jnp.add, "saxpy": lambda x, y: p["alpha"] * x + y, "silu": nn.silu,
        "gelu": lambda x: nn.gelu(x, approximate=False), "softmax": lambda x: nn.softmax(x, -1),
        "layernorm": lambda x, g, b: normalised(x) * g + b, "gnsilu": gnsilu, "geglu": geglu,
        "matmul": matmul, "linear": lambda x, w, b: x @ w.T + b,
        "qkt": lambda q, k: q @ k.transpose(0, 2, 1), "conv": conv, "attn": attn,
    }[case.operation]  # fmt: skip
    dtype = {"f32": jnp.float32, "f16": jnp.float16, "bf16": jnp.bfloat16, "i8": jnp.int8}[case.dtype]
    values = [jax.device_put(jnp.asarray(array, dtype=dtype)) for array in arrays]
    compiled = jax.jit(function).lower(*values).compile()
    last = [compiled(*values)]

    def call() -> None:
        last[0] = compiled(*values).block_until_ready()

    return repeated(call), lambda: np.asarray(last[0].astype(jnp.float32))


def openblas(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import scipy_openblas32

    only(case, "matmul", "linear")
    machine = limits.machine()
    library = ctypes.CDLL(str(Path(scipy_openblas32.get_lib_dir()) / "libscipy_openblas.so"))
    library.scipy_openblas_set_num_threads(threads)
    result = in_huge_pages(result_shape(case), np.float32)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*arrays, result)]
    a, b, c = pointers[0], pointers[1], pointers[-1]
    bias = pointers[2] if case.operation == "linear" else None
    m, n, k = *result.shape, arrays[0].shape[1]

    def run(times: int) -> None:
        machine.repeat_sgemm(library.scipy_cblas_sgemm, m, n, k, a, b, bias is not None, bias, c,
                             ctypes.c_long(times))  # fmt: skip

    return run, lambda: result


def numba(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import numba

    only(case, "add", "saxpy", "silu")
    numba.set_num_threads(threads)
    one, alpha = np.float32(1), np.float32(case.parameters.get("alpha", 0))

    def add(a, b, y):
        for i in numba.prange(y.size):
            y[i] = a[i] + b[i]

    def saxpy(a, b, y):
        for i in numba.prange(y.size):
            y[i] = alpha * a[i] + b[i]

    def silu(a, y):
        for i in numba.prange(y.size):
            y[i] = a[i] / (one + np.exp(-a[i]))

    plain = {"add": add, "saxpy": saxpy, "silu": silu}[case.operation]
    function = numba.njit(parallel=threads > 1, fastmath=True)(plain)
    result = in_huge_pages(arrays[0].shape, np.float32)
    return repeated(lambda: function(*arrays, result)), lambda: result
