import TesseraIR

/// How much statements have to do: arithmetic on elements, and memory that must move.
struct StatementWork {
  /// The arithmetic operations; of branches, those of the first.
  let operations: Amount
  /// The bytes of all tensors that are read and of those that are stored, each counted once.
  let byteCount: Amount

  /// Weighs `content`, an operation on tensors of the function whose lengths these are.
  init(_ content: Operation, in lengths: WrittenLengths) {
    self.init([content], storing: content.results, in: lengths)
  }

  /// Weighs `contents`, which are done together and store nothing but `results`.
  init(_ contents: [Operation], storing results: [Value], in lengths: WrittenLengths) {
    let function = lengths.function
    let made = contents.flatMap(\.results)
    operations = contents.reduce(Amount(0)) { $0 + lengths.arithmetic(of: $1) }
    var tensors: [Value] = []
    for region in contents.flatMap(\.regions) {
      function.forEachOperation(in: region) { id in
        let inner = function.operations[id]
        guard inner.opcode == .read, !tensors.contains(inner.operands[0]),
          !made.contains(inner.operands[0])
        else { return }
        tensors.append(inner.operands[0])
      }
    }
    let read = tensors.reduce(Amount(0)) { $0 + lengths.byteCount(of: $1) }
    if contents.count == 1, contents[0].attribute == .update(.replace) {
      let element = function.type(of: results[0]).element.byteCount
      byteCount = read + lengths.count(ofUpdate: contents[0]) * Amount(element)
    } else {
      byteCount = results.reduce(read) { $0 + lengths.byteCount(of: $1) }
    }
  }

  /// The facts as lines of a remark.
  var notes: [String] {
    ["arithmetic: \(operations) operations", memory]
  }

  /// The line on memory.
  var memory: String { "memory: \(byteCount) bytes, each moved once" }
}

extension WrittenLengths {
  /// The bytes of a number, or of the elements of a tensor.
  fileprivate func byteCount(of value: Value) -> Amount {
    let type = function.type(of: value)
    guard type.isTensor else { return Amount(type.scalarType?.byteCount ?? 0) }
    return type.extents.indices.reduce(Amount(type.element.byteCount)) {
      $0 * length(of: value, $1).factor
    }
  }

  /// The arithmetic that `content` does.
  fileprivate func arithmetic(of content: Operation) -> Amount {
    switch content.opcode {
    case .compute:
      let elements = product(content.operands)
      guard let contraction = Contraction(content, in: function) else {
        return elements * arithmetic(in: content.regions[0])
      }
      return elements * arithmetic(in: content.regions[0], leavingOut: contraction.reduction)
        + arithmetic(of: contraction, in: content)
    case .reduce: return arithmetic(of: content, eachTerm: arithmetic(in: content.regions[0]))
    case .scan:
      let rank = function.regions[content.regions[0]].parameters.count
      return product(content.operands.prefix(rank))
        * (arithmetic(in: content.regions[0]) + Amount(1))
    case .update:
      let combines = content.attribute != .update(.replace)
      let element = arithmetic(in: content.regions[0]) + Amount(combines ? 1 : 0)
      return count(ofUpdate: content) * element
    default: return Amount(0)
    }
  }

  /// How many elements an update writes at most.
  fileprivate func count(ofUpdate content: Operation) -> Amount {
    count(of: UpdateBox(content, function))
  }

  /// The arithmetic of a reduction with so much of it in each term.
  private func arithmetic(of reduction: Operation, eachTerm term: Amount) -> Amount {
    count(of: reduction) * (term + Amount(1))
  }

  /// How many terms a reduction has.
  func count(of reduction: Operation) -> Amount {
    count(of: ReductionBox(reduction, function))
  }

  /// How many numbers the indices of `box` take together.
  private func count(of box: some IndexBox) -> Amount {
    zip(box.lower, box.upper).reduce(Amount(1)) { $0 * count(from: $1.0, to: $1.1).factor }
  }

  /// The arithmetic of the sums of `contraction`: a product and a sum for each term, and what makes the
  /// factors, once for each element that is packed.
  private func arithmetic(of contraction: Contraction, in content: Operation) -> Amount {
    let (region, terms) = (content.regions[0], contraction.reduction.regions[0])
    let depth = count(of: contraction.reduction)
    var sum = product(content.operands) * depth * Amount(2)
    let dependents = function.regions[region].parameters.map {
      DependentValues(function, region, on: $0)
    }
    for id in function.regions[terms].operations {
      let inner = function.operations[id]
      guard let made = inner.results.first,
        made != function.terminator(of: terms).map({ function.operations[$0].operands[0] })
      else { continue }
      let axes = dependents.indices.filter { dependents[$0].contains(made) }
      sum =
        sum + product(axes.map { content.operands[$0] }) * depth
        * arithmetic(once: inner, in: terms)
    }
    return sum
  }

  /// The arithmetic that `region` does once, but for the reduction that is left out.
  private func arithmetic(
    in region: ID<Region>, leavingOut reduction: Operation? = nil
  ) -> Amount {
    function.regions[region].operations.reduce(Amount(0)) { sum, id in
      let content = function.operations[id]
      return content == reduction ? sum : sum + arithmetic(once: content, in: region)
    }
  }

  /// The arithmetic of `content`, which `region` lists.
  private func arithmetic(once content: Operation, in region: ID<Region>) -> Amount {
    switch content.opcode {
    case .reduce: return arithmetic(of: content)
    case .if: return arithmetic(in: content.regions[0])
    case .select, .convert, .bitcast, .constant: return Amount(0)
    default:
      guard content.opcode.info.traits.contains(.elementwise), let result = content.results.first,
        function.type(of: result) != .bool,
        function.type(of: result) != .index || isElement(result, of: region)
      else { return Amount(0) }
      return Amount(content.opcode == .multiplyAdd ? 2 : 1)
    }
  }

  /// `true` iff `value`, a whole number, is part of an element and not merely of its place.
  private func isElement(_ value: Value, of region: ID<Region>) -> Bool {
    var worklist = function.terminator(of: region).map { function.operations[$0].operands } ?? []
    var seen: Set<Value> = []
    while let next = worklist.popLast() {
      if next == value { return true }
      guard seen.insert(next).inserted, let id = function.definition(of: next) else { continue }
      let maker = function.operations[id]
      switch maker.opcode {
      case .read: break
      case .if: worklist += maker.regions.flatMap { end($0) }
      case .reduce: worklist += maker.operands.dropFirst(3 * rank(of: maker))
      default: worklist += maker.operands
      }
    }
    return false
  }

  private func end(_ region: ID<Region>) -> [Value] {
    function.terminator(of: region).map { function.operations[$0].operands } ?? []
  }

  private func rank(of reduction: Operation) -> Int {
    function.regions[reduction.regions[0]].parameters.count
  }

  /// How many numbers there are from `lower` to `upper`, if steps are 1.
  private func count(from lower: Value, to upper: Value) -> Amount {
    amount(of: upper) - amount(of: lower)
  }
}
