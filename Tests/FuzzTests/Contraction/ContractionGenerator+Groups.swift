import TesseraTesting

/// Random convolutions of groups.
extension ContractionGenerator {
  /// A convolution whose filters see the channels of their group: with the groups as an axis, or as a
  /// quotient of the filters' index; with channels first or last, and inside or beyond the borders.
  ///
  /// What its windows share is large enough for several blocks now and then.
  init(groupsOf seed: UInt64) {
    self.init(random: SplitMix(seed: seed), type: seed % 4 == 0 ? .f64 : .f32)
    let isLong = random.once(in: 30)
    let groups = isLong ? 2 : 2 + random.below(3)
    let channels = isLong ? 8 : random.pick([1, 1, 2, 3, 5])
    let filters = isLong ? 1 : random.pick([1, 2, 3, 4, 5, 9])
    let width = isLong ? 9000 : random.pick([1, 2, 3, 4, 5, 7, 8, 9, 14, 16, 17, 19])
    let height = isLong ? 1 : 1 + random.below(5)
    let (tapRows, tapColumns) = (isLong ? 2 : 2 + random.below(2), isLong ? 2 : 2 + random.below(2))
    let (step, columnStep) = (1 + random.below(2), 1 + random.below(isLong ? 1 : 2))
    let pad = random.below(3)
    let (inHeight, inWidth) = (
      max(1, step * (height - 1) + tapRows - 2 * pad),
      max(1, columnStep * (width - 1) + tapColumns - 2 * pad)
    )
    let isLast = random.once(in: 2)
    let isSplit = random.once(in: 3)
    let images = random.once(in: 3) ? 2 : 1

    let total = value(groups * filters)
    let size = constant(filters)
    let (zero, one) = (constant(0), constant(1))
    let (n, h, v) = ("%n", "%h", "%v")
    var axes = [(n, value(images)), (h, value(height)), (v, value(width))]
    let outer = isSplit ? [("%g", value(groups)), ("%d", size)] : [("%o", total)]
    if isLast { axes += outer } else { axes.insert(contentsOf: outer, at: 1) }
    let counts = ["%c": constant(channels), "%r": constant(tapRows), "%s": constant(tapColumns)]
    let reduced = random.pick([["%c", "%r", "%s"], ["%r", "%s", "%c"], ["%c", "%s", "%r"]])

    let group = isSplit ? "%g" : emit("divide %o, \(size)")
    let filter =
      isSplit ? emit("add \(emit("multiply %g, \(size)")), %d") : "%o"
    let channel = emit("add \(emit("multiply \(group), \(counts["%c"]!)")), %c")
    func place(_ index: String, _ step: Int, _ tap: String) -> String {
      let scaled = step == 1 ? index : emit("multiply \(index), \(constant(step))")
      return emit("subtract \(emit("add \(scaled), \(tap)")), \(constant(pad))")
    }
    let (row, column) = (place(h, step, "%r"), place(v, columnStep, "%s"))
    let (rows, columns) = (constant(inHeight), constant(inWidth))
    let conditions = [(row, rows), (column, columns)].flatMap { index, length in
      [
        emit("greater_or_equal \(index), \(zero)", "bool"),
        emit("less \(index), \(length)", "bool"),
      ]
    }
    let isInside = conditions.dropFirst().reduce(conditions[0]) {
      emit("bit_and \($0), \($1)", "bool")
    }
    let image = groups * channels
    let input = isLast ? [row, column, channel] : [channel, row, column]
    addTensor("%x", [images] + (isLast ? [inHeight, inWidth, image] : [image, inHeight, inWidth]))
    let name = type.rawValue
    body.append(
      "%a = if \(isInside) : \(name) { %e = read %x, \(([n] + input).joined(separator: ", ")) : "
        + "\(name) yield %e } { %z = constant {0.0} : \(name) yield %z }")
    addTensor("%w", [groups * filters, channels, tapRows, tapColumns])
    body.append("%b = read %w, \(filter), %c, %r, %s : \(name)")
    body.append("%p = multiply %a, %b : \(name)")
    body.append("yield %p")
    let terms = body
    body = []
    var result = "%sum"
    if random.once(in: 2) {
      addTensor("%bias", [groups * filters])
      let place = isSplit ? emit("add \(emit("multiply %g, \(size)")), %d") : "%o"
      result = emit("add \(result), \(emit("read %bias, \(place)", name))", name)
    }
    body.append("yield \(result)")
    let bounds =
      reduced.map { _ in zero } + reduced.map { counts[$0]! } + reduced.map { _ in one }
    let lengths = axes.map { axis in
      head.first { $0.hasPrefix("\(axis.1) =") }.flatMap { line in
        line.split(separator: "{").last?.split(separator: "}").first.map(String.init)
      } ?? "?"
    }
    let results = "\(name)[\(lengths.joined(separator: ", "))]"
    let typed = { (names: [String]) in names.map { "\($0): i64" }.joined(separator: ", ") }
    text = """
      func @f(\(allParameters)) -> (\(results)) {
      \(head.joined(separator: "\n"))
      %y = compute \(axes.map(\.1).joined(separator: ", ")) : \(results) {
      ^(\(typed(axes.map(\.0)))):
      %sum = reduce \(bounds.joined(separator: ", ")) {sum} : \(name) {
      ^(\(typed(reduced))):
      \(terms.joined(separator: "\n"))
      }
      \(body.joined(separator: "\n"))
      }
      return %y
      }

      """
  }

  /// A constant that is `number`.
  private mutating func constant(_ number: Int) -> String {
    let name = fresh("k")
    head.append("\(name) = constant {\(number)} : i64")
    return name
  }
}
