/// A last-in first-out list of elements to be visited, each at most once until it is reopened.
public struct WorkList<Element: Hashable> {
  private var pending: [Element] = []
  private var visited: Set<Element> = []

  /// Creates a list that holds `elements`.
  public init(_ elements: [Element] = []) {
    for element in elements { push(element) }
  }

  /// Adds `element` unless it was added before.
  public mutating func push(_ element: Element) {
    if visited.insert(element).inserted { pending.append(element) }
  }

  /// Adds `element` even if it was visited, unless it is waiting already.
  public mutating func reopen(_ element: Element) {
    if visited.insert(element).inserted || !pending.contains(element) { pending.append(element) }
  }

  /// Removes and returns the element added last, or `nil` when nothing is left.
  public mutating func pop() -> Element? { pending.popLast() }
}

extension WorkList: Sendable where Element: Sendable {}
