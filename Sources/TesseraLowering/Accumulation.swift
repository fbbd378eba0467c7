import TesseraIR
import TesseraNumbers
import TesseraSemantics

/// How a reduction or scan works: what it starts from, what a term is, how two combine, and what
/// the result is.
struct Accumulation {
  /// How values combine.
  var combiner: Combiner
  /// The initial values of a combiner that is not built in.
  var initial: [Value]
  /// The types of the accumulators.
  var types: [Type]
  /// Makes the accumulators' form of a term; the indices are those of the reduction.
  var term: (inout FunctionLowering, Lowered, [Value]) -> [Value]
  /// What a term that is left out counts as.
  var identity: (inout FunctionLowering) -> [Value]
  /// Combines accumulators with a term.
  var combine: (inout FunctionLowering, [Value], [Value]) -> [Value]
  /// Makes the result from the accumulators.
  var finish: (inout FunctionLowering, [Value]) -> Lowered
  /// `true` iff the result must be divided by the number of terms.
  var isMean = false

  /// `true` iff the second region of the operation is needed.
  var hasRegion: Bool { combiner.hasRegion }
}

extension FunctionLowering {
  /// How `kind` reduces terms of type `element`; `type` is that of the result's elements.
  mutating func accumulation(
    _ kind: ReductionKind, element: ValueType, type: ValueType, indexCount: Int
  ) -> Accumulation {
    switch kind {
    case .sum: return builtin(.sum, .add, element)
    case .product: return builtin(.product, .multiply, element)
    case .minimum: return builtin(.minimum, .minimum, element)
    case .maximum: return builtin(.maximum, .maximum, element)
    case .any: return builtin(.any, .bitOr, element)
    case .all: return builtin(.all, .bitAnd, element)
    case .mean:
      var result = builtin(.sum, .add, element)
      result.isMean = true
      return result
    case .count: return counting()
    case .argmax: return choosing(.greater, .maximum, element, indexCount)
    case .argmin: return choosing(.less, .minimum, element, indexCount)
    case .combiner(let function, let captures, let identity?):
      return combining(function, captures, from: lower(identity), .combiner, type)
    case .combiner(let function, let captures, nil):
      if let known = wellKnown(function), case .scalar(let scalar) = element,
        scalar.sumType == scalar, scalar != .bool
      {
        return builtin(known.combiner, known.opcode, element)
      }
      return combiningWithoutIdentity(function, captures, element)
    case .fold(let function, let captures, let start):
      return combining(function, captures, from: lower(start), .fold, type)
    }
  }

  /// The number that changes nothing.
  mutating func identity(_ combiner: Combiner, _ type: ScalarType) -> Value {
    let number = combiner.identity(type)
    return type.isFloat ? builder.constant(number) : constant(Int(number.integer), type)
  }

  /// A combiner of the IR. Half floats are added up and multiplied in `f32`, rounded once; so is
  /// the product that is a term of a sum, as within any sum it may join the addition.
  private mutating func builtin(
    _ combiner: Combiner, _ opcode: Opcode, _ element: ValueType
  ) -> Accumulation {
    guard case .scalar(let scalar) = element else {
      internalError("\(combiner) of \(element)")
    }
    let isHalf = scalar.sumType != scalar
    let wide = combiner == .sum || combiner == .product ? scalar.sumType : scalar
    return Accumulation(
      combiner: combiner, initial: [], types: [.scalar(wide)],
      term: { lowering, value, _ in
        if isHalf, combiner == .sum, let factors = lowering.factors(of: value.value) {
          let wideFactors = factors.map { lowering.builder.convert($0, to: wide) }
          return [lowering.builder.arithmetic(.multiply, wideFactors[0], wideFactors[1])]
        }
        return [lowering.builder.convert(value.value, to: wide)]
      },
      identity: { [$0.identity(combiner, wide)] },
      combine: { lowering, a, b in [lowering.builder.arithmetic(opcode, a[0], b[0])] },
      finish: { lowering, values in .value(lowering.builder.convert(values[0], to: scalar)) })
  }

  /// The factors of a product that was just computed; `nil` if `value` is none.
  private func factors(of value: Value) -> [Value]? {
    let function = builder.function
    guard let definition = function.definition(of: value) else { return nil }
    let content = function.operations[definition]
    return content.opcode == .multiply ? content.operands : nil
  }

  /// Counts the terms that are `true`.
  private mutating func counting() -> Accumulation {
    Accumulation(
      combiner: .sum, initial: [], types: [.index],
      term: { lowering, value, _ in
        guard lowering.builder.type(of: value.value) == .bool else { return [lowering.constant(1)] }
        return [lowering.builder.convert(value.value, to: .i64)]
      },
      identity: { [$0.constant(0)] },
      combine: { lowering, a, b in [lowering.builder.arithmetic(.add, a[0], b[0])] },
      finish: { _, values in .value(values[0]) })
  }

  /// The place of the greatest or least term: the first of equals, NaN before all numbers.
  ///
  /// The accumulators are the term and its indices; an index of -1 stands for no term.
  private mutating func choosing(
    _ better: Opcode, _ combiner: Combiner, _ element: ValueType, _ indexCount: Int
  ) -> Accumulation {
    guard let scalar = element.scalarElement else { internalError("a place of \(element)") }
    let initial = [identity(combiner, scalar)] + (0..<indexCount).map { _ in constant(-1) }
    return Accumulation(
      combiner: indexCount > 1 ? .combiner : better == .greater ? .argmax : .argmin,
      initial: initial, types: [.scalar(scalar)] + (0..<indexCount).map { _ in .index },
      term: { _, value, indices in [value.value] + indices },
      identity: { lowering in
        [lowering.identity(combiner, scalar)] + (0..<indexCount).map { _ in lowering.constant(-1) }
      },
      combine: { lowering, a, b in
        let isBetter = lowering.isBetter(b, than: a, better, scalar)
        return zip(a, b).map { lowering.select(isBetter, $1, $0) }
      },
      finish: { _, values in
        indexCount == 1
          ? .value(values[1]) : .aggregate(values.dropFirst().map { .value($0) })
      })
  }

  /// `true` iff term `b` is chosen before term `a`.
  private mutating func isBetter(
    _ b: [Value], than a: [Value], _ better: Opcode, _ type: ScalarType
  ) -> Value {
    var wins = builder.compare(better, b[0], a[0])
    var ties = builder.compare(.equal, b[0], a[0])
    if type.isFloat {
      let isNaN = [a[0], b[0]].map {
        builder.emit(.isNaN, [$0], results: [.bool])[0]
      }
      let onlySecond = builder.arithmetic(
        .bitAnd, isNaN[1], builder.arithmetic(.bitNot, isNaN[0]))
      wins = builder.arithmetic(.bitOr, wins, onlySecond)
      ties = builder.arithmetic(
        .bitOr, ties, builder.arithmetic(.bitAnd, isNaN[0], isNaN[1]))
    }
    // Of one index the lowest wins whatever the order of combination; several come in order.
    if a.count == 2 {
      let isEarlier = builder.compare(.less, b[1], a[1])
      wins = builder.arithmetic(.bitOr, wins, builder.arithmetic(.bitAnd, ties, isEarlier))
    }
    let isFirst = builder.compare(.less, a[1], constant(0))
    let isTerm = builder.compare(.lessOrEqual, constant(0), b[1])
    return builder.arithmetic(.bitAnd, isTerm, builder.arithmetic(.bitOr, isFirst, wins))
  }

  /// A function of two values that starts from `initial`.
  private mutating func combining(
    _ function: ID<TypedFunction>, _ captures: [TypedExpression], from initial: Lowered,
    _ combiner: Combiner, _ type: ValueType
  ) -> Accumulation {
    let captured = captures.map { lower($0) }
    let initial = initial.values
    let types = initial.map { builder.type(of: $0) }
    let target = program.functions[function]
    let termTypes = target.parameters.dropFirst().first.map {
      leaves(of: target.locals[$0.local].type)
    }
    return Accumulation(
      combiner: combiner, initial: initial, types: types,
      term: { _, value, _ in value.values },
      identity: { lowering in
        combiner == .combiner
          ? initial : (termTypes ?? []).map { lowering.zero($0.type.scalarType ?? .i64) }
      },
      combine: { lowering, a, b in
        lowering.call(function, [a, b].map(Lowered.leaves) + captured, type: type).result.values
      },
      finish: { lowering, values in lowering.lowered(type, values) })
  }

  /// A combine function without identity: a flag beside the values tells whether there is one yet.
  private mutating func combiningWithoutIdentity(
    _ function: ID<TypedFunction>, _ captures: [TypedExpression], _ element: ValueType
  ) -> Accumulation {
    let captured = captures.map { lower($0) }
    let types = leaves(of: element).map(\.type)
    let empty = [constant(0, .bool)] + types.map { zero($0.scalarType ?? .i64) }
    return Accumulation(
      combiner: .combiner, initial: empty, types: [.bool] + types,
      term: { lowering, value, _ in [lowering.constant(1, .bool)] + value.values },
      identity: { _ in empty },
      combine: { lowering, a, b in
        let rest = { (values: [Value]) in Lowered.leaves(Array(values.dropFirst())) }
        return lowering.branch(
          on: a[0],
          then: { lowering in
            lowering.branch(
              on: b[0],
              then: { lowering in
                let joined = lowering.call(
                  function, [rest(a), rest(b)] + captured, type: element
                ).result
                return .aggregate([.value(a[0]), .leaves(joined.values)])
              }, else: { _ in .leaves(a) })
          }, else: { _ in .leaves(b) }
        ).values
      },
      finish: { lowering, values in lowering.lowered(element, Array(values.dropFirst())) })
  }

  /// The combiner of the IR that `(a, b) => a + b` and the like are.
  private func wellKnown(
    _ function: ID<TypedFunction>
  ) -> (combiner: Combiner, opcode: Opcode)? {
    let callee = program.functions[function]
    guard callee.body.statements.isEmpty, callee.parameters.count == 2,
      case .operation(let operation, let operands)? = callee.body.value?.kind,
      operands.compactMap(\.root) == callee.parameters.map(\.local)
    else { return nil }
    switch operation {
    case .add: return (.sum, .add)
    case .multiply: return (.product, .multiply)
    case .minimum: return (.minimum, .minimum)
    case .maximum: return (.maximum, .maximum)
    default: return nil
    }
  }
}

extension Lowered {
  /// Leaves whose tree does not matter.
  static func leaves(_ values: [Value]) -> Lowered { .aggregate(values.map { .value($0) }) }
}

extension ScalarType {
  /// The type in which numbers of this one are added up and multiplied.
  var sumType: ScalarType { self == .f16 || self == .bf16 ? .f32 : self }
}
