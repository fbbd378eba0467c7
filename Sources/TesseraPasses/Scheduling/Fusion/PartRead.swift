import TesseraIR

/// A read of the elements of a part of a tensor, one for each element of the `compute` around it.
struct PartRead {
  /// Where the part lies along each axis of the tensor: `step * index + start` for `count` numbers.
  private struct Span {
    var step: Int64
    var start: AffineExpression
    var count: AffineExpression
  }

  private let spans: [Span]

  /// The part that `read` takes, which stands in the region of `reader`; `nil` if it may read an element
  /// twice.
  init?(_ read: ID<Operation>, in reader: ID<Operation>, _ function: Function) {
    let content = function.operations[reader]
    let indices = function.regions[content.regions[0]].parameters
    var affine = AffineValues()
    var spans: [Span] = []
    var used: Set<Value> = []
    for place in function.operations[read].operands.dropFirst() {
      let expression = affine.expression(of: place, in: function)
      let own = indices.indices.filter { expression.depends(on: indices[$0]) }
      guard let axis = own.first else {
        spans.append(
          Span(step: 1, start: expression, count: AffineExpression(1)))
        continue
      }
      guard own.count == 1, used.insert(indices[axis]).inserted,
        let step = expression.coefficient(of: indices[axis])?.constantValue, step > 0
      else { return nil }
      let index = AffineExpression(step) * AffineExpression(indices[axis])
      let start = expression - index
      if start.depends(on: indices[axis]) { return nil }
      spans.append(
        Span(
          step: step, start: start,
          count: affine.expression(of: content.operands[axis], in: function)))
    }
    guard used.count == indices.count else { return nil }
    self.spans = spans
  }

  /// `true` iff no element is known to be in both parts.
  func isApart(from other: PartRead) -> Bool {
    zip(spans, other.spans).contains { a, b in
      let distance = b.start - a.start
      func isBehind(_ distance: AffineExpression, _ span: Span) -> Bool {
        span.step == 1 && (distance - span.count).isLength(besides: [a.count, b.count])
      }
      if isBehind(distance, a) || isBehind(AffineExpression(0) - distance, b) { return true }
      guard a.step == b.step, let number = distance.constantValue else { return false }
      return number % a.step != 0
    }
  }
}

extension AffineExpression {
  /// `true` iff this is a sum of lengths, of which `lengths` are known, so that it is not below 0.
  fileprivate func isLength(besides lengths: [AffineExpression]) -> Bool {
    constant >= 0
      && terms.allSatisfy { term in
        term.coefficient > 0
          && term.factors.allSatisfy { factor in
            if case .extent = factor { return true }
            return lengths.contains(AffineExpression(factor))
          }
      }
  }
}
