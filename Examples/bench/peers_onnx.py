"""The runtimes that read an ONNX file, which holds the weights: they pack them when they load it."""

from collections.abc import Callable

import numpy as np

import unet
from cases import BUILD, Case, data_file, in_huge_pages, narrowed
from peer import Work, only, repeated, result_shape, result_shapes


def _onnx_model(case: Case, arrays: list[np.ndarray]) -> bytes | str:
    """The case as a graph with its weights inside, or the path of a file."""
    from onnx import TensorProto, helper, numpy_helper

    if case.operation == "sd15_unet":
        shapes = [[shape for shape, _ in operands] for operands in (case.inputs, case.weights)]
        return unet.onnx_file(BUILD / f"{case.id}.onnx", *shapes, data_file(case))
    if case.dtype == "i8":
        only(case, "matmul", dtypes=("i8",))
    else:
        only(case, "add", "saxpy", "silu", "gelu", "softmax", "layernorm", "gnsilu", "geglu", "matmul",
             "linear", "qkt", "conv", "attn", "t2i_adapter")  # fmt: skip
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
            nodes = [node("MatMulInteger" if case.dtype == "i8" else "MatMul", "x0 x1", "y")]
        case "linear":
            nodes = [node("Gemm", "x0 w0 w1", "y", transB=1)]
        case "qkt":
            nodes = [node("Transpose", "x1", "t", perm=[0, 2, 1]), node("MatMul", "x0 t", "y")]
        case "conv":
            stride, pad = int(p["stride"]), int(p["pad"])
            nodes = [node("Conv", "x0 w0 w1", "y", strides=[stride] * 2, pads=[pad] * 4)]
        case "t2i_adapter":
            nodes = _adapter_nodes(case, constants, node)
        case _:
            constants["scale"] = np.float32(case.inputs[0][0][-1] ** -0.5)
            nodes = [
                node("Mul", "x0 scale", "q"), node("Transpose", "x1", "k", perm=[0, 1, 3, 2]),
                node("MatMul", "q k", "s"), node("Softmax", "s", "w", axis=-1),
                node("MatMul", "w x2", "y"),
            ]
    inputs = len(case.inputs)
    is_whole = case.dtype == "i8"
    given, made = (TensorProto.INT8, TensorProto.INT32) if is_whole else (TensorProto.FLOAT, TensorProto.FLOAT)
    constants |= {f"w{i}": array for i, array in enumerate(arrays[inputs:])}
    graph = helper.make_graph(
        nodes, case.id,
        [helper.make_tensor_value_info(f"x{i}", given, a.shape) for i, a in enumerate(arrays[:inputs])],
        [helper.make_tensor_value_info(name, made, shape) for name, shape in _results(case)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9).SerializeToString()


def _results(case: Case) -> list[tuple[str, tuple[int, ...]]]:
    """The names and shapes of what the graph gives."""
    shapes = result_shapes(case)
    return [("y", shapes[0])] if len(shapes) == 1 else [(f"y{i}", shape) for i, shape in enumerate(shapes)]


def _parts(case: Case, result: np.ndarray) -> list[np.ndarray]:
    """What of an array belongs to each result."""
    shapes = result_shapes(case)
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(result.reshape(-1), ends[:-1]), shapes)]


def _adapter_nodes(case: Case, constants: dict, node: Callable) -> list:
    """The T2I-Adapter: weights in the order of its checkpoint, a kernel and a bias for each layer."""
    n, _, h, w = case.inputs[0][0]
    kernels = [shape for shape, _ in case.weights[::2]]
    constants |= {"squares": np.array([n, 3, h // 8, 8, w // 8, 8]), "unshuffled": np.array([n, 192, h // 8, w // 8])}
    nodes = [node("Reshape", "x0 squares", "q"), node("Transpose", "q", "t", perm=[0, 1, 3, 5, 2, 4]),
             node("Reshape", "t unshuffled", "u")]  # fmt: skip
    layer = 0

    def convolved(name: str) -> str:
        nonlocal layer
        pad, output = kernels[layer][2] // 2, f"c{layer}"
        nodes.append(node("Conv", f"{name} w{2 * layer} w{2 * layer + 1}", output, pads=[pad] * 4))
        layer += 1
        return output

    x = convolved("u")
    for block in range(8):
        if block in (2, 4, 6):
            nodes.append(node("AveragePool", x, f"p{block}", kernel_shape=[2, 2], strides=[2, 2]))
            x = f"p{block}"
        if kernels[layer][2] == 1:  # to more channels
            x = convolved(x)
        nodes.append(node("Relu", convolved(x), f"r{block}"))
        output = f"y{block // 2}" if block % 2 else f"b{block}"
        nodes.append(node("Add", f"{convolved(f'r{block}')} {x}", output))
        x = output
    return nodes


def _memory(case: Case, arrays: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """The data as the graph takes it, and room for its results."""
    type_ = np.int32 if case.dtype == "i8" else np.float32
    return [narrowed(array, case.dtype) for array in arrays], in_huge_pages(result_shape(case), type_)


def onnxruntime(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import onnxruntime as ort

    arrays, result = _memory(case, arrays)
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _onnx_model(case, arrays)
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for i, array in enumerate(arrays[: len(case.inputs)]):
        binding.bind_input(f"x{i}", "cpu", 0, array.dtype, array.shape, array.ctypes.data)
    for (name, shape), part in zip(_results(case), _parts(case, result)):
        binding.bind_output(name, "cpu", 0, result.dtype, shape, part.ctypes.data)
    kept = arrays  # the binding does not keep what it reads
    return repeated(lambda: session.run_with_iobinding(binding) and kept), lambda: result


def openvino(case: Case, arrays: list[np.ndarray], threads: int) -> Work:
    import openvino as ov

    arrays, result = _memory(case, arrays)
    core = ov.Core()
    model = core.read_model(_onnx_model(case, arrays))
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "f32",
    })  # fmt: skip
    request = compiled.create_infer_request()
    tensors = [ov.Tensor(array, shared_memory=True) for array in arrays[: len(case.inputs)]]
    for i, tensor in enumerate(tensors):
        request.set_input_tensor(i, tensor)
    for i, part in enumerate(_parts(case, result)):
        request.set_output_tensor(i, ov.Tensor(part, shared_memory=True))
    kept = (core, model, compiled, tensors, arrays)  # the request does not keep what it needs
    return repeated(lambda: request.infer() and kept), lambda: result
