/// A last-in first-out list of elements to be visited, each at most once.
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

  /// Removes and returns the element added last, or `nil` when nothing is left.
  public mutating func pop() -> Element? { pending.popLast() }
}

extension WorkList: Sendable where Element: Sendable {}
