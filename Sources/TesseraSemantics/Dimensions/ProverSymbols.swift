import TesseraTables

/// Symbols that a prover makes for itself.
///
/// They are in no table. The symbols of a function are numbered from 0 and stay below 2^30, so the
/// two highest bits of a number tell them apart.
extension ID<DimensionSymbol> {
  /// The symbol that a prover makes as its `count`th, from 0: what remains of another one once a
  /// fact says more of that.
  init(ofProver count: UInt32) { self.init(index: 1 << 31 | count) }

  /// What stands for the number by which this symbol is above its lower bound. It is not the
  /// symbol: that keeps its meaning inside quotients, with which it may be multiplied.
  var aboveBound: Self { Self(index: 1 << 30 | index) }
}
