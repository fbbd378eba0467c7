import TesseraIR
import TesseraSemantics

extension FunctionLowering {
  /// Translates the body of a kernel: a `launch` over its grid that carries what programs write.
  mutating func lowerKernel(_ grid: [TypedFunction.GridAxis]) {
    for parameter in source.parameters where parameter.passing == .out {
      let local = source.locals[parameter.local]
      let start = parameter.startsAtZero ? zero(local.type) : blank(local.type)
      let value = start.rebuilt(from: boxed(start.values))
      for leaf in value.values { builder.function.values[leaf].name = local.name }
      locals[parameter.local] = value
    }
    let axes = gridAxes(grid)
    let changed = changedTensors
    let parameters =
      grid.map { .index(source.locals[$0.local].name) } + self.parameters(like: changed)
    let before = locals
    let (region, inner) = openRegion(parameters)
    inRegion(region) { lowering in
      for (position, axis) in grid.enumerated() {
        lowering.bindGridAxis(axis.local, inner[position], axes[position])
      }
      lowering.rebindChanged(Array(inner.dropFirst(grid.count)))
      lowering.lowerTail(lowering.source.body.statements[...], value: lowering.source.body.value)
    }
    locals = before
    builder.span = source.span
    let results = builder.emit(
      .launch, axes.map(\.count) + changed, results: changed.map { builder.type(of: $0) },
      regions: [region])
    rebindChanged(results)
    // A number among the results is given as such.
    let given = zip(changedTensors, builder.function.resultTypes).map { tensor, type in
      type.boxed == type ? tensor : builder.read(tensor, [])
    }
    builder.emit(.return, given)
  }

  /// The leaves that programs write: `inout` parameters, then `out` ones.
  var changedTensors: [Value] {
    changedParameters.flatMap { locals[$0]?.values ?? [] }
  }

  private var changedParameters: [ID<Local>] {
    [.inout, .out].flatMap { passing in
      source.parameters.filter { $0.passing == passing }.map(\.local)
    }
  }

  private mutating func rebindChanged(_ values: [Value]) {
    var rest = values[...]
    for local in changedParameters {
      locals[local] = locals[local]?.rebuilt(from: &rest)
    }
  }

  /// Makes the index, or the tile of indices, that a program has on an axis.
  private mutating func bindGridAxis(
    _ local: ID<Local>, _ point: Value, _ axis: LoweredAxis
  ) {
    guard let capacity = axis.capacity else {
      locals[local] = .value(point)
      return
    }
    let start = builder.arithmetic(.multiply, point, capacity)
    let rest = builder.arithmetic(.subtract, axis.extent, start)
    let length = builder.arithmetic(.minimum, capacity, rest)
    let name = source.locals[local].name
    builder.function.values[start].name = name + ".start"
    builder.function.values[length].name = name + ".length"
    locals[local] = .aggregate([.value(start), .value(length)])
  }
}
