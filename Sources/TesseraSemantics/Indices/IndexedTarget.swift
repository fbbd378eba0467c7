import TesseraSource
import TesseraSyntax

/// A tensor on the left of a statement in index notation.
struct IndexedTarget {
  /// The tensor.
  var place: Place
  /// The brackets behind its name.
  var bracket: Bracket
  /// The target as a whole.
  var span: SourceSpan
}

extension BracketItem {
  /// The item as it reads once its index is declared.
  var withoutBinder: BracketItem {
    guard case .binder(let binder) = kind else { return self }
    var item = self
    item.kind =
      binder.isPack
      ? .indexPack(binder.name)
      : .expression(Expression(.name(binder.name), at: binder.name.span))
    return item
  }
}
