import TesseraNumbers

/// Writes functions as IR text; `Text/README.md` shows the form.
private struct Printer {
  let function: Function
  var names: ValueNames
  var text = ""

  /// Prepares to write `function`.
  init(_ function: Function) {
    self.function = function
    names = ValueNames(function)
  }

  /// Writes the whole function.
  mutating func printFunction() {
    text += "func @" + spelledName(function.name) + "("
    for (index, parameter) in function.parameters.enumerated() {
      if index > 0 { text += ", " }
      let role = index < function.roles.count ? function.roles[index] : .input
      text += names.name(of: parameter) + ": "
      if role != .input { text += role.rawValue + " " }
      text += function.type(of: parameter).description
    }
    text += ")"
    if !function.resultTypes.isEmpty {
      let results = function.resultTypes.indices.map(spelledResult)
      text += " -> (" + results.joined(separator: ", ") + ")"
    }
    text += function.isExported ? " export {\n" : " {\n"
    printOperations(of: function.body, indent: 1)
    text += "}\n"
  }

  private func spelledResult(_ index: Int) -> String {
    let name = index < function.resultNames.count ? function.resultNames[index] : ""
    let type = function.resultTypes[index].description
    return name.isEmpty ? type : "%\(spelledName(name)): \(type)"
  }

  private mutating func printOperations(of region: ID<Region>, indent: Int) {
    for operation in function.regions[region].operations {
      text += String(repeating: "  ", count: indent)
      printOperation(function.operations[operation], indent: indent)
      text += "\n"
    }
  }

  private mutating func printOperation(_ operation: Operation, indent: Int) {
    if !operation.results.isEmpty {
      text += list(operation.results) + " = "
    }
    text += operation.opcode.info.spelling
    if !operation.operands.isEmpty { text += " " + list(operation.operands) }
    let resultType = operation.results.first.map(function.type(of:))
    if let attribute = spelled(operation.attribute, resultType: resultType) {
      text += " {" + attribute + "}"
    }
    if !operation.results.isEmpty {
      let types = operation.results.map { function.type(of: $0).description }
      text += " : " + types.joined(separator: ", ")
    }
    for region in operation.regions { printRegion(region, indent: indent) }
  }

  private mutating func printRegion(_ region: ID<Region>, indent: Int) {
    let margin = String(repeating: "  ", count: indent)
    text += " {\n"
    let parameters = function.regions[region].parameters
    if !parameters.isEmpty {
      text += margin + "^("
      for (index, parameter) in parameters.enumerated() {
        if index > 0 { text += ", " }
        text += names.name(of: parameter) + ": " + function.type(of: parameter).description
      }
      text += "):\n"
    }
    printOperations(of: region, indent: indent + 1)
    text += margin + "}"
  }

  private mutating func list(_ values: [Value]) -> String {
    var result = ""
    for (index, value) in values.enumerated() {
      if index > 0 { result += ", " }
      result += names.name(of: value)
    }
    return result
  }
}

// MARK: Attributes

private func spelled(_ attribute: Attribute, resultType: Type?) -> String? {
  switch attribute {
  case .none: nil
  case .integer(let value): spelled(value, type: resultType)
  case .float(let value): spelled(value, type: resultType?.scalarType)
  case .dense(let constant): "dense \"" + hexadecimal(constant.bytes) + "\""
  case .string(let text): quoted(text)
  case .symbol(let name): "@" + spelledName(name)
  case .reduction(let combiner, let order, let algorithms):
    combiner.rawValue + spelled(order)
      + (algorithms.isEmpty ? "" : ", permits " + algorithms.spellings.joined(separator: " "))
  case .scan(let combiner, let axis, let reverse, let exclusive):
    "\(combiner.rawValue), axis \(axis)" + (reverse ? ", reverse" : "")
      + (exclusive ? ", exclusive" : "")
  case .update(let combiner): combiner.rawValue
  }
}

private func spelled(_ order: ReductionOrder) -> String {
  switch order {
  case .sequential: ""
  case .lanes(let lanes):
    ", lanes \(lanes.count)"
      + (lanes.restCount == lanes.count ? "" : " then \(lanes.restCount)")
      + (lanes.joinedIndices == 1 ? "" : " over \(lanes.joinedIndices)")
      + (lanes.isFused ? " fused" : "")
  }
}

private func spelled(_ value: Int64, type: Type?) -> String {
  switch type {
  case .scalar(.bool) where value == 0 || value == 1: value == 1 ? "true" : "false"
  case .scalar(.u64): String(UInt64(bitPattern: value))
  default: String(value)
  }
}

/// The shortest decimal that the parser rounds to the same number.
private func spelled(_ value: Double, type: ScalarType?) -> String {
  if value.isNaN {
    if value.bitPattern == Double.nan.bitPattern { return "nan" }
    return "nan 0x" + String(value.bitPattern, radix: 16)
  }
  let single = Float(value)
  let isSingle = type != .f64 && Double(single).bitPattern == value.bitPattern
  return isSingle ? single.description : value.description
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count * 2)
  for byte in bytes {
    result.append(digits[Int(byte >> 4)])
    result.append(digits[Int(byte & 15)])
  }
  return String(decoding: result, as: UTF8.self)
}

extension Function: CustomStringConvertible {
  /// The function as IR text, ending in a newline.
  public var description: String {
    var printer = Printer(self)
    printer.printFunction()
    return printer.text
  }
}

extension Module: CustomStringConvertible {
  /// The functions as IR text, with an empty line between two.
  public var description: String {
    functions.map(\.description).joined(separator: "\n")
  }
}
