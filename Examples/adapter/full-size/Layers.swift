import Foundation
import Tessera
import TesseraData

/// The adapter layer by layer, with sampled outputs of each checked in double precision.
final class Layers {
  private let adapter: Executable
  private let parameters: [String: Tensor]
  private var random = SplitMix64(state: 2)
  /// How many layers were checked.
  private(set) var count = 0
  /// The greatest error found, relative to the sum of magnitudes of what is added up: 2e-7, with
  /// direct sums and by transforms of 2×2 tiles alike.
  private(set) var greatestError = 0.0

  /// How many outputs of a layer are checked.
  private let samples = 64

  init(adapter: Executable, parameters: [String: Tensor]) {
    self.adapter = adapter
    self.parameters = parameters
  }

  /// The feature maps of `image`.
  func run(_ image: Tensor) throws -> [Tensor] {
    var features: [Tensor] = []
    var x = try convolved(try unshuffled(image), "conv_in", pad: 1)
    for block in 0..<8 {
      if block > 0, block % 2 == 0 {
        x = try pooled(x)
      }
      if parameters["body.\(block).in_conv.weight"] != nil {
        x = try convolved(x, "body.\(block).in_conv", pad: 0)
      }
      let h = try rectified(try convolved(x, "body.\(block).block1", pad: 1))
      x = try sum(try convolved(h, "body.\(block).block2", pad: 0), x)
      if block % 2 == 1 { features.append(x) }
    }
    return features
  }

  // MARK: Layers

  private func unshuffled(_ x: Tensor) throws -> Tensor {
    let y = try adapter.call("unshuffled", [x])[0]
    check(x, y) { values, place in
      let k = place[1]
      return [(1, values(place[0], k / 64, place[2] * 8 + k / 8 % 8, place[3] * 8 + k % 8))]
    }
    return y
  }

  private func convolved(_ x: Tensor, _ key: String, pad: Int) throws -> Tensor {
    let (weight, bias) = (parameters[key + ".weight"]!, parameters[key + ".bias"]!)
    // A struct's leaves come in the order of its fields: weight, bias.
    let y = try adapter.call(pad == 1 ? "conv3" : "conv1", [x, weight, bias])
    let weights = weight.floats
    let biases = bias.floats
    let (channels, side) = (weight.shape[1], weight.shape[2])
    check(x, y[0]) { values, place in
      var terms = [(1.0, Double(biases[place[1]]))]
      for channel in 0..<channels {
        for r in 0..<side {
          for s in 0..<side {
            let w = weights[weight.offset(place[1], channel, r, s)]
            let value = values(place[0], channel, place[2] + r - pad, place[3] + s - pad)
            terms.append((Double(w), value))
          }
        }
      }
      return terms
    }
    return y[0]
  }

  private func pooled(_ x: Tensor) throws -> Tensor {
    let y = try adapter.call("halved", [x])[0]
    check(x, y) { values, place in
      (0..<4).map { corner in
        let (row, column) = (2 * place[2] + corner / 2, 2 * place[3] + corner % 2)
        return (0.25, values(place[0], place[1], row, column))
      }
    }
    return y
  }

  private func rectified(_ x: Tensor) throws -> Tensor {
    let y = try adapter.call("rectified", [x])[0]
    check(x, y) { values, place in [(1, max(values(place[0], place[1], place[2], place[3]), 0))] }
    return y
  }

  private func sum(_ x: Tensor, _ z: Tensor) throws -> Tensor {
    let y = try adapter.call("added", [x, z])[0]
    let others = z.floats
    check(x, y) { values, place in
      let other = others[z.offset(place[0], place[1], place[2], place[3])]
      return [(1, values(place[0], place[1], place[2], place[3])), (1, Double(other))]
    }
    return y
  }

  // MARK: Check

  /// Compares sampled elements of `y` with the sums of products that `terms` makes from elements
  /// of `x`; what lies outside of `x` is 0.
  private func check(
    _ x: Tensor, _ y: Tensor,
    _ terms: (_ values: (Int, Int, Int, Int) -> Double, _ place: [Int]) -> [(Double, Double)]
  ) {
    let inputs = x.floats
    let outputs = y.floats
    func value(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Double {
      let isInside = h >= 0 && h < x.shape[2] && w >= 0 && w < x.shape[3]
      return isInside ? Double(inputs[x.offset(n, c, h, w)]) : 0
    }
    for _ in 0..<samples {
      let position = Int(random.next() % UInt64(outputs.count))
      var rest = position
      var place: [Int] = []
      for extent in y.shape.reversed() {
        place.insert(rest % extent, at: 0)
        rest /= extent
      }
      let products = terms(value, place).map { $0 * $1 }
      let scale = products.reduce(0) { $0 + abs($1) }
      let error = abs(Double(outputs[position]) - products.reduce(0, +))
      if error > 0 { greatestError = max(greatestError, error / scale) }
    }
    count += 1
  }
}

extension Tensor {
  /// The elements of a tensor of `f32`; empty for any other.
  var floats: [Float] { values(as: Float.self) ?? [] }

  /// The position of an element of a tensor of four axes.
  func offset(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Int {
    ((n * shape[1] + c) * shape[2] + h) * shape[3] + w
  }
}
