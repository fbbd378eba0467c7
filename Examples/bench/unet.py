"""The UNet of Stable Diffusion 1.5 as its layers one after the other, for whoever computes them.

`unet` calls a method of a `net` for each layer. A net draws the weights of a layer when it comes to it,
in the order of the checkpoint; `Shapes` notes them, `Torch` and `Nodes` compute with them."""

from math import prod, sqrt
from pathlib import Path

import numpy as np

TIMESTEP, HEADS, GROUPS = 500, 8, 32


def unet(net, latent, text):
    """The noise in `latent`, given `text`, at TIMESTEP."""
    width = 320
    emb = net.linear(net.silu(net.linear(net.timestep(width), 4 * width)), 4 * width)

    def block(x, old: int, new: int):
        """A residual block from so many channels to so many."""
        y = net.conv(net.silu(net.group_norm(x, 1e-5)), new, 3)
        y = net.add_channels(y, net.linear(net.silu(emb), new))
        y = net.conv(net.silu(net.group_norm(y, 1e-5)), new, 3)
        return net.add(x if old == new else net.conv(x, new, 1), y)

    def attend(x, context, size: int):
        q, k, v = (net.linear(tokens, size, bias=False) for tokens in (x, context, context))
        return net.linear(net.attention(q, k, v), size)

    def transformer(x, size: int):
        y = net.tokens(net.conv(net.group_norm(x, 1e-6), size, 1))
        n = net.layer_norm(y)
        y = net.add(attend(n, n, size), y)
        y = net.add(attend(net.layer_norm(y), text, size), y)
        gated = net.geglu(net.linear(net.layer_norm(y), 8 * size))
        y = net.add(net.linear(gated, size), y)
        return net.add(net.conv(net.pixels(y, x), size, 1), x)

    x, old, skips = net.conv(latent, width, 3), width, []
    skips.append((x, old))
    for level, new in enumerate((width, 2 * width, 4 * width, 4 * width)):
        for _ in range(2):
            x, old = block(x, old, new), new
            x = transformer(x, new) if level < 3 else x
            skips.append((x, old))
        if level < 3:
            x = net.conv(x, new, 3, stride=2)
            skips.append((x, old))
    x = block(transformer(block(x, old, old), old), old, old)
    for level, new in reversed(list(enumerate((width, 2 * width, 4 * width, 4 * width)))):
        for place in range(3):
            skip, more = skips.pop()
            x, old = block(net.concat(x, skip), old + more, new), new
            x = transformer(x, new) if level < 3 else x
            x = net.conv(net.upsample(x), new, 3) if place == 2 and level > 0 else x
    return net.conv(net.silu(net.group_norm(x, 1e-5)), 4, 3)


class Shapes:
    """Shapes in the place of tensors; `weights` are those of all layers, with the scale of their data."""

    def __init__(self):
        self.weights: list[tuple[list[int], float]] = []

    def _weight(self, *shape: int) -> None:
        self.weights.append((list(shape), 1 / sqrt(prod(shape[1:])) if len(shape) > 1 else 1.0))

    def conv(self, x, new, kernel, stride=1):
        self._weight(new, x[1], kernel, kernel)
        self._weight(new)
        return (x[0], new, x[2] // stride, x[3] // stride)

    def linear(self, x, new, bias=True):
        self._weight(new, x[-1])
        if bias:
            self._weight(new)
        return (*x[:-1], new)

    def group_norm(self, x, eps):
        self._weight(x[1])
        self._weight(x[1])
        return x

    def layer_norm(self, x):
        self._weight(x[-1])
        self._weight(x[-1])
        return x

    def timestep(self, width):
        return (1, width)

    def silu(self, x):
        return x

    def add(self, x, y):
        return x

    add_channels = add

    def attention(self, q, k, v):
        return q

    def geglu(self, x):
        return (*x[:-1], x[-1] // 2)

    def tokens(self, x):
        return (x[0], x[2] * x[3], x[1])

    def pixels(self, x, like):
        return like

    def concat(self, x, y):
        return (x[0], x[1] + y[1], *x[2:])

    def upsample(self, x):
        return (*x[:2], 2 * x[2], 2 * x[3])


def weights(inputs: list[tuple[list[int], float]]) -> list[tuple[list[int], float]]:
    """The shapes of the weights, and the scales that keep numbers near 1."""
    net = Shapes()
    unet(net, *(shape for shape, _ in inputs))
    return net.weights


def _angles(width: int) -> np.ndarray:
    half = width // 2
    angles = TIMESTEP * np.exp(np.arange(half) * (-np.log(10000) / half))
    return np.concatenate([np.cos(angles), np.sin(angles)])[None]


class Torch:
    """Computes with torch in one type, to which weights are converted when they are needed."""

    def __init__(self, arrays: list[np.ndarray], type_):
        import torch

        self.torch, self.functional, self.type = torch, torch.nn.functional, type_
        self.arrays = [torch.from_numpy(array) for array in arrays]

    def __call__(self, latent, text):
        self.next = iter(self.arrays)
        return unet(self, latent.to(self.type), text.to(self.type))

    def _weight(self):
        return next(self.next).to(self.type)

    def conv(self, x, new, kernel, stride=1):
        return self.functional.conv2d(x, self._weight(), self._weight(), stride=stride, padding=kernel // 2)

    def linear(self, x, new, bias=True):
        return self.functional.linear(x, self._weight(), self._weight() if bias else None)

    def group_norm(self, x, eps):
        return self.functional.group_norm(x, GROUPS, self._weight(), self._weight(), eps)

    def layer_norm(self, x):
        return self.functional.layer_norm(x, x.shape[-1:], self._weight(), self._weight(), 1e-5)

    def timestep(self, width):
        return self.torch.from_numpy(_angles(width)).to(self.torch.float32).to(self.type)

    def silu(self, x):
        return self.functional.silu(x)

    def add(self, x, y):
        return x + y

    def add_channels(self, x, y):
        return x + y[:, :, None, None]

    def attention(self, q, k, v):
        heads = [t.unflatten(-1, (HEADS, -1)).transpose(1, 2) for t in (q, k, v)]
        return self.functional.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)

    def geglu(self, x):
        left, right = x.chunk(2, -1)
        return left * self.functional.gelu(right)

    def tokens(self, x):
        return x.flatten(2).transpose(1, 2)

    def pixels(self, x, like):
        return x.transpose(1, 2).reshape(like.shape)

    def concat(self, x, y):
        return self.torch.cat([x, y], 1)

    def upsample(self, x):
        return self.functional.interpolate(x, scale_factor=2, mode="nearest")


def expected(latent: np.ndarray, text: np.ndarray, arrays: list[np.ndarray]) -> np.ndarray:
    """The result in float64, by torch, since plain NumPy would take minutes."""
    import torch

    with torch.no_grad():
        net = Torch(arrays, torch.float64)
        return net(torch.from_numpy(latent), torch.from_numpy(text)).numpy()


class Nodes(Shapes):
    """Nodes of an ONNX graph; tensors are names that know their shapes."""

    class Tensor(str):
        shape: tuple[int, ...]

        def __getitem__(self, index):
            return self.shape[index]

    def __init__(self):
        super().__init__()
        self.nodes, self.constants, self.used = [], {}, 0

    def input(self, name: str, shape: list[int]) -> "Nodes.Tensor":
        tensor = self.Tensor(name)
        tensor.shape = tuple(shape)
        return tensor

    def _node(self, kind, inputs, shape, name=None, **attributes):
        from onnx import helper

        output = self.input(name or f"t{len(self.nodes)}", shape)
        self.nodes.append(helper.make_node(kind, [str(i) for i in inputs], [str(output)], **attributes))
        return output

    def _constant(self, array) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def _next(self, count: int) -> list[str]:
        self.used += count
        return [f"w{i}" for i in range(self.used - count, self.used)]

    def _reshaped(self, x, *shape):
        return self._node("Reshape", [x, self._constant(np.array(shape))], shape)

    def _turned(self, x, *order):
        return self._node("Transpose", [x], [x[i] for i in order], perm=order)

    def conv(self, x, new, kernel, stride=1):
        return self._node("Conv", [x, *self._next(2)], super().conv(x, new, kernel, stride),
                          pads=[kernel // 2] * 4, strides=[stride] * 2)  # fmt: skip

    def linear(self, x, new, bias=True):
        turned = self._node("Transpose", self._next(1), (), perm=[1, 0])
        y = self._node("MatMul", [x, turned], (*x.shape[:-1], new))
        return self._node("Add", [y, *self._next(1)], y.shape) if bias else y

    def group_norm(self, x, eps):
        weight, bias = self._next(2)
        ones, zeros = self._constant(np.ones(GROUPS, np.float32)), self._constant(np.zeros(GROUPS, np.float32))
        y = self._node("InstanceNormalization", [self._reshaped(x, x[0], GROUPS, -1), ones, zeros], (), epsilon=eps)
        y = self._reshaped(y, *x.shape)
        column = self._constant(np.array([x[1], 1, 1]))
        y = self._node("Mul", [y, self._node("Reshape", [weight, column], ())], x.shape)
        return self._node("Add", [y, self._node("Reshape", [bias, column], ())], x.shape)

    def layer_norm(self, x):
        return self._node("LayerNormalization", [x, *self._next(2)], x.shape, axis=-1, epsilon=1e-5)

    def timestep(self, width):
        return self.input(self._constant(_angles(width).astype(np.float32)), [1, width])

    def silu(self, x):
        return self._node("Mul", [x, self._node("Sigmoid", [x], x.shape)], x.shape)

    def add(self, x, y):
        return self._node("Add", [x, y], x.shape)

    def add_channels(self, x, y):
        return self.add(x, self._reshaped(y, *y.shape, 1, 1))

    def attention(self, q, k, v):
        size = q[2] // HEADS
        q, k, v = (self._reshaped(t, 1, t[1], HEADS, size) for t in (q, k, v))
        q = self._node("Mul", [q, self._constant(np.float32(size**-0.5))], q.shape)
        q, k, v = self._turned(q, 0, 2, 1, 3), self._turned(k, 0, 2, 3, 1), self._turned(v, 0, 2, 1, 3)
        scores = self._node("MatMul", [q, k], (1, HEADS, q[2], k[3]))
        weights = self._node("Softmax", [scores], scores.shape, axis=-1)
        y = self._turned(self._node("MatMul", [weights, v], q.shape), 0, 2, 1, 3)
        return self._reshaped(y, 1, y[1], HEADS * size)

    def geglu(self, x):
        from onnx import helper

        half = (*x.shape[:-1], x[-1] // 2)
        left, right = (self.input(f"{x}{side}", half) for side in "lr")
        self.nodes.append(helper.make_node("Split", [str(x)], [left, right], axis=-1, num_outputs=2))
        return self._node("Mul", [left, self._node("Gelu", [right], half)], half)

    def tokens(self, x):
        return self._turned(self._reshaped(x, x[0], x[1], x[2] * x[3]), 0, 2, 1)

    def pixels(self, x, like):
        return self._reshaped(self._turned(x, 0, 2, 1), *like.shape)

    def concat(self, x, y):
        return self._node("Concat", [x, y], super().concat(x, y), axis=1)

    def upsample(self, x):
        scales = self._constant(np.array([1, 1, 2, 2], np.float32))
        return self._node("Resize", [x, "", scales], super().upsample(x), mode="nearest",
                          coordinate_transformation_mode="asymmetric", nearest_mode="floor")  # fmt: skip


def onnx_file(file: Path, inputs: list[list[int]], shapes: list[list[int]], data: Path) -> str:
    """Writes the graph, whose weights are in `data` beside it, after the inputs."""
    from onnx import TensorProto, helper, numpy_helper, save

    net = Nodes()
    inputs = [net.input(f"x{i}", shape) for i, shape in enumerate(inputs)]
    y = unet(net, *inputs)
    net._node("Identity", [y], y.shape, name="y")
    place, weights = 4 * sum(map(prod, (x.shape for x in inputs))), []
    for i, shape in enumerate(shapes):
        size = 4 * prod(shape)
        tensor = TensorProto(name=f"w{i}", dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        for key, value in {"location": data.name, "offset": place, "length": size}.items():
            tensor.external_data.add(key=key, value=str(value))
        weights.append(tensor)
        place += size
    graph = helper.make_graph(
        net.nodes, file.stem,
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, x.shape) for x in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, y.shape)],
        [numpy_helper.from_array(array, name) for name, array in net.constants.items()] + weights,
    )  # fmt: skip
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), str(file))
    return str(file)
