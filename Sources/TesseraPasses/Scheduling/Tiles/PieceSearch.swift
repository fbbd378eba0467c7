import TesseraIR

/// Cuts the box of a `compute` into pieces at the ends of conditions on its indices.
///
///     %a = add %i, %s : i64                           (%s of 0..<3)
///     %b = less_or_equal %two, %a : bool      →       holds where 2 <= %i, fails where %i < 0
///     %c = less %i, %n : bool                 →       holds where %i < %n, fails elsewhere
///
/// Conditions are comparisons of sums, choices of the least or greatest of two sums, and remainders of
/// sums that lie near their divisor; what holds for the worst number of inner indices holds for all.
/// Between pieces lies what is not decided, or too thin to be worth code of its own.
struct PieceSearch {
  /// Along what is cut.
  enum Direction {
    /// The last axis, at conditions on its index.
    case last
    /// The other axes, at conditions on theirs alone.
    case rows
  }

  private let function: Function
  private let region: ID<Region>
  private let direction: Direction
  private let axes: [Value]
  /// The length of each axis.
  private let extents: [Value: LinearForm]
  /// What is known inside the region alone, but for its own indices.
  private let inner: Set<Value>
  /// What values from around the region are sums of, as far as anybody asked: each is found once, since
  /// a sum may go back to another one in many ways.
  private var outerForms: [Value: LinearForm]
  private var ranges = ValueRanges()
  /// `true` iff the pieces found are all there is, so that what lies in no other lies in the last.
  private(set) var isComplete = true

  /// No more pieces are made of one box, nor conditions looked at.
  private static let mostPieces = 8
  /// A piece with fewer elements along an axis is left to what computes the rest.
  private static let leastLength: Int64 = 4
  /// What guarded numbers lie below, and above when negated.
  static let guardLimit: Int64 = 1 << 56

  /// Prepares to cut the box of `extents` of the `compute` with this `region`.
  init(_ region: ID<Region>, _ extents: [Value], of function: Function, along direction: Direction)
  {
    self.function = function
    self.region = region
    self.direction = direction
    axes = function.regions[region].parameters
    var inner: Set<Value> = []
    function.forEachOperation(in: region) { id in
      let content = function.operations[id]
      inner.formUnion(content.results)
      for region in content.regions { inner.formUnion(function.regions[region].parameters) }
    }
    self.inner = inner
    var known: [Value: LinearForm] = [:]
    self.extents = Dictionary(
      uniqueKeysWithValues: zip(axes, extents).map {
        ($0, Self.outerForm($1, function, inner: inner, &known))
      })
    outerForms = known
  }

  /// The pieces, in their order along the axis; empty if nothing is decided anywhere.
  mutating func pieces() -> [Piece] {
    guard !axes.isEmpty else { return [] }
    let found = visit(region, [Piece()]).filter { !$0.demands.isEmpty }
    return found.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  // MARK: Operations

  private mutating func visit(_ region: ID<Region>, _ pieces: [Piece]) -> [Piece] {
    function.regions[region].operations.reduce(pieces) { pieces, id in
      let parts = pieces.flatMap { visit(function.operations[id], in: $0) }
      if parts.count > Self.mostPieces { isComplete = false }
      return Array(parts.prefix(Self.mostPieces))
    }
  }

  private mutating func visit(_ content: Operation, in piece: Piece) -> [Piece] {
    var piece = piece
    switch content.opcode {
    case .reduce:
      let box = ReductionBox(content, function)
      for (position, index) in box.indices.enumerated() {
        note(index, box.lower[position], box.upper[position], box.steps[position], &piece)
      }
    case .for:
      let index = function.regions[content.regions[0]].parameters[0]
      note(index, content.operands[0], content.operands[1], content.operands[2], &piece)
    case .if:
      // What no element does decides nothing.
      guard let truth = piece.truth(content.operands[0], function) else { break }
      let branch = content.regions[truth ? 0 : 1]
      let end = function.terminator(of: branch).map { function.operations[$0] }
      return visit(branch, [piece]).map { part in
        zip(content.results, end?.operands ?? []).reduce(into: part) { part, passed in
          part.forms[passed.0] = part.forms[passed.1]
          if let truth = part.truth(passed.1, function) { part.note(passed.0, is: truth) }
        }
      }
    case .bitAnd, .bitOr, .bitNot:
      if let truth = truth(of: content, in: piece) { piece.note(content.results[0], is: truth) }
    default:
      guard content.operands.count == 2, let result = content.results.first,
        content.operands.allSatisfy({ function.type(of: $0) == .index })
      else { break }
      let (a, b) = (form(content.operands[0], in: piece), form(content.operands[1], in: piece))
      switch content.opcode {
      case .add: piece.forms[result] = a.adding(b)
      case .subtract: piece.forms[result] = a.adding(b, times: -1)
      case .multiply:
        if a.coefficients.isEmpty { piece.forms[result] = b.times(a.constant) }
        if b.coefficients.isEmpty { piece.forms[result] = a.times(b.constant) }
      default: return cut(piece, at: content, a, b)
      }
    }
    return content.regions.reduce([piece]) { visit($1, $0) }
  }

  private mutating func note(
    _ index: Value, _ lower: Value, _ upper: Value, _ step: Value, _ piece: inout Piece
  ) {
    guard let step = function.integerConstant(step), step > 0 else { return }
    piece.ends[index] = (form(lower, in: piece), form(upper, in: piece))
  }

  /// What follows from what is known of a boolean's operands.
  private func truth(of content: Operation, in piece: Piece) -> Bool? {
    guard function.type(of: content.results[0]) == .bool else { return nil }
    return content.opcode.truth(of: content.operands.map { piece.truth($0, function) })
  }

  /// What `value` is a sum of.
  private mutating func form(_ value: Value, in piece: Piece) -> LinearForm {
    piece.forms[value] ?? Self.outerForm(value, function, inner: inner, &outerForms)
  }

  /// What a value from around the region is a sum of, noted in `known`; others are by themselves.
  private static func outerForm(
    _ value: Value, _ function: Function, inner: Set<Value>, _ known: inout [Value: LinearForm]
  ) -> LinearForm {
    if let form = known[value] { return form }
    if let number = function.integerConstant(value) { return LinearForm(number) }
    guard !inner.contains(value), let id = function.definition(of: value),
      function.type(of: value) == .index
    else { return LinearForm(value) }
    let content = function.operations[id]
    func operand(_ index: Int) -> LinearForm {
      outerForm(content.operands[index], function, inner: inner, &known)
    }
    let form: LinearForm? =
      switch content.opcode {
      case .add: operand(0).adding(operand(1))
      case .subtract: operand(0).adding(operand(1), times: -1)
      default: nil
      }
    known[value] = form ?? LinearForm(value)
    return known[value]!
  }

  // MARK: Cuts

  /// The parts of `piece` in which the result of `content`, an operation on `a` and `b`, is known; the
  /// piece itself if it hangs on no index that is cut along.
  private mutating func cut(
    _ piece: Piece, at content: Operation, _ a: LinearForm, _ b: LinearForm
  ) -> [Piece] {
    guard let zones = zones(of: content, a, b) else { return [piece] }
    var guarded: Set<Value> = []
    guard isExact(a, in: piece, &guarded), isExact(b, in: piece, &guarded) else {
      return undecided(piece)
    }
    if zones.count > 2 || zones[0].meaning == zones[1].meaning { isComplete = false }
    var parts: [Piece] = []
    for zone in zones {
      var demands: [LinearForm] = []
      for demand in zone.demands {
        guard let least = least(of: demand, in: piece), isExact(least, in: piece, &guarded) else {
          return undecided(piece)
        }
        if least != demand { isComplete = false }
        demands.append(least)
      }
      let part = piece.taking(zone, of: content.results[0], demands, guarding: guarded)
      if isWorthwhile(part) { parts.append(part) } else { isComplete = false }
    }
    if !guarded.isEmpty { isComplete = false }
    return parts.isEmpty ? undecided(piece) : parts
  }

  private mutating func undecided(_ piece: Piece) -> [Piece] {
    isComplete = false
    return [piece]
  }

  /// Where the result of `content` is what; `nil` if it hangs on no index that is cut along.
  private func zones(of content: Operation, _ a: LinearForm, _ b: LinearForm) -> [Zone]? {
    guard let difference = b.adding(a, times: -1), let slope = self.slope(of: difference) else {
      return content.opcode == .remainder ? remainderZones(content, a, b) : nil
    }
    let operands = content.operands
    /// The zones where `form` is not below zero, and where it is.
    func sides(
      _ form: LinearForm?, _ above: Piece.Meaning, _ below: Piece.Meaning,
      forms: [LinearForm]? = nil
    ) -> [Zone]? {
      guard let form, let complement = form.complement else { return nil }
      let rises = (form.coefficients == difference.coefficients) == (slope > 0)
      return [
        Zone(meaning: above, form: forms?[0], demands: [form], position: rises ? 1 : 0),
        Zone(meaning: below, form: forms?[1], demands: [complement], position: rises ? 0 : 1),
      ]
    }
    switch content.opcode {
    case .lessOrEqual: return sides(difference, .truth(true), .truth(false))
    case .less: return sides(difference.adding(LinearForm(-1)), .truth(true), .truth(false))
    case .greater: return sides(difference.complement, .truth(true), .truth(false))
    case .greaterOrEqual: return sides(difference.times(-1), .truth(true), .truth(false))
    case .equal, .notEqual:
      let differs = Piece.Meaning.truth(content.opcode == .notEqual)
      guard let above = difference.adding(LinearForm(-1)), let below = difference.complement else {
        return nil
      }
      return [
        Zone(meaning: differs, demands: [above], position: slope > 0 ? 1 : 0),
        Zone(meaning: differs, demands: [below], position: slope > 0 ? 0 : 1),
      ]
    case .minimum: return sides(difference, .same(operands[0]), .same(operands[1]), forms: [a, b])
    case .maximum:
      return sides(difference.times(-1), .same(operands[0]), .same(operands[1]), forms: [a, b])
    case .remainder: return remainderZones(content, a, b)
    default: return nil
    }
  }

  /// A remainder rounds the quotient down: so next to the divisor it is a sum or a difference.
  private func remainderZones(
    _ content: Operation, _ a: LinearForm, _ b: LinearForm
  ) -> [Zone]? {
    guard let slope = self.slope(of: a), self.slope(of: b) == nil,
      let less = a.adding(b, times: -1), let more = a.adding(b),
      let below = a.complement, let inside = less.complement,
      let far = less.adding(b, times: -1)?.complement
    else { return nil }
    let (x, y) = (content.operands[0], content.operands[1])
    return [
      Zone(meaning: .same(x), form: a, demands: [a, inside], position: 0),
      Zone(
        meaning: .sum(x, y), form: more, demands: [below, more], position: slope > 0 ? -1 : 1),
      Zone(
        meaning: .difference(x, y), form: less, demands: [less, far], position: slope > 0 ? 1 : -1),
    ]
  }

  /// How much `form` grows with the index that is cut along; of rows, of which all count, that they
  /// are in it; `nil` if not at all.
  private func slope(of form: LinearForm) -> Int64? {
    let last = form.coefficients[axes[axes.count - 1]]
    if direction == .last { return last }
    return last == nil && axes.contains { form.coefficients[$0] != nil } ? 1 : nil
  }

  /// The least that `form` is for any indices of inner loops; `nil` if that is not known before.
  private func least(of form: LinearForm, in piece: Piece) -> LinearForm? {
    var rest = form
    // Ends since the ends of a loop are known before its index.
    while let (value, factor) = rest.terms.first(where: { piece.ends[$0.value] != nil }) {
      let ends = piece.ends[value]!
      let worst = factor > 0 ? ends.lower : ends.upper.adding(LinearForm(-1))
      guard let worst, let less = rest.removing(value).adding(worst, times: factor) else {
        return nil
      }
      rest = less
    }
    return rest.coefficients.keys.contains(where: inner.contains) ? nil : rest
  }

  // MARK: Size

  /// `true` iff a piece is likely to have more than a few elements along the axis: lengths of which
  /// nothing is known are taken for long.
  private mutating func isWorthwhile(_ piece: Piece) -> Bool {
    if direction == .rows { return piece.demands.allSatisfy { mayReach(Self.leastLength - 1, $0) } }
    let index = axes[axes.count - 1]
    let end = extents[index]?.adding(LinearForm(index), times: -1)?.adding(LinearForm(-1))
    let sides = [LinearForm(index), end].compactMap { $0 } + piece.demands
    for lower in sides {
      guard let rise = lower.coefficients[index], rise > 0 else { continue }
      for upper in sides {
        guard let fall = upper.coefficients[index], fall < 0 else { continue }
        // Both times what makes the index cancel out.
        let (least, scale) = (Self.leastLength - 1, rise.multipliedReportingOverflow(by: -fall))
        guard !scale.overflow,
          let room = lower.times(-fall).flatMap({ $0.adding(upper, times: rise) })
        else { continue }
        let (needed, isLarge) = scale.partialValue.multipliedReportingOverflow(by: least)
        if !isLarge, !mayReach(needed, room) { return false }
      }
    }
    return true
  }

  /// `true` unless `form` is less than `number` for all indices, and all lengths that are long.
  private mutating func mayReach(_ number: Int64, _ form: LinearForm) -> Bool {
    var most = form
    for (value, factor) in form.terms {
      guard let extent = extents[value] else { continue }
      most = most.removing(value)
      if factor > 0 {
        guard let last = extent.adding(LinearForm(-1)), let sum = most.adding(last, times: factor)
        else { return true }
        most = sum
      }
    }
    let mayGrow = most.terms.contains { value, factor in
      let least = ranges.range(of: value, in: function)?.lowerBound ?? .min
      return factor > 0 || least < 0
    }
    return mayGrow || (most.coefficients.isEmpty && most.constant >= number)
  }

  /// `true` iff the numbers that `form` is computed from are so small that nothing wraps; those of
  /// which nothing is known are added to `guarded`.
  private mutating func isExact(
    _ form: LinearForm, in piece: Piece, _ guarded: inout Set<Value>
  ) -> Bool {
    guard let size = size(of: form, in: piece, &guarded) else { return false }
    return size < 1 << 61
  }

  /// What the absolute value of `form` does not exceed; `nil` if nothing is known.
  private mutating func size(
    of form: LinearForm, in piece: Piece, _ guarded: inout Set<Value>
  ) -> Int128? {
    var sum = Int128(form.constant.magnitude)
    for (value, coefficient) in form.terms {
      guard let size = size(of: value, in: piece, &guarded) else { return nil }
      sum += size * Int128(coefficient.magnitude)
    }
    return sum
  }

  private mutating func size(
    of value: Value, in piece: Piece, _ guarded: inout Set<Value>
  ) -> Int128? {
    if extents[value] != nil { return Int128(ValueRanges.extents.upperBound) }
    if let ends = piece.ends[value] {
      guard let lower = size(of: ends.lower, in: piece, &guarded),
        let upper = size(of: ends.upper, in: piece, &guarded)
      else { return nil }
      return max(lower, upper)
    }
    let range = ranges.range(of: value, in: function) ?? Int64.min...Int64.max
    let size = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    if size <= Self.guardLimit { return Int128(size) }
    guard !inner.contains(value) else { return nil }
    guarded.insert(value)
    return Int128(Self.guardLimit)
  }
}

extension Opcode {
  /// The truth of a boolean operation, as far as it follows from the `truths` of its operands.
  func truth(of truths: [Bool?]) -> Bool? {
    switch self {
    case .bitAnd: truths.contains(false) ? false : truths == [true, true] ? true : nil
    case .bitOr: truths.contains(true) ? true : truths == [false, false] ? false : nil
    case .bitNot: truths[0].map { !$0 }
    default: nil
    }
  }
}
