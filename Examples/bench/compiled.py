"""Our side: builds a shared library of an operation with `tess`, and calls it as a C program would."""

import ctypes
import json
import re
import subprocess
from math import prod
from pathlib import Path

import numpy as np

from cases import BUILD, HERE, Case, give_back, in_huge_pages, narrowed

ELEMENTS = {"f32": (2, 32, np.float32), "f16": (2, 16, np.float16), "bf16": (4, 16, np.uint16),
            "i8": (0, 8, np.int8), "i32": (0, 32, np.int32)}  # fmt: skip


class Tensor(ctypes.Structure):
    """tess_tensor of tessera.h."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", ctypes.c_int32 * 2),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


class Error(ctypes.Structure):
    """tess_error of tessera.h."""

    _fields_ = [
        ("status", ctypes.c_int32 * 4),
        ("instance", ctypes.c_int64),
        ("file", ctypes.c_char * 200),
        ("message", ctypes.c_char * 512),
    ]


#: What is added to adapter.tess: the model as a function of its image, with results that have names.
ADAPTER = """
export fn t2i_adapter<N, H, W>(image: f32[N, 3, H, W], p: Adapter<192, [320, 640, 1280, 1280], 2, 1, true, false>)
    -> (a: f32[N, 320, H / 8, W / 8], b: f32[N, 640, H / 16, W / 16],
        c: f32[N, 1280, H / 32, W / 32], d: f32[N, 1280, H / 64, W / 64])
    where H % 64 == 0, W % 64 == 0 {
  let maps = adapter(p, image)
  a = maps.0
  b = maps.1
  c = maps.2
  d = maps.3
}
"""


#: What is added to unet.tess: one step for one latent, which says where in time it is.
UNET = """
export fn sd15_unet<N, H, W, K>(latent: f32[N, 4, H, W], text: f32[N, K, 768], p: UNet<320, 768>)
    -> (y: f32[N, 4, H, W]) where H % 8 == 0, W % 8 == 0, H >= 8, W >= 8, K >= 1 {
  let t[b in 0..N] = i64(500)
  y = unet(p, latent, t, text, (), A: 0, heads: 8)
}
"""


def program(case: Case) -> str:
    if case.operation == "sd15_unet":
        texts = [(HERE.parent / "reference" / f"{name}.tess").read_text() for name in ("unet_blocks", "unet")]
        return "import nn\n" + re.sub("^import.*\n", "", "".join(texts), flags=re.M) + UNET
    if case.operation == "t2i_adapter":
        text = (HERE.parent / "adapter" / "adapter.tess").read_text()
        return re.sub("^export.*\n", "", text, flags=re.M) + ADAPTER
    return (HERE / "operations" / f"{case.operation}.tess").read_text()


def entry(case: Case, form: str) -> str:
    """The function of a form; that of tiles has a name of its own."""
    return f"{case.entry}_tiles" if form == "tiles" else case.entry


def forms(case: Case) -> list[str]:
    """In which ways a case is written: index notation of fixed and free dimensions, and tiles."""
    if not case.quick:
        return ["fixed"]
    has_tiles = f"export kernel {entry(case, 'tiles')}<" in program(case)
    return ["fixed", "free", "tiles"] if has_tiles else ["fixed", "free"]


def source(case: Case, form: str) -> str:
    """The program of a case; "fixed" puts the numbers in the place of its dimensions."""
    text = program(case)
    if form != "fixed":
        return text
    found = re.search(rf"((?:^@[^\n]*\n)?)export fn {case.entry}<(.*?)>(.*?)(?=\n\n|\Z)", text, re.S | re.M)
    assert found, f"{case.entry} has no dimensions to fix"
    attribute, names, function = found[1], found[2].split(", "), found[3]
    types = re.findall(r"(?:f32|f16|bf16|i8)\[(.*?)\]", function)
    sizes = {}
    for type_, (shape, _) in zip(types, case.inputs):
        sizes |= dict(zip(type_.split(", "), shape))
    if case.weights:  # the last dimension that no input has is that of the results
        sizes |= {name: case.weights[0][0][0] for name in names if name not in sizes}
    for name in names:
        function = re.sub(rf"\b{name}\b", str(sizes[name]), function)
    function = re.sub(r"\s*where [^{]*", " ", function)
    if case.group == "model":
        return text.replace(found[0], f"export fn {case.entry}{function}")
    return text[: text.find("\n") + 1] * text.startswith("import") + f"{attribute}export fn {case.entry}{function}\n"


def of_case(tess: Path, target: str, case: Case, form: str) -> Path:
    """The library of a case."""
    name, folder = (case.id, "fixed") if form == "fixed" else (case.operation, "free")
    return build(tess, target, source(case, form), BUILD / target / folder, name)


def call(tess: Path, target: str, case: Case, form: str, arrays: list[np.ndarray], machine: ctypes.CDLL) -> "Call":
    """A form of a case, ready to run on the data."""
    operands = [narrowed(array, case.dtype) for array in arrays]
    return Call(of_case(tess, target, case, form), entry(case, form), operands, machine)


def build(tess: Path, target: str, text: str, folder: Path, name: str) -> Path:
    """Compiles a program, unless the same one lies there already, into NAME.so and NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    file, library = folder / f"{name}.tess", folder / f"{name}.so"
    stamp = tess.stat().st_mtime
    if library.exists() and library.stat().st_mtime > stamp and file.read_text() == text:
        return library
    file.write_text(text)
    forms = ["--emit=shared,manifest", "-o", folder / name]
    subprocess.run([tess, "build", file, "--target", target, *forms], check=True)
    return library


@ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
def released(_, place: int, size: int) -> None:
    """Called for each tensor that nothing reads any more, if weights are mapped."""
    give_back(place, size)


def _describe(tensor: Tensor, array: np.ndarray, element: str) -> None:
    code, bits, _ = ELEMENTS[element]
    tensor.shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
    tensor.data, tensor.device[0], tensor.ndim = array.ctypes.data, 1, array.ndim
    tensor.code, tensor.bits, tensor.lanes = code, bits, 1


class Call:
    """One function with its arguments and results in place."""

    def __init__(self, library: Path, entry: str, arrays: list[np.ndarray], machine: ctypes.CDLL):
        self.library = ctypes.CDLL(str(library))
        self.library.tess_allocate.restype = ctypes.c_void_p
        functions = json.loads(library.with_suffix(".json").read_text())["functions"]
        described = next(f for f in functions if f["name"] == entry)
        self.arguments = (ctypes.c_char * described["args_bytes"])()
        self.error = Error()
        taken = iter(arrays)
        self.arrays, self.tensors, results = [], [], []
        for member in described["args"]:
            for place, leaf in enumerate(member["leaves"]):
                is_result = member["passing"] == "out"
                array = np.empty([0] * leaf["rank"], ELEMENTS[leaf["element"]][2]) if is_result else next(taken)
                offset = member["offset"] + place * ctypes.sizeof(Tensor)
                tensor = Tensor.from_buffer(self.arguments, offset)
                _describe(tensor, array, leaf["element"])
                self.arrays.append(array)
                self.tensors.append(tensor)  # it owns its shape
                if is_result:
                    results.append(tensor)
        self._check(getattr(self.library, f"{entry}_shapes")(self.arguments, ctypes.byref(self.error)))
        shapes = [tensor.shape[: tensor.ndim] for tensor in results]
        whole = shapes[0] if len(shapes) == 1 else [sum(map(prod, shapes))]
        self.result = in_huge_pages(whole, self.arrays[-1].dtype)
        place = self.result.ctypes.data
        for tensor, shape in zip(results, shapes):  # several lie one after the other
            tensor.data, place = place, place + prod(shape) * self.result.itemsize
        if (offset := described["packed_offset"]) is not None:
            self._prepare(entry, offset)
        needed = getattr(self.library, f"{entry}_workspace")
        needed.restype = ctypes.c_size_t
        self.workspace_bytes = needed(self.arguments, self.library.tess_threads())
        self.workspace = ctypes.c_void_p(self.library.tess_allocate(self.workspace_bytes or 64))
        self.function = getattr(self.library, entry)
        self.repeat = machine.repeat_compiled

    def _prepare(self, entry: str, offset: int) -> None:
        """Packs the weights once, as a program would when it loads them."""
        size = getattr(self.library, f"{entry}_packed")
        size.restype = ctypes.c_size_t
        if (packed_bytes := size(self.arguments)) == 0:
            return
        self.packed = in_huge_pages([packed_bytes], np.uint8)
        memory = (self.packed.ctypes.data, packed_bytes)
        prepare = getattr(self.library, f"{entry}_prepare")
        if any(isinstance(array, np.memmap) for array in self.arrays):
            self.library.tess_set_released(released, None)
        self._check(prepare(self.arguments, ctypes.c_void_p(memory[0]), ctypes.c_size_t(packed_bytes),
                            ctypes.byref(self.error)))  # fmt: skip
        self.library.tess_set_released(None, None)
        (ctypes.c_uint64 * 2).from_buffer(self.arguments, offset)[:] = memory

    def run(self, times: int = 1) -> None:
        self._check(
            self.repeat(
                self.function,
                self.arguments,
                self.workspace,
                ctypes.c_size_t(self.workspace_bytes),
                ctypes.byref(self.error),
                ctypes.c_long(times),
            )
        )

    def run_by(self, times: int, threads: int) -> None:
        """Runs with so many threads, at most as many as the process began with."""
        before = self.library.tess_threads()
        self.library.tess_set_threads(threads)
        self.run(times)
        self.library.tess_set_threads(before)

    def _check(self, status: int) -> None:
        if status != 0:
            raise RuntimeError(self.error.message.decode())
