import TesseraIR
import TesseraInterpreter
import TesseraNumbers
import Testing

@Suite struct MemoryRunTests {
  @Test func writesBuffersInPlace() throws {
    let text = """
      func @f(%x: buffer f32[?], %y: output buffer f32[?]) {
        %n = dimension %x {0} : i64
        %zero = constant {0} : i64
        parallel %zero, %n {
        ^(%i: i64):
          %v = load %x, %i : f32
          %w = add %v, %v : f32
          store %w, %y, %i
          yield
        }
        return
      }
      """
    let y = TensorValue(zeros: .f32, shape: [3])
    _ = try run(text, .tensor([1, 2, 3]), .tensor(y))
    #expect(InterpreterValue.tensor(y).doubles == [2, 4, 6])
    let short = TensorValue(zeros: .f32, shape: [2])
    #expect(try failure(text, .tensor([1, 2, 3]), .tensor(short)).error.status == .outOfBounds)
  }

  private let viewText = """
    func @f(%x: buffer f32[?, ?], %row: i64, %column: i64, %m: i64, %n: i64) {
      %v = view %x, %row, %column, %m, %n : buffer f32[?, ?]
      %w = allocate %m, %n : buffer f32[?, ?]
      copy %v, %w
      %zero = constant {0} : i64
      %first = load %w, %zero, %zero : f32
      %ten = constant {10.0} : f32
      %sum = add %first, %ten : f32
      store %sum, %v, %zero, %zero
      return
    }
    """

  @Test func viewsShareMemory() throws {
    let x = InterpreterValue.tensor((0..<12).map(Double.init), shape: [3, 4])
    let two = InterpreterValue.integer(2)
    _ = try run(viewText, x, .integer(1), .integer(2), two, two)
    #expect(x.doubles == [0, 1, 2, 3, 4, 5, 16, 7, 8, 9, 10, 11])
  }

  @Test(arguments: [(1, 3, 2, 2), (-1, 0, 1, 1), (0, 0, 4, 1), (0, 4, 1, 1), (1, 1, -1, 1)])
  func viewsStayInside(_ row: Int64, _ column: Int64, _ m: Int64, _ n: Int64) throws {
    let x = InterpreterValue.tensor((0..<12).map(Double.init), shape: [3, 4])
    let (error, place) = try failure(
      viewText, x, .integer(row), .integer(column), .integer(m), .integer(n))
    #expect(error.status == .outOfBounds)
    #expect(place.hasPrefix("%v = view"))
  }

  private let placeText = """
    func @f(%length: i64, %offset: i64, %n: i64) -> (%old: f32, %new: f32) {
      %zero = constant {0} : i64
      %one = constant {1.0} : f32
      %arena = allocate %length : buffer u8[?]
      %a = place %arena, %zero, %n : buffer f32[?]
      store %one, %a, %zero
      %b = overlay %arena, %offset, %n : buffer f32[?]
      %old = load %b, %zero : f32
      %c = place %arena, %offset, %n : buffer f32[?]
      %new = load %a, %zero : f32
      return %old, %new
    }
    """

  @Test func placesShareBytes() throws {
    let results = try run(placeText, .integer(128), .integer(0), .integer(4))
    #expect(results[0].doubles == [1])
    // What was there is lost.
    #expect(results[1].doubles[0].isNaN)
    let apart = try run(placeText, .integer(128), .integer(64), .integer(16))
    #expect(apart[1].doubles == [1])
  }

  @Test(arguments: [(128, 64, 17), (128, 8, 1), (128, -64, 1), (0, 0, 1), (128, 192, 0)])
  func placesStayInside(_ length: Int64, _ offset: Int64, _ n: Int64) throws {
    let (error, _) = try failure(placeText, .integer(length), .integer(offset), .integer(n))
    #expect(error.status == .outOfBounds)
  }

  @Test func sortsBuffers() throws {
    let text = """
      func @f(%x: buffer i32[?], %y: output buffer i32[?], %p: output buffer i64[?]) {
        sort_buffer %x, %y, %p {0}
        return
      }
      """
    let y = TensorValue(zeros: .i32, shape: [3])
    let p = TensorValue(zeros: .i64, shape: [3])
    _ = try run(text, .tensor([5, -1, 3], .i32), .tensor(y), .tensor(p))
    #expect(InterpreterValue.tensor(y).doubles == [-1, 3, 5])
    #expect(InterpreterValue.tensor(p).doubles == [1, 2, 0])
  }

  @Test func worksOnVectors() throws {
    let text = """
      func @f(%x: buffer f32[?], %y: output buffer f32[?], %at: i64) -> (f32, i32) {
        %v = vector_load %x, %at : vector f32 x 4
        %l = lane_index : vector i32 x 4
        %c = convert %l : vector f32 x 4
        %two = constant {2.0} : f32
        %s = splat %two : vector f32 x 4
        %w = multiply_add %v, %s, %c : vector f32 x 4
        %more = greater %w, %s : vector bool x 4
        %z = select %more, %w, %s : vector f32 x 4
        vector_store %z, %y, %at
        %sum = reduce_lanes %z {sum} : f32
        %last = reduce_lanes %l {maximum} : i32
        return %sum, %last
      }
      """
    let x = InterpreterValue.tensor([0, 0, 1, 2, 3])
    let y = TensorValue(zeros: .f32, shape: [5])
    let result = try run(text, x, .tensor(y), .integer(1))
    #expect(InterpreterValue.tensor(y).doubles == [0, 2, 3, 6, 9])
    #expect(result[0].doubles == [20])
    #expect(result[1].doubles == [3])
    for index: Int64 in [-1, 2, .max] {
      let error = try failure(text, x, .tensor(y), .integer(index)).error
      #expect(error.status == .outOfBounds)
    }
  }

  @Test func addsLanesInHalves() throws {
    let numbers: [Float] = [1e8, 1, -1e8, 1, 3, 1e-3, 7, 0.1]
    let text = """
      func @f(%x: buffer f32[8]) -> (f32) {
        %zero = constant {0} : i64
        %v = vector_load %x, %zero : vector f32 x 8
        %s = reduce_lanes %v {sum} : f32
        return %s
      }
      """
    let fours = (0..<4).map { numbers[$0] + numbers[$0 + 4] }
    let expected = (fours[0] + fours[2]) + (fours[1] + fours[3])
    let result = try run(text, .tensor(numbers.map(Double.init)))
    #expect(result[0].doubles == [Double(expected)])
  }

  // MARK: Addresses

  private let pointerText = """
    func @f(%p: *f32, %at: i64, %mask: bool) -> (f32) {
      %q = pointer_offset %p, %at : *f32
      %other = constant {-1.0} : f32
      %v = pointer_load %q, %mask, %other : f32
      pointer_store %p, %v, %mask
      %one = constant {1.0} : f32
      %0 = atomic_update %p, %one, %mask {sum} : f32
      %1 = atomic_compare_exchange %p, %v, %one : f32
      return %v
    }
    """

  @Test func followsAddresses() throws {
    let memory = TensorValue(
      .f32, shape: [4], values: [1, 2, 3, 4].map { ScalarValue(rounding: $0, .f32) })
    let p = InterpreterValue.address(memory: memory, byteOffset: 4)
    let yes = InterpreterValue.scalar(ScalarValue(true))
    #expect(try run(pointerText, p, .integer(2), yes)[0].doubles == [4])
    #expect(InterpreterValue.tensor(memory).doubles == [1, 5, 3, 4])
    for index: Int64 in [3, -2, .max, .min] {
      #expect(try failure(pointerText, p, .integer(index), yes).error.status == .outOfBounds)
    }
    #expect(try failure(pointerText, .null, .integer(0), yes).error.status == .outOfBounds)
  }

  @Test func masksTouchNothing() throws {
    let text = """
      func @f(%p: *i32, %no: bool) -> (i32) {
        %other = constant {-1} : i32
        %v = pointer_load %p, %no, %other : i32
        pointer_store %p, %v, %no
        %0 = atomic_update %p, %v, %no {replace} : i32
        %1 = add %0, %v : i32
        return %1
      }
      """
    #expect(try run(text, .null, .scalar(ScalarValue(false)))[0].doubles == [-1])
  }

  @Test func keepsAddressesInTensors() throws {
    let text = """
      func @f(%p: *i16, %n: i64) -> (i16) {
        %table = compute %n : *i16[?] {
        ^(%i: i64):
          %0 = pointer_offset %p, %i : *i16
          yield %0
        }
        %one = constant {1} : i64
        %zero = constant {0} : i64
        %yes = constant {true} : bool
        %s = reduce %zero, %n, %one {sum} : i16 {
        ^(%k: i64):
          %q = read %table, %k : *i16
          %none = constant {0} : i16
          %v = pointer_load %q, %yes, %none : i16
          yield %v
        }
        return %s
      }
      """
    let memory = TensorValue(.i16, shape: [3], values: [1, -2, 5].map { ScalarValue($0, .i16) })
    let p = InterpreterValue.address(memory: memory, byteOffset: 0)
    #expect(try run(text, p, .integer(3))[0].doubles == [4])
  }
}
