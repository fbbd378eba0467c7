import TesseraIR
import TesseraLLVM
import TesseraNumbers
import TesseraSource

/// The functions of the C runtime that compiled code calls; `tessera_compiled.h` says what each
/// does.
enum RuntimeFunction: String {
  case fail = "tess_fail"
  case runFail = "tess_run_fail"
  case runFailWithValues = "tess_run_fail_values"
  case beginRun = "tess_run_begin"
  case endRun = "tess_run_end"
  case allocate = "tess_run_allocate"
  case release = "tess_run_release"
  case tellReleased = "tess_tell_released"
  case runParallel = "tess_run_parallel"
  case stackLimit = "tess_stack_limit"
  case sort = "tess_sort"
  case checkTensors = "tess_check_tensors"
  case checkSizes = "tess_check_sizes"
  case checkAxes = "tess_check_axes"
  case beginCall = "tess_call_begin"
  case checkCall = "tess_call_check"
  case endCall = "tess_call_end"
  case checkFact = "tess_check_fact"
  case checkWorkspace = "tess_check_workspace"
  case checkPacked = "tess_check_packed"
  case printText = "tess_print_text"
  case printBool = "tess_print_bool"
  case printI64 = "tess_print_i64"
  case printU64 = "tess_print_u64"
  case printF16 = "tess_print_f16"
  case printBF16 = "tess_print_bf16"
  case printF32 = "tess_print_f32"
  case printF64 = "tess_print_f64"
  case printTensor = "tess_print_tensor"
  case printEnd = "tess_print_end"

  /// The parameter types and the result type.
  func type(_ builder: LLVMBuilder) -> LLVMType {
    let pointer = builder.pointerType
    let void = builder.voidType
    let i16 = builder.integerType(16)
    let (i32, i64) = (builder.integerType(32), builder.integerType(64))
    func type(_ parameters: [LLVMType], _ result: LLVMType) -> LLVMType {
      builder.functionType(parameters, result)
    }
    return switch self {
    case .fail: type([pointer, i32, i64, pointer, i32, i32, pointer], i32)
    case .runFail: type([pointer, pointer], i32)
    case .runFailWithValues: type([pointer, pointer, i32, pointer], i32)
    case .beginRun: type([pointer, pointer, pointer, i64], void)
    case .endRun: type([pointer], void)
    case .allocate: type([pointer, i64], pointer)
    case .release: type([pointer, pointer, pointer], void)
    case .tellReleased: type([pointer, i64], void)
    case .runParallel: type([pointer, i64, pointer, pointer, pointer], i32)
    case .stackLimit: type([], pointer)
    case .sort:
      type(
        [i32, i32, i32, i32, pointer, pointer, pointer, pointer, pointer, pointer, pointer], i32)
    case .beginCall: type([pointer, pointer, pointer, pointer], i32)
    case .checkCall: type([pointer, pointer, pointer, i64], i32)
    case .endCall: type([pointer, i32], i32)
    case .checkTensors, .checkSizes: type([pointer, pointer, i32, pointer], i32)
    case .checkAxes: type([pointer, pointer, i32, pointer, pointer], i32)
    case .checkFact: type([i32, pointer, pointer, pointer, i32, pointer], i32)
    case .checkWorkspace, .checkPacked: type([pointer, i64, i64, pointer], i32)
    case .printText: type([pointer, i64], void)
    case .printBool: type([i32], void)
    case .printI64, .printU64, .printEnd: type([i64], void)
    case .printF16, .printBF16: type([i16], void)
    case .printF32: type([builder.floatType], void)
    case .printF64: type([builder.doubleType], void)
    case .printTensor: type([pointer], void)
    }
  }
}

/// The positions of the members of `tess_run`.
enum RunMember: Int {
  case error, instance, stackLimit, next, end, chunks, spare
}

/// How `tess_call` lies in memory; it begins with the run.
enum CallLayout {
  /// Where the addresses of elements begin, one a tensor, in bytes.
  static let elements = 824
}

/// A way in which a program fails, at a place of the source: a `tess_failure`.
struct Failure: Hashable {
  let status: Status
  /// What is said; numbers stand for `{}`.
  let message: String
  let span: SourceSpan
}

/// The numbers of `tess_status` that compiled code gives.
enum Status: Int64 {
  case nullPointer = 1
  case assertionFailed = 32
  case divisionByZero = 33
  case recursionTooDeep = 37
  case outOfMemory = 38
  case interrupted = 39
}

extension ScalarType {
  /// The code of the element type in DLPack.
  public var dataTypeCode: UInt8 {
    switch self {
    case .bool: 6
    case .i8, .i16, .i32, .i64: 0
    case .u8, .u16, .u32, .u64: 1
    case .f16, .f32, .f64: 2
    case .bf16: 4
    }
  }
}
