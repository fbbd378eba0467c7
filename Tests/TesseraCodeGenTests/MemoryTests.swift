import TesseraCodeGen
import TesseraIR
import TesseraNumbers
import Testing

@Suite struct MemoryTests {
  @Test func allocatesInLoopsAndCopiesViews() throws {
    // Buffers of run-time size in a loop: each turn gives back what it took.
    let text = """
      func @f(%x: buffer f32[?, ?], %y: output buffer f32[?]) export {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        for %zero, %m, %one {
        ^(%i: i64):
          %t = allocate %one, %n : buffer f32[?, ?]
          %row = view %x, %i, %zero, %one, %n : buffer f32[?, ?]
          copy %row, %t
          %small = allocate %one : buffer f32[1]
          %last = subtract %n, %one : i64
          %v = load %t, %zero, %last : f32
          store %v, %small, %zero
          %w = load %small, %zero : f32
          store %w, %y, %i
          yield
        }
        return
      }
      """
    try agree(
      text, "f", .numbers(.f32, (0..<12).map(Double.init), shape: [3, 4]), .zeros(.f32, 3))
  }

  @Test func placesBuffersInBytes() throws {
    let text = """
      func @f(%x: buffer f32[?, 2], %y: output buffer f32[?, 2]) export {
        %n = dimension %x {0} : i64
        %two = constant {2} : i64
        %offset = constant {64} : i64
        %length = constant {256} : i64
        %zero = constant {0} : i64
        %arena = allocate %length : buffer u8[?]
        %a = place %arena, %offset, %n, %two : buffer f32[?, 2]
        copy %x, %a
        %b = overlay %arena, %zero, %offset : buffer f32[?]
        %sixteen = constant {16} : i64
        %v = load %b, %sixteen : f32
        %w = add %v, %v : f32
        store %w, %a, %zero, %zero
        copy %a, %y
        return
      }
      """
    try agree(text, "f", .numbers(.f32, [3, 4, 5, 6], shape: [2, 2]), .zeros(.f32, 2, 2))
  }

  /// Where a line starts, beside it, and where it was not wanted.
  @Test(arguments: [0, 1, 16], [true, false])
  func storesPastCaches(first: Int, isPast: Bool) throws {
    let text = """
      func @f(%x: buffer f32[48], %y: output buffer f32[48]) export {
        %zero = constant {0} : i64
        %first = constant {\(first)} : i64
        %limit = constant {\(isPast ? 1 : -1)} : i64
        %past = less %zero, %limit : bool
        prefetch %x, %first
        %v = vector_load %x, %first : vector f32 x 32
        stream_store %v, %y, %first, %past
        return
      }
      """
    try agree(text, "f", .numbers(.f32, (0..<48).map(Double.init)), .zeros(.f32, 48))
  }

  @Test func picksAndWeavesLanes() throws {
    let text = """
      func @f(%x: buffer f32[16], %y: output buffer f32[16], %z: output buffer f32[16]) export {
        %zero = constant {0} : i64
        %v = vector_load %x, %zero : vector f32 x 16
        %a = pick_lanes %v {0} : vector f32 x 4
        %b = pick_lanes %v {1} : vector f32 x 4
        %c = pick_lanes %v {2} : vector f32 x 4
        %d = pick_lanes %v {3} : vector f32 x 4
        %w = weave_lanes %a, %b, %c, %d : vector f32 x 16
        vector_store %w, %y, %zero
        %e = pick_lanes %v {1} : vector f32 x 8
        %o = pick_lanes %v {0} : vector f32 x 8
        %s = weave_lanes %e, %o : vector f32 x 16
        vector_store %s, %z, %zero
        return
      }
      """
    try agree(
      text, "f", .numbers(.f32, (0..<16).map(Double.init), shape: [16]), .zeros(.f32, 16),
      .zeros(.f32, 16))
  }

  /// Vectors of several registers each.
  @Test(arguments: [(16, 2), (32, 2), (64, 2), (32, 4), (8, 4)])
  func weavesWideVectors(lanes: Int, count: Int) throws {
    let total = lanes * count
    let loads = (0..<count).map { index in
      """
        %p\(index) = constant {\(index * lanes)} : i64
        %v\(index) = vector_load %x, %p\(index) : vector f32 x \(lanes)
      """
    }
    let vectors = (0..<count).map { "%v\($0)" }.joined(separator: ", ")
    let text = """
      func @f(%x: buffer f32[\(total)], %y: output buffer f32[\(total)]) export {
      \(loads.joined(separator: "\n"))
        %w = weave_lanes \(vectors) : vector f32 x \(total)
        vector_store %w, %y, %p0
        return
      }
      """
    try agree(
      text, "f", .numbers(.f32, (0..<total).map(Double.init), shape: [total]), .zeros(.f32, total))
  }

  /// Squares, matrices of more rows, and of more columns.
  @Test(arguments: [(16, 16), (16, 8), (4, 16), (8, 8), (2, 4), (1, 4), (4, 1)])
  func transposesLanes(rows: Int, columns: Int) throws {
    for type in ["f32", "f64", "u8", "bf16"] {
      let loads = (0..<rows).map { row in
        """
          %p\(row) = constant {\(row * columns)} : i64
          %r\(row) = vector_load %x, %p\(row) : vector \(type) x \(columns)
        """
      }
      let stores = (0..<columns).map { column in
        """
          %q\(column) = constant {\(column * rows)} : i64
          vector_store %c\(column), %y, %q\(column)
        """
      }
      let operands = (0..<rows).map { "%r\($0)" }.joined(separator: ", ")
      let results = (0..<columns).map { "%c\($0)" }.joined(separator: ", ")
      let types = Array(repeating: "vector \(type) x \(rows)", count: columns)
        .joined(separator: ", ")
      let total = rows * columns
      let text = """
        func @f(%x: buffer \(type)[\(total)], %y: output buffer \(type)[\(total)]) export {
        \(loads.joined(separator: "\n"))
          \(results) = transpose_lanes \(operands) : \(types)
        \(stores.joined(separator: "\n"))
          return
        }
        """
      let scalar = ScalarType(rawValue: type)!
      try agree(
        text, "f", .numbers(scalar, (0..<total).map { Double($0 % 256) }, shape: [total]),
        .zeros(scalar, total))
    }
  }

  /// By shuffles, one by one, backwards and not at all apart, of registers and of several.
  @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 0, -1, -3, -9], [4, 8, 32])
  func loadsApart(step: Int, lanes: Int) throws {
    let length = (lanes - 1) * abs(step) + 1
    for type in ["f32", "f64", "u8"] {
      let text = """
        func @f(%x: buffer \(type)[2, \(length)], %y: output buffer \(type)[\(lanes)]) export {
          %zero = constant {0} : i64
          %one = constant {1} : i64
          %first = constant {\(step < 0 ? length - 1 : 0)} : i64
          %step = constant {\(step)} : i64
          %v = strided_load %x, %one, %first, %step {1} : vector \(type) x \(lanes)
          vector_store %v, %y, %zero
          return
        }
        """
      let scalar = ScalarType(rawValue: type)!
      try agree(
        text, "f",
        .numbers(scalar, (0..<2 * length).map { Double($0 % 251) }, shape: [2, length]),
        .zeros(scalar, lanes))
    }
  }

  /// Along another axis than the last one, of few and of many columns.
  @Test(arguments: [1, 3, 40])
  func loadsColumns(columns: Int) throws {
    let text = """
      func @f(%x: buffer f32[8, ?], %y: output buffer f32[8]) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %n = dimension %x {1} : i64
        %last = subtract %n, %one : i64
        %v = strided_load %x, %zero, %last, %one {0} : vector f32 x 8
        vector_store %v, %y, %zero
        return
      }
      """
    try agree(
      text, "f", .numbers(.f32, (0..<8 * columns).map(Double.init), shape: [8, columns]),
      .zeros(.f32, 8))
  }

  /// The greatest and least numbers, whose sums wrap; vectors of a register, of less and of more.
  @Test(arguments: [4, 8, 16, 32])
  func addsProductsOfLanes(lanes: Int) throws {
    let text = """
      func @f(%x: buffer i8[\(4 * lanes)], %u: buffer u8[\(4 * lanes)], %z: buffer i16[\(2 * lanes)],
              %y: inout buffer i32[\(lanes)]) export {
        %zero = constant {0} : i64
        %s = vector_load %y, %zero : vector i32 x \(lanes)
        %a = vector_load %x, %zero : vector i8 x \(4 * lanes)
        %b = vector_load %u, %zero : vector u8 x \(4 * lanes)
        %c = vector_load %z, %zero : vector i16 x \(2 * lanes)
        %four = vector_load %u, %zero : vector u8 x 4
        %two = vector_load %z, %zero : vector i16 x 2
        %d = splat %four : vector u8 x \(4 * lanes)
        %e = splat %two : vector i16 x \(2 * lanes)
        %0 = dot_lanes %a, %a, %s : vector i32 x \(lanes)
        %1 = dot_lanes %a, %b, %0 : vector i32 x \(lanes)
        %2 = dot_lanes %d, %a, %1 : vector i32 x \(lanes)
        %3 = dot_lanes %b, %d, %2 : vector i32 x \(lanes)
        %4 = dot_lanes %c, %e, %3 : vector i32 x \(lanes)
        vector_store %4, %y, %zero
        return
      }
      """
    func numbers(_ type: ScalarType, _ few: [Double], _ count: Int) -> TestArgument {
      .numbers(type, (0..<count).map { few[$0 * 7 % few.count] }, shape: [count])
    }
    try agree(
      text, "f", numbers(.i8, [-128, 127, 3, -1, 127], 4 * lanes),
      numbers(.u8, [255, 128, 0, 255, 7], 4 * lanes),
      numbers(.i16, [-32768, -32768, 32767, -5, 9], 2 * lanes),
      numbers(.i32, [2_147_483_647, -2_147_483_648, 0], lanes))
  }

  /// Sums of bf16 of all bits: normal, subnormal and near the least normal number.
  @Test(
    .enabled(
      if: TargetDescription.host.dotProducts.contains(.bfloat16), "this machine has AVX512-BF16"),
    arguments: [4, 8, 16], [0..<256, 0..<3, 50..<80, 255..<256])
  func addsProductsOfBfloat16(lanes: Int, exponents: Range<Int>) throws {
    let text = """
      func @f(%x: buffer bf16[\(16 * lanes)], %z: buffer bf16[\(16 * lanes)],
              %y: inout buffer f32[\(8 * lanes)]) export {
        %zero = constant {0} : i64
        %end = constant {\(8 * lanes)} : i64
        %lanes = constant {\(lanes)} : i64
        for %zero, %end, %lanes {
        ^(%i: i64):
          %first = add %i, %i : i64
          %s = vector_load %y, %i : vector f32 x \(lanes)
          %a = vector_load %x, %first : vector bf16 x \(2 * lanes)
          %b = vector_load %z, %first : vector bf16 x \(2 * lanes)
          %c = dot_lanes %a, %b, %s : vector f32 x \(lanes)
          vector_store %c, %y, %i
          yield
        }
        return
      }
      """
    var state = UInt64(lanes + exponents.upperBound)
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 24
    }
    func bits(_ type: ScalarType, _ count: Int, _ place: UInt64) -> TestArgument {
      let values = (0..<count).map { _ -> ScalarValue in
        let exponent = UInt64(exponents.lowerBound) + next() % UInt64(exponents.count)
        let rest = next() & (type.bitMask ^ 0xff << place)
        let number = ScalarValue(bits: exponent << place | rest, type)
        return number.isNaN ? ScalarValue(rounding: .infinity, type) : number
      }
      return .buffer(type, shape: [count], values)
    }
    try agree(
      text, "f", bits(.bf16, 16 * lanes, 7), bits(.bf16, 16 * lanes, 7), bits(.f32, 8 * lanes, 23))
  }

  @Test func refusesImpossibleBuffers() throws {
    let text = """
      func @f(%n: i64) -> (%m: i64) export {
        %b = allocate %n, %n : buffer f32[?, ?]
        %m = dimension %b {0} : i64
        return %m
      }
      """
    let (module, sources) = try parse(text)
    let compiled = try session.compile(module, sources: sources)
    for n in [Int64(-1), 1 << 40, 1 << 62] {
      #expect(runCompiled(try #require(compiled["f"]), [.int(n)]).status == 38)
    }
    #expect(runCompiled(try #require(compiled["f"]), [.int(0)]).status == 0)
  }

  @Test func runsVectors() throws {
    let text = """
      func @f(%x: buffer f32[?], %b: output buffer bool[?], %y: output buffer f32[?],
              %r: output buffer f32[?]) export {
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %two = constant {2} : i64
        %three = constant {3} : i64
        %n = dimension %x {0} : i64
        %eight = constant {8} : i64
        for %zero, %n, %eight {
        ^(%i: i64):
          %v = vector_load %x, %i : vector f32 x 8
          %half = constant {0.5} : f32
          %h = splat %half : vector f32 x 8
          %lanes = lane_index : vector i32 x 8
          %l = convert %lanes : vector f32 x 8
          %w = multiply_add %v, %h, %l : vector f32 x 8
          %c = less %w, %v : vector bool x 8
          %s = select %c, %w, %v : vector f32 x 8
          vector_store %c, %b, %i
          vector_store %s, %y, %i
          %sum = reduce_lanes %v {sum} : f32
          %max = reduce_lanes %v {maximum} : f32
          %product = reduce_lanes %v {product} : f32
          %any = reduce_lanes %c {any} : bool
          %flag = convert %any : f32
          store %sum, %r, %zero
          store %max, %r, %one
          store %product, %r, %two
          store %flag, %r, %three
          yield
        }
        return
      }
      """
    let values: [Double] = [1e8, 1, -1e8, 3, 0.1, 5.5, -7, 12, 9, 8, 7, 6, 5, 4, 3, 2]
    try agree(
      text, "f", .numbers(.f32, values), .zeros(.bool, 16), .zeros(.f32, 16), .zeros(.f32, 4))
  }

  @Test(arguments: [ScalarType.f16, .bf16, .i16, .u8, .f64])
  func runsNarrowVectors(_ type: ScalarType) throws {
    let name = type.rawValue
    let text = """
      func @f(%x: buffer \(name)[?], %y: output buffer \(name)[?], %z: output buffer f32[?]) export {
        %zero = constant {0} : i64
        %v = vector_load %x, %zero : vector \(name) x 8
        %w = add %v, %v : vector \(name) x 8
        %p = multiply %w, %v : vector \(name) x 8
        vector_store %p, %y, %zero
        %c = convert %p : vector f32 x 8
        vector_store %c, %z, %zero
        return
      }
      """
    try agree(
      text, "f", .numbers(type, [1, 2, 3, 5, 7, 11, 100, 90]), .zeros(type, 8), .zeros(.f32, 8))
  }

  @Test func sortsAlongAnAxis() throws {
    let text = """
      func @f(%x: buffer f32[?, ?], %y: output buffer f32[?, ?], %p: output buffer i64[?, ?]) export {
        sort_buffer %x, %y, %p {0}
        return
      }
      """
    let values: [Double] = [3, .nan, -1, 0.0, -0.0, 0, 3, -.infinity, 2, -5, .infinity, 2]
    try agree(
      text, "f", .numbers(.f32, values, shape: [6, 2]), .zeros(.f32, 6, 2), .zeros(.i64, 6, 2))
    try agree(text, "f", .zeros(.f32, 0, 2), .zeros(.f32, 0, 2), .zeros(.i64, 0, 2))
  }

  @Test(arguments: [ScalarType.i8, .u8, .f16, .bf16, .i64, .u64, .f64])
  func sortsEveryType(_ type: ScalarType) throws {
    let name = type.rawValue
    let text = """
      func @f(%x: buffer \(name)[?], %y: output buffer \(name)[?], %p: output buffer i64[?]) export {
        sort_buffer %x, %y, %p {0}
        return
      }
      """
    let values: [Double] = [3, 1, 100, 0, 7, -1, 3, -128, 55, 2]
    let kept = type.isSigned || type.isFloat ? values : values.map(abs)
    try agree(text, "f", .numbers(type, kept), .zeros(type, 10), .zeros(.i64, 10))
  }

  @Test func readsDenseConstants() throws {
    let text = """
      func @f(%i: i64) -> (%y: i16) export {
        %c = constant {dense "01000200ffff0480"} : buffer i16[2, 2]
        %one = constant {1} : i64
        %y = load %c, %one, %i : i16
        return %y
      }
      """
    #expect(try agree(text, "f", .int(0)).results == [ScalarValue(-1, .i16)])
    try agree(text, "f", .int(1))
  }
}
