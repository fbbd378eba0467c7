import TesseraIR

/// Which functions of a module call which.
public struct CallGraph: Sendable {
  /// The functions that each one calls, once a call.
  public let callees: [[Int]]
  /// How often each function is called.
  public private(set) var callCounts: [Int]
  /// Functions that call each other round in a ring, or one that does not, in an order in which
  /// callees come first.
  public private(set) var components: [[Int]] = []
  /// The component of each function, by its position in `components`.
  public private(set) var component: [Int]

  /// Finds the calls in `module`.
  ///
  /// - Complexity: O(n) in operations.
  public init(_ module: Module) {
    let names = Dictionary(
      zip(module.functions.map(\.name), module.functions.indices), uniquingKeysWith: { a, _ in a })
    callees = module.functions.map { function in
      var found: [Int] = []
      function.forEachOperation(in: function.body) { operation in
        if case .symbol(let name) = function.operations[operation].attribute,
          let callee = names[name]
        {
          found.append(callee)
        }
      }
      return found
    }
    callCounts = Array(repeating: 0, count: module.functions.count)
    for callee in callees.joined() { callCounts[callee] += 1 }
    component = Array(repeating: -1, count: module.functions.count)
    findComponents()
  }

  /// `true` iff the function may be called again before it ends.
  public func isRecursive(_ function: Int) -> Bool {
    components[component[function]].count > 1 || callees[function].contains(function)
  }

  // Algorithm: Tarjan 1972, with the stack of visits written out, for chains of calls are long.
  private mutating func findComponents() {
    var order = [Int](repeating: -1, count: callees.count)
    var lowest = order
    var open: [Int] = []
    var next = 0
    for root in callees.indices where order[root] < 0 {
      var visits = [(function: root, edge: 0)]
      while let (function, edge) = visits.last {
        if edge == 0 {
          order[function] = next
          lowest[function] = next
          next += 1
          open.append(function)
        }
        if edge < callees[function].count {
          visits[visits.count - 1].edge += 1
          let callee = callees[function][edge]
          if order[callee] < 0 {
            visits.append((callee, 0))
          } else if component[callee] < 0 {
            lowest[function] = min(lowest[function], order[callee])
          }
          continue
        }
        visits.removeLast()
        if let caller = visits.last {
          lowest[caller.function] = min(lowest[caller.function], lowest[function])
        }
        if lowest[function] == order[function] { close(function, &open) }
      }
    }
  }

  private mutating func close(_ root: Int, _ open: inout [Int]) {
    var members: [Int] = []
    repeat {
      members.append(open.removeLast())
      component[members.last!] = components.count
    } while members.last != root
    components.append(members.sorted())
  }
}
