import TesseraIR

/// In which order of its axes a use of a tensor would have it.
struct LayoutDemand {
  /// How much a use of a tensor depends on the order.
  enum Strength {
    /// Any order does: panels are packed from all.
    case none
    /// What is read across costs a little more.
    case weak
    /// A copy in that order is better than reading across.
    case strong
  }

  /// The operation that uses the tensor.
  let user: ID<Operation>
  /// The statement that the user is part of; the user itself where it is none.
  let statement: ID<Operation>
  /// The order.
  let order: AxisOrder
  let strength: Strength
  /// The reduction whose indices follow the order that the tensor gets.
  var reduction: ID<Operation>?
}

/// What a `compute` does, as far as it matters for the order of its axes.
enum LayoutKind {
  /// It is computed by transforms if it goes in an order of its own.
  case convolution(ChannelsLast)
  /// It is a product of matrices, which stores its results in any order.
  case product(sum: ID<Region>)
  /// Its elements are made one by one, from those of others and no reductions.
  case elements
  case other

  /// Looks at the `compute` called `id`.
  init(
    _ id: ID<Operation>, in function: inout Function, _ fixed: FixedValues,
    on target: TargetDescription
  ) {
    let content = function.operations[id]
    guard content.results.count == 1 else {
      self = .other
      return
    }
    if let convolution = ChannelsLast(id, in: &function, fixed, on: target) {
      self = .convolution(convolution)
    } else if let contraction = Contraction(content, in: function) {
      let isPlain = contraction.others.isEmpty && !contraction.hasWindows(content, in: function)
      self = isPlain ? .product(sum: contraction.reduction.regions[0]) : .other
    } else {
      self = function.isElementwise(content.regions[0]) ? .elements : .other
    }
  }
}

extension Function {
  /// `true` iff nothing in `region` goes round.
  fileprivate func isElementwise(_ region: ID<Region>) -> Bool {
    regions[region].operations.allSatisfy { id in
      let content = operations[id]
      switch content.opcode {
      case .yield: return true
      case .if: return content.regions.allSatisfy(isElementwise)
      default: return content.regions.isEmpty && isPure(id)
      }
    }
  }
}
