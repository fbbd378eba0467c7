/// What the parser knows about single tokens and the tree does not keep, by offset.
///
/// The formatter needs it to tell a call's parenthesis from a tuple's, or a sign from an operator.
struct Layout {
  /// The first tokens of statements, declarations, attributes, fields and clauses.
  var starts: Set<UInt32> = []
  /// The `(` and `[` that belong to what stands before them.
  var attached: Set<UInt32> = []
  /// The `<` and `>` around generic parameters and arguments.
  var angles: Set<UInt32> = []
  /// The signs before an operand or type, and the points of options.
  var prefixes: Set<UInt32> = []
}
