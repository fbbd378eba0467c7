import TesseraIR

/// A part of the box of a `compute` in which conditions on its indices are decided: they hold for all
/// of its elements, or for none.
struct Piece {
  /// What is known there of a value of the region.
  enum Meaning: Hashable {
    case truth(Bool)
    /// It is what this value is.
    case same(Value)
    /// The sum of these.
    case sum(Value, Value)
    /// The first less the second one.
    case difference(Value, Value)
  }

  /// What is known of values there.
  private(set) var meanings: [Value: Meaning] = [:]
  /// Where it lies: where none of these is below zero.
  private(set) var demands: [LinearForm] = []
  /// Numbers that nothing is known of, and that must not be so large that sums of them wrap.
  private(set) var guarded: Set<Value> = []
  /// Which side of each decision it lies on, counted along the axis; so pieces that are compared by
  /// these lie in their order.
  private(set) var path: [Int] = []

  /// What values of the region are sums of.
  var forms: [Value: LinearForm] = [:]
  /// Between which ends indices of inner loops count.
  var ends: [Value: (lower: LinearForm, upper: LinearForm)] = [:]

  /// The truth of `value` of `function`, if it is a boolean and known there.
  func truth(_ value: Value, _ function: Function) -> Bool? {
    guard function.type(of: value) == .bool else { return nil }
    if case .truth(let truth)? = meanings[value] { return truth }
    return function.integerConstant(value).map { $0 != 0 }
  }

  /// The part that lies in `zone` too, in which `value` is known; its demands are `demands`.
  func taking(
    _ zone: Zone, of value: Value, _ demands: [LinearForm], guarding guarded: Set<Value>
  ) -> Piece {
    var part = self
    part.meanings[value] = zone.meaning
    part.forms[value] = zone.form
    part.demands += demands
    part.guarded.formUnion(guarded)
    part.path.append(zone.position)
    return part
  }

  /// Notes the truth of a value that follows from others.
  mutating func note(_ value: Value, is truth: Bool) { meanings[value] = .truth(truth) }

  /// What is known where this piece and `other` both lie.
  func meanings(with other: Piece?) -> [Value: Meaning] {
    meanings.merging(other?.meanings ?? [:]) { own, _ in own }
  }
}

/// Where a value means one thing.
struct Zone {
  /// What it means.
  let meaning: Piece.Meaning
  /// What it is a sum of there, if it is a number.
  var form: LinearForm?
  /// None of these is below zero there, whatever indices of inner loops are.
  let demands: [LinearForm]
  /// The place among the zones along the axis.
  var position: Int
}
