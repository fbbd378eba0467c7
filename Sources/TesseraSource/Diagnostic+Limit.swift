extension Diagnostic {
  /// More errors were found than anybody reads; a file that is no program at all has one for most of
  /// its characters.
  static func moreErrors(_ count: Int) -> Diagnostic {
    Diagnostic(.note, "more-errors", "\(count) more errors are not shown", at: .none)
  }
}

extension [Diagnostic] {
  /// As many errors as people read, with what stands among them, and how many more there are.
  public func limited(toErrors most: Int = 100) -> [Diagnostic] {
    var errors = 0
    let shown = filter { diagnostic in
      if diagnostic.severity == .error { errors += 1 }
      return diagnostic.severity != .error || errors <= most
    }
    return errors > most ? shown + [.moreErrors(errors - most)] : shown
  }
}
