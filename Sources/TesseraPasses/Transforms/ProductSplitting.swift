import TesseraIR
import TesseraSource

// Before:                                          After:
//   %c.1 = update %c, %0, %0, %m, %n, … {sum} …      %p = compute %m, %n : f32[?, ?] {
//   ^(%i: i64, %j: i64):                             ^(%i: i64, %j: i64):
//     %s = reduce … {                                  %s = reduce … {
//       … %a, %i, %k … %b, %k, %j …                      … %a, %i, %k … %b, %k, %j …
//     }                                                }
//     yield %i, %j, %s, %true                          yield %s
//   }                                                }
//                                                    %c.1 = compute %m, %n : f32[?, ?] {
//                                                    ^(%i: i64, %j: i64):
//                                                      %v = read %c, %i, %j : f32
//                                                      %w = read %p, %i, %j : f32
//                                                      %z = add %v, %w : f32
//                                                      yield %z
//                                                    }
//
// So products that are added up in place are contractions. They have memory of their own, since a
// contraction may make rows twice: what is done with its sums must not change what that reads. It comes
// after fusion, which would put them together again. An update of some elements stays one, out of `%p`.

extension Pass {
  /// Computes sums of products before the updates that add them to what is there.
  static let productSplitting = Pass(
    name: "split-products", summary: "take sums of products out of the updates that add them"
  ) { function in
    RegionEditor.edit(&function) { $0.splitProducts(of: $1) }
  }
}

extension RegionEditor {
  fileprivate mutating func splitProducts(of operation: ID<Operation>) {
    let content = function.operations[operation]
    if content.opcode == .launch { return placeUnvisited(operation) }
    guard content.opcode == .update, let end = function.terminator(of: content.regions[0]),
      function.integerConstant(function.operations[end].operands.last!) == 1
    else { return keep(operation) }
    let box = UpdateBox(content, function)
    guard box.steps.allSatisfy({ function.integerConstant($0) == 1 }) else {
      return keep(operation)
    }
    var before: [ID<Operation>] = []
    let products = makeProducts(of: box, content.span, &before)
    guard Contraction(function.operations[products], in: function) != nil else {
      return keep(operation)
    }
    for made in before + [products] { placeUnvisited(made) }
    let sums = function.operations[products].results[0]
    if let whole = WholeUpdate(content, in: function) {
      let made = whole.definition(in: &function) { function, region, indices in
        let type = function.type(of: sums).element.type
        return function.append(.read, [sums] + indices, type, to: region, content.span)
      }
      place(made)
      return replaceResults(of: operation, by: function.operations[made].results)
    }
    // What made the element is dead from now on.
    let region = content.regions[0]
    function.regions[region].operations.removeLast()
    let indices = zip(box.indices, box.lower).map { index, lower in
      function.integerConstant(lower) == 0
        ? index : function.append(.subtract, [index, lower], .index, to: region, content.span)
    }
    let type = function.type(of: sums).element.type
    let sum = function.append(.read, [sums] + indices, type, to: region, content.span)
    function.operations[end].operands[function.operations[end].operands.count - 2] = sum
    function.regions[region].operations.append(end)
    changed = true
    placeUnvisited(operation)
  }

  /// Makes the `compute` of the elements that an update combines; what its extents take is appended to
  /// `before`.
  private mutating func makeProducts(
    of box: UpdateBox, _ span: SourceSpan, _ before: inout [ID<Operation>]
  ) -> ID<Operation> {
    func make(
      _ opcode: Opcode, _ operands: [Value], _ attribute: Attribute = .none
    ) -> Value {
      let made = function.makeOperation(
        opcode, operands, results: [.index], attribute: attribute, span: span)
      before.append(made)
      return function.operations[made].results[0]
    }
    let region = function.makeRegion()
    var (lengths, indices): ([Value], [Value]) = ([], [])
    for (axis, index) in box.indices.enumerated() {
      var place = function.addParameter(function.values[index].name, .index, to: region)
      let (lower, upper) = (box.lower[axis], box.upper[axis])
      if function.integerConstant(lower) == 0 {
        lengths.append(upper)
      } else {
        place = function.append(.add, [place, lower], .index, to: region, span)
        if let first = function.integerConstant(lower), let end = function.integerConstant(upper) {
          lengths.append(make(.constant, [], .integer(max(0, end &- first))))
        } else {
          let length = make(.subtract, [upper, lower])
          lengths.append(make(.maximum, [length, make(.constant, [], .integer(0))]))
        }
      }
      indices.append(place)
    }
    let element = function.appendElement(of: box, at: indices, to: region)
    let end = function.makeOperation(.yield, [element], span: span)
    function.regions[region].operations.append(end)
    let extents = lengths.map { length in
      function.integerConstant(length).map { Extent.constant(Int($0)) } ?? .dynamic
    }
    return function.makeOperation(
      .compute, lengths,
      results: [.tensor(function.type(of: box.tensor).element, extents)], regions: [region],
      span: span)
  }
}
