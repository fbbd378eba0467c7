"""Torch: eager, with the result given, channels last, compiled."""

from collections.abc import Callable

import numpy as np

import unet
from cases import Case, give_back, in_huge_pages
from peer import Work, only, repeated


def _torch_function(case: Case) -> Callable:
    import torch
    import torch.nn.functional as F

    p = {k: int(v) for k, v in case.parameters.items() if k != "alpha"}

    def geglu(x):
        left, right = x.chunk(2, -1)
        return left * F.gelu(right)

    return {
        "add": torch.add,
        "saxpy": lambda x, y: torch.add(y, x, alpha=case.parameters["alpha"]),
        "silu": F.silu,
        "gelu": F.gelu,
        "softmax": lambda x: torch.softmax(x, -1),
        "layernorm": lambda x, g, b: F.layer_norm(x, g.shape, g, b),
        "gnsilu": lambda x, g, b: F.silu(F.group_norm(x, p["groups"], g, b)),
        "geglu": geglu,
        "matmul": torch._int_mm if case.dtype == "i8" else torch.matmul,
        "linear": F.linear,
        "qkt": lambda q, k: q @ k.transpose(1, 2),
        "conv": lambda x, w, b: F.conv2d(x, w, b, stride=p["stride"], padding=p["pad"]),
        "attn": F.scaled_dot_product_attention,
    }[case.operation]


def _torch_tensors(case: Case, arrays: list[np.ndarray], threads: int) -> list:
    import torch

    torch.set_grad_enabled(False)
    torch.set_num_threads(threads)
    tensors = [torch.from_numpy(array) for array in arrays]
    types = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "i8": torch.int8}
    return [t.to(types[case.dtype]) for t in tensors]


def _loaded(array: np.memmap) -> np.ndarray:
    """A weight in memory, where its file was mapped."""
    copy = in_huge_pages(array.shape, np.float32)
    copy[...] = array
    give_back(array.ctypes.data, array.nbytes)
    return copy


def _torch_work(function: Callable, tensors: list) -> Work:
    def call():
        last[0] = function(*tensors)

    last = [function(*tensors)]
    return repeated(call), lambda: last[0].float().contiguous().numpy()


def eager(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    if case.operation == "sd15_unet":
        latent, text, *_ = _torch_tensors(case, arrays[:2], threads)
        net = unet.Torch([_loaded(array) for array in arrays[2:]], latent.dtype)
        return _torch_work(net, [latent, text])
    return _torch_work(_torch_function(case), _torch_tensors(case, arrays, threads))


def out_given(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    """torch with the result's memory given."""
    import torch

    only(case, "add", "saxpy", "silu", "gelu", "softmax", "matmul", "qkt", dtypes=("f32", "f16", "bf16"))
    tensors = _torch_tensors(case, arrays, threads)
    aten = torch.ops.aten
    function = {
        "add": torch.add,
        "saxpy": lambda x, y, out: torch.add(y, x, alpha=case.parameters["alpha"], out=out),
        "silu": aten.silu.out,
        "gelu": aten.gelu.out,
        "softmax": lambda x, out: torch.softmax(x, -1, out=out),
        "matmul": torch.matmul,
        "qkt": lambda q, k, out: torch.bmm(q, k.transpose(1, 2), out=out),
    }[case.operation]
    like = _torch_function(case)(*tensors)
    out = like if case.dtype != "f32" else torch.from_numpy(in_huge_pages(like.shape, np.float32))
    return _torch_work(lambda *x: function(*x, out=out), tensors)


def channels_last(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import torch

    only(case, "conv", "gnsilu")
    tensors = [
        t.to(memory_format=torch.channels_last) if t.dim() == 4 else t
        for t in _torch_tensors(case, arrays, threads)
    ]
    return _torch_work(_torch_function(case), tensors)


def compiled(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import torch

    only(case, "silu", "gelu", "softmax", "layernorm", "gnsilu", "geglu")
    torch._dynamo.reset()
    return _torch_work(torch.compile(_torch_function(case)), _torch_tensors(case, arrays, threads))
