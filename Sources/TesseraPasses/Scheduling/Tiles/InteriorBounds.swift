import TesseraIR

/// Where along its last axis all conditions of a `compute` on its last index hold.
///
///     %a = add %i, %s : i64                           (%s of 0..<3)
///     %b = less_or_equal %two, %a : bool      →       2 <= %i
///     %c = less %a, %n : bool                 →       %i < %n - 2
///
/// A condition is a comparison of sums, or an index that is kept below or above another one. What
/// holds for the worst number of inner indices holds for all; sums count whose numbers cannot wrap.
struct InteriorBounds {
  /// The interior begins at the greatest of these, and 0.
  private(set) var lower: [LinearForm] = []
  /// It ends before the least of these, and the length of the axis.
  private(set) var upper: [LinearForm] = []
  /// What holds there, and the indices that are there what others are.
  private(set) var conditions: [Value] = []
  private(set) var kept: [(value: Value, as: Value)] = []

  private let function: Function
  private let index: Value
  private var forms: [Value: LinearForm] = [:]
  private var ranges = ValueRanges()
  /// The ends between which indices of inner loops count.
  private var ends: [Value: (lower: LinearForm, upper: LinearForm)] = [:]
  /// What is known inside the region alone, but for its own indices.
  private var inner: Set<Value> = []
  private let axes: Set<Value>

  /// Looks for conditions in `region`, that of a `compute`; `nil` if there are none.
  init?(_ region: ID<Region>, of function: Function) {
    let parameters = function.regions[region].parameters
    guard let last = parameters.last else { return nil }
    self.function = function
    index = last
    axes = Set(parameters)
    visit(region)
    if conditions.isEmpty, kept.isEmpty { return nil }
  }

  // MARK: Operations

  private mutating func visit(_ region: ID<Region>) {
    for id in function.regions[region].operations {
      let content = function.operations[id]
      inner.formUnion(content.results)
      visit(content)
      for region in content.regions {
        inner.formUnion(function.regions[region].parameters)
        visit(region)
      }
    }
  }

  private mutating func visit(_ content: Operation) {
    switch content.opcode {
    case .reduce:
      let box = ReductionBox(content, function)
      for (position, index) in box.indices.enumerated() {
        note(index, box.lower[position], box.upper[position], box.steps[position])
      }
    case .for:
      let index = function.regions[content.regions[0]].parameters[0]
      note(index, content.operands[0], content.operands[1], content.operands[2])
    default:
      guard content.operands.count == 2, let result = content.results.first,
        content.operands.allSatisfy({ function.type(of: $0) == .index })
      else { return }
      visit(content.opcode, form(content.operands[0]), form(content.operands[1]), content, result)
    }
  }

  private mutating func note(_ index: Value, _ lower: Value, _ upper: Value, _ step: Value) {
    guard let step = function.integerConstant(step), step > 0 else { return }
    ends[index] = (form(lower), form(upper))
  }

  private mutating func visit(
    _ opcode: Opcode, _ a: LinearForm, _ b: LinearForm, _ content: Operation, _ result: Value
  ) {
    switch opcode {
    case .add: forms[result] = a.adding(b)
    case .subtract: forms[result] = a.adding(b, times: -1)
    case .multiply:
      if a.coefficients.isEmpty { forms[result] = b.times(a.constant) }
      if b.coefficients.isEmpty { forms[result] = a.times(b.constant) }
    case .less: if demand(a, 1, atMost: b) { conditions.append(result) }
    case .lessOrEqual: if demand(a, 0, atMost: b) { conditions.append(result) }
    case .greater: if demand(b, 1, atMost: a) { conditions.append(result) }
    case .greaterOrEqual: if demand(b, 0, atMost: a) { conditions.append(result) }
    case .minimum, .maximum:
      let depends = [a, b].map { $0.coefficients[index] != nil }
      guard depends[0] != depends[1] else { return }
      let (own, other) = depends[0] ? (a, b) : (b, a)
      let holds = opcode == .minimum ? demand(own, 0, atMost: other) : demand(other, 0, atMost: own)
      guard holds else { return }
      forms[result] = own
      kept.append((result, content.operands[depends[0] ? 0 : 1]))
    default: break
    }
  }

  /// What `value` is a sum of.
  private func form(_ value: Value) -> LinearForm {
    forms[value] ?? function.integerConstant(value).map { LinearForm($0) } ?? LinearForm(value)
  }

  // MARK: Bounds

  /// Bounds the interior so that `a + more <= b`; `false` if that is not possible, or no matter of
  /// the last index.
  private mutating func demand(_ a: LinearForm, _ more: Int64, atMost b: LinearForm) -> Bool {
    guard isExact(a), isExact(b),
      var rest = b.adding(a, times: -1)?.adding(LinearForm(more), times: -1),
      let coefficient = rest.coefficients[index], abs(coefficient) == 1
    else { return false }
    rest = rest.removing(index)
    // Ends since the ends of a loop are known before its index.
    while let (value, factor) = rest.terms.first(where: { ends[$0.value] != nil }) {
      let ends = ends[value]!
      let worst = factor > 0 ? ends.lower : ends.upper.adding(LinearForm(-1))
      guard let worst, let less = rest.removing(value).adding(worst, times: factor) else {
        return false
      }
      rest = less
    }
    guard !rest.coefficients.keys.contains(where: inner.contains), isExact(rest) else {
      return false
    }
    // `index + rest >= 0`, or `rest - index >= 0`.
    if coefficient > 0 {
      guard let least = rest.times(-1) else { return false }
      lower.append(least)
    } else {
      guard let end = rest.adding(LinearForm(1)) else { return false }
      upper.append(end)
    }
    return true
  }

  /// `true` iff the numbers that `form` is computed from are so small that nothing wraps.
  private mutating func isExact(_ form: LinearForm) -> Bool {
    guard let size = size(of: form) else { return false }
    return size < 1 << 61
  }

  /// What the absolute value of `form` does not exceed; `nil` if nothing is known.
  private mutating func size(of form: LinearForm) -> Int128? {
    var sum = Int128(form.constant.magnitude)
    for (value, coefficient) in form.terms {
      guard let size = size(of: value) else { return nil }
      sum += size * Int128(coefficient.magnitude)
    }
    return sum
  }

  private mutating func size(of value: Value) -> Int128? {
    if axes.contains(value) { return Int128(ValueRanges.extents.upperBound) }
    if let ends = ends[value] {
      guard let lower = size(of: ends.lower), let upper = size(of: ends.upper) else { return nil }
      return max(lower, upper)
    }
    guard let range = ranges.range(of: value, in: function) else { return nil }
    let size = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    return size < 1 << 62 ? Int128(size) : nil
  }
}
