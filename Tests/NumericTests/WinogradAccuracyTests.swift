import Tessera
import TesseraData
import TesseraIR
import Testing

/// Convolutions that permit transforms, as machine code: how exact they are, and which use them.
@Suite struct WinogradAccuracyTests {
  /// A layer with `attribute` before its function.
  private func program(
    _ attribute: String, body: String = "x[n, c, h + r - pad, v + s - pad else 0] * w[o, c, r, s]",
    pad: Int = 1
  ) -> String {
    """
    \(attribute)
    fn f<N, C, H, W, O>(x: f32[N, C, H, W], w: f32[O, C, 3, 3], b: f32[O], const pad: int = \(pad))
        -> (y: f32[N, O, H + 2*pad - 2, W + 2*pad - 2]) {
      y[n, o, h, v] = max(b[o] + sum[c, r, s] \(body), 0)
    }
    export g = f(pad: \(pad))
    """
  }

  private func run(
    _ text: String, _ arguments: [Tensor], threads: Int = 1, algorithms: Algorithms = []
  ) throws -> Tensor {
    var options = SessionOptions()
    options.threads = threads
    options.algorithms = algorithms
    return try Session(options: options).compile(text).call("g", arguments)[0]
  }

  /// Arguments of a layer; elements are below 4 and use all bits of an f32.
  private func layer(
    images: Int = 1, channels: Int, filters: Int, height: Int, width: Int
  ) -> [Tensor] {
    var state: UInt64 = 7
    return [[images, channels, height, width], [filters, channels, 3, 3], [filters]].map { shape in
      let values = (0..<shape.reduce(1, *)).map { _ -> Float in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int(state >> 40) - (1 << 23)) / Float(1 << 21)
      }
      return Tensor(values, shape: shape)
    }
  }

  /// The root of the mean of squared differences to the layer in double precision.
  private func error(of result: Tensor, _ arguments: [Tensor], pad: Int = 1) -> Double {
    let (x, w, b) = (
      arguments[0].doubles(), arguments[1].doubles(),
      arguments[2].doubles()
    )
    let (channels, height, width) = (
      arguments[0].shape[1], arguments[0].shape[2], arguments[0].shape[3]
    )
    var total = 0.0
    let found = result.doubles()
    var place = 0
    for n in 0..<result.shape[0] {
      for o in 0..<result.shape[1] {
        for h in 0..<result.shape[2] {
          for v in 0..<result.shape[3] {
            var sum = b[o]
            for c in 0..<channels {
              for r in 0..<3 {
                for s in 0..<3 {
                  let (i, j) = (h + r - pad, v + s - pad)
                  guard (0..<height).contains(i), (0..<width).contains(j) else { continue }
                  let element = x[((n * channels + c) * height + i) * width + j]
                  sum += element * w[((o * channels + c) * 3 + r) * 3 + s]
                }
              }
            }
            let difference = found[place] - max(sum, 0)
            total += difference * difference
            place += 1
          }
        }
      }
    }
    return (total / Double(max(place, 1))).squareRoot()
  }

  @Test(arguments: [0, 1, 2], [(1, 3, 5, 4, 9), (2, 20, 7, 13, 11), (1, 17, 6, 8, 8)])
  func agreesWithDoublePrecision(
    pad: Int, size: (images: Int, channels: Int, filters: Int, height: Int, width: Int)
  ) throws {
    let arguments = layer(
      images: size.images, channels: size.channels, filters: size.filters, height: size.height,
      width: size.width)
    let scale = 4 * Double(9 * size.channels).squareRoot()
    for (name, bound) in [("winograd2", 1e-6), ("winograd4", 1e-5)] {
      let result = try run(program("@algorithm(.\(name))", pad: pad), arguments)
      #expect(error(of: result, arguments, pad: pad) < bound * scale, "\(name)")
    }
  }

  @Test func smallTilesAreAboutAsExactAsDirectSums() throws {
    let arguments = layer(channels: 48, filters: 16, height: 16, width: 16)
    let direct = error(of: try run(program(""), arguments), arguments)
    let small = error(of: try run(program("@algorithm(.winograd2)"), arguments), arguments)
    let large = error(of: try run(program("@algorithm(.winograd4)"), arguments), arguments)
    #expect(direct > 0)
    #expect(small < 2 * direct)
    // Other numbers than the direct ones show that transforms were used.
    #expect(large > 2 * direct)
  }

  @Test func neverDependsOnThreads() throws {
    let arguments = layer(channels: 20, filters: 50, height: 40, width: 24)
    let text = program("@algorithm(.winograd2)")
    #expect(try run(text, arguments) == run(text, arguments, threads: 2))
  }

  @Test func usesOnlyWhatIsPermitted() throws {
    let arguments = layer(channels: 20, filters: 16, height: 16, width: 16)
    let direct = try run(program(""), arguments)
    #expect(try run(program("@algorithm(.flash)"), arguments) == direct)
    #expect(try run(program(""), arguments, algorithms: .winograd4) == direct)
    let small = try run(program("@algorithm(.winograd2)"), arguments)
    let large = try run(program("@algorithm(.winograd4)"), arguments)
    #expect(small != direct)
    #expect(large != direct && large != small)
    #expect(
      try run(program("@algorithm(.winograd2)"), arguments, algorithms: .winograd4) == large)
  }

  @Test(arguments: [
    // What makes the elements is looked through: an activation, a tensor of half the size.
    ("max(x[n, c, h + r - pad, v + s - pad else 0], 0) * w[o, c, r, s]", true),
    ("x[n, c, (h + r) / 2, (v + s) / 2 else 0] * w[o, c, r, s]", true),
    ("w[o, c, r, s] * x[n, c, h + 2 - r, v + 2 - s else 0]", false),
    ("x[n, c, 2 * h + r, 2 * v + s else 0] * w[o, c, r, s]", false),
    ("x[n, c, h + 2 * r, v + 2 * s else 0] * w[o, c, r, s]", false),
    ("x[n, c, h + s, v + r else 0] * w[o, c, r, s]", true),
    ("x[n, c, h + r, v + s + r else 0] * w[o, c, r, s]", false),
    ("f32(r) * x[n, c, h + r, v + s else 0] * w[o, c, r, s]", false),
  ])
  func knowsConvolutionsByTheirIndices(body: String, isConvolution: Bool) throws {
    let arguments = layer(channels: 20, filters: 16, height: 16, width: 16)
    let direct = try run(program("", body: body), arguments).doubles()
    let found = try run(program("@algorithm(.winograd4)", body: body), arguments)
      .doubles()
    #expect((found != direct) == isConvolution)
    for (a, b) in zip(found, direct) where abs(a - b) > 0.01 {
      Issue.record("\(a) is far from \(b)")
      break
    }
  }
}
