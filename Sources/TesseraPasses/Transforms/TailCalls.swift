import TesseraIR
import TesseraSource

// Before:                                          After:
//   func @gcd(%a: i64, %b: i64) -> (i64) {           func @gcd(%a: i64, %b: i64) -> (i64) {
//     %zero = constant {0} : i64                       %0, %1, %r = while %a, %b {
//     %done = equal %b, %zero : bool                   ^(%a.1: i64, %b.1: i64):
//     %r = if %done : i64 {                              …
//       yield %a                                         %go, %2, %3, %4 = if %done {
//     } {                                                  yield %false, %a.1, %b.1, %a.1
//       %m = remainder %a, %b : i64                      } {
//       %g = call %b, %m {@gcd} : i64                      %m = remainder %a.1, %b.1 : i64
//       yield %g                                           yield %true, %b.1, %m, %zero
//     }                                                  }
//     return %r                                          condition %go, %2, %3, %4
//   }                                                  } { … yield %2, %3 }
//                                                      return %r
//                                                    }
//
// A call in tail position of the function itself becomes a turn of a loop; so does one whose result
// is combined with a number by an associative operation (`n * f(n - 1)`), which an accumulator
// takes in on the way; floats only where they may be reordered. A call in tail position of another
// function of the same ring becomes `tail_call`, which uses no stack, if it hands on numbers and
// addresses; tensors live in memory of the caller, which a tail call would have to give up.

extension Pass {
  /// Turns recursion in tail position into loops and calls that use no stack.
  public static let tailCalls = Pass(
    name: "tail-call", summary: "turn recursion in tail position into loops and stackless calls",
    onModule: { module, context in
      let graph = CallGraph(module)
      var changed = false
      for index in module.functions.indices {
        let ring = Set(graph.components[graph.component[index]].map { module.functions[$0].name })
        if graph.isRecursive(index),
          loopSelfCalls(
            in: &module.functions[index], of: ring, allowsRelaxedFloats: context.allowsRelaxedFloats
          )
        {
          changed = true
        }
        if ring.count > 1 || graph.isRecursive(index),
          markTailCalls(in: &module.functions[index], of: ring)
        {
          changed = true
        }
        if refuseImpossibleCalls(in: &module.functions[index], &context) { changed = true }
      }
      return changed
    })
}

extension Diagnostic {
  /// `tail` asks for a call that uses no stack, but the call hands over tensors, which live in
  /// memory of the function that would have to end first; only a function that calls itself can
  /// go on in a loop: `tail other(x)` where `x` is a tensor.
  static func tailCallWithTensors(_ callee: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tail-call-with-tensors", "'tail \(callee)(…)' cannot end this function first", at: span,
      notes: [
        "the call hands over tensors, whose memory belongs to this function until it ends",
        "leave out 'tail', or write both functions as one that calls itself",
      ])
  }
}

/// Calls `visit` with each region in tail position: the body, and the regions of an `if` that ends
/// such a region and gives its results.
func forEachTailRegion(of function: Function, _ visit: (ID<Region>) -> Void) {
  func walk(_ region: ID<Region>) {
    visit(region)
    guard let branch = function.tailBranch(of: region) else { return }
    for inner in function.operations[branch].regions { walk(inner) }
  }
  walk(function.body)
}

extension Function {
  /// The `if` whose results are what `region` gives, with nothing after it.
  func tailBranch(of region: ID<Region>) -> ID<Operation>? {
    guard let last = lastBeforeEnd(of: region, giving: nil), operations[last].opcode == .if else {
      return nil
    }
    return last
  }

  /// The last operation before the end of `region`, if the region gives just its results; with
  /// `giving`, just that value of it.
  func lastBeforeEnd(of region: ID<Region>, giving value: Value?) -> ID<Operation>? {
    let listed = regions[region].operations
    guard listed.count >= 2, let end = listed.last, operations[end].opcode != .tailCall else {
      return nil
    }
    let last = listed[listed.count - 2]
    let (given, results) = (operations[end].operands, operations[last].results)
    if let value { return given == [value] && results.contains(value) ? last : nil }
    return given == results ? last : nil
  }

  /// The name of the function that the operation calls.
  func callee(of operation: ID<Operation>) -> String? {
    if case .symbol(let name) = operations[operation].attribute { return name }
    return nil
  }
}

/// Turns calls in tail position of functions of `ring` into `tailCall`.
private func markTailCalls(in function: inout Function, of ring: Set<String>) -> Bool {
  var regions: [ID<Region>] = []
  forEachTailRegion(of: function) { regions.append($0) }
  var changed = false
  for region in regions {
    guard let call = function.lastBeforeEnd(of: region, giving: nil),
      function.operations[call].opcode == .call, let callee = function.callee(of: call),
      ring.contains(callee), !function.handsOverMemory(call)
    else { continue }
    let end = function.makeOperation(
      .tailCall, function.operations[call].operands, attribute: .symbol(callee),
      span: function.operations[call].span)
    function.regions[region].operations.removeLast(2)
    function.regions[region].operations.append(end)
    changed = true
  }
  return changed
}

/// Turns each `tailCall` that hands over tensors back into a call, and says so.
private func refuseImpossibleCalls(
  in function: inout Function, _ context: inout PassContext
) -> Bool {
  var regions: [ID<Region>] = []
  forEachTailRegion(of: function) { regions.append($0) }
  var changed = false
  for region in regions {
    guard let end = function.terminator(of: region),
      function.operations[end].opcode == .tailCall, let callee = function.callee(of: end),
      function.handsOverMemory(end)
    else { continue }
    let content = function.operations[end]
    context.diagnostics.append(.tailCallWithTensors(callee, at: content.span))
    let call = function.makeOperation(
      .call, content.operands, results: function.resultTypes, attribute: content.attribute,
      span: content.span)
    let last = function.makeOperation(
      region == function.body ? .return : .yield, function.operations[call].results,
      span: content.span)
    function.regions[region].operations.removeLast()
    function.regions[region].operations += [call, last]
    changed = true
  }
  return changed
}

extension Function {
  /// `true` iff a call takes or gives tensors or buffers.
  fileprivate func handsOverMemory(_ call: ID<Operation>) -> Bool {
    (operations[call].operands.map { type(of: $0) } + resultTypes).contains {
      switch $0 {
      case .tensor, .buffer: true
      case .scalar, .pointer, .vector: false
      }
    }
  }
}
