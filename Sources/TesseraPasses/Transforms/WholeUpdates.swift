import TesseraIR
import TesseraSource

// Before:                                          After:
//   %m = dimension %x {0} : i64                      %m = dimension %x {0} : i64
//   %y = update %x, %zero, %m, %one {sum} …          %y = compute %m : f32[?] {
//   ^(%i: i64):                                      ^(%i: i64):
//     %v = read %g, %i : f32                           %v = read %g, %i : f32
//     yield %i, %v, %true                              %w = read %x, %i : f32
//   }                                                  %z = add %w, %v : f32
//                                                      yield %z
//                                                    }
//
// So it is fused, computed in vectors and by several threads, as other statements are; in place, where `x`
// is not needed any more. A sum of products that is added to what the function was given, or what a loop
// carries, is left to `split-products`. What programs of a grid update are parts of tensors, so nothing
// changes there.

extension Pass {
  /// Defines anew what updates change as a whole.
  static let wholeUpdates = Pass(
    name: "whole-updates", summary: "write updates of all elements as definitions"
  ) { function in
    RegionEditor.edit(&function) { $0.defineAnew($1) }
  }
}

/// An update that combines each element of a tensor, in its own place, with one that is computed.
struct WholeUpdate {
  /// The operands and the region.
  let box: UpdateBox
  /// What combines the old element with the new one.
  let opcode: Opcode
  private let content: Operation

  /// Reads `content`; `nil` if it is another kind of update, or might be.
  init?(_ content: Operation, in function: Function) {
    guard case .update(let combiner) = content.attribute, let opcode = combiner.opcode,
      let end = function.terminator(of: content.regions[0])
    else { return nil }
    self.content = content
    self.opcode = opcode
    box = UpdateBox(content, function)
    let yielded = function.operations[end].operands
    guard !box.indices.isEmpty, Array(yielded.dropLast(2)) == box.indices,
      function.integerConstant(yielded.last!) == 1,
      box.indices.indices.allSatisfy({ axis in
        box.countsFromZero(axis, in: function)
          && function.isLength(box.upper[axis], of: box.tensor, axis: axis, PromisedLengths())
      })
    else { return nil }
  }

  /// Makes the `compute` that gives what the update does, where `element` makes what is combined with the
  /// old element, out of the indices and with operations that it appends to the region.
  func definition(
    in function: inout Function, _ element: (inout Function, ID<Region>, [Value]) -> Value
  ) -> ID<Operation> {
    let region = function.makeRegion()
    for index in box.indices {
      _ = function.addParameter(function.values[index].name, .index, to: region)
    }
    let indices = function.regions[region].parameters
    let new = element(&function, region, indices)
    let type = function.type(of: new)
    let old = function.append(.read, [box.tensor] + indices, type, to: region, content.span)
    let both = function.append(opcode, [old, new], type, to: region, content.span)
    let end = function.makeOperation(.yield, [both], span: content.span)
    function.regions[region].operations.append(end)
    let result = content.results[0]
    return function.makeOperation(
      .compute, box.upper, results: [function.type(of: result)], regions: [region],
      span: content.span, names: [function.values[result].name])
  }
}

extension RegionEditor {
  fileprivate mutating func defineAnew(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    if content.opcode == .launch { return placeUnvisited(operation) }
    guard content.opcode == .update, let whole = WholeUpdate(content, in: function) else {
      return keep(operation)
    }
    let made = whole.definition(in: &function) { function, region, indices in
      function.appendElement(of: whole.box, at: indices, to: region)
    }
    let isFresh =
      function.definition(of: whole.box.tensor).map { function.operations[$0].opcode == .compute }
      ?? false
    if !isFresh, Contraction(function.operations[made], in: function) != nil {
      return keep(operation)
    }
    placeUnvisited(made)
    replaceResults(of: operation, by: function.operations[made].results)
  }
}

extension Function {
  /// Appends to `region` copies of the operations that make the element of an update at `indices`, and
  /// returns it.
  mutating func appendElement(
    of box: UpdateBox, at indices: [Value], to region: ID<Region>
  ) -> Value {
    var cloner = Cloner(Dictionary(uniqueKeysWithValues: zip(box.indices, indices)))
    for id in regions[box.region].operations.dropLast() {
      let copy = cloner.copy(id, into: &self)
      regions[region].operations.append(copy)
    }
    let yielded = operations[terminator(of: box.region)!].operands
    return cloner[yielded[yielded.count - 2]]
  }

  /// Appends an operation with one result to `region`, and returns the result.
  mutating func append(
    _ opcode: Opcode, _ operands: [Value], _ type: Type, attribute: Attribute = .none,
    to region: ID<Region>, _ span: SourceSpan
  ) -> Value {
    let operation = makeOperation(
      opcode, operands, results: [type], attribute: attribute, span: span)
    regions[region].operations.append(operation)
    return operations[operation].results[0]
  }
}
