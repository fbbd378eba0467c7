extension Image {
  /// A picture of a tensor that one can look at: its planes side by side, each stretched over a
  /// colour scale from dark (least) to bright (greatest).
  ///
  /// The last two dimensions are the planes' rows and columns; others are laid out as a grid that is
  /// about square. Small planes are enlarged by whole factors.
  ///
  /// - Throws: if the tensor is empty or of more than 2^26 pixels.
  public init(featureMap tensor: Tensor) throws(DataError) {
    let width = tensor.shape.last ?? 1
    let height = tensor.rank > 1 ? tensor.shape[tensor.rank - 2] : 1
    guard tensor.elementCount > 0, tensor.elementCount <= 1 << 26 else {
      throw DataError(
        "\(tensor.typeDescription) as a picture", expected: "1 to 2^26 elements")
    }
    let planes = tensor.elementCount / (width * height)
    var columns = 1
    while columns * columns * width < planes * height { columns += 1 }
    let rows = (planes + columns - 1) / columns
    let scale = max(1, min(8, 512 / max(columns * width, rows * height)))
    let gap = 1
    let total = (
      width: columns * (width * scale + gap) - gap, height: rows * (height * scale + gap) - gap
    )
    var samples = [UInt8](repeating: 32, count: total.width * total.height * 3)
    let values = tensor.doubles()
    for plane in 0..<planes {
      let content = values[plane * width * height..<(plane + 1) * width * height]
      let finite = content.filter(\.isFinite)
      let low = finite.min() ?? 0
      let span = max((finite.max() ?? 0) - low, .leastNormalMagnitude)
      let top = plane / columns * (height * scale + gap)
      let left = plane % columns * (width * scale + gap)
      for y in 0..<height * scale {
        for x in 0..<width * scale {
          let value = content[content.startIndex + y / scale * width + x / scale]
          let color = ColorScale.color(at: (value - low) / span)
          let place = ((top + y) * total.width + left + x) * 3
          samples.replaceSubrange(place..<place + 3, with: [color.0, color.1, color.2])
        }
      }
    }
    self.init(width: total.width, height: total.height, channels: 3, samples: samples)
  }
}

/// A scale from dark blue by green to yellow whose lightness grows evenly.
private enum ColorScale {
  private static let stops: [(Double, Double, Double)] = [
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137),
    (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
  ]

  /// The color at `position` from 0 to 1; red for what is not a finite number.
  static func color(at position: Double) -> (UInt8, UInt8, UInt8) {
    guard position.isFinite else { return (220, 30, 30) }
    let scaled = min(max(position, 0), 1) * Double(stops.count - 1)
    let index = min(Int(scaled), stops.count - 2)
    let part = scaled - Double(index)
    let (a, b) = (stops[index], stops[index + 1])
    func mix(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + (b - a) * part).rounded()) }
    return (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
  }
}
