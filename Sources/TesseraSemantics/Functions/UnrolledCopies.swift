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

  /// `true` iff there may be one more copy; the first that there may not be is counted too, so that
  /// it is diagnosed once.
  mutating func mayAdd(diagnosing diagnose: (Int) -> Void) -> Bool {
    if count < Limits.unrolledCopies { return true }
    if count == Limits.unrolledCopies {
      count += 1
      diagnose(count)
    }
    return false
  }
}
