import TesseraSource
import TesseraSyntax
extension Diagnostic {
  static func shapeMismatch2(at s: SourceSpan) -> Diagnostic { Diagnostic("shape-mismatch", "shape mismatch", at: s) }
  static func dimensionMismatch(_ a: Any?, wanted: Any?, _ b: Any?, _ c: Any?, labels: Any?, at s: SourceSpan) -> Diagnostic { Diagnostic("dim", "\(a!) \(wanted!) \(b!) \(c!)", at: s) }
  static func doesNotHold(_ a: Any?, left: Any?, _ b: Any?, right: Any?, at s: SourceSpan) -> Diagnostic { Diagnostic("doesnothold", "\(a!) \(left!) \(b!) \(right!)", at: s) }
}
extension FixIt { static func convert(_ s: SourceSpan, to: String) -> FixIt { FixIt("convert", []) } }
enum ExpressionText { static func spell(_ a: Any) -> String { "\(a)" } }
extension FunctionChecker { func resolveNames(in a: Any) {} }
extension Checker {
  func checkModule(_ id: ID<ModuleInfo>) {
    let all = callables.ids.filter { callables[$0].module == id }
    for c in all {
      let callable = callables[c]
      if callable.isUnsupported { continue }
        let ok = callable.signature.generics.allSatisfy { if case .dimension = $0.kind { true } else { false } } && callable.signature.parameters.allSatisfy { $0.passing != .const }
        if ok { _ = instance(of: c, Bindings(), from: nil, at: callable.span) }
    }
    for d in modules[id].source.declarations {
      switch d.kind {
      case .test(let t):
        let c = callables.append(Callable(kind: .test(title: t.title), module: id, name: Name("test", at: t.titleSpan), signature: Signature(span: t.titleSpan, generics: [], parameters: [], result: ResultClause(span: t.titleSpan, broughtDimensions: [], kind: .inferred), facts: []), body: t.body, attributes: [], isExported: false, isPrivate: false, span: t.titleSpan))
        if let i = instance(of: c, Bindings(), from: nil, at: t.titleSpan) { program.tests.append(i.instance.id) }
      case .exportAlias(let e):
        guard case .call(let callee, let args) = e.value.kind, case .name(let n) = callee.kind, let c = modules[id].callables[n.text]?.first else { continue }
        var b = Bindings()
        let f = FunctionChecker(checker: self, module: id)
        for g in callables[c].signature.generics {
          guard case .constant(let tn) = g.kind else { continue }
          let t = f.resolve(tn)
          if let a = args.first(where: { $0.label?.text == g.name.text }) {
            let v = f.check(a.value, expecting: t)
            b.constants[g.name.text] = f.constantIfKnown(v)
          }
        }
        for p in callables[c].signature.parameters where p.passing == .const {
          let t = f.resolve(p.type)
          if let a = args.first(where: { $0.label?.text == p.name.text })?.value ?? p.defaultValue {
            let v = f.check(a, expecting: t)
            b.constants[p.name.text] = f.constantIfKnown(v)
          }
        }
        if let i = instance(of: c, b, from: nil, symbol: e.name.text, at: e.value.span) { program.exports.append(i.instance.id) }
      default: break
      }
    }
  }
}
