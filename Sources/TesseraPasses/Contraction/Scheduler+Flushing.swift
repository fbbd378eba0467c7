import TesseraIR

/// Sums of products by an instruction that takes subnormal numbers as zeros, which the language does
/// not permit: it is used for a tile where none can occur, and others are summed up term by term.
///
/// Let no factor of a panel of rows but zeros be less than 2^p, and none of a panel of columns less
/// than 2^q. Their products, and all sums of them, rounded or not, are whole multiples of 2^(p + q - 14),
/// for a bf16 has 7 bits after its first. With p + q ≥ -112 these are no less than 2^-126: either zero,
/// or normal. Then the instruction does what two fused additions do, in the order of the terms.
extension Scheduler {
  /// Memory for the least exponents of so many panels; none unless they are asked for.
  mutating func allocateExponents(_ plan: ContractionPlan, _ count: Value) -> Value? {
    guard plan.dot?.isFlushing ?? false else { return nil }
    return allocate(.tensor(.scalar(.i32), [.dynamic]), [count], name: "exponents")
  }

  /// Memory for the least sums of exponents of tiles, for blocks of the depth that follow.
  mutating func allocateTileExponents(_ plan: ContractionPlan) -> Value? {
    guard plan.dot?.isFlushing ?? false,
      knownNumber(plan.depthBlocks) != 1
    else { return nil }
    return allocate(
      .tensor(.scalar(.i32), [.dynamic, .dynamic]), [plan.rowPanels, plan.columnPanels],
      name: "tileExponents")
  }

  /// Zeroes the last run of a panel of rows that is to be packed, so that all of it can be looked at.
  mutating func clearLastRun(
    _ plan: ContractionPlan, _ part: DepthBlock, _ buffer: Value, _ panel: Value
  ) {
    guard plan.dot?.isFlushing ?? false, !hasWholeRuns(plan) else { return }
    let runs = blocks(of: part.depth, plan.lanes)
    let last = builder.arithmetic(
      .maximum, builder.arithmetic(.subtract, runs, integer(1)), integer(0))
    loop(from: last, to: runs, name: "run") { scheduler, run in
      let nothing = scheduler.zero(.vector(plan.rowType, lanes: plan.runTerms))
      for row in 0..<plan.tileRows {
        let place = scheduler.integer(row * plan.runTerms)
        scheduler.builder.emit(.vectorStore, [nothing, buffer, panel, run, place])
      }
    }
  }

  /// Notes the least exponent of a packed panel that has `count` places of `length` elements.
  mutating func noteExponent(
    _ plan: ContractionPlan, _ panel: Value, in panels: PackedPanels, _ count: Value, length: Int
  ) {
    guard let exponents = panels.exponents else { return }
    let lanes = plan.runTerms
    let bits = Type.vector(.u16, lanes: lanes)
    func splat(_ number: Int64, _ scheduler: inout Scheduler) -> Value {
      scheduler.builder.emit(
        .splat, [scheduler.builder.constant(number, .u16)], results: [bits])[0]
    }
    let least = loop(
      from: integer(0), to: count, name: "place", carrying: [splat(0xffff, &self)]
    ) { scheduler, place, carried in
      scheduler.loop(
        from: scheduler.integer(0), to: scheduler.integer(length),
        by: scheduler.integer(lanes), name: "offset", carrying: carried
      ) { scheduler, offset, carried in
        let vector = scheduler.builder.emit(
          .vectorLoad, [panels.buffer, panel, place, offset],
          results: [.vector(.bf16, lanes: lanes)])
        let number = scheduler.builder.emit(.bitcast, vector, results: [bits])[0]
        let magnitude = scheduler.builder.arithmetic(.bitAnd, number, splat(0x7fff, &scheduler))
        // Zero becomes the greatest number.
        let less = scheduler.builder.arithmetic(.subtract, magnitude, splat(1, &scheduler))
        return [scheduler.builder.arithmetic(.minimum, less, carried[0])]
      }
    }
    let lane = builder.emit(
      .reduceLanes, least, results: [.scalar(.u16)],
      attribute: .reduction(.minimum, .sequential))[0]
    let number = builder.convert(lane, to: .i32)
    let isNormal = builder.compare(.lessOrEqual, builder.constant(Int64(0x80), .i32), number)
    let exponent = builder.arithmetic(.shiftRight, number, builder.constant(Int64(7), .i32))
    let none = builder.constant(Int64(-1024), .i32)
    let noted = builder.emit(.select, [isNormal, exponent, none], results: [.scalar(.i32)])
    builder.emit(.store, noted + [exponents, panel])
  }

  /// Whether nothing in a tile's sums can be subnormal; `nil` if that does not matter.
  mutating func staysNormal(
    _ panels: ContractionPanels, _ part: DepthBlock, _ row: Value, _ column: Value
  ) -> Value? {
    guard case .panels(let columns) = panels.columns, let columnExponents = columns.exponents,
      let rowExponents = panels.rows?.exponents
    else { return nil }
    let exponents = [(rowExponents, row), (columnExponents, column)].map { buffer, panel in
      builder.emit(.load, [buffer, panel], results: [.scalar(.i32)])[0]
    }
    var least = builder.arithmetic(.add, exponents[0], exponents[1])
    if let before = panels.tileExponents {
      let isFirst = builder.compare(.equal, part.number, integer(0))
      let own = least
      least =
        choose(isFirst, types: [.scalar(.i32)]) { _ in
          [own]
        } otherwise: { scheduler in
          let noted = scheduler.builder.emit(
            .load, [before, row, column], results: [.scalar(.i32)])[0]
          return [scheduler.builder.arithmetic(.minimum, noted, own)]
        }[0]
      builder.emit(.store, [least, before, row, column])
    }
    // Exponents are greater by 127 each than what they stand for.
    return builder.compare(.lessOrEqual, builder.constant(Int64(2 * 127 - 112), .i32), least)
  }
}
