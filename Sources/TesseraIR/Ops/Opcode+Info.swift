/// What the attribute of an operation holds.
public enum AttributeKind: Hashable, Sendable {
  /// The operation has no attribute.
  case none
  /// The value of a constant: `integer`, `float` or `dense`, as its type asks. A table is `dense`.
  case number
  /// `integer`, an axis or a lane.
  case axis
  /// `string`.
  case text
  /// `symbol`, the name of a function.
  case function
  /// `reduction`.
  case reduction
  /// `scan`.
  case scan
  /// `update`.
  case update
}

/// The row of an opcode in the table of operations.
public struct OpcodeInfo: Sendable {
  /// The spelling in IR text.
  public let spelling: String
  /// The part of the compiler in which it is at home.
  public let family: OpcodeFamily
  /// How many operands it takes; `nil` where that depends on types or attribute.
  public let operandCount: Int?
  /// How many regions it may have.
  public let regionCounts: ClosedRange<Int>
  /// What its attribute holds.
  public let attribute: AttributeKind
  /// What passes may assume.
  public let traits: OpcodeTraits
}

extension Opcode {
  /// The facts about the opcode.
  public var info: OpcodeInfo { Opcode.table[Int(rawValue)] }

  /// `true` iff the operation has no effect beyond its results, its regions apart.
  public var isPure: Bool { info.traits.contains(.pure) }

  /// `true` iff the result is a bool that tells how two numbers compare.
  public var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  /// The opcode that IR text spells `spelling`.
  public init?(spelling: String) {
    guard let opcode = Opcode.bySpelling[spelling] else { return nil }
    self = opcode
  }

  private static let bySpelling: [String: Opcode] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.info.spelling, $0) })

  private static let table: [OpcodeInfo] = allCases.map(\.row)

  private var row: OpcodeInfo {
    func scalar(_ spelling: String, _ count: Int, _ more: OpcodeTraits = []) -> OpcodeInfo {
      OpcodeInfo(
        spelling: spelling, family: .scalar, operandCount: count, regionCounts: 0...0,
        attribute: .none, traits: more.union([.pure, .elementwise]))
    }
    func op(
      _ spelling: String, _ family: OpcodeFamily, _ count: Int?, _ traits: OpcodeTraits,
      regions: ClosedRange<Int> = 0...0, attribute: AttributeKind = .none
    ) -> OpcodeInfo {
      OpcodeInfo(
        spelling: spelling, family: family, operandCount: count, regionCounts: regions,
        attribute: attribute, traits: traits)
    }
    return switch self {
    case .constant: op("constant", .scalar, 0, .pure, attribute: .number)
    case .add: scalar("add", 2, .commutative)
    case .subtract: scalar("subtract", 2)
    case .multiply: scalar("multiply", 2, .commutative)
    case .divide: scalar("divide", 2, .mayTrap)
    case .remainder: scalar("remainder", 2, .mayTrap)
    case .divideTruncating: scalar("divide_truncating", 2, .mayTrap)
    case .remainderTruncating: scalar("remainder_truncating", 2, .mayTrap)
    case .negate: scalar("negate", 1)
    case .multiplyAdd: scalar("multiply_add", 3, .commutative)
    case .minimum: scalar("minimum", 2, .commutative)
    case .maximum: scalar("maximum", 2, .commutative)
    case .minimumNumber: scalar("minimum_number", 2, .commutative)
    case .maximumNumber: scalar("maximum_number", 2, .commutative)
    case .bitAnd: scalar("bit_and", 2, .commutative)
    case .bitOr: scalar("bit_or", 2, .commutative)
    case .bitXor: scalar("bit_xor", 2, .commutative)
    case .bitNot: scalar("bit_not", 1)
    case .shiftLeft: scalar("shift_left", 2)
    case .shiftRight: scalar("shift_right", 2)
    case .equal: scalar("equal", 2, .commutative)
    case .notEqual: scalar("not_equal", 2, .commutative)
    case .less: scalar("less", 2)
    case .lessOrEqual: scalar("less_or_equal", 2)
    case .greater: scalar("greater", 2)
    case .greaterOrEqual: scalar("greater_or_equal", 2)
    case .select: scalar("select", 3)
    case .convert: scalar("convert", 1)
    case .bitcast: scalar("bitcast", 1)
    case .absolute: scalar("absolute", 1)
    case .floor: scalar("floor", 1)
    case .ceil: scalar("ceil", 1)
    case .round: scalar("round", 1)
    case .truncate: scalar("truncate", 1)
    case .scaleByPower: scalar("scale_by_power", 2)
    case .powerOfEighths: scalar("power_of_eighths", 2)
    case .lookUp: op("look_up", .scalar, 1, [.pure, .elementwise], attribute: .number)
    case .squareRoot: scalar("square_root", 1)
    case .reciprocalSquareRoot: scalar("reciprocal_square_root", 1)
    case .exponential: scalar("exponential", 1)
    case .exponential2: scalar("exponential_2", 1)
    case .logarithm: scalar("logarithm", 1)
    case .logarithm2: scalar("logarithm_2", 1)
    case .sine: scalar("sine", 1)
    case .cosine: scalar("cosine", 1)
    case .tangent: scalar("tangent", 1)
    case .hyperbolicTangent: scalar("hyperbolic_tangent", 1)
    case .errorFunction: scalar("error_function", 1)
    case .power: scalar("power", 2)
    case .sigmoid: scalar("sigmoid", 1)
    case .isNaN: scalar("is_nan", 1)

    case .dimension: op("dimension", .tensor, 1, .pure, attribute: .axis)
    case .compute: op("compute", .tensor, nil, .pure, regions: 1...1)
    case .blank: op("blank", .tensor, nil, .pure)
    case .read: op("read", .tensor, nil, [.pure, .mayTrap])
    case .reduce: op("reduce", .tensor, nil, .pure, regions: 1...2, attribute: .reduction)
    case .scan: op("scan", .tensor, nil, .pure, regions: 1...2, attribute: .scan)
    case .update: op("update", .tensor, nil, .pure, regions: 1...1, attribute: .update)
    case .sort: op("sort", .tensor, 1, .pure, attribute: .axis)
    case .launch: op("launch", .tensor, nil, .pure, regions: 1...1)

    case .pointerOffset: op("pointer_offset", .pointer, 2, .pure)
    case .pointerLoad: op("pointer_load", .pointer, 3, .reads)
    case .pointerStore: op("pointer_store", .pointer, 3, .writes)
    case .atomicUpdate: op("atomic_update", .pointer, 3, [.reads, .writes], attribute: .update)
    case .atomicCompareExchange: op("atomic_compare_exchange", .pointer, 3, [.reads, .writes])

    case .allocate: op("allocate", .memory, nil, .writes)
    case .load: op("load", .memory, nil, .reads)
    case .store: op("store", .memory, nil, .writes)
    case .place: op("place", .memory, nil, .writes)
    case .overlay: op("overlay", .memory, nil, .pure)
    case .view: op("view", .memory, nil, .pure)
    case .reshape: op("reshape", .memory, nil, .pure)
    case .copy: op("copy", .memory, 2, [.reads, .writes])
    case .sortBuffer: op("sort_buffer", .memory, 3, [.reads, .writes], attribute: .axis)
    case .release: op("release", .memory, 1, .writes)
    case .parallel: op("parallel", .memory, 2, .pure, regions: 1...1)

    case .vectorLoad: op("vector_load", .vector, nil, .reads)
    case .stridedLoad: op("strided_load", .vector, nil, .reads, attribute: .axis)
    case .vectorStore: op("vector_store", .vector, nil, .writes)
    case .streamStore: op("stream_store", .vector, nil, .writes)
    case .prefetch: op("prefetch", .vector, nil, .writes)
    case .splat: op("splat", .vector, 1, .pure)
    case .laneIndex: op("lane_index", .vector, 0, .pure)
    case .reduceLanes: op("reduce_lanes", .vector, 1, .pure, attribute: .reduction)
    case .pickLanes: op("pick_lanes", .vector, 1, .pure, attribute: .axis)
    case .weaveLanes: op("weave_lanes", .vector, nil, .pure)
    case .transposeLanes: op("transpose_lanes", .vector, nil, .pure)
    case .dotLanes: op("dot_lanes", .vector, 3, .pure)

    case .if: op("if", .control, 1, .pure, regions: 2...2)
    case .for: op("for", .control, nil, .pure, regions: 1...1)
    case .while: op("while", .control, nil, [.pure, .mayTrap], regions: 2...2)
    case .condition: op("condition", .control, nil, .terminator)
    case .call: op("call", .control, nil, [.reads, .writes], attribute: .function)
    case .tailCall:
      op("tail_call", .control, nil, [.reads, .writes, .terminator], attribute: .function)
    case .yield: op("yield", .control, nil, .terminator)
    case .return: op("return", .control, nil, .terminator)
    case .assert: op("assert", .control, nil, .writes, attribute: .text)
    case .print: op("print", .control, nil, .writes, attribute: .text)
    }
  }
}

// `pure` on an operation with regions means: as pure as what its regions hold.

extension Function {
  /// `true` iff the operation, with all that its regions hold, has no effect beyond its results.
  public func isPure(_ operation: ID<Operation>) -> Bool {
    let content = operations[operation]
    guard content.opcode.isPure else { return false }
    return content.regions.allSatisfy { region in
      regions[region].operations.allSatisfy {
        operations[$0].opcode.info.traits.contains(.terminator)
          ? ![.tailCall, .return].contains(operations[$0].opcode) : isPure($0)
      }
    }
  }
}
