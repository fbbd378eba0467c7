/// The copies of loops that are unrolled in a function.
struct UnrolledCopies {
  /// How many were made.
  private(set) var count = 0
  /// Sentences that say which copies the code being checked belongs to, outermost first.
  private(set) var notes: [String] = []

  /// Starts without copies, inside code that `notes` tell of.
  init(inside notes: [String] = []) { self.notes = notes }

  /// Goes into a further copy, that for `what`.
  mutating func enter(_ what: String) {
    count += 1
    notes.append("in the copy of the loop for \(what)")
  }

  /// Leaves the innermost copy.
  mutating func leave() { notes.removeLast() }

  /// `true` iff there may be one more copy.
  var mayAdd: Bool { count < Limits.unrolledCopies }

  /// Counts a copy that there may not be; `true` iff it is the first one, which is diagnosed.
  mutating func exceed() -> Bool {
    let isFirst = count == Limits.unrolledCopies
    if isFirst { count += 1 }
    return isFirst
  }
}
