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

  /// Images under windows, each padded, enlarged or activated before.
  mutating func windows() {
    let (height, width, channels) = (length(), length(), dimension([1, 2, 3, 5]))
    let (extent, count) = (1 + random.below(3), dimension([1, 2, 3, 8]))
    let images = GeneratedDimension(
      text: "(\(channels.text) * \(height.text))", value: channels.value * height.value)
    let image = produced(
      matrix(images, width, hasBatch: false), steps: random.below(3), keepsShape: true)
    let shape = [count.value, channels.value, extent, extent]
    let taps = parameter(
      "\(type.rawValue)[\(count.text), \(channels.text), \(extent), \(extent)]", shape, type,
      isWeight: true)
    let pad = random.below(2)
    let channel = name("t")
    add(
      "let \(channel)[c in 0..\(channels.text), h in 0..\(height.text), v in 0..\(width.text)] = "
        + "\(image.name)[c * \(height.text) + h, v]")
    let made = name("t")
    let axes = "o in 0..\(count.text), h in 0..\(height.text), v in 0..\(width.text)"
    add(
      "let \(made)[\(axes)] = "
        + "sum[c in 0..\(channels.text), r in 0..\(extent), s in 0..\(extent)] "
        + "\(channel)[c, h + r - \(pad), v + s - \(pad) else 0] * \(taps)[o, c, r, s]")
    let last = name("t")
    let bias = vector(count)
    let element = "\(made)[o, h, v] + \(bias)[o]"
    add("let \(last)[\(axes)] = \(random.once(in: 2) ? "max(\(element), 0)" : element)")
    give(
      last, "\(type.rawValue)[\(count.text), \(height.text), \(width.text)]",
      isExact: image.isExact)
  }
}
