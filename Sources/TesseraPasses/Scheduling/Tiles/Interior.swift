import TesseraIR

/// The middle of the last axis of a `compute`, where vectors need no masks.
///
///     ^(%i: i64):                                 ^(%i: i64):
///       %in = less %i, %n : bool                    …
///       %v = if %in : f32 {                         %v = if %true : f32 {
///         %r = read %x, %i : f32            →         %r = read %x, %i : f32
///         yield %r                                    yield %r
///       } {                                         } {
///         …                                           …
///       }                                           }
///
/// Neighbours near the ends of the axis do not do the same, since some look beyond it. Between them
/// all conditions on the last index hold, and the region is a plain one.
struct Interior {
  /// The function, with a copy of the region in which the conditions hold.
  let function: Function
  /// How the copy is cut into vectors.
  let plan: TilePlan
  /// Where the interior lies.
  let bounds: InteriorBounds

  /// Finds the interior of the `compute` that `content` is; `nil` if it has no conditions, or no
  /// vectors even so.
  init?(_ content: Operation, _ source: Function, _ target: TargetDescription) {
    guard let bounds = InteriorBounds(content.regions[0], of: source) else { return nil }
    var function = source
    var inside = content
    inside.regions[0] = function.copy(content.regions[0], assuming: bounds)
    guard let plan = TilePlan(inside, function, target) else { return nil }
    self.bounds = bounds
    self.function = function
    self.plan = plan
  }
}

extension Function {
  /// A copy of `region`, that of a `compute`, in its interior.
  fileprivate mutating func copy(
    _ region: ID<Region>, assuming bounds: InteriorBounds
  ) -> ID<Region> {
    let copy = makeRegion()
    var cloner = Cloner()
    for parameter in regions[region].parameters {
      cloner.values[parameter] = addParameter(
        values[parameter].name, values[parameter].type, to: copy)
    }
    let constant = makeOperation(.constant, results: [.bool], attribute: .integer(1))
    regions[copy].operations.append(constant)
    for id in regions[region].operations {
      let operation = cloner.copy(id, into: &self)
      regions[copy].operations.append(operation)
    }
    var replacements: [Value: Value] = [:]
    for condition in bounds.conditions {
      replacements[cloner[condition]] = operations[constant].results[0]
    }
    for (value, own) in bounds.kept {
      let own = cloner[own]
      replacements[cloner[value]] = replacements[own] ?? own
    }
    var copied: [ID<Operation>] = []
    forEachOperation(in: copy) { copied.append($0) }
    for id in copied {
      operations[id].operands = operations[id].operands.map { replacements[$0] ?? $0 }
    }
    return copy
  }
}
