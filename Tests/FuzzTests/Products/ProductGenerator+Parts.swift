import TesseraTesting

/// Products of which parts are read, or that windows take.
extension ProductGenerator {
  /// A product with columns for several parts of `width` each.
  private mutating func wide(_ width: GeneratedDimension, _ count: Int) -> Matrix {
    let whole = GeneratedDimension(
      text: "(\(count) * \(width.text))", value: count * width.value)
    let made = product(of: rows(), columns: whole)
    return random.once(in: 2) ? biased(made) : made
  }

  /// The column `k` of part `number` of `count`, parts behind each other or columns in turns.
  private func column(
    _ k: String, _ number: Int, of count: Int, _ width: GeneratedDimension, inTurns: Bool
  ) -> String {
    if inTurns { return number == 0 ? "\(count) * \(k)" : "\(count) * \(k) + \(number)" }
    switch number {
    case 0: return k
    case 1: return "\(k) + \(width.text)"
    default: return "\(k) + \(number) * \(width.text)"
    }
  }

  /// Parts of a product that gate each other.
  mutating func gated() {
    let (width, count) = (length(), 2 + random.below(2))
    let whole = wide(width, count)
    let inTurns = random.once(in: 4)
    var like = whole
    like.columns = width
    like.isExact = whole.isExact && !type.isFloat
    like.bound = whole.bound * whole.bound * whole.bound
    let made = define(like) { generator, i, k in
      let parts = (0..<count).map {
        generator.element(
          whole, i, generator.column(k, $0, of: count, width, inTurns: inTurns))
      }
      let gate = generator.type.isFloat ? "tanh(\(parts[1]))" : "max(\(parts[1]), 0)"
      let rest = parts.dropFirst(2).map { " + \($0)" }.joined()
      return "\(parts[0]) * \(gate)\(rest)"
    }
    give(random.once(in: 2) ? finished(made) : made)
  }

  /// Parts of a product, each by itself.
  mutating func parts() {
    let (width, count) = (length(), 2 + random.below(2))
    let whole = wide(width, count)
    for number in 0..<count {
      var like = whole
      like.columns = width
      let part = define(like) {
        $0.element(whole, $1, $0.column($2, number, of: count, width, inTurns: false))
      }
      give(random.once(in: 2) ? finished(part) : part)
    }
  }

  /// Queries, keys and values of one product, and what they give.
  mutating func attention() {
    let width = depth()
    let whole = wide(width, 3)
    var factors: [Matrix] = []
    for number in 0..<3 {
      var like = whole
      like.columns = width
      factors.append(
        define(like) {
          $0.element(whole, $1, $0.column($2, number, of: 3, width, inTurns: false))
        })
    }
    var scores = product(factors[0], factors[1], isAcross: true)
    if type.isFloat, random.once(in: 2) { scores = softmax(scores) }
    let made = product(scores, factors[2], isAcross: false)
    give(made)
    if random.once(in: 3) { give(factors[2]) }
  }

  private mutating func softmax(_ scores: Matrix) -> Matrix {
    let lead = scores.hasBatch ? "b in 0..\(batch!.text), " : ""
    let (most, total) = (name("a"), name("a"))
    let place = scores.hasBatch ? "[b, i]" : "[i]"
    let range = "[k in 0..\(scores.columns.text)]"
    let target = "[\(lead)i in 0..\(scores.rows.text)]"
    add("let \(most)\(target) = max\(range) \(element(scores, "i", "k"))")
    var like = scores
    // What sums differ by must not be more than a little in an exponent.
    (like.bound, like.isExact) = (1, false)
    let power = define(like) {
      "exp((\($0.element(scores, $1, $2)) - \(most)\(place)) * 0.0625)"
    }
    add("let \(total)\(target) = sum\(range) \(element(power, "i", "k"))")
    return define(like) { "\($0.element(power, $1, $2)) / \(total)\(place)" }
  }

  /// Images under windows, each padded, enlarged or activated before; one layer or two, with channels
  /// before the image or last.
  mutating func windows() {
    let channelCounts = random.once(in: 4) ? [16, 17] : [1, 2, 3, 5]
    let (height, width, channels) = (length(), length(), dimension(channelCounts))
    let images = GeneratedDimension(
      text: "(\(channels.text) * \(height.text))", value: channels.value * height.value)
    let image = produced(
      matrix(images, width, hasBatch: false), steps: random.below(3), keepsShape: true)
    let isLast = random.once(in: 2)
    let first = name("t")
    let axes = imageAxes("c", channels, height, width, isLast)
    add("let \(first)[\(axes)] = \(image.name)[c * \(height.text) + h, v]")
    var (last, count) = (first, channels)
    for _ in 0...random.below(2) {
      let filters = dimension(channelCounts.contains(16) ? [16, 19] : [1, 2, 3, 8])
      last = layer(of: last, count, filters, height, width, isLast)
      count = filters
    }
    let shape = isLast ? [height, width, count] : [count, height, width]
    give(
      last, "\(type.rawValue)[\(shape.map(\.text).joined(separator: ", "))]",
      isExact: image.isExact)
  }

  /// The ranges of indices of an image.
  private func imageAxes(
    _ channel: String, _ channels: GeneratedDimension, _ height: GeneratedDimension,
    _ width: GeneratedDimension, _ isLast: Bool
  ) -> String {
    let image = ["h in 0..\(height.text)", "v in 0..\(width.text)"]
    let channel = "\(channel) in 0..\(channels.text)"
    return (isLast ? image + [channel] : [channel] + image).joined(separator: ", ")
  }

  /// The name of what a convolution of `image` gives, with a bias and perhaps an activation.
  private mutating func layer(
    of image: String, _ channels: GeneratedDimension, _ filters: GeneratedDimension,
    _ height: GeneratedDimension, _ width: GeneratedDimension, _ isLast: Bool
  ) -> String {
    let extent = 1 + random.below(3)
    let taps = parameter(
      "\(type.rawValue)[\(filters.text), \(channels.text), \(extent), \(extent)]",
      [filters.value, channels.value, extent, extent], type, isWeight: true)
    let pad = random.below(2)
    let axes = imageAxes("o", filters, height, width, isLast)
    let window = "h + r - \(pad), v + s - \(pad)"
    let made = name("t")
    add(
      "let \(made)[\(axes)] = "
        + "sum[c in 0..\(channels.text), r in 0..\(extent), s in 0..\(extent)] "
        + "\(image)[\(isLast ? "\(window), c" : "c, \(window)") else 0] * \(taps)[o, c, r, s]")
    let last = name("t")
    let bias = vector(filters)
    let element = "\(made)[\(isLast ? "h, v, o" : "o, h, v")] + \(bias)[o]"
    add("let \(last)[\(axes)] = \(random.once(in: 2) ? "max(\(element), 0)" : element)")
    return last
  }
}
