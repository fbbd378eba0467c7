import ArgumentParser
import Foundation
import Tessera
import TesseraIR

/// The machine that code is made for.
struct TargetOptions: ParsableArguments {
  @Option(
    help: """
      The level or triple to make code for: x86-64-v3, x86-64-v4, aarch64-linux-gnu, native. What \
      machines have beyond it may follow: x86-64-v4+avx512vnni.
      """)
  var target: String = "x86-64-v3"
  @Option(help: "The processor of that level to make code for, as LLVM names it.") var cpu: String?

  /// Refuses an environment whose `TESSERA_TARGET` names no target.
  static func checkEnvironment() throws {
    guard let name = ProcessInfo.processInfo.environment["TESSERA_TARGET"] else { return }
    do { _ = try machine(named: name) } catch let error as UsageError {
      throw UsageError("TESSERA_TARGET: \(error.message)")
    }
  }

  /// The machine that was asked for.
  func machine() throws -> TargetDescription {
    var description = try Self.machine(named: target)
    if let cpu {
      guard description.processors.contains(cpu) else {
        let known = description.processors.joined(separator: ", ")
        throw UsageError(
          "there is no processor '\(cpu)' of the level \(description.name); expected one of \(known)"
        )
      }
      description = description.tuned(for: cpu)
    }
    return description
  }

  /// The machine called `name`.
  static func machine(named name: String) throws -> TargetDescription {
    if let machine = name == "native" ? .native : TargetDescription(name: name) { return machine }
    let known = TargetDescription.all.map(\.name).joined(separator: ", ")
    let level = name.split(separator: "+").first.flatMap { TargetDescription(name: String($0)) }
    if let level {
      let extensions = level.knownExtensions.map { "+" + $0 }.joined(separator: ", ")
      throw UsageError(
        "there is no target '\(name)'; \(level.name) may be followed by \(extensions)")
    }
    throw UsageError("there is no target '\(name)'; there are \(known)")
  }
}
