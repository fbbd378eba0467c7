"""The runtimes that read an ONNX file, which holds the weights: they pack them when they load it."""

import numpy as np

from cases import Case, in_huge_pages
from peer import Work, only, repeated, result_shape


def _onnx_model(case: Case, arrays: list[np.ndarray], result: tuple[int, ...]) -> bytes:
    """The case as a graph with its weights inside."""
    from onnx import TensorProto, helper, numpy_helper

    only(case, "add", "saxpy", "silu", "gelu", "softmax", "layernorm", "gnsilu", "geglu", "matmul",
          "linear", "qkt", "conv", "attn")
    p = case.parameters
    constants: dict[str, np.ndarray] = {}

    def node(kind: str, inputs: str, output: str, **attributes):
        return helper.make_node(kind, inputs.split(), output.split(), **attributes)

    match case.operation:
        case "add":
            nodes = [node("Add", "x0 x1", "y")]
        case "saxpy":
            constants["alpha"] = np.float32(p["alpha"])
            nodes = [node("Mul", "x0 alpha", "t"), node("Add", "t x1", "y")]
        case "silu":
            nodes = [node("Sigmoid", "x0", "t"), node("Mul", "x0 t", "y")]
        case "gelu":
            nodes = [node("Gelu", "x0", "y")]
        case "softmax":
            nodes = [node("Softmax", "x0", "y", axis=-1)]
        case "layernorm":
            nodes = [node("LayerNormalization", "x0 w0 w1", "y", epsilon=1e-5)]
        case "gnsilu":
            groups, shape = int(p["groups"]), case.inputs[0][0]
            constants |= {
                "grouped": np.array([shape[0], groups, -1]), "whole": np.array(shape),
                "ones": np.ones(groups, np.float32), "zeros": np.zeros(groups, np.float32),
                "scale": arrays[1][:, None, None], "shift": arrays[2][:, None, None],
            }
            nodes = [
                node("Reshape", "x0 grouped", "g"),
                node("InstanceNormalization", "g ones zeros", "n", epsilon=1e-5),
                node("Reshape", "n whole", "m"), node("Mul", "m scale", "s"),
                node("Add", "s shift", "t"), node("Sigmoid", "t", "u"), node("Mul", "t u", "y"),
            ]
        case "geglu":
            nodes = [node("Split", "x0", "l r", axis=-1, num_outputs=2), node("Gelu", "r", "g"),
                     node("Mul", "l g", "y")]
        case "matmul":
            nodes = [node("MatMul", "x0 x1", "y")]
        case "linear":
            nodes = [node("Gemm", "x0 w0 w1", "y", transB=1)]
        case "qkt":
            nodes = [node("Transpose", "x1", "t", perm=[0, 2, 1]), node("MatMul", "x0 t", "y")]
        case "conv":
            stride, pad = int(p["stride"]), int(p["pad"])
            nodes = [node("Conv", "x0 w0 w1", "y", strides=[stride] * 2, pads=[pad] * 4)]
        case _:
            constants["scale"] = np.float32(case.inputs[0][0][-1] ** -0.5)
            nodes = [
                node("Mul", "x0 scale", "q"), node("Transpose", "x1", "k", perm=[0, 1, 3, 2]),
                node("MatMul", "q k", "s"), node("Softmax", "s", "w", axis=-1),
                node("MatMul", "w x2", "y"),
            ]
    inputs = len(case.inputs)
    constants |= {f"w{i}": array for i, array in enumerate(arrays[inputs:])}
    graph = helper.make_graph(
        nodes, case.id,
        [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, a.shape) for i, a in enumerate(arrays[:inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, result)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9).SerializeToString()


def onnxruntime(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import onnxruntime as ort

    result = in_huge_pages(result_shape(case), np.float32)
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _onnx_model(case, arrays, result.shape)
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for i, array in enumerate(arrays[: len(case.inputs)]):
        binding.bind_input(f"x{i}", "cpu", 0, np.float32, array.shape, array.ctypes.data)
    binding.bind_output("y", "cpu", 0, np.float32, result.shape, result.ctypes.data)
    return repeated(lambda: session.run_with_iobinding(binding)), lambda: result


def openvino(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import openvino as ov

    result = in_huge_pages(result_shape(case), np.float32)
    core = ov.Core()
    model = core.read_model(_onnx_model(case, arrays, result.shape))
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
    })  # fmt: skip
    request = compiled.create_infer_request()
    tensors = [ov.Tensor(array, shared_memory=True) for array in arrays[: len(case.inputs)]]
    for i, tensor in enumerate(tensors):
        request.set_input_tensor(i, tensor)
    request.set_output_tensor(0, ov.Tensor(result, shared_memory=True))
    kept = (core, model, compiled, tensors)  # the request does not keep what it needs
    return repeated(lambda: request.infer() and kept), lambda: result
