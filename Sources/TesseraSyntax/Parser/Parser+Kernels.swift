import TesseraSource

extension Parser {
  /// Parses `kernel name … over (…) where … { … }`.
  mutating func kernelDeclaration() -> KernelDeclaration {
    advance()
    let name = declaredName("a kernel")
    let start = position
    var signature = signatureWithoutFacts()
    let grid = grid()
    if at(.where) { signature.facts = whereClause() }
    signature.span = span(from: start)
    return KernelDeclaration(
      name: name, signature: signature, grid: grid, body: body("the kernel"))
  }

  /// Parses `over (m in tiles(M, BM), h in H)`.
  mutating func grid() -> [GridAxis] {
    guard take(word: "over"), at(.leftParenthesis) else {
      diagnose(.missingGrid(found: found, at: spanOfCurrent))
      return []
    }
    return list(closedBy: .rightParenthesis, isAttached: false) { $0.gridAxis() }.items
  }

  /// Parses `m in tiles(M, BM)`.
  mutating func gridAxis() -> GridAxis {
    let start = position
    let name = declaredName("an axis of the grid")
    expect(.in, "and what the axis runs over")
    let domain = steppedRange()
    return GridAxis(span: span(from: start), name: name, domain: domain)
  }

  /// Parses `combiner name(a: T, b: T) -> T from identity { … }`.
  mutating func combinerDeclaration() -> CombinerDeclaration {
    advance()
    let name = declaredName("a combiner")
    let signature = signature()
    var identity: Expression?
    if take(word: "from") {
      identity = expression()
    } else {
      diagnose(.missingIdentity(found: found, at: spanOfCurrent))
    }
    return CombinerDeclaration(
      name: name, signature: signature, identity: identity, body: body("the combiner"))
  }
}
