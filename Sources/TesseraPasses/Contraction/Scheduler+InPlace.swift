import TesseraIR

/// Products of few rows, which read the columns where they lie: packing costs more than so few tiles
/// gain from it.
extension Scheduler {
  /// What makes the columns of a tile from where they lie, if they should not be packed: neighbours in
  /// memory as they are, in whole tiles, for a few panels of rows.
  mutating func columnsInPlace(_ plan: ContractionPlan) -> LaneSlice? {
    let isFixed = isFixed(plan.contraction.columnFactor, plan.contraction.columnAxes, plan)
    guard !isFixed, let rows = builder.function.integerConstant(plan.rows),
      rows <= Int64(fewTiles * target.productTile.rows),
      isMultiple(plan.columns, plan.tileColumns), plan.lanes > 1,
      plan.contraction.columnAxes.count == 1, plan.reducedIndices.count == 1,
      builder.function.integerConstant(plan.ranges[0].step) == 1
    else { return nil }
    let indices = Set(plan.parameters + plan.reducedIndices)
    let factor = plan.contraction.columnFactor
    let column = plan.parameters[plan.contraction.columnAxes[0]]
    let slice = LaneSlice(source, making: [factor], alongLanesOf: column) {
      values[$0] != nil && !indices.contains($0)
    }
    // A type may change on the way; more is done once, by packing.
    guard let slice, slice.analysis.kind(factor) == .varying, slice.operations.count <= 2,
      slice.operations.contains(where: { source.operations[$0].opcode == .read })
    else { return nil }
    return slice
  }

  /// The most tiles of the usual height for whose rows columns are not packed; the wider a register,
  /// the longer the runs that are read.
  private var fewTiles: Int { target.vectorByteCount / 16 }

  /// The most reduced indices in one block, and the vectors of columns in a tile, where columns come
  /// from memory: it likes long runs, and blocks of so few terms that their rows stay in the first
  /// cache. Neither where they are near, or no such tile has rows enough or covers the columns.
  func farBlocking(
    _ columns: Value, _ depth: Value, _ element: ScalarType
  ) -> (depth: Int64, vectors: Int)? {
    let (vectors, leastRows) = (4, 6)
    guard let columns = builder.function.integerConstant(columns),
      let depth = builder.function.integerConstant(depth),
      case (let count, let overflow) = columns.multipliedReportingOverflow(by: depth), !overflow,
      count >= Int64(target.cacheByteCounts.last! / element.byteCount),
      target.productTileRows(vectors: vectors) >= leastRows,
      columns % Int64(vectors * target.lanes(of: element)) == 0
    else { return nil }
    return (256, vectors)
  }

  /// Emits the contraction `content` with columns that are read in place.
  mutating func emitInPlace(
    _ content: Operation, _ contraction: Contraction, _ slice: LaneSlice, into buffers: [Value]
  ) {
    let plan = contractionPlan(content, contraction, inPlace: true)
    remarkInPlace(content, plan)
    let rowsAhead = packRowsAhead(plan)
    let sums = allocateSums(plan)
    nestImages(plan) { scheduler in
      scheduler.depthBlocks(plan) { scheduler, part in
        var panels = ContractionPanels(columns: .inPlace(slice), sums: sums)
        scheduler.takeRows(rowsAhead, plan, part, into: &panels)
        scheduler.multiplyPanels(plan, panels, part, [], columnsWait: false, content, buffers)
      }
    }
  }

  /// Reads the registers of a tile's columns. (To ask for those of later terms did not pay.)
  mutating func inPlaceVectors(
    _ plan: ContractionPlan, _ slice: LaneSlice, _ panel: Value, _ part: DepthBlock
  ) -> ColumnVectors {
    let first = product([panel, integer(Int64(plan.tileColumns))])
    let start = builder.arithmetic(.add, plan.ranges[0].lower, part.start)
    return { scheduler, position in
      let term = scheduler.builder.arithmetic(.add, start, position)
      scheduler.values.insert(term, for: plan.reducedIndices[0])
      return (0..<plan.registerTile.vectors).map { vector in
        let column = scheduler.builder.arithmetic(
          .add, first, scheduler.integer(Int64(vector * plan.lanes)))
        return scheduler.inScope { scheduler in
          scheduler.bind(plan.contraction.columnAxes, to: [column], plan)
          return scheduler.emitSlice(slice, lanes: plan.lanes, from: column)[0]
        }
      }
    }
  }
}
