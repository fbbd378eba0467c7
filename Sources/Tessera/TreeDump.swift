import TesseraSource
import TesseraSyntax

/// The tree of `value` as indented lines: one for each struct, case and leaf, spans and absent
/// children left out.
func treeDescription(of value: Any) -> String {
  var dump = TreeDump()
  dump.add(value, label: nil, indent: 0)
  return dump.text
}

private struct TreeDump {
  var text = ""

  mutating func add(_ value: Any, label: String?, indent: Int) {
    let mirror = Mirror(reflecting: value)
    // Before all else, for a cast looks through optionals.
    if mirror.displayStyle == .optional {
      if let child = mirror.children.first { add(child.value, label: label, indent: indent) }
      return
    }
    if let leaf = leaf(value) {
      line(leaf, label, indent)
      return
    }
    switch mirror.displayStyle {
    case .collection, .set:
      if mirror.children.isEmpty { return }
      line("", label, indent)
      for child in mirror.children { add(child.value, label: nil, indent: indent + 1) }
    case .enum:
      guard let payload = mirror.children.first else { return line("\(value)", label, indent) }
      line(payload.label ?? "", label, indent)
      let inner = Mirror(reflecting: payload.value)
      let isTuple = inner.displayStyle == .tuple
      addChildren(isTuple ? inner : Mirror(value, children: [(nil, payload.value)]), indent + 1)
    default:
      // A struct whose only work is to carry a `kind` with a span is its kind.
      let children = mirror.children.filter { !isHidden($0) }
      if children.count == 1, children.first?.label == "kind" {
        return add(children.first!.value, label: label, indent: indent)
      }
      line("\(mirror.subjectType)", label, indent)
      addChildren(mirror, indent + 1)
    }
  }

  private mutating func addChildren(_ mirror: Mirror, _ indent: Int) {
    for child in mirror.children where !isHidden(child) {
      // Elements of unlabelled tuples are called .0, .1, ….
      let label = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 }
      add(child.value, label: label, indent: indent)
    }
  }

  private func isHidden(_ child: Mirror.Child) -> Bool { child.value is SourceSpan }

  private func leaf(_ value: Any) -> String? {
    switch value {
    case let name as Name: "'\(name.text)'"
    case let text as String: "'\(text)'"
    case is Bool, is any BinaryInteger, is any BinaryFloatingPoint: "\(value)"
    default: nil
    }
  }

  private mutating func line(_ content: String, _ label: String?, _ indent: Int) {
    text += String(repeating: "  ", count: indent)
    if let label { text += content.isEmpty ? "\(label):" : "\(label): " }
    text += content + "\n"
  }
}
