/// A picture of 8-bit samples, rows from the top, channels innermost.
public struct Image: Hashable, Sendable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The samples of a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
  public let channels: Int
  /// The samples.
  public var samples: [UInt8]

  /// Creates an image over `samples`.
  ///
  /// - Requires: there are `width * height * channels` samples, of 1 to 4 channels.
  public init(width: Int, height: Int, channels: Int, samples: [UInt8]) {
    precondition((1...4).contains(channels) && samples.count == width * height * channels)
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  /// The samples as `u8[height, width, channels]`.
  public var tensor: Tensor { Tensor(samples, shape: [height, width, channels]) }

  /// The image as `f32[1, channels, height, width]` with values from 0 to 1, as networks take it.
  public var planes: Tensor {
    let count = width * height
    var values = [Float](repeating: 0, count: samples.count)
    for pixel in 0..<count {
      for channel in 0..<channels {
        values[channel * count + pixel] = Float(samples[pixel * channels + channel]) / 255
      }
    }
    return Tensor(values, shape: [1, channels, height, width])
  }

  /// Creates the image that `tensor` holds: `u8[H, W]`, `u8[H, W, C]`, or floats from 0 to 1 as
  /// `[H, W]`, `[C, H, W]` or `[1, C, H, W]`, which are clamped and rounded.
  ///
  /// - Throws: if it is none of these.
  public init(_ tensor: Tensor) throws(DataError) {
    var shape = tensor.shape
    if shape.count == 4, shape[0] == 1, tensor.elementType.isFloat { shape.removeFirst() }
    if tensor.elementType == .u8, let (height, width, channels) = Image.sizes(shape) {
      self.init(width: width, height: height, channels: channels, samples: Array(tensor.bytes))
      return
    }
    if tensor.elementType.isFloat {
      let moved = shape.count == 3 ? [shape[1], shape[2], shape[0]] : shape
      if let (height, width, channels) = Image.sizes(moved) {
        let count = height * width
        let values = tensor.doubles()
        let samples = (0..<values.count).map { place -> UInt8 in
          let value = values[place % channels * count + place / channels]
          return value.isNaN ? 0 : UInt8((min(max(value, 0), 1) * 255).rounded())
        }
        self.init(width: width, height: height, channels: channels, samples: samples)
        return
      }
    }
    throw DataError(
      "\(tensor.typeDescription) is no image",
      expected: "u8[H, W], u8[H, W, C], or floats [H, W] or [C, H, W], with 1 to 4 channels")
  }

  private static func sizes(_ shape: [Int]) -> (Int, Int, Int)? {
    let sizes = shape.count == 2 ? shape + [1] : shape
    guard sizes.count == 3, sizes[0] > 0, sizes[1] > 0, (1...4).contains(sizes[2]) else {
      return nil
    }
    return (sizes[0], sizes[1], sizes[2])
  }
}
