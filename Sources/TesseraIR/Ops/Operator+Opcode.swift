import TesseraNumbers

extension Operator {
  /// The operation of the IR that does the same.
  public var opcode: Opcode {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .remainder: .remainder
    case .divideTruncating: .divideTruncating
    case .remainderTruncating: .remainderTruncating
    case .negate: .negate
    case .multiplyAdd: .multiplyAdd
    case .minimum: .minimum
    case .maximum: .maximum
    case .minimumNumber: .minimumNumber
    case .maximumNumber: .maximumNumber
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    case .bitNot: .bitNot
    case .shiftLeft: .shiftLeft
    case .shiftRight: .shiftRight
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .select: .select
    case .absolute: .absolute
    case .floor: .floor
    case .ceil: .ceil
    case .round: .round
    case .truncate: .truncate
    case .squareRoot: .squareRoot
    case .reciprocalSquareRoot: .reciprocalSquareRoot
    case .exponential: .exponential
    case .exponential2: .exponential2
    case .logarithm: .logarithm
    case .logarithm2: .logarithm2
    case .sine: .sine
    case .cosine: .cosine
    case .tangent: .tangent
    case .hyperbolicTangent: .hyperbolicTangent
    case .errorFunction: .errorFunction
    case .power: .power
    case .sigmoid: .sigmoid
    case .isNaN: .isNaN
    case .pointerOffset: .pointerOffset
    }
  }
}

extension Opcode {
  /// The operator of the language that does the same.
  var scalarOperator: Operator? { Self.operators[Int(rawValue)] }

  /// The operators, by the numbers of their opcodes.
  private static let operators: [Operator?] = {
    var table = [Operator?](repeating: nil, count: allCases.count)
    for scalarOperator in Operator.allCases {
      table[Int(scalarOperator.opcode.rawValue)] = scalarOperator
    }
    return table
  }()
}
