// The adapter as released: 77.4 million parameters, an image of 3×512×512. Runs it as one function
// and layer by layer, checks sampled outputs of each layer against double precision from that
// layer's own input, and prints time, peak memory and the ratio to PyTorch. The weights are packed
// once, as a program that serves many images would; the time of a call that packs them itself is
// printed beside.
//
//     adapter-full-size [--threads N] [--repeats N] [--size PIXELS]
import Foundation
import Tessera
import TesseraData

let options = Options(CommandLine.arguments.dropFirst())

let program = """
  \(try String(contentsOf: options.directory.appendingPathComponent("adapter.tess"), encoding: .utf8))

  // One layer at a time, for the check.
  export fn unshuffled<C, H, W>(x: f32[1, C, H, W]) -> (y: f32[1, 64*C, H / 8, W / 8]) { y = x.pixel_unshuffle(r: 8) }
  export fn conv3<I, H, W, O>(x: f32[1, I, H, W], p: Conv<I, O, 3>) -> (y: f32[1, O, H, W]) { y = x.conv(p) }
  export fn conv1<I, H, W, O>(x: f32[1, I, H, W], p: Conv<I, O, 1>) -> (y: f32[1, O, H, W]) { y = x.conv(p) }
  export fn halved<N, C, H, W>(x: f32[N, C, H, W]) -> (y: f32[N, C, H / 2, W / 2]) { y = x.average_pool2() }
  export fn rectified<N, C, H, W>(x: f32[N, C, H, W]) -> (y: f32[N, C, H, W]) { y = x.relu() }
  export fn added<N, C, H, W>(x: f32[N, C, H, W], z: f32[N, C, H, W]) -> (y: f32[N, C, H, W]) { y = x + z }
  """

var sessionOptions = SessionOptions()
sessionOptions.threads = options.threads
let start = ContinuousClock.now
let adapter: Executable
do {
  adapter = try Session(options: sessionOptions).compile(program, name: "full_size.tess")
} catch {
  FileHandle.standardError.write(Data("\(error)".utf8))
  exit(1)
}
print("compiled in \(milliseconds(ContinuousClock.now - start)) ms")

// Random weights of a variance that keeps activations near 1, and a random image.
var random = SplitMix64(state: 1)
let function = adapter["adapter_depth"]!
var parameters: [String: Tensor] = [:]
var constants: [Tensor] = []
for leaf in function.parameters[0].leaves {
  let shape = leaf.shape.map { $0! }
  let fanIn = shape.dropFirst().reduce(1, *)
  let scale: Float = shape.count == 1 ? 0.1 : (2 / Float(fanIn)).squareRoot()
  let tensor = Tensor(random.normals(shape.reduce(1, *), scale: scale), shape: shape)
  parameters[leaf.key] = tensor
  constants.append(tensor)
}
let image = Tensor(
  random.normals(3 * options.size * options.size, scale: 1),
  shape: [1, 3, options.size, options.size])
let parameterCount = parameters.values.reduce(0) { $0 + $1.elementCount }

// The whole network, on packed weights.
let packingStart = ContinuousClock.now
let prepared = try adapter.prepare("adapter_depth", constants)
print("weights packed in \(milliseconds(ContinuousClock.now - packingStart)) ms")
var best = Double.infinity
var features: [Tensor] = []
for _ in 0..<options.repeats {
  let start = ContinuousClock.now
  features = try prepared.call([image])
  best = min(best, milliseconds(ContinuousClock.now - start))
}
let peak = peakMegabytes()

// The same without.
var unpacked = Double.infinity
for _ in 0..<options.repeats {
  let start = ContinuousClock.now
  let same = try adapter.call("adapter_depth", constants + [image])
  unpacked = min(unpacked, milliseconds(ContinuousClock.now - start))
  precondition(same == features, "packing ahead changes nothing")
}
print("a call that packs the weights itself: \(unpacked) ms")

// Layer by layer.
let layers = Layers(adapter: adapter, parameters: parameters)
let expected = try layers.run(image)
var deviation = 0.0
for (feature, expected) in zip(features, expected) {
  for (value, other) in zip(feature.floats, expected.floats) {
    deviation = max(deviation, Double(abs(value - other)))
  }
}
print("layers: \(layers.count) checked, greatest relative error \(layers.greatestError)")
print("whole network against the layers: greatest difference \(deviation)")

let threads = options.threads == 0 ? "all" : String(options.threads)
print(
  "\(parameterCount) parameters, \(options.size)×\(options.size), \(threads) threads: "
    + "\(best) ms, peak memory \(peak) MB")
if let torch = PyTorch.time(options) {
  print("PyTorch: \(torch.milliseconds) ms, peak memory \(torch.megabytes) MB")
  print("ratio to PyTorch: \(torch.milliseconds / best)")
} else {
  print("PyTorch: skipped, since python3 has no torch (pip install torch)")
}
exit(layers.greatestError < 1e-4 && deviation < 1e-2 ? 0 : 2)
