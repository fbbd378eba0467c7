import TesseraIR
import TesseraSource

/// Stores tensors in the order in which they are read, where the program's order would cost more.
///
///     %y = compute %n, %h, %v, %o : f32[…] {      %t = compute %n, %o, %h, %v : f32[…] {
///     ^(%n, %h, %v, %o):                          ^(%n, %o, %h, %v):
///       … read %x, %n, %h + %r, %v + %s, %c         … read %u, %n, %c, %h + %r, %v + %s
///     }                                      →    }
///
/// Transforms compute a convolution whose image lies behind its channels. One whose channels lie last goes
/// in that order too if that saves more than it takes to move its image there and its results back; and
/// what is computed between two of them stays in that order, so that elements are moved at the ends of a
/// chain alone (`LayoutPlan`). A copy in another order is a statement of its own.
///
/// No result of a function, and nothing that comes from outside, changes its order.
extension Pass {
  static let layoutAssignment = Pass(
    name: "assign-layouts", summary: "store tensors in the order in which they are read"
  ) { (function: inout Function, context: inout PassContext) in
    let plan = LayoutPlan(&function, on: context.target)
    var assigner = LayoutAssigner(plan, RegionTree(function))
    assigner.assign(in: &function)
    if context.wantsRemarks { context.diagnostics += assigner.remarks }
    return !plan.tensors.isEmpty
  }
}

/// Rewrites a function as planned.
private struct LayoutAssigner {
  /// A copy: of which tensor, in which order, for which region.
  private struct Copy: Hashable {
    let tensor: Value
    let order: AxisOrder
    let home: ID<Region>
  }

  private let plan: LayoutPlan
  private let tree: RegionTree
  private(set) var remarks: [Diagnostic] = []
  private var copies: [Copy: Value] = [:]
  /// What is to stand before and behind operations.
  private var before: [ID<Operation>: [ID<Operation>]] = [:]
  private var behind: [ID<Operation>: [ID<Operation>]] = [:]

  init(_ plan: LayoutPlan, _ tree: RegionTree) { (self.plan, self.tree) = (plan, tree) }

  /// Does all that is planned.
  mutating func assign(in function: inout Function) {
    for tensor in plan.tensors {
      let names = function.axisNames(of: tensor.value)
      if !tensor.order.isWritten, let maker = function.definition(of: tensor.value) {
        function.reorderAxes(of: maker, to: tensor.order)
        let span = function.operations[maker].span
        remarks.append(.storedInAnotherOrder(tensor.order.description(of: names), at: span))
      }
      for demand in tensor.demands {
        serve(demand, of: tensor, names, in: &function)
      }
    }
    for home in Set((Array(before.keys) + behind.keys).compactMap { tree.home(of: $0) }) {
      function.regions[home].operations = function.regions[home].operations.flatMap { id in
        (before[id] ?? []) + [id] + (behind[id] ?? [])
      }
    }
  }

  /// Gives a use the tensor, or a copy.
  private mutating func serve(
    _ demand: LayoutDemand, of tensor: LayoutPlan.Tensor, _ names: [String?],
    in function: inout Function
  ) {
    let isCopied = tensor.isCopied(for: demand)
    let order = isCopied ? demand.order : tensor.order
    let source = isCopied ? copy(tensor, demand, names, in: &function) : tensor.value
    switch function.operations[demand.user].opcode {
    case .read:
      function.reorderPlaces(of: demand.user, to: order, of: source)
      if let reduction = demand.reduction {
        function.reorderIndices(of: reduction, as: demand.user)
      }
    case .dimension:
      guard case .integer(let axis) = function.operations[demand.user].attribute else { return }
      function.operations[demand.user].attribute = .integer(Int64(order.place(of: Int(axis))))
    default:
      for index in function.operations[demand.user].operands.indices
      where function.operations[demand.user].operands[index] == tensor.value {
        function.operations[demand.user].operands[index] = source
      }
    }
  }

  /// The copy of `tensor` in the order of `demand`, made behind the tensor, or else before the first
  /// statement of a region that needs it.
  private mutating func copy(
    _ tensor: LayoutPlan.Tensor, _ demand: LayoutDemand, _ names: [String?],
    in function: inout Function
  ) -> Value {
    let maker = function.definition(of: tensor.value).flatMap { id in
      function.operations[id].opcode == .compute ? id : nil
    }
    let home = tree.home(of: maker ?? demand.statement)!
    let key = Copy(tensor: tensor.value, order: demand.order, home: home)
    if let made = copies[key] { return made }
    let span = function.operations[maker ?? demand.statement].span
    var made: [ID<Operation>] = []
    let stored = function.lengths(of: tensor.value, madeBy: maker, &made, at: span)
    let lengths = tensor.order.inverse(stored)
    let result = function.makeCopy(
      of: tensor, in: demand.order, lengths, names: names, &made, at: span)
    if let maker {
      behind[maker, default: []] += made
    } else {
      before[demand.statement, default: []] += made
    }
    remarks.append(.copiedInAnotherOrder(demand.order.description(of: names), at: span))
    copies[key] = result
    return result
  }
}

extension Function {
  /// What the indices are called by which `tensor` was made, or else nothing.
  fileprivate func axisNames(of tensor: Value) -> [String?] {
    guard let maker = definition(of: tensor), operations[maker].opcode == .compute else {
      return Array(repeating: nil, count: type(of: tensor).rank)
    }
    return regions[operations[maker].regions[0]].parameters.map { values[$0].name }
  }

  /// The lengths of the axes of `tensor`, in the order in which it is stored; operations that tell them are
  /// appended to `made`.
  fileprivate mutating func lengths(
    of tensor: Value, madeBy maker: ID<Operation>?, _ made: inout [ID<Operation>],
    at span: SourceSpan
  ) -> [Value] {
    if let maker { return operations[maker].operands }
    return type(of: tensor).extents.enumerated().map { axis, extent in
      let id =
        switch extent {
        case .constant(let length):
          makeOperation(
            .constant, results: [.index], attribute: .integer(Int64(length)), span: span)
        case .dynamic:
          makeOperation(
            .dimension, [tensor], results: [.index], attribute: .integer(Int64(axis)), span: span)
        }
      made.append(id)
      return operations[id].results[0]
    }
  }

  /// Appends to `made` a `compute` of the elements of `tensor`, whose axes the program has with `lengths`,
  /// in `order`.
  fileprivate mutating func makeCopy(
    of tensor: LayoutPlan.Tensor, in order: AxisOrder, _ lengths: [Value], names: [String?],
    _ made: inout [ID<Operation>], at span: SourceSpan
  ) -> Value {
    let region = makeRegion()
    let indices = order(names).map { addParameter($0, .index, to: region) }
    let type = type(of: tensor.value)
    let read = makeOperation(
      .read, [tensor.value] + tensor.order(order.inverse(indices)), results: [type.element.type],
      span: span)
    let end = makeOperation(.yield, operations[read].results, span: span)
    regions[region].operations = [read, end]
    let copy = makeOperation(
      .compute, order(lengths),
      results: [.tensor(type.element, order(tensor.order.inverse(type.extents)))],
      regions: [region], span: span, names: [values[tensor.value].name])
    made.append(copy)
    return operations[copy].results[0]
  }
}
