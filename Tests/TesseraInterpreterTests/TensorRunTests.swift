import TesseraIR
import TesseraInterpreter
import Testing

@Suite struct TensorRunTests {
  private let matrix = InterpreterValue.tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func computesEveryElement() throws {
    let result = try run(
      """
      func @f(%x: f32[?, ?]) -> (f32[?, ?], i64[?, ?]) {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %y, %z = compute %n, %m : f32[?, ?], i64[?, ?] {
        ^(%j: i64, %i: i64):
          %v = read %x, %i, %j : f32
          %ten = constant {10} : i64
          %0 = multiply_add %j, %ten, %i : i64
          yield %v, %0
        }
        return %y, %z
      }
      """, matrix)
    #expect(result[0].tensor?.shape == [3, 2])
    #expect(result[0].doubles == [1, 4, 2, 5, 3, 6])
    #expect(result[1].doubles == [0, 1, 10, 11, 20, 21])
  }

  @Test func computesScalarsAndNothing() throws {
    let text = """
      func @f(%n: i64) -> (f32[], f32[?, 3]) {
        %one = constant {1.0} : f32
        %three = constant {3} : i64
        %y = compute : f32[] {
          yield %one
        }
        %z = compute %n, %three : f32[?, 3] {
        ^(%i: i64, %j: i64):
          yield %one
        }
        return %y, %z
      }
      """
    let result = try run(text, .integer(0))
    #expect(result[0].doubles == [1])
    #expect(result[1].tensor?.shape == [0, 3])
    let (error, _) = try failure(text, .integer(-1))
    #expect(error.status == .wrongShape)
  }

  // MARK: Reductions

  private func reduction(_ attribute: String, _ type: String = "f32") -> String {
    """
    func @f(%x: \(type)[?], %step: i64) -> (\(type)) {
      %n = dimension %x {0} : i64
      %zero = constant {0} : i64
      %s = reduce %zero, %n, %step {\(attribute)} : \(type) {
      ^(%k: i64):
        %v = read %x, %k : \(type)
        yield %v
      }
      return %s
    }
    """
  }

  @Test(arguments: [
    ("sum", 10.0), ("product", 24), ("minimum", 1), ("maximum", 4), ("sum, lanes 2", 10),
    ("product, lanes 8", 24),
  ])
  func reduces(_ attribute: String, _ value: Double) throws {
    let x = InterpreterValue.tensor([1, 2, 3, 4])
    #expect(try run(reduction(attribute), x, .integer(1))[0].doubles == [value])
    let halves = InterpreterValue.tensor([1, 2, 3, 4], .f16)
    #expect(try run(reduction(attribute, "f16"), halves, .integer(1))[0].doubles == [value])
    let integers = InterpreterValue.tensor([1, 2, 3, 4], .i32)
    #expect(try run(reduction(attribute, "i32"), integers, .integer(1))[0].doubles == [value])
  }

  @Test func reducesNothingToTheIdentity() throws {
    let nothing = InterpreterValue.tensor([], .f32)
    #expect(try run(reduction("minimum"), nothing, .integer(1))[0].doubles == [.infinity])
    #expect(try run(reduction("product"), nothing, .integer(1))[0].doubles == [1])
    let none = InterpreterValue.tensor([], .bool)
    #expect(try run(reduction("all", "bool"), none, .integer(1))[0].scalar?.bool == true)
    #expect(try run(reduction("any", "bool"), none, .integer(1))[0].scalar?.bool == false)
    let bytes = InterpreterValue.tensor([], .i8)
    #expect(try run(reduction("maximum", "i8"), bytes, .integer(1))[0].doubles == [-128])
  }

  @Test func takesSteps() throws {
    let x = InterpreterValue.tensor([1, 2, 4, 8, 16])
    #expect(try run(reduction("sum"), x, .integer(2))[0].doubles == [21])
    #expect(try failure(reduction("sum"), x, .integer(0)).error.status == .assertionFailed)
  }

  /// The order that `ReductionOrder.lanes` documents, written out for f32.
  @Test(arguments: [0, 1, 3, 4, 7, 8, 29], [false, true])
  func addsByLanesInTheDocumentedOrder(_ count: Int, isFused: Bool) throws {
    let rows = 3
    let numbers = (0..<rows * count).map { Float(1) / Float($0 + 3) }
    var lanes = [Float](repeating: 0, count: 4)
    for row in 0..<rows {
      for k in 0..<count {
        let isWhole = k < count / 4 * 4
        let (lane, number) = (isWhole ? k % 4 : 4 - count + k, numbers[row * count + k])
        lanes[lane] =
          isFused ? lanes[lane].addingProduct(number, number) : lanes[lane] + number * number
      }
    }
    let expected = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
    let result = try run(
      """
      func @f(%x: f32[?, ?]) -> (f32) {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %s = reduce %zero, %zero, %m, %n, %one, %one {sum, lanes 4\(isFused ? " fused" : "")} : f32 {
        ^(%i: i64, %k: i64):
          %v = read %x, %i, %k : f32
          %p = multiply %v, %v : f32
          yield %p
        }
        return %s
      }
      """, .tensor(numbers.map(Double.init), shape: [rows, count]))
    #expect(result[0].doubles == [Double(expected)])
  }

  @Test func combinesByRegion() throws {
    let result = try run(
      """
      func @f(%x: f32[?]) -> (f32, i64) {
        %n = dimension %x {0} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %least = constant {-inf} : f32
        %value, %place = reduce %zero, %n, %one, %least, %zero {combiner} : f32, i64 {
        ^(%k: i64):
          %v = read %x, %k : f32
          yield %v, %k
        } {
        ^(%best: f32, %at: i64, %w: f32, %l: i64):
          %more = greater %w, %best : bool
          %0 = select %more, %w, %best : f32
          %1 = select %more, %l, %at : i64
          yield %0, %1
        }
        return %value, %place
      }
      """, .tensor([3, 9, 2, 9, 1]))
    #expect(result[0].doubles == [9])
    #expect(result[1].doubles == [1])
  }

  @Test func folds() throws {
    // ((0·10 + 1)·10 + 2)·10 + 3
    let result = try run(
      """
      func @f(%x: i32[?]) -> (i64) {
        %n = dimension %x {0} : i64
        %zero = constant {0} : i64
        %one = constant {1} : i64
        %s = reduce %zero, %n, %one, %zero {fold} : i64 {
        ^(%k: i64):
          %v = read %x, %k : i32
          yield %v
        } {
        ^(%a: i64, %digit: i32):
          %ten = constant {10} : i64
          %0 = convert %digit : i64
          %1 = multiply_add %a, %ten, %0 : i64
          yield %1
        }
        return %s
      }
      """, .tensor([1, 2, 3], .i32))
    #expect(result[0].doubles == [123])
  }

  // MARK: Scans

  @Test(arguments: [
    ("axis 1", [1.0, 3, 6, 4, 9, 15]), ("axis 0", [1, 2, 3, 5, 7, 9]),
    ("axis 1, exclusive", [0, 1, 3, 0, 4, 9]), ("axis 1, reverse", [6, 5, 3, 15, 11, 6]),
    ("axis 0, reverse, exclusive", [4, 5, 6, 0, 0, 0]),
  ])
  func scans(_ attribute: String, _ expected: [Double]) throws {
    let result = try run(
      """
      func @f(%x: f32[?, ?]) -> (f32[?, ?]) {
        %m = dimension %x {0} : i64
        %n = dimension %x {1} : i64
        %y = scan %m, %n {sum, \(attribute)} : f32[?, ?] {
        ^(%i: i64, %j: i64):
          %v = read %x, %i, %j : f32
          yield %v
        }
        return %y
      }
      """, matrix)
    #expect(result[0].doubles == expected)
  }

  @Test func scansByRegion() throws {
    let result = try run(
      """
      func @f(%x: f32[?]) -> (f32[?], i64[?]) {
        %n = dimension %x {0} : i64
        %one = constant {1.0} : f32
        %zero = constant {0} : i64
        %y, %z = scan %n, %one, %zero {fold, axis 0} : f32[?], i64[?] {
        ^(%i: i64):
          %v = read %x, %i : f32
          yield %v, %i
        } {
        ^(%a: f32, %c: i64, %v.1: f32, %i.1: i64):
          %0 = multiply %a, %v.1 : f32
          %1 = add %c, %i.1 : i64
          yield %0, %1
        }
        return %y, %z
      }
      """, .tensor([2, 3, 4]))
    #expect(result[0].doubles == [2, 6, 24])
    #expect(result[1].doubles == [0, 1, 3])
  }

  // MARK: Updates, sorting

  private func scatter(_ combiner: String) -> String {
    """
    func @f(%y: f32[?], %p: i64[?], %x: f32[?]) -> (f32[?], f32[?]) {
      %n = dimension %p {0} : i64
      %m = dimension %y {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %z = update %y, %zero, %n, %one {\(combiner)} : f32[?] {
      ^(%i: i64):
        %at = read %p, %i : i64
        %v = read %x, %i : f32
        %in = not_equal %at, %m : bool
        yield %at, %v, %in
      }
      return %z, %y
    }
    """
  }

  @Test func updatesInOrder() throws {
    let y = InterpreterValue.tensor([1, 1, 1])
    let x = InterpreterValue.tensor([2, 3, 4, 5])
    let places = InterpreterValue.tensor([2, 0, 2, 3], .i64)
    let replaced = try run(scatter("replace"), y, places, x)
    #expect(replaced[0].doubles == [3, 1, 4])
    #expect(replaced[1].doubles == [1, 1, 1], "a tensor never changes")
    #expect(try run(scatter("sum"), y, places, x)[0].doubles == [4, 1, 7])
    #expect(try run(scatter("maximum"), y, places, x)[0].doubles == [3, 1, 4])
    let beyond = InterpreterValue.tensor([0, 7], .i64)
    let (error, place) = try failure(scatter("sum"), y, beyond, x)
    #expect(error.status == .outOfBounds)
    #expect(error.message == "index 7 is outside axis 0, which is 3 long")
    #expect(place.hasPrefix("%z = update"))
  }

  @Test func sortsStablyWithNaNLast() throws {
    let text = """
      func @f(%x: f32[?, ?]) -> (f32[?, ?], i64[?, ?]) {
        %y, %p = sort %x {1} : f32[?, ?], i64[?, ?]
        return %y, %p
      }
      """
    let x = InterpreterValue.tensor([3, .nan, 1, 3, 0, -0.0, .infinity, -1], shape: [2, 4])
    let result = try run(text, x)
    let sorted = result[0].doubles.map(\.description)
    #expect(sorted == ["1.0", "3.0", "3.0", "nan", "-1.0", "0.0", "-0.0", "inf"])
    #expect(result[1].doubles == [2, 0, 3, 1, 3, 0, 1, 2])
  }

  // MARK: Grids

  private func grid(_ place: String) -> String {
    """
    func @f(%x: f32[?], %y: f32[?]) -> (f32[?]) {
      %n = dimension %x {0} : i64
      %zero = constant {0} : i64
      %one = constant {1} : i64
      %z = launch %n, %y : f32[?] {
      ^(%row: i64, %y.1: f32[?]):
        %end = add %row, %one : i64
        %v = read %x, %row : f32
        %yes = constant {true} : bool
        %y.2 = update %y.1, %row, %end, %one {replace} : f32[?] {
        ^(%i: i64):
          yield \(place), %v, %yes
        }
        yield %y.2
      }
      return %z
    }
    """
  }

  @Test func runsEveryProgramOfAGrid() throws {
    let result = try run(grid("%i"), .tensor([1, 2, 3]), .tensor([0, 0, 0]))
    #expect(result[0].doubles == [1, 2, 3])
  }

  @Test func findsRaces() throws {
    let (error, _) = try failure(grid("%zero"), .tensor([1, 2, 3]), .tensor([0, 0, 0]))
    #expect(error.status == .race)
    #expect(error.message == "programs 0 and 1 both write the element at [0]")
  }

  /// Programs over 0, 1, 2 that read the element at `place` of what they change, then write their
  /// own.
  private func reading(_ place: String) -> String {
    """
    func @f(%y: f32[?], %other: i64) -> (f32[?]) {
      %n = dimension %y {0} : i64
      %one = constant {1} : i64
      %z = launch %n, %y : f32[?] {
      ^(%i: i64, %y.1: f32[?]):
        %last = subtract %n, %one : i64
        %next = add %i, %one : i64
        %place = minimum \(place), %last : i64
        %v = read %y.1, %place : f32
        %end = add %i, %one : i64
        %y.2 = update %y.1, %i, %end, %one {replace} : f32[?] {
        ^(%j: i64):
          %yes = constant {true} : bool
          yield %j, %v, %yes
        }
        yield %y.2
      }
      return %z
    }
    """
  }

  @Test func findsReadsOfWhatOthersWrite() throws {
    let own = try run(reading("%i"), .tensor([1, 2, 3]), .integer(0))
    #expect(own[0].doubles == [1, 2, 3])
    // A program that comes before the writer.
    let (next, _) = try failure(reading("%next"), .tensor([1, 2, 3]), .integer(0))
    #expect(next.status == .race)
    #expect(next.message == "program 0 reads the element at [1], which program 1 writes")
    // One that comes after it.
    let (first, _) = try failure(reading("%other"), .tensor([1, 2]), .integer(0))
    #expect(first.message == "program 1 reads the element at [0], which program 0 writes")
    // One of several readers.
    let (last, _) = try failure(reading("%other"), .tensor([1, 2, 3]), .integer(2))
    #expect(last.message == "program 0 reads the element at [2], which program 2 writes")
  }

  // MARK: Errors

  @Test(arguments: [-1, 3, Int64.max, Int64.min])
  func checksReads(_ index: Int64) throws {
    let (error, place) = try failure(
      """
      func @f(%x: f32[?, ?], %i: i64) -> (f32) {
        %zero = constant {0} : i64
        %v = read %x, %zero, %i : f32
        return %v
      }
      """, matrix, .integer(index))
    #expect(error.status == .outOfBounds)
    #expect(error.message == "index \(index) is outside axis 1, which is 3 long")
    #expect(place == "%v = read %x, %zero, %i : f32")
  }

  @Test func checksArguments() throws {
    let text = "func @f(%x: f32[?, 3], %n: i32) { return }"
    #expect(try run(text, matrix, .integer(1, .i32)).isEmpty)
    #expect(try failure(text, .tensor([1]), .integer(1, .i32)).error.status == .wrongRank)
    let wide = InterpreterValue.tensor([1, 2, 3, 4], shape: [1, 4])
    #expect(try failure(text, wide, .integer(1, .i32)).error.status == .wrongShape)
    let double = InterpreterValue.tensor([1, 2, 3], shape: [1, 3], .f64)
    #expect(try failure(text, double, .integer(1, .i32)).error.status == .wrongElementType)
    #expect(try failure(text, matrix, .integer(1)).error.status == .wrongElementType)
    #expect(try failure(text, matrix).error.status == .wrongCall)
  }
}
