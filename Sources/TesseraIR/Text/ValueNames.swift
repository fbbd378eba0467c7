/// Gives each value of a function its name in the text, unique in the function.
///
/// A name from the source survives; where two values share one, a number is added. Values without
/// a name, or with one that is a number, are counted in the order in which the text mentions them,
/// so that parsing and printing again gives the same names.
struct ValueNames {
  private let function: Function
  private var names: [Value: String] = [:]
  private var taken: Set<String> = []
  private var nextSuffix: [String: Int] = [:]
  private var unnamedCount = 0

  /// Prepares to name the values of `function`.
  init(_ function: Function) { self.function = function }

  /// The name of `value`, with its `%`.
  mutating func name(of value: Value) -> String {
    if let name = names[value] { return name }
    let name = "%" + spelledName(makeName(function.values[value].name))
    names[value] = name
    return name
  }

  private mutating func makeName(_ source: String?) -> String {
    guard let source, !source.isEmpty, !source.utf8.allSatisfy(isDigit) else {
      defer { unnamedCount += 1 }
      return String(unnamedCount)
    }
    if taken.insert(source).inserted { return source }
    var suffix = nextSuffix[source] ?? 1
    while !taken.insert("\(source).\(suffix)").inserted { suffix += 1 }
    nextSuffix[source] = suffix + 1
    return "\(source).\(suffix)"
  }
}

/// `true` iff `byte` is a decimal digit.
func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// `true` iff a name may hold `byte` without quotes.
func isNameByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "."),
    UInt8(ascii: "$"), 0x80...:
    true
  default: false
  }
}

/// The spelling of a name after `%` or `@`: quoted if it holds more than letters, digits, `_.$`.
func spelledName(_ name: String) -> String {
  !name.isEmpty && name.utf8.allSatisfy(isNameByte) ? name : quoted(name)
}

/// The text between quotes, with escapes where needed.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
