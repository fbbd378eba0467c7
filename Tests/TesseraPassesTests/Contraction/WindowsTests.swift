import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import TesseraPasses
import Testing

/// Convolutions whose rows of results fill registers read their windows out of one copy.
///
/// Elements are small whole numbers, so that sums are exact in any order.
@Suite struct WindowsTests {
  /// A convolution: images, channels, filters, the extents of the result, and of a window.
  struct Layer: CustomStringConvertible, Sendable {
    var scalar = ScalarType.f32
    var images = 1
    var channels = 2
    var filters = 5
    var height = 3
    var width = 8
    var rows = 3
    var columns = 3
    var step = 1
    var columnStep = 1
    var pad = 1
    /// Whether the columns of a window are summed up before its rows.
    var isTurned = false
    /// Whether only x tells how wide the result is.
    var hasFreeWidth = false
    var usesWindows = true

    var description: String {
      "\(images)×\(channels)→\(filters) \(height)×\(width) by \(rows)×\(columns)/\(step),\(columnStep)"
    }

    /// The extents of x: what the windows span, less the padding; at least an element.
    var xShape: [Int] {
      [
        images, channels, max(1, step * (height - 1) + rows - 2 * pad),
        max(1, columnStep * (width - 1) + columns - 2 * pad),
      ]
    }

    var text: String {
      let type = scalar.rawValue
      let taps = isTurned ? "%t: i64, %r: i64" : "%r: i64, %t: i64"
      let wide =
        hasFreeWidth
        ? """
        %span = add %xv, %pad : i64
              %padded = add %span, %pad : i64
              %last = subtract %padded, %columns : i64
              %steps = divide %last, %b : i64
              %width = add %steps, %one : i64
        """ : "%width = constant {\(width)} : i64"
      let counts = isTurned ? "%columns, %rows" : "%rows, %columns"
      return """
        func @f(%x: \(type)[?, ?, ?, ?], %w: \(type)[?, ?, ?, ?]) -> (%y: \(type)[?, ?, ?, ?]) {
          %images = dimension %x {0} : i64
          %channels = dimension %x {1} : i64
          %xh = dimension %x {2} : i64
          %xv = dimension %x {3} : i64
          %filters = dimension %w {0} : i64
          %zero = constant {0} : i64
          %one = constant {1} : i64
          %none = constant {0.0} : \(type)
          %height = constant {\(height)} : i64
          %rows = constant {\(rows)} : i64
          %columns = constant {\(columns)} : i64
          %a = constant {\(step)} : i64
          %b = constant {\(columnStep)} : i64
          %pad = constant {\(pad)} : i64
          \(wide)
          %y = compute %images, %filters, %height, %width : \(type)[?, ?, ?, ?] {
          ^(%n: i64, %o: i64, %h: i64, %v: i64):
            %s = reduce %zero, %zero, %zero, %channels, \(counts), %one, %one, %one {sum} : \(type) {
            ^(%c: i64, \(taps)):
              %ah = multiply %a, %h : i64
              %ahr = add %ah, %r : i64
              %i = subtract %ahr, %pad : i64
              %bv = multiply %b, %v : i64
              %bvt = add %bv, %t : i64
              %j = subtract %bvt, %pad : i64
              %i0 = less_or_equal %zero, %i : bool
              %i1 = less %i, %xh : bool
              %j0 = less_or_equal %zero, %j : bool
              %j1 = less %j, %xv : bool
              %ii = bit_and %i0, %i1 : bool
              %jj = bit_and %j0, %j1 : bool
              %inside = bit_and %ii, %jj : bool
              %p = if %inside : \(type) {
                %e = read %x, %n, %c, %i, %j : \(type)
                yield %e
              } {
                yield %none
              }
              %q = read %w, %o, %c, %r, %t : \(type)
              %pq = multiply %p, %q : \(type)
              yield %pq
            }
            yield %s
          }
          return %y
        }
        """
    }
  }

  @Test(arguments: [
    Layer(), Layer(images: 2, channels: 3, filters: 7, height: 5, width: 16),
    Layer(height: 1, width: 24, rows: 2, columns: 5, pad: 0), Layer(channels: 0), Layer(filters: 1),
    Layer(height: 2, step: 2, columnStep: 2), Layer(width: 16, step: 1, columnStep: 2, pad: 2),
    Layer(rows: 4, columns: 4, step: 4, columnStep: 4, pad: 0),
    Layer(rows: 5, columns: 3, step: 4, columnStep: 2, isTurned: true),
    Layer(height: 4, isTurned: true), Layer(images: 0), Layer(height: 0, usesWindows: false),
    Layer(scalar: .f64, channels: 8, filters: 4, height: 96, width: 48),
    Layer(rows: 3, columns: 3, step: 3, usesWindows: false), Layer(width: 12, usesWindows: false),
    Layer(rows: 1, usesWindows: false), Layer(columnStep: 4, usesWindows: false),
    // Only the run tells whether a row fills registers; blocks begin with whole runs of rows either way.
    Layer(hasFreeWidth: true), Layer(images: 2, channels: 3, width: 12, hasFreeWidth: true),
    Layer(width: 16, step: 2, columnStep: 2, hasFreeWidth: true),
    Layer(width: 9, step: 1, columnStep: 2, pad: 2, hasFreeWidth: true),
    Layer(channels: 150, filters: 2, height: 1, width: 3, hasFreeWidth: true),
    Layer(
      scalar: .f64, channels: 10, filters: 1, height: 96, width: 48, rows: 2, columns: 2,
      hasFreeWidth: true),
    Layer(rows: 1, hasFreeWidth: true, usesWindows: false),
  ])
  func convolves(_ layer: Layer) throws {
    for constant in [nil, 1] {
      var module = try module(layer.text)
      module.functions[0].isExported = true
      if let constant { module.functions[0].roles[constant] = .constant }
      var state: UInt64 = 1
      let shapes = [layer.xShape, [layer.filters, layer.channels, layer.rows, layer.columns]]
      let arguments = shapes.map { shape in
        let values = (0..<shape.reduce(1, *)).map { _ -> Double in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return Double(Int(state >> 60) - 8)
        }
        return InterpreterValue.tensor(values, shape: shape, layer.scalar)
      }
      let expected = try Interpreter(module).run("f", arguments)[0].doubles
      schedule(&module)
      #expect(verify(module, stage: .scheduled).map(\.message) == [])
      #expect("\(module)".contains("%windows = allocate") == layer.usesWindows)
      let output = InterpreterValue.tensor(
        Array(repeating: .nan, count: expected.count),
        shape: [layer.images, layer.filters, layer.height, layer.width], layer.scalar)
      _ = try Interpreter(module).run("f", arguments + [output])
      #expect(output.doubles == expected)
    }
  }
}
