import TesseraIR
import TesseraNumbers

/// How the sum of a contraction takes several terms at a time, by `dot_lanes`: its panels hold the
/// factors before they are widened, and the terms that belong together are neighbours in them.
struct DotForm {
  /// How many terms belong together.
  var terms: Int
  /// The types of packed rows and columns.
  var rowType: ScalarType
  var columnType: ScalarType
  /// What packed rows are greater by than the factors: an instruction that takes unsigned rows is then
  /// right for signed ones, if sums start from so many times what their columns sum up to less.
  var excess: Int64 = 0
  /// `true` iff the instruction takes subnormal numbers as zeros, and adds later terms first: then they
  /// are packed in descending order, and it is used where nothing can be subnormal.
  var isFlushing = false

  /// The form that `target` is fast at; `nil` if there is none.
  init?(_ contraction: Contraction, in function: Function, on target: TargetDescription) {
    guard let narrow = contraction.narrow,
      let rows = function.type(of: narrow.rows).scalarType,
      let columns = function.type(of: narrow.columns).scalarType
    else { return nil }
    let has = target.dotProducts
    if contraction.element == .f32, rows == .bf16, columns == .bf16, has.contains(.bfloat16) {
      self.init(terms: 2, rowType: .bf16, columnType: .bf16, isFlushing: true)
      return
    }
    guard contraction.element == .i32 else { return nil }
    switch (rows, columns) {
    case (.i8, .i8) where has.contains(.signedBytes):
      self.init(terms: 4, rowType: .i8, columnType: .i8)
    case (.i8, .i8) where has.contains(.mixedBytes):
      self.init(terms: 4, rowType: .u8, columnType: .i8, excess: 128)
    case (.u8, .i8) where has.contains(.mixedBytes), (.i8, .u8) where has.contains(.mixedBytes):
      self.init(terms: 4, rowType: rows, columnType: columns)
    case (.i8, _), (.u8, _), (.i16, _):
      guard has.contains(.shorts), [.i8, .u8, .i16].contains(columns) else { return nil }
      self.init(terms: 2, rowType: .i16, columnType: .i16)
    default: return nil
    }
  }

  private init(
    terms: Int, rowType: ScalarType, columnType: ScalarType, excess: Int64 = 0,
    isFlushing: Bool = false
  ) {
    self.terms = terms
    self.rowType = rowType
    self.columnType = columnType
    self.excess = excess
    self.isFlushing = isFlushing
  }

  /// The place among those that belong together of the term that is so many after the first.
  func place(of term: Int) -> Int { isFlushing ? terms - 1 - term : term }
}

/// Packing of terms that belong together.
extension Scheduler {
  /// How terms are taken together; `nil` where the target has nothing for their types, or rows are so
  /// few that packing columns costs more.
  func dotForm(_ plan: ContractionPlan) -> DotForm? {
    let contraction = plan.contraction
    if let rows = knownNumber(plan.rows), rows < Self.fewRows,
      !hasFixedColumns(plan)
    {
      return nil
    }
    // Panels of columns hold those of all sums.
    let types = contraction.sums.map { $0.narrow.map { source.type(of: $0.columns) } }
    guard types.allSatisfy({ $0 == types[0] }) else { return nil }
    return DotForm(contraction, in: source, on: target)
  }

  private static var fewRows: Int64 { 8 }

  /// The row factor that is bound, or neighbours along the depth, as a panel holds it.
  mutating func packedRow(_ plan: ContractionPlan, _ factor: Value) -> Value {
    guard let dot = plan.dot else { return factor }
    if dot.isFlushing { return descending(dot, factor) }
    if dot.excess == 0 { return builder.convert(factor, to: dot.rowType) }
    // A signed byte less than zero has the bits of an unsigned one that is greater by 256.
    let (type, packed): (ScalarType, Type) =
      switch builder.type(of: factor) {
      case .vector(let scalar, let lanes): (scalar, .vector(dot.rowType, lanes: lanes))
      case let type: (type.scalarType!, .scalar(dot.rowType))
      }
    var sign = builder.constant(-dot.excess, type)
    if case .vector(_, let lanes) = packed {
      sign = builder.emit(.splat, [sign], results: [.vector(type, lanes: lanes)])[0]
    }
    let moved = builder.arithmetic(.bitXor, factor, sign)
    return builder.emit(.bitcast, [moved], results: [packed])[0]
  }

  /// Neighbours along the depth in the order in which a panel has those that belong together.
  private mutating func descending(_ dot: DotForm, _ vector: Value) -> Value {
    guard case .vector(let scalar, let lanes) = builder.type(of: vector) else { return vector }
    let half = Type.vector(scalar, lanes: lanes / dot.terms)
    let parts = (0..<dot.terms).reversed().map { first in
      builder.emit(
        .pickLanes, [vector], results: [half], attribute: .integer(Int64(first)))[0]
    }
    return builder.emit(.weaveLanes, parts, results: [.vector(scalar, lanes: lanes)])[0]
  }

  /// What `body` makes of a term that is bound meanwhile; zero of this type if there is no such term.
  mutating func factor(
    _ plan: ContractionPlan, _ term: DepthTerm, _ type: Type,
    _ body: (inout Scheduler) -> Value
  ) -> Value {
    func made(_ scheduler: inout Scheduler) -> Value {
      scheduler.inScope { scheduler in
        scheduler.bind(term, plan)
        return body(&scheduler)
      }
    }
    guard let exists = term.exists else { return made(&self) }
    return choose(exists, types: [type]) {
      [made(&$0)]
    } otherwise: {
      [$0.zero(type)]
    }[0]
  }

  /// Lets the reduced indices of the source stand for those of a term.
  mutating func bind(_ term: DepthTerm, _ plan: ContractionPlan) {
    for (index, old) in zip(term.indices, plan.reducedIndices) { values.insert(index, for: old) }
  }

  /// Zero as a number, or in each lane of a vector.
  mutating func zero(_ type: Type) -> Value {
    guard case .vector(let scalar, _) = type else { return zeroNumber(type.scalarType!) }
    return builder.emit(.splat, [zeroNumber(scalar)], results: [type])[0]
  }

  /// Packs the terms of a position that belong together, of neighbouring columns: woven.
  mutating func packTerms(
    _ plan: ContractionPlan, _ dot: DotForm, _ terms: [DepthTerm], _ columns: [Value], _ lanes: Int,
    into place: [Value], at offset: Value
  ) {
    let axes = plan.contraction.columnAxes
    let index = plan.parameters[axes.last!]
    bind(axes.dropLast(), to: columns.dropLast(), plan)
    bind(terms[0], plan)
    let slice = LaneSlice(source, making: [plan.columnFactor], alongLanesOf: index) {
      values[$0] != nil
    }
    let first = product([offset, integer(dot.terms)])
    guard let slice else {
      loop(from: integer(0), to: integer(lanes), name: "lane") { scheduler, lane in
        let column = scheduler.builder.arithmetic(.add, columns.last!, lane)
        scheduler.values.insert(column, for: index)
        let start = scheduler.product([lane, scheduler.integer(dot.terms)])
        scheduler.storeTerms(
          plan, terms, into: place, at: scheduler.builder.arithmetic(.add, first, start))
      }
      return
    }
    let type = Type.vector(dot.columnType, lanes: lanes)
    var vectors = terms.map { term in
      factor(plan, term, type) { scheduler in
        let vector = scheduler.emitSlice(slice, lanes: lanes, from: columns.last!)[0]
        return scheduler.builder.convert(vector, to: dot.columnType)
      }
    }
    if dot.isFlushing { vectors.reverse() }
    let woven = builder.emit(
      .weaveLanes, vectors, results: [.vector(dot.columnType, lanes: lanes * dot.terms)])[0]
    builder.emit(.vectorStore, [woven] + place + [first])
  }

  /// Stores the terms of a position that belong together, of the column that is bound.
  mutating func storeTerms(
    _ plan: ContractionPlan, _ terms: [DepthTerm], into place: [Value], at first: Value
  ) {
    for (number, term) in terms.enumerated() {
      let value = factor(plan, term, .scalar(plan.columnType)) { scheduler in
        scheduler.builder.convert(scheduler.demanded(plan.columnFactor), to: plan.columnType)
      }
      let element = folded(.add, first, integer(plan.dot?.place(of: number) ?? number))
      builder.emit(.store, [value] + place + [element])
    }
  }

  /// Makes what the sums of a packed panel start from, if rows are packed in excess.
  mutating func makeStarts(
    _ plan: ContractionPlan, _ part: DepthBlock, _ panel: Value, in panels: PackedPanels
  ) {
    guard let dot = plan.dot, let starts = panels.starts else { return }
    let tile = plan.registerTile
    let excess = builder.emit(
      .splat, [builder.constant(dot.excess, dot.rowType)],
      results: [.vector(dot.rowType, lanes: tile.lanes * dot.terms)])[0]
    let nothing = zeroVector(tile)
    let vectors = panelVectors(plan, panels.buffer, panel)
    let sums = loop(
      from: integer(0), to: part.depth, name: "depth",
      carrying: Array(repeating: nothing, count: tile.vectors)
    ) { scheduler, position, carried in
      zip(vectors(&scheduler, position), carried).map { columns, sum in
        scheduler.builder.emit(.dotLanes, [excess, columns, sum], results: [tile.vector])[0]
      }
    }
    for (vector, sum) in sums.enumerated() {
      let less = builder.arithmetic(.subtract, nothing, sum)
      builder.emit(.vectorStore, [less, starts, panel, integer(vector * tile.lanes)])
    }
  }
}

/// A term of a sum.
struct DepthTerm {
  /// Its reduced indices.
  var indices: [Value]
  /// Whether there is such a term; `nil` where that is known.
  var exists: Value?
}
