import TesseraIR
import TesseraSource

/// Computes what all programs of a grid compute as statements over whole tensors.
///
///     %y = launch %tiles, %old : f32[?] {             %y = compute %N : f32[?] {
///     ^(%n: i64, %t: f32[?]):                         ^(%j: i64):
///       %start = multiply %n, %T : i64                  %v = read %x, %j : f32
///       %rest = subtract %N, %start : i64               %e = exponential %v : f32
///       %length = minimum %rest, %T : i64       →       yield %e
///       %u = update %t, … %length … {replace} {       }
///       ^(%i: i64):
///         %j = add %start, %i : i64
///         %v = read %x, %j : f32
///         %e = exponential %v : f32
///         yield %j, %e, %true
///       }
///       yield %u
///     }
///
/// Programs that only define elements from what was there before are index notation cut into tiles:
/// each statement of theirs is made for all programs at once, with the point of the grid as more
/// indices, and a tile's index running over the whole axis. Fusion, rows, panels and prepared
/// weights then serve them as they serve index notation.
///
/// Left alone are grids whose programs do something in turn (loops that carry state, several updates
/// of one tensor, atomics, pointers, text), compute something about a tile as such (a number a tile),
/// or do not define each element by one program that this pass can tell.
extension Pass {
  static let programJoining = Pass(
    name: "join-programs",
    summary: "compute what the programs of a grid do as statements over whole tensors"
  ) { (function: inout Function, context: inout PassContext) in
    var remarks: [Diagnostic] = []
    let changed = function.joinPrograms(&remarks)
    if context.wantsRemarks { context.diagnostics += remarks }
    return changed
  }
}

extension Function {
  /// Joins the programs of all grids; `true` iff there was one.
  fileprivate mutating func joinPrograms(_ remarks: inout [Diagnostic]) -> Bool {
    var replacements: [Value: Value] = [:]
    joinPrograms(in: body, &replacements, &remarks)
    replaceUses(replacements)
    return !replacements.isEmpty
  }

  /// Joins the programs of the grids that `region`, or a branch or loop of it, lists.
  private mutating func joinPrograms(
    in region: ID<Region>, _ replacements: inout [Value: Value], _ remarks: inout [Diagnostic]
  ) {
    var listed: [ID<Operation>] = []
    for operation in regions[region].operations {
      let content = operations[operation]
      switch content.opcode {
      case .launch:
        do throws(ProgramObstacle) {
          var joiner = try ProgramJoiner(content, self)
          let results = try joiner.join(in: &self)
          listed += joiner.placed
          for (old, new) in zip(content.results, results) { replacements[old] = new }
          remarks.append(.computedForAllPrograms(at: content.span))
        } catch {
          listed.append(operation)
          remarks.append(.computedByPrograms(error.rawValue, at: content.span))
        }
      case .if, .for, .while:
        for inner in content.regions { joinPrograms(in: inner, &replacements, &remarks) }
        listed.append(operation)
      default: listed.append(operation)
      }
    }
    regions[region].operations = listed
  }
}

/// Why the programs of a grid stay programs.
enum ProgramObstacle: String, Error {
  case actsInTurn = "a program does more than to define tensors, such as to carry state in a loop"
  case dependsOnTile = "something is computed of a tile as such, not of its elements"
  case hasRaggedTiles = "the lengths of something differ from program to program"
  case mayStop = "something that all programs compute may fail, and there may be no program"
  case writesElsewhere = "not each element is written once, at a place that the grid tells"
}
