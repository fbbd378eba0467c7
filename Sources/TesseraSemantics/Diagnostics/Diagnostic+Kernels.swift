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
      notes: ["Write 'i in N', or 'm in tiles(N, 64)'."])
  }

  /// The results of a kernel are its `out` parameters.
  ///
  ///     kernel k<N>(x: f32[N]) -> f32[N] over (i in N) { }
  static func kernelWithResult(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "kernel-with-result", "a kernel has no result of its own", at: span,
      notes: ["Declare an 'out' parameter: 'out y: f32[N]'."])
  }

  /// It is not proved that the programs of the kernel write every element and read none, so the
  /// result is filled with zeros first.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[N]) over (i in N) { if x[i] > 0 { y[i] = x[i] } }
  static func outStartsAtZero(_ name: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "out-starts-at-zero",
      "'\(name)' is filled with zeros first: some elements may not be written, or it is read",
      at: span)
  }

  /// Each program of a kernel reads an element, or adds to one, that another program writes. They run
  /// in any order, so nobody knows what it finds.
  ///
  ///     kernel k<N>(inout y: f32[N]) over (i in N) { y[i] = y[i - 1 else 0] + 1 }
  ///
  /// Only what every program does at places that its point tells is looked at here: what depends on
  /// conditions, loops or data is left to the interpreter (`tess run --interpret`), which stops where
  /// two programs meet.
  static func readsWhatOthersWrite(
    _ name: String, isUpdate: Bool, written: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "reads-what-others-write",
      isUpdate
        ? "several programs of the grid change the same elements of '\(name)'"
        : "this reads elements of '\(name)' that other programs of the grid write",
      at: span, labels: isUpdate ? [] : [Label("they are written here", at: written)],
      notes: [
        isUpdate
          ? "Programs run in any order, perhaps at the same time. Let each change elements of its own."
          : "Programs run in any order, perhaps at the same time. Write to another tensor than is read."
      ])
  }

  /// `tile(N)` names all indices of an axis, so it is bound to a name.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[N]) over (i in 1) { y[tile(N) + 1] = 0 }
  static func tileOutsideLet(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tile-outside-let", "'tile' stands alone after 'let', or between brackets", at: span,
      notes: ["Write 'let cols = tile(N)'."])
  }

  /// A tile runs over more indices than the axis has.
  ///
  ///     kernel k(x: f32[8], out y: f32[4]) over (m in tiles(8, 4)) { y[m] = x[m] }
  static func tilePastEnd(extent: String, size: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      "tile-past-end", "the tiles run over '\(extent)' indices, and the axis has '\(size)'",
      at: span)
  }

  /// Several programs of a kernel write the same element. They run in any order, so nobody knows which
  /// number stays.
  ///
  ///     kernel k<N>(x: f32[N], out y: f32[1]) over (i in N) { y[0] = x[i] }
  ///
  /// Only what every program does at places that its point tells is looked at here, as for
  /// `reads-what-others-write`; a write under a condition, such as `if i == 0`, is left to the
  /// interpreter.
  static func writesWhatOthersWrite(
    _ name: String, written: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      "writes-what-others-write",
      "several programs of the grid write the same elements of '\(name)'", at: span,
      labels: written == span ? [] : [Label("they are written here, too", at: written)],
      notes: [
        "Programs run in any order, perhaps at the same time. Let one of them write, or use an atomic."
      ])
  }
}
