import TesseraIR
import TesseraNumbers
import TesseraTesting

/// Makes random kernels of raw pointers, as a translation from Triton has them.
///
/// Programs have a tile of places in one or two directions, with masks for borders; read it plainly,
/// shifted, backwards, by places that data tell, and step by step; compute, reduce and scan; write
/// their own places, and combine numbers in shared ones by atomic operations that give the same in
/// every order. Floats are small whole numbers, so that sums are exact.
struct PointerKernelGenerator {
  /// Memory that the kernel is given.
  struct Memory {
    var name: String
    var type: ScalarType
    var values: [ScalarValue]
  }

  /// A tile of numbers, or one number.
  private struct Value {
    var text: String
    /// The largest magnitude of a float.
    var bound: Double
  }

  /// The text; the kernel is exported as `f`.
  private(set) var text = ""
  /// What `f` is given first.
  private(set) var memories: [Memory] = []
  /// The numbers of rows and columns, which it is given last.
  let sizes: [Int]

  private var random: SplitMix
  private let type: ScalarType
  private let isFlat: Bool
  private var tiles: [Value] = []
  private var numbers: [Value] = []
  private var body: [String] = []
  private var depth = 1
  private var nameCount = 0

  private var total: Int { sizes[0] * sizes[1] }

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    type = random.pick([.i32, .i32, .i64, .u32, .i8, .u8, .i16, .f32, .f32, .f64])
    isFlat = random.once(in: 2)
    let lengths = [0, 1, 2, 3, 5, 8, 13, 17, 32, 70]
    sizes = [random.pick(lengths), isFlat ? 1 : random.pick([1, 2, 5, 9, 16])]
    makeText()
  }

  // MARK: The kernel

  private mutating func makeText() {
    addHead()
    for _ in 0..<(1 + random.below(2)) { addLoad() }
    for _ in 0..<(2 + random.below(5)) { addStatement() }
    for _ in 0..<(1 + random.below(2)) { addStore() }
    for _ in 0..<(1 + random.below(3)) { addAtomic() }
    let (height, width) = (random.pick([1, 2, 4, 7, 8, 16]), random.pick([1, 2, 4, 8]))
    let pointers = memories.map { "\($0.name): *\($0.type.rawValue)" }
    let columns = isFlat ? "" : ", qid in cdiv(m, i32(D))"
    text = """
      kernel k(\((pointers + ["n: i32", "m: i32"]).joined(separator: ", ")), const B: int, const D: int)
          over (pid in cdiv(n, i32(B))\(columns)) {
      \(body.joined(separator: "\n"))
      }
      export f = k(B: \(height), D: \(width))
      """
  }

  /// Declares the program's places, which of them there are, and its number.
  private mutating func addHead() {
    emit("let total = n * m")
    emit("let rows = i32(pid) * i32(B) + iota(i32[B])")
    if isFlat {
      emit("let places = rows")
      emit("let mask = rows < n")
      emit("let program = i32(pid)")
    } else {
      emit("let columns = i32(qid) * i32(D) + iota(i32[D])")
      emit("let places = rows[.., _] * m + columns[_, ..]")
      emit("let mask = rows[.., _] < n and columns[_, ..] < m")
      emit("let program = i32(pid) * cdiv(m, i32(D)) + i32(qid)")
    }
  }

  private mutating func addStatement() {
    switch random.below(10) {
    case 0, 1: addLoad()
    case 2: addSteps()
    case 3: addReduction()
    case 4:
      let axis = isFlat ? 0 : random.below(2)
      let tile = random.pick(tiles)
      let reverse = random.once(in: 2) ? ", reverse: true" : ""
      bind("scan(\(tile.text), \(combination()), axis: \(axis)\(reverse))", tile.bound * 80)
    case 5: addOwnAtomic()
    default:
      let (a, b) = (random.pick(tiles), operand())
      switch random.below(type.isFloat ? 5 : 8) {
      case 0: bind("\(a.text) + \(b.text)", a.bound + b.bound)
      case 1: bind("\(a.text) - \(b.text)", a.bound + b.bound)
      case 2: bind("max(\(a.text), \(b.text))", max(a.bound, b.bound))
      case 3: bind("min(\(a.text), \(b.text))", max(a.bound, b.bound))
      case 4: bind("\(a.text) * 2", a.bound * 2)
      case 5: bind("\(a.text) * \(b.text)", 0)
      case 6: bind("\(a.text) ^ \(b.text)", 0)
      default: bind("\(a.text) << 1", 0)
      }
    }
  }

  // MARK: Reads

  /// Memory as large as the tiles, with small numbers.
  private mutating func data() -> String {
    let known = memories.filter { $0.name.hasPrefix("a") }
    if let memory = known.randomElement(using: &random), random.once(in: 2) { return memory.name }
    return add("a", type, (0..<total).map { _ in smallNumber(type) })
  }

  private mutating func addLoad() {
    let memory = data()
    let other = random.once(in: 2) ? "" : ", other: \(random.below(9))"
    switch random.below(tiles.isEmpty ? 4 : 6) {
    case 0:
      let shift = random.pick(["+ 1", "- 1", "+ 3", "- 7", "+ m"])
      let inside = "places \(shift) >= 0 and places \(shift) < total"
      bind("load(\(memory) + (places \(shift)), mask: mask and \(inside)\(other))", 8)
    case 1: bind("load(\(memory) + (total - 1 - places), mask: mask\(other))", 8)
    case 2, 3: bind("load(\(memory) + places, mask: mask\(other))", 8)
    case 4:
      // Where there is a program there is an element.
      bind("load(\(memory) + i32(\(random.pick(tiles).text)) % total)", 8)
    default:
      let some = "mask and \(random.pick(tiles).text) > \(random.below(4))"
      bind("load(\(memory) + places, mask: \(some)\(other))", 8)
    }
  }

  /// Adds up what lies step by step further on.
  private mutating func addSteps() {
    let (memory, start, sum, pointer) = (data(), random.pick(tiles), name("s"), name("p"))
    let (count, step) = (random.below(5), 1 + random.below(4))
    emit("var \(sum) = \(start.text)")
    emit("var \(pointer) = \(memory) + places")
    emit("for \(sum)k in 0..\(count) {")
    let inside = "places + i32(\(sum)k) * \(step) < total"
    emit("  \(sum) += load(\(pointer), mask: mask and \(inside), other: 0)")
    emit("  \(pointer) += i32(\(step))")
    emit("}")
    bind(sum, start.bound + 8 * Double(count))
  }

  private mutating func addReduction() {
    let tile = random.pick(tiles)
    let (f, number) = (combination(), name("r"))
    let inner = isFlat ? tile.text : "reduce(\(tile.text), \(f), axis: \(random.below(2)))"
    emit("let \(number) = reduce(\(inner), \(f), axis: 0)")
    numbers.append(bounded(Value(text: number, bound: tile.bound * 200)))
  }

  /// A function that gives the same in every order.
  private mutating func combination() -> String {
    let choices =
      ["x + y", "max(x, y)", "min(x, y)"] + (type.isFloat ? [] : ["x ^ y", "x & y", "x | y"])
    return "(x, y) => \(random.pick(choices))"
  }

  private mutating func operand() -> Value {
    if let number = numbers.randomElement(using: &random), random.once(in: 3) { return number }
    if random.once(in: 4) { return Value(text: "\(random.below(9))", bound: 8) }
    return random.pick(tiles)
  }

  // MARK: Writes

  /// Writes tiles, or numbers of programs, at places that no other program writes.
  private mutating func addStore() {
    let isOne = numbers.isEmpty ? false : random.once(in: 3)
    let isSome = random.once(in: 4)
    if isSome {
      emit("if program % 2 == \(random.below(2)) {")
      depth += 1
    }
    if isOne {
      let memory = add("y", type, Array(repeating: .zero(type), count: total))
      emit("store(\(memory) + program, \(random.pick(numbers).text))")
    } else {
      let isEven = random.once(in: 4)
      let memory = add(
        "y", type, Array(repeating: .zero(type), count: (isEven ? 2 : 1) * total))
      let tile = random.pick(tiles)
      let mask = random.once(in: 3) ? "mask and \(random.pick(tiles).text) > 1" : "mask"
      emit("store(\(memory) + places\(isEven ? " * 2" : ""), \(tile.text), mask: \(mask))")
    }
    if isSome {
      depth -= 1
      emit("}")
    }
  }

  /// Combines something with numbers that all programs share.
  private mutating func addAtomic() {
    let shared = sharedType()
    let operations = ["add", "min", "max"] + (shared.isFloat ? [] : ["and", "or", "xor"])
    let count = random.pick([1, 1, 3, 8])
    let memory = add("c", shared, (0..<count).map { _ in smallNumber(shared) })
    let word = "atomic_\(random.pick(operations))"
    if let number = numbers.randomElement(using: &random), random.once(in: 3) {
      if random.once(in: 3), !shared.isFloat {
        let lock = add("l", .i32, [ScalarValue(0, .i32)])
        emit("while atomic_cas(\(lock), 0, 1) == 1 {}")
        emit("store(\(memory), load(\(memory)) + \(converted(number, shared)))")
        emit("atomic_xchg(\(lock), 0)")
      } else {
        emit("\(word)(\(memory) + program % \(count), \(converted(number, shared)))")
      }
      return
    }
    let (tile, place) = (random.pick(tiles), random.pick(tiles))
    emit(
      "\(word)(\(memory) + i32(\(place.text)) % \(count), \(converted(tile, shared)), mask: mask)")
  }

  /// Combines something with places of the program's own, and goes on with what was there.
  private mutating func addOwnAtomic() {
    let memory = add("d", type, (0..<total).map { _ in smallNumber(type) })
    let word = random.pick(["atomic_add", "atomic_max", "atomic_xchg"])
    bind("\(word)(\(memory) + places, \(random.pick(tiles).text), mask: mask)", 8)
  }

  private mutating func sharedType() -> ScalarType {
    type.isFloat ? random.pick([type, .i32]) : random.pick([type, .i32, .i64, .u64, .u16])
  }

  private func converted(_ value: Value, _ type: ScalarType) -> String {
    type == self.type ? value.text : "\(type.rawValue)(\(value.text))"
  }

  // MARK: Names and numbers

  private mutating func name(_ stem: String) -> String {
    nameCount += 1
    return "\(stem)\(nameCount)"
  }

  private mutating func emit(_ line: String) {
    body.append(String(repeating: "  ", count: depth) + line)
  }

  private mutating func bind(_ text: String, _ bound: Double) {
    let name = name("v")
    emit("let \(name) = \(text)")
    tiles.append(bounded(Value(text: name, bound: bound)))
  }

  /// `value`, kept where floats are exact.
  private func bounded(_ value: Value) -> Value {
    guard type.isFloat, value.bound > 64 else { return value }
    return Value(text: "max(min(\(value.text), 64), -64)", bound: 64)
  }

  private mutating func add(_ stem: String, _ type: ScalarType, _ values: [ScalarValue]) -> String {
    let name = name(stem)
    memories.append(Memory(name: name, type: type, values: values))
    return name
  }

  private mutating func smallNumber(_ type: ScalarType) -> ScalarValue {
    let number = random.below(9) - (type.hasNegatives ? 4 : 0)
    return type.isFloat
      ? ScalarValue(rounding: Double(number), type) : ScalarValue(Int64(number), type)
  }
}
