import TesseraSource
import TesseraSyntax

extension FunctionChecker {
  /// `true` iff a value of type `actual` can stand where `wanted` is asked; diagnoses why not.
  ///
  /// Dimensions that are not proved equal become obligations.
  func agree(
    _ actual: ValueType, with wanted: ValueType, at span: SourceSpan,
    because label: Diagnostic.Label? = nil
  ) -> Bool {
    if actual.isError || wanted.isError { return false }
    if actual == wanted { return true }
    var disagreement: (Dimension, Dimension)?
    let labels = label.map { [$0] } ?? []
    let fits = matches(actual, wanted) { a, b in
      let holds = require(
        a, .equal, b,
        message: "the types '\(describe(wanted))' and '\(describe(actual))' differ", at: span
      ) {
        disagreement = (a, b)
        return .dimensionMismatch(
          self.describe(actual), wanted: self.describe(wanted), self.describe(a), self.describe(b),
          labels: labels,
          at: span)
      }
      return holds
    }
    if !fits, disagreement == nil {
      diagnose(
        .typeMismatch(
          describe(actual), wanted: describe(wanted),
          fixIts: conversionFixIt(actual, wanted, at: span), labels: labels, at: span))
    }
    return fits
  }

  private func conversionFixIt(
    _ actual: ValueType, _ wanted: ValueType, at span: SourceSpan
  ) -> [FixIt] {
    guard let from = actual.scalarElement, let to = wanted.scalarElement, from != to,
      from != .bool, to != .bool, actual.dimensions.count == wanted.dimensions.count
    else { return [] }
    return [.convert(span, to: describe(.scalar(to)))]
  }

  /// Compares two types; dimensions are compared by `same`, of which one failure ends it.
  func matches(
    _ a: ValueType, _ b: ValueType, _ same: (Dimension, Dimension) -> Bool
  ) -> Bool {
    switch (a, b) {
    case (.error, _), (_, .error): return true
    case (.scalar(let x), .scalar(let y)): return x == y
    case (.pointer(let x), .pointer(let y)): return x == y
    case (.string, .string): return true
    case (.tensor(let x, let p), .tensor(let y, let q)):
      return matches(x, y, same) && p.count == q.count
        && zip(p, q).allSatisfy { $0 == $1 || same($0, $1) }
    case (.indexTile(let x), .indexTile(let y)): return x == y || same(x, y)
    case (.tuple(let x), .tuple(let y)):
      return x.count == y.count
        && zip(x, y).allSatisfy { $0.name == $1.name && matches($0.type, $1.type, same) }
    case (.sequence(let x), .sequence(let y)):
      return x.count == y.count && zip(x, y).allSatisfy { matches($0, $1, same) }
    case (.tuple, .sequence), (.sequence, .tuple):
      // Values written without names fit a tuple with names.
      let x = a.componentTypes ?? []
      let y = b.componentTypes ?? []
      return x.count == y.count && zip(x, y).allSatisfy { matches($0, $1, same) }
    case (.structure(let x), .structure(let y)):
      if x == y { return true }
      let p = checker.structureOrigins[Int(x.index)]
      let q = checker.structureOrigins[Int(y.index)]
      guard p.structure == q.structure else { return false }
      return zip(p.arguments, q.arguments).allSatisfy { left, right in
        switch (left, right) {
        case (.dimension(let d), .dimension(let e)): d == e || same(d, e)
        case (.pack(let d), .pack(let e)):
          d.count == e.count && zip(d, e).allSatisfy { $0 == $1 || same($0, $1) }
        case (.type(let s), .type(let t)): matches(s, t, same)
        case (.constant(let c), .constant(let k)): c.value == k.value
        default: false
        }
      }
    default: return false
    }
  }
}
