import TesseraIR
import TesseraNumbers
import TesseraSemantics

/// A number that need not be computed twice.
enum ComputedKey: Hashable {
  case constant(Int64, ScalarType)
  case dimension(Dimension)
  case axis(Value, Int)
}

/// A parameter of a region that is to be built.
struct RegionParameter {
  /// The name in the program, if it has one there.
  var name: String?
  /// The type.
  var type: Type

  /// Creates a parameter.
  init(_ name: String?, _ type: Type) {
    self.name = name
    self.type = type
  }

  /// An index, called `name` in the program.
  static func index(_ name: String? = nil) -> RegionParameter { RegionParameter(name, .index) }
}

/// A construct of index notation whose region is being built.
struct IndexScope {
  /// The region that holds the construct.
  var region: ID<Region>
  /// How many regions of computed numbers are visible there.
  var computedDepth: Int
  /// How many branches are around the construct.
  var conditionDepth: Int
  /// The locals that are visible there.
  var locals: [ID<Local>: Lowered]
  /// The indices that it binds, with their lower ends (0 if `nil`) and extents.
  var indices: [(index: ID<IndexInfo>, lower: Value?, extent: Value)]
}

extension FunctionLowering {
  /// Builds a region with these parameters; what `body` returns is yielded, unless it is `nil`,
  /// because the region has its end already.
  mutating func region(
    _ parameters: [RegionParameter] = [],
    _ body: (inout FunctionLowering, [Value]) -> [Value]?
  ) -> ID<Region> {
    let (region, values) = openRegion(parameters)
    let outer = builder.region
    inRegion(region) { lowering in
      if let results = body(&lowering, values) { lowering.builder.emit(.yield, results) }
    }
    builder.region = outer
    return region
  }

  /// Creates a region with these parameters, and gives it with their values.
  mutating func openRegion(
    _ parameters: [RegionParameter] = []
  ) -> (region: ID<Region>, values: [Value]) {
    let region = builder.function.makeRegion()
    let values = parameters.map { builder.function.addParameter($0.name, $0.type, to: region) }
    return (region, values)
  }

  /// Parameters that stand for `values` inside a region that carries them.
  func parameters(like values: [Value]) -> [RegionParameter] {
    values.map { RegionParameter(builder.function.values[$0].name, builder.type(of: $0)) }
  }

  /// Appends what `body` emits to `region`, which is inside the present one. Numbers that it
  /// computes are forgotten after it.
  mutating func inRegion<Result>(
    _ region: ID<Region>, _ body: (inout FunctionLowering) -> Result
  ) -> Result {
    let outer = builder.region
    builder.region = region
    computed.append([:])
    defer {
      computed.removeLast()
      builder.region = outer
    }
    return body(&self)
  }

  /// Emits the results of `body` in front of the construct at `level` of `indexScopes`.
  mutating func hoisting<Result>(
    to level: Int, _ body: (inout FunctionLowering) -> Result
  ) -> Result {
    let scope = indexScopes[level]
    let inner = (
      region: builder.region, computed: computed, scopes: indexScopes, depth: conditionDepth,
      locals: locals
    )
    builder.region = scope.region
    computed = Array(computed[..<scope.computedDepth])
    indexScopes = Array(indexScopes[..<level])
    conditionDepth = scope.conditionDepth
    locals = scope.locals
    let result = body(&self)
    computed += inner.computed[scope.computedDepth...]
    builder.region = inner.region
    indexScopes = inner.scopes
    conditionDepth = inner.depth
    locals = inner.locals
    return result
  }

  /// The outermost construct of index notation in front of which `expression` can be computed, or
  /// `nil` if it depends on what the innermost one binds.
  func hoistingLevel(of expression: TypedExpression) -> Int? {
    var visitor = Visitor(program)
    visitor.visit(expression)
    // What may stop the run stays behind the conditions that guard it.
    let isGuarded = visitor.hasEffect || !visitor.callees.isEmpty
    return indexScopes.indices.first { level in
      let scope = indexScopes[level]
      if isGuarded, scope.conditionDepth != conditionDepth { return false }
      let bound = indexScopes[level...].flatMap { $0.indices.map(\.index) }
      return visitor.freeIndices.isDisjoint(with: bound)
        && visitor.freeLocals.allSatisfy { scope.locals[$0] != nil }
    }
  }

  /// Runs `body` as the inside of a construct that binds `indices`.
  mutating func inIndexScope<Result>(
    _ indices: [(index: ID<IndexInfo>, lower: Value?, extent: Value)], in region: ID<Region>,
    computedDepth: Int, _ body: (inout FunctionLowering) -> Result
  ) -> Result {
    indexScopes.append(
      IndexScope(
        region: region, computedDepth: computedDepth, conditionDepth: conditionDepth,
        locals: locals, indices: indices))
    let outerLocals = locals
    defer {
      indexScopes.removeLast()
      locals = outerLocals
    }
    return body(&self)
  }
}
