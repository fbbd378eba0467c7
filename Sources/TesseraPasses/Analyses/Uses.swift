import TesseraIR

/// Who uses each value of a function, as it was when the analysis ran.
///
/// Only operations that a region lists count; one that uses a value twice is listed twice.
public struct Uses: Sendable {
  // The users of value `v` are `users[starts[v]..<starts[v + 1]]`.
  private var starts: [Int]
  private var users: [ID<Operation>]

  /// Finds the users of all values of `function`.
  ///
  /// - Complexity: O(n) in values and operands.
  public init(_ function: Function) {
    var counts = [Int](repeating: 0, count: function.values.count + 1)
    var listed: [ID<Operation>] = []
    function.forEachOperation(in: function.body) { operation in
      listed.append(operation)
      for operand in function.operations[operation].operands { counts[Int(operand.index)] += 1 }
    }
    starts = [0]
    starts.reserveCapacity(counts.count)
    for count in counts.dropLast() { starts.append(starts.last! + count) }
    users = Array(repeating: ID(index: 0), count: starts.last!)
    var next = starts
    for operation in listed {
      for operand in function.operations[operation].operands {
        users[next[Int(operand.index)]] = operation
        next[Int(operand.index)] += 1
      }
    }
  }

  /// The operations that use `value`, in order; inner ones after the one that holds them.
  public func users(of value: Value) -> ArraySlice<ID<Operation>> {
    users[starts[Int(value.index)]..<starts[Int(value.index) + 1]]
  }

  /// How often `value` is used.
  public func count(of value: Value) -> Int {
    starts[Int(value.index) + 1] - starts[Int(value.index)]
  }
}
