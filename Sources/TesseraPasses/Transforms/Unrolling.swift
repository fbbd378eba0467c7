import TesseraIR

// Before:                                      After:
//   %s = for %zero, %two, %one, %x : f32 {       %0 = constant {0} : i64
//   ^(%i: i64, %t: f32):                         %v = read %y, %0 : f32
//     %v = read %y, %i : f32                     %u = add %x, %v : f32
//     %u = add %t, %v : f32                      %1 = constant {1} : i64
//     yield %u                                   %v.1 = read %y, %1 : f32
//   }                                            %u.1 = add %u, %v.1 : f32

extension Pass {
  /// Writes out `for` loops that turn a few times.
  static let unrolling = Pass(
    name: "unroll", summary: "write out short loops that turn a known number of times"
  ) { function in
    RegionEditor.edit(&function) { $0.unroll($1) }
  }
}

/// The most turns that are written out, and the most operations that they may come to.
private let turnLimit: Int64 = 8
private let operationLimit: Int64 = 96

extension RegionEditor {
  fileprivate mutating func unroll(_ operation: ID<Operation>) {
    let content = function.operations[operation]
    guard content.opcode == .for,
      let turns = function.tripCount(content.operands), turns <= turnLimit,
      let lower = function.integerConstant(content.operands[0]),
      let step = function.integerConstant(content.operands[2])
    else { return keep(operation) }
    let region = content.regions[0]
    enter(region)
    guard turns * function.operationCount(in: region) <= operationLimit else {
      return place(operation)
    }
    let parameters = function.regions[region].parameters
    var carried = Array(content.operands.dropFirst(3))
    for turn in 0..<turns {
      let index = function.makeOperation(
        .constant, results: [.index], attribute: .integer(lower + turn * step), span: content.span)
      place(index)
      let arguments = function.operations[index].results + carried
      var cloner = Cloner(Dictionary(uniqueKeysWithValues: zip(parameters, arguments)))
      for inner in function.regions[region].operations.dropLast() {
        place(cloner.copy(inner, into: &function))
      }
      let yielded = function.terminator(of: region).map { function.operations[$0].operands } ?? []
      carried = yielded.map { cloner[$0] }
    }
    replaceResults(of: operation, by: carried)
  }
}

extension Function {
  /// How many operations `region` lists, inner ones included.
  fileprivate func operationCount(in region: ID<Region>) -> Int64 {
    var count: Int64 = 0
    forEachOperation(in: region) { _ in count += 1 }
    return count
  }
}
