import TesseraIR

/// In which order of its axes each tensor of a function is stored, and which uses get a copy in another.
///
/// A convolution that transforms compute settles the order of its results. Products and statements about
/// elements take the order in which all that use their results would have them; what is stored so is asked
/// of what they read in turn, so that an order spreads along a chain from its end. Everything else, and
/// what comes from outside, stays as the program has it; so does all of a function without such a
/// convolution.
struct LayoutPlan {
  /// A tensor, and what becomes of its uses.
  struct Tensor {
    let value: Value
    /// The order in which it is stored.
    let order: AxisOrder
    let demands: [LayoutDemand]

    /// `true` iff nothing changes.
    var isWritten: Bool { order.isWritten && !demands.contains(where: isCopied) }

    /// `true` iff the use gets a copy, or one that is made for others.
    func isCopied(for demand: LayoutDemand) -> Bool {
      demand.order != order
        && (demand.strength == .strong
          || demand.strength == .weak
            && demands.contains { $0.strength == .strong && $0.order == demand.order })
    }
  }

  /// The tensors that are stored, or copied, in another order than the program's.
  private(set) var tensors: [Tensor] = []

  private let tree: RegionTree
  private let uses: Uses
  private var kinds: [ID<Operation>: LayoutKind] = [:]
  private var orders: [ID<Operation>: AxisOrder] = [:]
  /// The statements whose results may be stored in any order at no cost.
  private var free: Set<ID<Operation>> = []

  /// Plans for `function`, which is as it was afterwards.
  init(_ function: inout Function, on target: TargetDescription) {
    (tree, uses) = (RegionTree(function), Uses(function))
    var statements: [ID<Operation>] = []
    function.forEachOperation(in: function.body) { id in
      if function.operations[id].opcode == .compute { statements.append(id) }
    }
    let fixed = FixedValues(function)
    for id in statements {
      let kind = LayoutKind(id, in: &function, fixed, on: target)
      kinds[id] = kind
      if isFree(id, kind, function) { free.insert(id) }
    }
    guard kinds.values.contains(where: { if case .convolution = $0 { true } else { false } }) else {
      return
    }
    // From the end, so that the order of what uses a tensor is known.
    for id in statements.reversed() { settle(id, in: function) }
    tensors.reverse()
    for id in statements { copyImages(of: id, in: function) }
  }
}

extension LayoutPlan {
  /// `true` iff the results of `id` may be stored in any order at no cost.
  private func isFree(_ id: ID<Operation>, _ kind: LayoutKind, _ function: Function) -> Bool {
    switch kind {
    case .convolution, .product: true
    case .elements: boundReads(of: id, function) == 0
    case .other: false
    }
  }

  /// How many tensors of as many axes as its own `id` reads whose order is given.
  private func boundReads(of id: ID<Operation>, _ function: Function) -> Int {
    let statement = function.operations[id]
    var tensors: Set<Value> = []
    function.forEachOperation(in: statement.regions[0]) { inner in
      let content = function.operations[inner]
      guard content.opcode == .read, content.operands.count > statement.operands.count
      else { return }
      if let maker = function.definition(of: content.operands[0]), free.contains(maker) { return }
      tensors.insert(content.operands[0])
    }
    return tensors.count
  }

  /// Settles the order of what the `compute` called `id` makes.
  private mutating func settle(_ id: ID<Operation>, in function: Function) {
    let content = function.operations[id]
    guard content.results.count == 1 else { return }
    let demands = demands(for: content.results[0], in: function)
    let written = AxisOrder.written(content.operands.count)
    let asked = demands.filter { $0.strength != .none }
    let common = asked.allSatisfy { $0.order == asked[0].order } ? asked.first?.order : nil
    var order = written
    switch kinds[id]! {
    case .convolution(let convolution): order = convolution.order
    case .product: order = common ?? written
    case .elements:
      // Reading one tensor across is the copy that the user would need.
      let isWorth = asked.contains { $0.strength == .strong } ? 1 : 0
      if asked.isEmpty {
        order = orderOfSource(of: id, in: function) ?? written
      } else if boundReads(of: id, function) <= isWorth {
        order = common ?? written
      }
    case .other: break
    }
    orders[id] = order
    let tensor = Tensor(value: content.results[0], order: order, demands: demands)
    if !tensor.isWritten { tensors.append(tensor) }
  }

  /// The order of a convolution of which `id` makes its elements one by one; `nil` if there is none.
  private func orderOfSource(of id: ID<Operation>, in function: Function) -> AxisOrder? {
    let statement = function.operations[id]
    let indices = function.regions[statement.regions[0]].parameters
    for read in function.regions[statement.regions[0]].operations {
      let content = function.operations[read]
      guard content.opcode == .read, Array(content.operands.dropFirst()) == indices,
        let maker = function.definition(of: content.operands[0]),
        case .convolution(let convolution)? = kinds[maker]
      else { continue }
      return convolution.order
    }
    return nil
  }

  /// Notes the tensors that no `compute` makes, of which `id`, a convolution, gets a copy.
  private mutating func copyImages(of id: ID<Operation>, in function: Function) {
    guard case .convolution = kinds[id]! else { return }
    function.forEachOperation(in: function.operations[id].regions[0]) { read in
      let content = function.operations[read]
      guard content.opcode == .read, !tensors.contains(where: { $0.value == content.operands[0] })
      else { return }
      if let maker = function.definition(of: content.operands[0]), orders[maker] != nil { return }
      let written = AxisOrder.written(content.operands.count - 1)
      let tensor = Tensor(
        value: content.operands[0], order: written,
        demands: demands(for: content.operands[0], in: function))
      if !tensor.isWritten { tensors.append(tensor) }
    }
  }

  /// What the uses of `tensor` ask for, all statements behind it being settled.
  private func demands(for tensor: Value, in function: Function) -> [LayoutDemand] {
    let written = AxisOrder.written(function.type(of: tensor).rank)
    return uses.users(of: tensor).map { user in
      let opcode = function.operations[user].opcode
      if opcode == .read, let statement = statement(around: user, in: function) {
        return demand(of: user, in: statement, written, function)
      }
      return LayoutDemand(
        user: user, statement: user, order: written,
        strength: opcode == .dimension ? .none : .strong)
    }
  }

  /// The `compute` that `operation` is part of.
  private func statement(around operation: ID<Operation>, in function: Function) -> ID<Operation>? {
    var region = tree.home(of: operation)
    while let inner = region, let owner = tree.owner(of: inner) {
      if function.operations[owner].opcode == .compute { return owner }
      region = tree.home(of: owner)
    }
    return nil
  }

  /// What `read`, part of `statement`, asks for, a tensor whose order in the program is `written`.
  private func demand(
    of read: ID<Operation>, in statement: ID<Operation>, _ written: AxisOrder,
    _ function: Function
  ) -> LayoutDemand {
    let natural = orders[statement].flatMap {
      function.axisOrder(of: read, by: function.operations[statement], in: $0)
    }
    var reduction: ID<Operation>?
    var (order, strength) = (natural, natural == nil ? LayoutDemand.Strength.strong : .weak)
    switch kinds[statement]! {
    case .convolution(let convolution):
      order = convolution.images.first { $0.read == read }?.order ?? natural
      strength = .strong
    case .product(let sum):
      if isPart(read, of: sum, function) { strength = .none }
    case .elements: break
    case .other:
      reduction = self.reduction(over: read, in: function)
      (order, strength) = (nil, reduction == nil ? .strong : .none)
    }
    return LayoutDemand(
      user: read, statement: statement, order: order ?? written, strength: strength,
      reduction: reduction)
  }

  /// The reduction around `read` that goes over the last axes of the tensor, two at least, in whatever order
  /// they lie; `nil` if there is none.
  private func reduction(over read: ID<Operation>, in function: Function) -> ID<Operation>? {
    guard let terms = tree.home(of: read), let id = tree.owner(of: terms),
      case .reduction(let combiner, .sequential, _) = function.operations[id].attribute,
      function.operations[id].opcode == .reduce, !combiner.hasRegion
    else { return nil }
    let indices = function.regions[terms].parameters
    var affine = AffineValues()
    let reduced = function.operations[read].operands.dropFirst().map { place in
      let expression = affine.expression(of: place, in: function)
      return indices.contains { expression.depends(on: $0) }
    }
    let last = reduced.reversed().prefix { $0 }.count
    return last > 1 && last == reduced.count { $0 } ? id : nil
  }

  /// `true` iff `operation` stands in `region`, or in one within.
  private func isPart(
    _ operation: ID<Operation>, of region: ID<Region>, _ function: Function
  ) -> Bool {
    var home = tree.home(of: operation)
    while let inner = home {
      if inner == region { return true }
      home = tree.owner(of: inner).flatMap { tree.home(of: $0) }
    }
    return false
  }
}
