import TesseraTesting

/// Attention whose heads lie side by side in the columns, with what hides keys from queries.
extension ProductGenerator {
  /// Queries, keys and values of several heads, and what they give.
  mutating func heads() {
    let (count, width) = (1 + random.below(3), depth())
    let columns = GeneratedDimension(
      text: "(\(count) * \(width.text))", value: count * width.value)
    let (queries, keys) = (length(), length())
    let q = produced(
      matrix(queries, columns, hasBatch: false), steps: random.below(2), keepsShape: true)
    let k = produced(
      matrix(keys, columns, hasBatch: false), steps: random.below(2), keepsShape: true)
    let v = matrix(keys, columns, hasBatch: false)
    let (scores, hidden) = (name("t"), name("t"))
    let axes = "h in 0..\(count), i in 0..\(queries.text), j in 0..\(keys.text)"
    let place = "h * \(width.text) + d"
    let scale = type.isFloat ? " * 0.0625" : ""
    add(
      "let \(scores)[\(axes)] = (sum[d in 0..\(width.text)] "
        + "\(element(q, "i", place)) * \(element(k, "j", place)))\(scale)")
    add("let \(hidden)[\(axes)] = \(visible("\(scores)[h, i, j]", queries, keys))")
    let weights = type.isFloat ? softmaxOfHeads(hidden, axes, count, queries, keys) : hidden
    let given = name("t")
    add(
      "let \(given)[h in 0..\(count), i in 0..\(queries.text), d in 0..\(width.text)] = "
        + "sum[j in 0..\(keys.text)] \(weights)[h, i, j] * \(element(v, "j", place))")
    if width.text == "0" || random.once(in: 2) {
      give(
        given, "\(type.rawValue)[\(count), \(queries.text), \(width.text)]",
        isExact: !type.isFloat)
      return
    }
    // Side by side again.
    let joined = name("t")
    add(
      "let \(joined)[i in 0..\(queries.text), c in 0..\(columns.text)] = "
        + "\(given)[c / \(width.text), i, c % \(width.text)]")
    give(
      joined, "\(type.rawValue)[\(queries.text), \(columns.text)]", isExact: !type.isFloat)
  }

  /// A score, or a low one where the query does not see the key.
  private mutating func visible(
    _ score: String, _ queries: GeneratedDimension, _ keys: GeneratedDimension
  ) -> String {
    let low = type.isFloat ? "-64" : "0"
    switch random.below(4) {
    case 0: return "if j <= i { \(score) } else { \(low) }"
    case 1: return "if j < i + 3 and i < j + 5 { \(score) } else { \(low) }"
    case 2:
      let mask = mask(queries, keys)
      return "if \(mask)[i, j] { \(score) } else { \(low) }"
    default: return score
    }
  }

  /// The weights of `scores`, in one of the ways to write them.
  private mutating func softmaxOfHeads(
    _ scores: String, _ axes: String, _ count: Int, _ queries: GeneratedDimension,
    _ keys: GeneratedDimension
  ) -> String {
    let (most, power, total) = (name("a"), name("t"), name("a"))
    let target = "[h in 0..\(count), i in 0..\(queries.text)]"
    let range = "[j in 0..\(keys.text)]"
    add("let \(most)\(target) = max\(range) \(scores)[h, i, j]")
    add("let \(power)[\(axes)] = exp(\(scores)[h, i, j] - \(most)[h, i])")
    add("let \(total)\(target) = sum\(range) \(power)[h, i, j]")
    let weights = name("t")
    add("let \(weights)[\(axes)] = \(power)[h, i, j] / \(total)[h, i]")
    return weights
  }
}
