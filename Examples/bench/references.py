"""What each case must give, in float64 and as plainly as NumPy allows."""

from math import erf, sqrt

import numpy as np

import unet
from cases import Case

_RATIONAL_ERF = np.vectorize(erf, otypes=[np.float64])


def _erf(x: np.ndarray) -> np.ndarray:
    """erf by its Taylor polynomial around the nearest of 2048 places, good to 1e-15."""
    places = np.linspace(-6, 6, 2049)
    at = np.clip(np.rint((x + 6) * (2048 / 12)).astype(np.int64), 0, 2048)
    t, d = places[at], np.clip(x, -6, 6) - places[at]
    slope = 2 / sqrt(np.pi) * np.exp(-t * t)
    series = d - t * d**2 + (4 * t**2 - 2) * d**3 / 6 - (8 * t**3 - 12 * t) * d**4 / 24
    return _RATIONAL_ERF(places)[at] + slope * series


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + _erf(x / sqrt(2)))


def _silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))


def _softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _normalised(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def _convolution(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, pad: int) -> np.ndarray:
    """One product of matrices for each place of the kernel."""
    x = np.pad(x[0], ((0, 0), (pad, pad), (pad, pad)))
    o, _, r, s = w.shape
    h, v = (x.shape[1] - r) // stride + 1, (x.shape[2] - s) // stride + 1
    y = np.zeros((o, h * v))
    for i in range(r):
        for j in range(s):
            part = x[:, i : i + h * stride : stride, j : j + v * stride : stride]
            y += w[:, :, i, j] @ part.reshape(len(x), -1)
    return (y + b[:, None]).reshape(1, o, h, v)


def _adapter(image: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """The T2I-Adapter with blocks of 3×3 and 1×1, a kernel and a bias for each layer; its four results
    one after the other."""
    n, c, h, w = image.shape
    x = image.reshape(n, c, h // 8, 8, w // 8, 8).transpose(0, 1, 3, 5, 2, 4).reshape(n, 64 * c, h // 8, w // 8)
    layers = list(zip(weights[::2], weights[1::2]))

    def convolved(x: np.ndarray) -> np.ndarray:
        kernel, bias = layers.pop(0)
        return _convolution(x, kernel, bias, 1, kernel.shape[2] // 2)

    x, results = convolved(x), []
    for block in range(8):
        if block in (2, 4, 6):
            n, c, h, w = x.shape
            x = x.reshape(n, c, h // 2, 2, w // 2, 2).mean((3, 5))
        if layers[0][0].shape[2] == 1:  # to more channels
            x = convolved(x)
        x = convolved(np.maximum(convolved(x), 0)) + x
        if block % 2:
            results.append(x.reshape(-1))
    return np.concatenate(results)


def expected(case: Case, arrays: list[np.ndarray]) -> np.ndarray:
    if case.operation == "sd15_unet":  # whose weights are widened a layer at a time
        latent, text, *weights = arrays
        return unet.expected(latent, text, weights)
    a = [array.astype(np.float64) for array in arrays]
    match case.operation:
        case "add":
            return a[0] + a[1]
        case "saxpy":
            return case.parameters["alpha"] * a[0] + a[1]
        case "silu":
            return _silu(a[0])
        case "gelu":
            return _gelu(a[0])
        case "softmax":
            return _softmax(a[0])
        case "layernorm":
            return _normalised(a[0]) * a[1] + a[2]
        case "gnsilu":
            x, g, b = a
            groups = int(case.parameters["groups"])
            y = _normalised(x.reshape(x.shape[0], groups, -1)).reshape(x.shape)
            return _silu(y * g[:, None, None] + b[:, None, None])
        case "geglu":
            left, right = np.split(a[0], 2, -1)
            return left * _gelu(right)
        case "matmul":
            return a[0] @ a[1]
        case "linear":
            return a[0] @ a[1].T + a[2]
        case "qkt":
            return a[0] @ a[1].transpose(0, 2, 1)
        case "conv":
            stride, pad = int(case.parameters["stride"]), int(case.parameters["pad"])
            return _convolution(*a, stride, pad)
        case "t2i_adapter":
            return _adapter(a[0], a[1:])
        case "attn":
            q, k, v = a
            return _softmax(q @ k.transpose(0, 1, 3, 2) / sqrt(q.shape[-1])) @ v
    raise ValueError(f"no reference for {case.operation}")
