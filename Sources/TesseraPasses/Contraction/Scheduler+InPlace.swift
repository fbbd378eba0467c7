import TesseraIR
import TesseraNumbers

/// Factors that are read where they lie: packing costs more than few tiles gain from it.
extension Scheduler {
  /// What makes the columns of a tile from where they lie, if they should not be packed: neighbours in
  /// memory as they are, in whole tiles, for a few panels of rows, or so few that they stay near.
  mutating func columnsInPlace(_ plan: ContractionPlan) -> [LaneSlice]? {
    guard !hasFixedColumns(plan), let rows = knownNumber(plan.rows),
      rows <= InPlaceLimits.fewRows(on: target) || columnsStayNear(plan)
        || rows <= InPlaceLimits.rows && columnsStayClose(plan),
      isMultiple(plan.columns, plan.tileColumns), plan.lanes > 1,
      plan.contraction.columnAxes.count == 1, plan.reducedIndices.count == 1,
      knownNumber(plan.ranges[0].step) == 1
    else { return nil }
    var slices: [LaneSlice] = []
    for plan in plan.ofEachSum(in: source) {
      let indices = Set(plan.parameters + plan.reducedIndices)
      let factor = plan.contraction.columnFactor
      let column = plan.parameters[plan.contraction.columnAxes[0]]
      let slice = LaneSlice(source, making: [factor], alongLanesOf: column) {
        values[$0] != nil && !indices.contains($0)
      }
      // A type may change on the way, and the place be moved; more is done once, by packing.
      let work = slice?.operations.count {
        source.type(of: source.operations[$0].results[0]) != .index
      }
      guard let slice, slice.analysis.kind(factor) == .varying, work ?? 0 <= 2,
        slice.analysis.repeats.isEmpty,
        slice.operations.contains(where: { source.operations[$0].opcode == .read })
      else { return nil }
      slices.append(slice)
    }
    return slices
  }

  /// `true` iff all columns are known to take less than half of the first cache.
  func columnsStayNear(_ plan: ContractionPlan) -> Bool {
    guard let columns = knownNumber(plan.columns),
      let depth = knownNumber(plan.depth)
    else { return false }
    let count = columns.multipliedReportingOverflow(by: depth)
    let most = target.cacheByteCounts[0] / 2 / plan.contraction.element.byteCount
    return !count.overflow && count.partialValue < Int64(most)
  }

  /// `true` iff all columns are known to take less than half of the second cache, and so few of its sets
  /// that it gives those of a tile as fast as they are needed.
  private func columnsStayClose(_ plan: ContractionPlan) -> Bool {
    guard let columns = knownNumber(plan.columns),
      let depth = knownNumber(plan.depth)
    else { return false }
    let most = target.cacheByteCounts[1] / 2 / plan.contraction.element.byteCount
    return columns <= Int64(InPlaceLimits.registers * plan.lanes) && depth <= InPlaceLimits.terms
      && columns * depth <= Int64(most)
  }

  /// The most reduced indices in one block, and the vectors of columns in a tile, where columns come
  /// from memory: it likes long runs, and blocks of so few terms that their rows stay in the first
  /// cache. Neither where they are near, or no such tile has rows enough or covers the columns.
  func farBlocking(
    _ columns: Value, _ depth: Value, _ element: ScalarType
  ) -> (depth: Int64, vectors: Int)? {
    let (vectors, leastRows) = (4, 6)
    guard let columns = knownNumber(columns),
      let depth = knownNumber(depth),
      case (let count, let overflow) = columns.multipliedReportingOverflow(by: depth), !overflow,
      count >= Int64(target.cacheByteCounts.last! / element.byteCount),
      target.productTileRows(vectors: vectors) >= leastRows,
      columns % Int64(vectors * target.lanes(of: element)) == 0
    else { return nil }
    return (256, vectors)
  }

  /// Reads the registers of a tile's columns. (To ask for those of later terms did not pay.)
  mutating func inPlaceVectors(
    _ plan: ContractionPlan, _ slices: [LaneSlice], _ panel: Value, _ part: DepthBlock
  ) -> ColumnVectors {
    let first = product([panel, integer(plan.tileColumns)])
    let start = builder.arithmetic(.add, plan.ranges[0].lower, part.start)
    let sums = plan.ofEachSum(in: source)
    return { scheduler, position in
      let term = scheduler.builder.arithmetic(.add, start, position)
      return zip(sums, slices).flatMap { plan, slice in
        scheduler.values.insert(term, for: plan.reducedIndices[0])
        return (0..<plan.sumVectors).map { vector in
          let column = scheduler.builder.arithmetic(
            .add, first, scheduler.integer(vector * plan.lanes))
          return scheduler.inScope { scheduler in
            scheduler.bind(plan.contraction.columnAxes, to: [column], plan)
            return scheduler.emitSlice(slice, lanes: plan.lanes, from: column)[0]
          }
        }
      }
    }
  }

  // MARK: Rows

  /// How the rows are read where they lie, and the tiles that they fill, if they should not be packed:
  /// a tensor's elements as they are, for a few columns and terms.
  mutating func rowsInPlace(
    _ plan: ContractionPlan, hasColumns: Bool
  ) -> (read: Operation, tiles: WholeTiles)? {
    let contraction = plan.contraction
    guard contraction.others.isEmpty, !isFixed(contraction.rowFactor, contraction.rowAxes, plan),
      plan.lanes > 1,
      let rows = knownNumber(plan.rows),
      let columns = knownNumber(plan.columns),
      let depth = knownNumber(plan.depth),
      columns <= Int64(InPlaceLimits.registers * plan.lanes), depth <= InPlaceLimits.terms,
      plan.reducedIndices.count == 1,
      knownNumber(plan.ranges[0].step) == 1,
      plan.rowExtents.count(where: { knownNumber($0) != 1 }) == 1,
      let read = plainRead(plan)
    else { return nil }
    let tiles = WholeTiles(contraction.element, rows: rows, columns: columns, on: target)
    guard !hasColumns || isMultiple(plan.columns, tiles.tile.columns),
      columns <= Int64(InPlaceLimits.fewRegisters * plan.lanes) || tiles.tile.hidesWaiting,
      tiles.work <= 1.05 * plan.registerTile.work(rows: rows, columns: columns)
    else { return nil }
    return (read, tiles)
  }

  /// The operation that the row factor is, if it reads an element whose place its indices are.
  private func plainRead(_ plan: ContractionPlan) -> Operation? {
    let factor = plan.contraction.rowFactor
    guard let definition = source.definition(of: factor) else { return nil }
    let content = source.operations[definition]
    guard content.opcode == .read, source.type(of: factor).scalarType == plan.contraction.element
    else { return nil }
    let indices = Set(plan.parameters + plan.reducedIndices)
    let isPlain = content.operands.dropFirst().allSatisfy {
      indices.contains($0) || values[$0] != nil
    }
    return isPlain ? content : nil
  }

  /// Where the factors of a tile's rows lie.
  mutating func inPlaceRows(
    _ plan: ContractionPlan, _ read: Operation, _ panel: Value, _ part: DepthBlock
  ) -> (inout Scheduler, _ position: Value) -> (inout Scheduler, _ row: Value) -> [Value] {
    let first = firstRow(plan, panel)
    let start = builder.arithmetic(.add, plan.ranges[0].lower, part.start)
    return { scheduler, position in
      let term = scheduler.builder.arithmetic(.add, start, position)
      return { scheduler, row in
        scheduler.inScope { scheduler in
          let number = scheduler.builder.arithmetic(.add, first, row)
          scheduler.bind(
            plan.contraction.rowAxes, to: scheduler.indices(ofRow: number, plan.rowExtents), plan)
          scheduler.values.insert(term, for: plan.reducedIndices[0])
          let indices = read.operands.dropFirst().map { scheduler.demanded($0) }
          return scheduler.place(ofRead: read.operands[0], at: indices)
        }
      }
    }
  }
}
