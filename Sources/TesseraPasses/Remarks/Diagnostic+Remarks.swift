import TesseraSource

/// What is said of a statement, if remarks are wanted: how it is computed, and why so.
extension Diagnostic {
  /// A tensor is computed before the statements that read its elements, though one of them could
  /// have computed them.
  ///
  ///     let t = exp(x)
  ///     y[i] = t[i] + t[n - 1 - i]
  static func computedBeforeRead(_ reason: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-before-read", "computed before it is read, not where it is read", at: span,
      notes: ["why: \(reason)"])
  }

  /// Numbers are reduced to one that is part of no tensor; the notes say in which vectors.
  ///
  ///     export fn energy<N>(x: f32[N]) -> f32 { sum[i] x[i] * x[i] }
  static func computedAsReduction(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-as-reduction", "computed as a reduction to one number", at: span,
      notes: notes)
  }

  /// A reduction over a prefix or suffix goes once along its range.
  ///
  ///     y[i] = sum[k in 0..i + 1] x[k]
  static func computedAsScan(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-as-scan", "computed in one pass along the prefixes", at: span,
      notes: notes)
  }

  /// Elements of a tensor that has a value are replaced or added to.
  ///
  ///     count[class[i] else skip] += 1
  static func computedAsUpdate(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-as-update", "computed as an update of elements", at: span, notes: notes)
  }

  /// The programs of a grid run as they are written, each on its tile.
  ///
  ///     for n in tiles(K, 64) { top = max(top, max(s[m, n], axis: 1)) }
  static func computedByPrograms(_ reason: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-by-programs", "computed program by program", at: span,
      notes: ["why: \(reason)"])
  }

  /// A sum of products is computed as a product of matrices, from panels that are packed for it;
  /// `--remarks` tells the tile that stays in registers, and how much there is to do.
  ///
  ///     c[i, j] = sum[k] a[i, k] * b[k, j]
  static func computedByPanels(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-by-panels", "computed as a product of matrices in packed panels",
      at: span, notes: notes)
  }

  /// What the programs of a grid define is computed as statements over whole tensors.
  ///
  ///     kernel twice<N>(x: f32[N], out y: f32[N]) over (n in tiles(N, 4096)) { y[n] = 2 * x[n] }
  static func computedForAllPrograms(at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-for-all-programs", "computed for all programs of the grid at once",
      at: span)
  }

  /// A convolution of 3×3 is computed by transforms of tiles, which the algorithm that the program
  /// permits allows.
  ///
  ///     let y = conv(x, weight, bias, pad: 1)
  static func computedByTransforms(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-by-transforms", "computed as a convolution by transforms of tiles",
      at: span, notes: notes)
  }

  /// Neighbouring elements are computed together, a vector or several at a time.
  ///
  ///     y[i] = 2 * x[i]
  static func computedInVectors(
    _ vector: String, _ notes: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .remark, "computed-in-vectors", "computed in vectors of \(vector)", at: span, notes: notes)
  }

  /// Elements are computed one after the other, since vectors of neighbours would not do.
  ///
  ///     y[i] = if x[i] > 0 { i } else { 0 }
  static func computedOneByOne(_ notes: [String], at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "computed-one-by-one", "computed one element at a time", at: span, notes: notes)
  }

  /// Several statements are done together for one row after the other, so that what they tell each
  /// other stays in the nearest cache.
  ///
  ///     let e = exp(x - max(x))
  ///     y = e / sum(e)
  static func computedRowByRow(
    _ others: [SourceSpan], _ notes: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .remark, "computed-row-by-row", "computed row by row together with what follows", at: span,
      labels: others.map { Label("in the same pass", at: $0) }, notes: notes)
  }

  /// A tensor is never stored: its elements are computed where they are read.
  ///
  ///     let t = 2 * x
  ///     y = t + 1
  static func computedWhereRead(
    _ readers: [SourceSpan], _ notes: [String], at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .remark, "computed-where-read", "not stored, but computed where it is read", at: span,
      labels: readers.map { Label("read here", at: $0) }, notes: notes)
  }

  /// A tensor is copied with its axes in another order, in which a statement reads it.
  ///
  ///     y[n, h, v, o] = sum[r, s, c] x[n, h + r, v + s, c] * w[o, c, r, s]
  static func copiedInAnotherOrder(_ axes: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "copied-in-another-order", "copied with its axes in another order", at: span,
      notes: ["axes: \(axes)"])
  }

  /// A tensor is stored with its axes in another order than the program has, in which what reads it
  /// would have it.
  ///
  ///     let a[n, h, v, o] = sum[r, s, c] x[n, h + r, v + s, c] * w[o, c, r, s]
  ///     y[n, h, v, o] = sum[r, s, c] a[n, h + r, v + s, c] * u[o, c, r, s]
  static func storedInAnotherOrder(_ axes: String, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .remark, "stored-in-another-order", "stored with its axes in another order", at: span,
      notes: ["axes: \(axes)"])
  }
}
