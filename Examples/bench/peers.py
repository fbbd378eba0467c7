"""What a user would take instead of us, each in its best conditions: results reused, huge pages."""

from collections.abc import Callable

import numpy as np

import peers_onnx
import peers_other
import peers_torch
from cases import Case
from peer import Work

PEERS: dict[str, Callable[[Case, list[np.ndarray], int], Work]] = {
    "torch": peers_torch.eager,
    "torch-out": peers_torch.out_given,
    "torch-nhwc": peers_torch.channels_last,
    "torch-compile": peers_torch.compiled,
    "ort": peers_onnx.onnxruntime,
    "openvino": peers_onnx.openvino,
    "jax": peers_other.jax,
    "openblas": peers_other.openblas,
    "numba": peers_other.numba,
}
