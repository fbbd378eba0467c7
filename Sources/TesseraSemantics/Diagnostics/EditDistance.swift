/// How many letters two names differ by.
enum EditDistance {
  /// `true` iff one insertion, removal, exchange or swap makes one name of the other.
  static func isClose(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a), Array(b))
    guard a != b, min(a.count, b.count) >= 2, abs(a.count - b.count) <= 1 else { return false }
    let prefix = zip(a, b).prefix { $0 == $1 }.count
    let suffix = zip(a.dropFirst(prefix).reversed(), b.dropFirst(prefix).reversed())
      .prefix { $0 == $1 }.count
    let (x, y) = (a.count - prefix - suffix, b.count - prefix - suffix)
    if x <= 1, y <= 1 { return true }
    return x == 2 && y == 2 && a[prefix] == b[prefix + 1] && a[prefix + 1] == b[prefix]
  }
}
