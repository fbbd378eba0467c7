import TesseraIR

/// A `compute` that does nothing but put each element of a tensor elsewhere, so that the elements may
/// be stored there at once.
///
///     %o = compute %rows, %320 : f32[?, 320] {
///     ^(%i: i64, %c: i64):
///       %h = divide %c, %40 : i64
///       %d = remainder %c, %40 : i64
///       %v = read %p, %h, %i, %d : f32
///       yield %v
///     }
struct Relocation {
  /// What an index of the new tensor is made of.
  enum Source {
    /// The index of an axis of the old one.
    case axis(Int)
    /// Those of two axes: the first times the divisor, and the second.
    case joined(quotient: Int, remainder: Int, divisor: Int64)
  }

  /// The `compute`.
  let operation: ID<Operation>
  /// Where the elements are put.
  let tensor: Value
  /// What its indices are made of.
  let sources: [Source]

  /// Reads `operation` as what moves `old`, a tensor that `maker` makes; `nil` if it does anything
  /// else, or if neighbours of the last axis do not stay neighbours.
  init?(
    _ operation: ID<Operation>, of old: Value, madeBy maker: Operation, in stream: Stream
  ) {
    let function = stream.function
    let content = function.operations[operation]
    guard content.opcode == .compute, content.results.count == 1,
      let end = function.terminator(of: content.regions[0]),
      let element = function.definition(of: function.operations[end].operands[0]),
      function.operations[element].opcode == .read,
      function.operations[element].operands[0] == old
    else { return nil }
    let indices = Array(function.operations[element].operands.dropFirst())
    var sources: [Source] = []
    var taken = 0
    for (axis, parameter) in function.regions[content.regions[0]].parameters.enumerated() {
      let extent = content.operands[axis]
      if let place = indices.firstIndex(of: parameter) {
        guard stream.isSame(maker.operands[place], extent) else { return nil }
        sources.append(.axis(place))
        taken += 1
        continue
      }
      guard
        let quotient = indices.firstIndex(where: { function.divides($0, parameter, .divide) != nil }
        ),
        let remainder = indices.firstIndex(where: {
          function.divides($0, parameter, .remainder) != nil
        }),
        let divisor = function.divides(indices[quotient], parameter, .divide),
        divisor == function.divides(indices[remainder], parameter, .remainder),
        divisor == function.integerConstant(maker.operands[remainder]),
        let count = function.integerConstant(maker.operands[quotient]),
        function.integerConstant(extent) == count * divisor
      else { return nil }
      sources.append(.joined(quotient: quotient, remainder: remainder, divisor: divisor))
      taken += 2
    }
    // All of the parameters tell different indices, so these are all if there are as many.
    guard taken == indices.count else { return nil }
    switch sources.last {
    case .axis(indices.count - 1), .joined(_, indices.count - 1, _): break
    default: return nil
    }
    self.operation = operation
    tensor = content.results[0]
    self.sources = sources
  }

  /// `true` iff an axis of the new tensor is the old `axis`.
  func keeps(axis: Int) -> Bool {
    sources.contains { source in
      if case .axis(axis) = source { true } else { false }
    }
  }
}

extension Function {
  /// The number by which `opcode` divides `index` to give `value`; `nil` if it does not.
  fileprivate func divides(_ value: Value, _ index: Value, _ opcode: Opcode) -> Int64? {
    guard let definition = definition(of: value), operations[definition].opcode == opcode,
      operations[definition].operands[0] == index,
      let divisor = integerConstant(operations[definition].operands[1]), divisor > 0
    else { return nil }
    return divisor
  }
}
