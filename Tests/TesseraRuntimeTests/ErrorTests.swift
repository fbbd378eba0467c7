import TesseraRuntime
import Testing

/// The message of `error` as a Swift string.
private func message(_ error: tess_error) -> String {
  withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

@Suite struct ErrorTests {
  @Test func keepsTheFirstInProgramOrder() {
    var error = tess_error()
    #expect(tess_fail(&error, 32, 7, "a.tess", 3, 5, "seventh") == 32)
    tess_fail(&error, 33, 9, "a.tess", 4, 5, "ninth")
    #expect(message(error) == "seventh" && error.line == 3)
    tess_fail(&error, 34, 2, "a.tess", 1, 1, "second")
    tess_fail(&error, 35, 2, "a.tess", 9, 1, "second again")
    #expect(message(error) == "second" && error.status == 34 && error.instance == 2)
    #expect(tess_failed_before(&error, 1) == 0)
    #expect(tess_failed_before(&error, 2) == 1)
  }

  @Test func putsValuesInMessagesOfARun() {
    var (error, run, failure, value) = (tess_error(), tess_run(), tess_failure(), tess_value())
    value.dtype = tess_dtype(code: 0, bits: 64, lanes: 1)
    value.bits = 7
    let status = "n is {}".withCString { text in
      withUnsafeMutablePointer(to: &error) { error in
        tess_run_begin(&run, error, nil, 0)
        (failure.status, failure.message, failure.line) = (34, text, 3)
        return tess_run_fail_values(&run, &failure, 1, &value)
      }
    }
    #expect(status == 34 && error.line == 3 && message(error) == "n is 7")
  }

  @Test func cutsLongMessages() {
    var error = tess_error()
    tess_fail(&error, 32, 0, nil, 0, 0, String(repeating: "x", count: 2000))
    #expect(message(error).count == 511)
  }

  @Test func acceptsNoRecord() { #expect(tess_fail(nil, 32, 0, nil, 0, 0, "lost") == 32) }

  @Test func namesEveryStatus() {
    let texts = (Array(0...12) + Array(32...39)).map { String(cString: tess_status_text($0)) }
    #expect(Set(texts).count == texts.count && !texts.contains("unknown status"))
    #expect(String(cString: tess_status_text(99)) == "unknown status")
  }
}

@Suite struct EntryCheckTests {
  /// Checks a tensor of `shape` against an expected f32 tensor of rank 2; returns status and message.
  private func check(
    _ shape: [Int64], strides: [Int64]? = nil, code: UInt8 = 2, bits: UInt8 = 32, device: Int32 = 1,
    hasData: Bool = true, offset: UInt64 = 0, acceptsRows: Bool = false
  ) -> (UInt32, String) {
    var error = tess_error()
    var shape = shape
    let data = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    defer { data.deallocate() }
    let status = shape.withUnsafeMutableBufferPointer { shape in
      var strides = strides ?? []
      return strides.withUnsafeMutableBufferPointer { strides in
        var tensor = tess_tensor(
          data: hasData ? data : nil, device: tess_device(type: device, id: 0),
          ndim: Int32(shape.count), dtype: tess_dtype(code: code, bits: bits, lanes: 1),
          shape: shape.baseAddress, strides: strides.isEmpty ? nil : strides.baseAddress,
          byte_offset: offset)
        let check = acceptsRows ? tess_check_rows : tess_check_tensor
        return check(&tensor, 1, "x", 2, 32, 2, &error)
      }
    }
    #expect(error.status == status)
    return (UInt32(status), message(error))
  }

  @Test func acceptsDenseTensors() {
    #expect(check([2, 3]).0 == TESS_OK.rawValue)
    #expect(check([2, 3], strides: [3, 1]).0 == TESS_OK.rawValue)
    #expect(check([1, 3], strides: [99, 1]).0 == TESS_OK.rawValue)
    #expect(check([0, 3], hasData: false).0 == TESS_OK.rawValue)
  }

  @Test func refusesWhatCompiledCodeCannotRead() {
    #expect(
      check([2]) == (TESS_WRONG_RANK.rawValue, "argument 1, 'x', has rank 1; expected rank 2"))
    #expect(
      check([2, 3], code: 2, bits: 64)
        == (
          TESS_WRONG_DTYPE.rawValue,
          "argument 1, 'x', is f64[2, 3] (1 lanes); expected elements of f32"
        ))
    #expect(
      check([2, 3], strides: [1, 2])
        == (
          TESS_WRONG_STRIDE.rawValue,
          "argument 1, 'x', is f32[2, 3] with stride 2 in dimension 1; "
            + "expected row-major elements without gaps, stride 1"
        ))
    #expect(check([2, -3]).0 == TESS_WRONG_SHAPE.rawValue)
    #expect(check([1 << 40, 1 << 40]).0 == TESS_TOO_LARGE.rawValue)
    #expect(check([.max, 1]).0 == TESS_TOO_LARGE.rawValue)
    #expect(check([0, 1 << 47]).0 == TESS_TOO_LARGE.rawValue)
    #expect(check([2, 3], device: 2).0 == TESS_WRONG_DEVICE.rawValue)
    #expect(check([2, 3], hasData: false).0 == TESS_NULL_POINTER.rawValue)
    #expect(check([2, 3], offset: 2).0 == TESS_MISALIGNED.rawValue)
    #expect(tess_check_tensor(nil, 0, "x", 2, 32, 2, nil) == Int32(TESS_NULL_POINTER.rawValue))
  }

  @Test func acceptsRowsThatLieApart() {
    for strides in [[8, 1], [2, 1], [0, 1], [-3, 1]] as [[Int64]] {
      #expect(check([2, 3], strides: strides, acceptsRows: true).0 == TESS_OK.rawValue)
    }
    #expect(check([2, 1], strides: [5, 9], acceptsRows: true).0 == TESS_OK.rawValue)
    #expect(
      check([2, 3], strides: [1, 2], acceptsRows: true)
        == (
          TESS_WRONG_STRIDE.rawValue,
          "argument 1, 'x', is f32[2, 3] with stride 2 in dimension 1; "
            + "expected stride 1 in the last dimension"
        ))
    #expect(check([2, 3], strides: [1 << 50, 1], acceptsRows: true).0 == TESS_TOO_LARGE.rawValue)
    #expect(check([3, 3], strides: [.max, 1], acceptsRows: true).0 == TESS_TOO_LARGE.rawValue)
  }

  @Test func elementsThatAreWrittenAreDistinct() {
    func check(_ shape: [Int64], _ strides: [Int64]) -> (UInt32, String) {
      var (shape, strides, error) = (shape, strides, tess_error())
      let status = shape.withUnsafeMutableBufferPointer { shape in
        strides.withUnsafeMutableBufferPointer { strides in
          var tensor = tess_tensor(
            data: nil, device: tess_device(type: 1, id: 0), ndim: Int32(shape.count),
            dtype: tess_dtype(code: 2, bits: 32, lanes: 1), shape: shape.baseAddress,
            strides: strides.baseAddress, byte_offset: 0)
          return tess_check_distinct(&tensor, "y", &error)
        }
      }
      return (UInt32(status), message(error))
    }
    #expect(check([2, 3], [3, 1]).0 == 0 && check([4, 2, 3], [3, 12, 1]).0 == 0)
    #expect(check([2, 3], [-5, 1]).0 == 0 && check([1, 3], [0, 1]).0 == 0)
    #expect(check([0, 3], [0, 1]).0 == 0)
    #expect(
      check([2, 3], [2, 1])
        == (
          TESS_WRONG_STRIDE.rawValue,
          "'y' is written and has stride 2 in dimension 0, so that elements share memory; "
            + "expected 3 or more"
        ))
    #expect(check([2, 3], [0, 1]).0 == TESS_WRONG_STRIDE.rawValue)
    #expect(check([2, 2, 2], [4, 4, 1]).0 == TESS_WRONG_STRIDE.rawValue)
  }

  @Test func showsBothShapesOfADimensionThatDiffers() {
    var error = tess_error()
    var shape: [Int64] = [128, 60]
    shape.withUnsafeMutableBufferPointer { shape in
      var tensor = tess_tensor()
      tensor.ndim = 2
      tensor.dtype = tess_dtype(code: 2, bits: 32, lanes: 1)
      tensor.shape = shape.baseAddress
      _ = tess_check_dimension(&tensor, "b", 1, 64, "f32[K, N]", &error)
    }
    #expect(message(error) == "'b' is f32[128, 60]; expected f32[K, N], where dimension 1 is 64")
  }

  @Test func findsOverlap() {
    let data = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    defer { data.deallocate() }
    var shape: [Int64] = [4]
    shape.withUnsafeMutableBufferPointer { shape in
      func tensor(at offset: UInt64) -> tess_tensor {
        tess_tensor(
          data: data, device: tess_device(type: 1, id: 0), ndim: 1,
          dtype: tess_dtype(code: 2, bits: 32, lanes: 1), shape: shape.baseAddress, strides: nil,
          byte_offset: offset)
      }
      var (a, touching, apart) = (tensor(at: 0), tensor(at: 12), tensor(at: 16))
      #expect(tess_check_disjoint(&a, "y", &touching, "x", nil) == Int32(TESS_OVERLAP.rawValue))
      #expect(tess_check_disjoint(&touching, "y", &a, "x", nil) == Int32(TESS_OVERLAP.rawValue))
      #expect(tess_check_disjoint(&a, "y", &apart, "x", nil) == 0)
    }
  }

  @Test func checksTheWorkspace() {
    let memory = tess_allocate(3 << 20)!
    defer { tess_release(memory) }
    #expect(tess_check_workspace(memory, 100, 100, nil) == 0)
    #expect(tess_check_workspace(memory, 99, 100, nil) == 11)
    #expect(tess_check_workspace(memory + 8, 100, 100, nil) == 8)
    #expect(tess_check_workspace(nil, 100, 100, nil) == 1)
    #expect(tess_check_workspace(nil, 0, 0, nil) == 0)
  }

  @Test func allocatesWholeHugePages() {
    for bytes in [0, 1, 100, 1 << 20, 3 << 20, 5 << 20 + 1] {
      let memory = tess_allocate(bytes)!
      defer { tess_release(memory) }
      let pageBytes: UInt = bytes < 1 << 20 ? 64 : 2 << 20
      #expect(UInt(bitPattern: memory) % pageBytes == 0)
      memory.initializeMemory(as: UInt8.self, repeating: 1, count: bytes)
    }
    // What would be rounded beyond all memory is refused as it is.
    #expect(tess_allocate(.max) == nil)
    #expect(tess_allocate(.max - 100) == nil)
  }

  @Test func stackLimitLiesBelowTheFrame() {
    let limit = UInt(bitPattern: tess_stack_limit())
    #expect(addressOnStack() > limit)
  }

  // A variable of the test itself may lie in the frame of its task, which is not on the stack.
  @inline(never) private func addressOnStack() -> UInt {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { UInt(bitPattern: $0.baseAddress) }
  }
}
