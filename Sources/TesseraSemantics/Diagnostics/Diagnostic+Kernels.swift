import TesseraSource

// What the checker says of kernels and tiles, in alphabetical order. Each factory is named as its
// identifier.

extension Diagnostic {
  /// The axes of a grid count from 0.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[N]) over (i in 1..N) { y[i] = x[i] }
  static func gridStartsAtZero(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "grid-starts-at-zero", "an axis of a grid counts from 0, one by one", at: span,
      notes: ["Write `i in N`, or `m in tiles(N, 64)`."])
  }

  /// The results of a kernel are its `out` parameters.
  ///
  ///     kernel k<N>(x: f32[N]) -> f32[N] over (i in N) { }
  static func kernelWithResult(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "kernel-with-result", "a kernel has no result of its own", at: span,
      notes: ["Declare an `out` parameter: `out y: f32[N]`."])
  }

  /// It is not proved that the programs of the kernel write every element and read none, so the
  /// result is filled with zeros first.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[N]) over (i in N) { if x[i] > 0 { y[i] = x[i] } }
  static func outStartsAtZero(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "out-starts-at-zero",
      "`\(name)` is filled with zeros first: some elements may not be written, or it is read",
      at: span)
  }

  /// `tile(N)` names all indices of an axis, so it is bound to a name.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[N]) over (i in 1) { y[tile(N) + 1] = 0 }
  static func tileOutsideLet(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tile-outside-let", "`tile` stands alone after `let`, or between brackets", at: span,
      notes: ["Write `let cols = tile(N)`."])
  }

  /// A tile runs over more indices than the axis has.
  ///
  ///     kernel k(x: f32[8], out y: f32[4]) over (m in tiles(8, 4)) { y[m] = x[m] }
  static func tilePastEnd(extent: String, size: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tile-past-end", "the tiles run over `\(extent)` indices, and the axis has `\(size)`",
      at: span)
  }
}
