import TesseraIR

/// A scheduled module as code is emitted from it, by whatever threads.
struct EmissionSource: Sendable {
  /// The module, without mathematical functions.
  let module: Module
  /// What is known of each function, by its name.
  let facts: [String: FunctionFacts]
  /// The functions that become code: what entries know without asking is asked by nobody.
  let translated: [Function]

  /// Prepares `module`.
  init(_ module: Module) {
    var expanded = module
    for index in expanded.functions.indices { expandMath(&expanded.functions[index]) }
    let facts = collectFacts(expanded)
    let entered = Set(expanded.allExports.map(\.function))
    translated = expanded.functions.filter {
      entered.contains($0.name) || facts[$0.name]!.isCalled
        || expanded.constantByteCount($0.name) == nil
    }
    self.module = expanded
    self.facts = facts
  }
}

/// The functions of LLVM's that one of several threads translates; those of all threads call each other
/// across objects.
struct EmissionShare: Hashable, Sendable {
  /// The symbols of the functions, without what a session adds.
  private(set) var own: Set<String> = []
  /// `own`, and the symbols of the functions in the course of which those are emitted.
  private(set) var emitted: Set<String> = []

  /// Adds the function that is `piece`.
  fileprivate mutating func add(_ piece: EmissionPiece) {
    own.insert(piece.symbol)
    emitted.formUnion(piece.around + [piece.symbol])
  }
}

/// A function that LLVM translates by itself.
private struct EmissionPiece {
  /// Its symbol, without what a session adds.
  var symbol: String
  /// The symbols of the functions in the course of which it is emitted.
  var around: [String] = []
  /// The time that LLVM takes for it, in that of an operation.
  var effort: Int
}

extension EmissionSource {
  /// The functions in `count` shares that take about equally long; the same for whoever asks.
  func shares(_ count: Int) -> [EmissionShare] {
    var shares = Array(repeating: EmissionShare(), count: count)
    var efforts = Array(repeating: 0, count: count)
    let longestFirst = pieces.enumerated().sorted {
      ($1.element.effort, $0.offset) < ($0.element.effort, $1.offset)
    }
    for (_, piece) in longestFirst {
      let least = efforts.indices.min { efforts[$0] < efforts[$1] }!
      efforts[least] += piece.effort
      shares[least].add(piece)
    }
    return shares
  }

  /// The functions that LLVM translates, in the order of the module.
  private var pieces: [EmissionPiece] {
    translated.flatMap(\.pieces)
      + module.allExports.map { EmissionPiece(symbol: $0.name, effort: Function.leastEffort) }
  }
}

extension Function {
  /// The symbol of what the function itself becomes, without its parts.
  var bodySymbol: String { name + ".body" }

  /// The symbol of the part of the function that `region` becomes.
  func symbol(ofPart suffix: String, _ region: ID<Region>) -> String {
    "\(name)\(suffix).\(region.index)"
  }

  /// The time that LLVM takes for any function, in that of an operation: it runs a hundred passes.
  fileprivate static let leastEffort = 20

  /// What the function becomes: itself, its outermost `parallel`s, and loops of these that are apart.
  fileprivate var pieces: [EmissionPiece] {
    var found: [EmissionPiece] = []
    /// The operations of `region` that belong to the piece at `index`.
    func visit(_ region: ID<Region>, _ index: Int, apart: Set<ID<Operation>>) {
      for id in regions[region].operations {
        let operation = operations[id]
        found[index].effort += 1
        let suffix: String? =
          if operation.opcode == .parallel, index == 0 {
            ".parallel"
          } else if apart.contains(id) { ".loop" } else { nil }
        guard let suffix else {
          for inner in operation.regions { visit(inner, index, apart: apart) }
          continue
        }
        let inner = operation.regions[0]
        found.append(
          EmissionPiece(
            symbol: symbol(ofPart: suffix, inner),
            around: found[index].around + [found[index].symbol], effort: Self.leastEffort))
        visit(inner, found.count - 1, apart: index == 0 ? loopsApart(in: inner) : apart)
      }
    }
    found.append(EmissionPiece(symbol: bodySymbol, effort: Self.leastEffort))
    visit(body, 0, apart: [])
    if isWorthNoEffort { found[0].effort /= 4 }
    return found
  }
}
