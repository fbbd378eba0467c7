import Foundation

/// The arguments of the command line.
struct Options {
  var threads = 0
  var repeats = 3
  var size = 512
  /// Where the programs of the example are.
  var directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst().flatMap(Int.init), value >= 0 else { Options.stop() }
      switch flag {
      case "--threads": threads = value
      case "--repeats": repeats = max(value, 1)
      case "--size" where value % 64 == 0 && value > 0: size = value
      default: Options.stop()
      }
    }
  }

  private static func stop() -> Never {
    let usage = "usage: adapter-full-size [--threads N] [--repeats N] [--size MULTIPLE-OF-64]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
  }
}

/// Random numbers of a seed (Algorithm: Steele and others 2014, SplitMix64).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Numbers that are normal as nearly as the sum of four uniform ones is.
  mutating func normals(_ count: Int, scale: Float) -> [Float] {
    let factor = scale * Float(3).squareRoot() / 65536
    return (0..<count).map { _ in
      let bits = next()
      let sum = (0..<4).reduce(Int64(0)) { $0 + Int64((bits >> (16 * $1)) & 0xFFFF) }
      return Float(sum - 131_070) * factor
    }
  }
}

/// A duration in milliseconds.
func milliseconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) * 1e-15
}

/// The most memory that this process has held, in megabytes.
func peakMegabytes() -> Int {
  guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
    let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }
    )
  else { return 0 }
  return kilobytes / 1024
}

/// The same network in PyTorch, in a process of its own.
enum PyTorch {
  /// The time and peak memory of a run, or `nil` where there is no PyTorch.
  static func time(_ options: Options) -> (milliseconds: Double, megabytes: Int)? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", options.directory.appendingPathComponent("full-size/pytorch.py").path,
      String(options.threads), String(options.repeats), String(options.size),
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let words = text.split(whereSeparator: \.isWhitespace)
    guard process.terminationStatus == 0, words.count == 2,
      let time = Double(words[0]), let memory = Int(words[1])
    else { return nil }
    return (time, memory)
  }
}
