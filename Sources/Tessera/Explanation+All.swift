// Made from the doc comments by `TESSERA_BLESS=1 swift test --filter ExplanationTests`.

extension Explanation {
  /// The explanations of all diagnostics, in alphabetical order.
  public static let all: [Explanation] = [
    Explanation(
      identifier: "assignment-in-condition",
      text: #"""
        '=' assigns and '==' compares; a condition needs the latter.

            fn choose(a: int, b: int) -> int { if a = b { 1 } else { 0 } }
        """#),
    Explanation(
      identifier: "chained-comparison",
      text: #"""
        A comparison gives a truth, so a second one would compare that. Compare twice and join with
        'and'.

            fn inside(i: int, n: int) -> bool { 0 <= i < n }
        """#),
    Explanation(
      identifier: "expected-block",
      text: #"""
        A body in braces is missing.

            fn half(x: f32) -> f32
        """#),
    Explanation(
      identifier: "expected-by",
      text: #"""
        'group' and 'order' are followed by 'by'.

            query cheap(t: Part) {
              scan t
              order price
            }
        """#),
    Explanation(
      identifier: "expected-clause",
      text: #"""
        A query consists of the clauses scan, where, select, group by, aggregate, order by and
        limit, in the order in which they work.

            query cheap(t: Part) {
              from t
              limit 3
            }
        """#),
    Explanation(
      identifier: "expected-declaration",
      text: #"""
        At the top level of a file stand declarations only: fn, kernel, struct, combiner, const,
        export, test, bench, table and query.

            func half(x: f32) -> f32 { x / 2 }
        """#),
    Explanation(
      identifier: "expected-expression",
      text: #"""
        A value is missing, or something stands in its place that has none.

            fn half(x: f32) -> f32 { x / }
        """#),
    Explanation(
      identifier: "expected-fold-arguments",
      text: #"""
        A fold takes its start and its function in parentheses behind the indices.

            fn total<N>(x: f32[N]) -> f32 { fold[k] x[k] }
        """#),
    Explanation(
      identifier: "expected-lambda-parameters",
      text: #"""
        Before '=>' stand names in parentheses, or one name.

            fn twice(x: f32) -> f32 { apply((a + b) => a, x) }
        """#),
    Explanation(
      identifier: "expected-name",
      text: #"""
        A declaration, field or option needs a name.

            fn (x: f32) -> f32 { x }
        """#),
    Explanation(
      identifier: "expected-sequence-length",
      text: #"""
        A type in brackets is a sequence and says how long it is, [T; n] or [T for i in a..b]. A
        tensor is T[n].

            fn first(x: [f32]) -> f32 { x }
        """#),
    Explanation(
      identifier: "expected-token",
      text: #"""
        A sign or word that the grammar demands is missing.

            fn count_up(n: int) {
              for i 0..n { print(i) }
            }
        """#),
    Explanation(
      identifier: "expected-type",
      text: #"""
        A type is missing, or something stands in its place that is none.

            fn half(x: 2) -> f32 { x }
        """#),
    Explanation(
      identifier: "foreign-operator",
      text: #"""
        The operator belongs to another language. Logic is written and, or, not; powers are written
        pow(x, n).

            fn both(a: bool, b: bool) -> bool { a && b }
        """#),
    Explanation(
      identifier: "generic-arguments-in-expression",
      text: #"""
        In an expression '<' compares. Generic arguments are inferred, constants are passed by
        label, and a type is an argument: zeros(f32[4]).

            fn nothing() -> f32 { zeros<f32>(4) }
        """#),
    Explanation(
      identifier: "integer-too-large",
      text: #"""
        An integer literal fits into 64 bits.

            const MANY: u64 = 99999999999999999999
        """#),
    Explanation(
      identifier: "ir-attribute",
      text: #"""
        An attribute does not fit its operation or type: `dimension %x {7}` of a matrix.
        """#),
    Explanation(
      identifier: "ir-call",
      text: #"""
        A call does not fit the function that it names.
        """#),
    Explanation(
      identifier: "ir-duplicate-function",
      text: #"""
        Two functions have one name: `func @f() {…} func @f() {…}`.
        """#),
    Explanation(
      identifier: "ir-duplicate-value",
      text: #"""
        Two values of a function have one name: `%a = … %a = …`.
        """#),
    Explanation(
      identifier: "ir-nested-too-deeply",
      text: #"""
        Regions are nested so deeply that no program can be meant.
        """#),
    Explanation(
      identifier: "ir-not-visible",
      text: #"""
        A value is used where its definition is not around: after its region ended, or before it.
        """#),
    Explanation(
      identifier: "ir-number-form",
      text: #"""
        A number has no meaning for the type: `constant {1.5} : i32`.
        """#),
    Explanation(
      identifier: "ir-operand-count",
      text: #"""
        An operation has more or fewer operands: `add %a`.
        """#),
    Explanation(
      identifier: "ir-operand-type",
      text: #"""
        An operand has another type: `add %f32, %f64`.
        """#),
    Explanation(
      identifier: "ir-region-count",
      text: #"""
        An operation has regions that its kind has not, or lacks one.
        """#),
    Explanation(
      identifier: "ir-region-parameters",
      text: #"""
        A region takes other parameters than its operation gives.
        """#),
    Explanation(
      identifier: "ir-result-count",
      text: #"""
        An operation gives more or fewer results.
        """#),
    Explanation(
      identifier: "ir-result-type",
      text: #"""
        A result has another type: `less %a, %b : f32`.
        """#),
    Explanation(
      identifier: "ir-role",
      text: #"""
        A parameter that is no buffer is said to be written: `%x: output f32`.
        """#),
    Explanation(
      identifier: "ir-stage",
      text: #"""
        An operation or type has no place in the stage: a tensor after scheduling.
        """#),
    Explanation(
      identifier: "ir-structure",
      text: #"""
        The tables of a function contradict each other; text cannot say so, only code can.
        """#),
    Explanation(
      identifier: "ir-syntax",
      text: #"""
        The text has another form: `func f() {}`.
        """#),
    Explanation(
      identifier: "ir-terminator",
      text: #"""
        A region does not end as it must.
        """#),
    Explanation(
      identifier: "ir-type",
      text: #"""
        A type cannot be: `vector f32 x 3`.
        """#),
    Explanation(
      identifier: "ir-unknown-operation",
      text: #"""
        No operation is spelled so: `%a = plus %x, %y : f32`.
        """#),
    Explanation(
      identifier: "ir-unknown-value",
      text: #"""
        A value is used before, or without, its definition.
        """#),
    Explanation(
      identifier: "ir-yield",
      text: #"""
        A region gives other types than its operation asks for.
        """#),
    Explanation(
      identifier: "malformed-number",
      text: #"""
        A number runs into letters, or ends with '_'. Numbers look like 1, 0x1F, 1_000, 1.5, 1e-5
        and 2.0i.

            const WIDTH: int = 12px
        """#),
    Explanation(
      identifier: "malformed-text",
      text: #"""
        The bytes are not UTF-8. Save the file as UTF-8.

            fn caf\xE9(x: f32) -> f32 { x }
        """#),
    Explanation(
      identifier: "misplaced-combiner",
      text: #"""
        Only 'reduce' takes a combiner; the other reductions have their own.

            fn total<N>(x: f32[N]) -> f32 { sum[i by best] x[i] }
        """#),
    Explanation(
      identifier: "misplaced-modifier",
      text: #"""
        'export' makes a symbol of a function or kernel, 'private' keeps a name in its file; neither
        goes with this declaration, or with the other.

            export test "halves" {}
        """#),
    Explanation(
      identifier: "missing-arrow",
      text: #"""
        The type of a result stands behind '->'.

            fn half(x: f32): f32 { x / 2 }
        """#),
    Explanation(
      identifier: "missing-closing",
      text: #"""
        A bracket is opened and not closed.

            fn half(x: f32) -> f32 {
              max(x / 2, 0
            }
        """#),
    Explanation(
      identifier: "missing-combiner",
      text: #"""
        'reduce' names the combiner that it uses: reduce[i by f] x[i].

            fn total<N>(x: f32[N]) -> f32 { reduce[i] x[i] }
        """#),
    Explanation(
      identifier: "missing-grid",
      text: #"""
        A kernel says over which grid its programs run.

            kernel copy<N>(x: f32[N], out y: f32[N]) {
              y[tile(N)] = x[tile(N)]
            }
        """#),
    Explanation(
      identifier: "missing-identity",
      text: #"""
        A combiner says what the reduction of nothing is.

            combiner add(a: f32, b: f32) -> f32 { a + b }
        """#),
    Explanation(
      identifier: "missing-separator",
      text: #"""
        Two statements or declarations stand on one line. Begin a new line, or write ';' between
        them.

            fn half(x: f32) -> f32 { let y = x / 2 y }
        """#),
    Explanation(
      identifier: "nesting-too-deep",
      text: #"""
        Brackets and blocks nest up to a fixed depth, so that no program can exhaust the compiler's
        stack. Name a part of the value with 'let'.
        """#),
    Explanation(
      identifier: "not-assignable",
      text: #"""
        The left side of an assignment is a name, a field, an element, a slice, or a tuple of these.

            fn half(x: f32) {
              f(x) = x / 2
            }
        """#),
    Explanation(
      identifier: "open-ended-range",
      text: #"""
        A range writes both ends. '..b' between brackets is an index pack.

            fn rest<N>(x: f32[N]) { x[1..] }
        """#),
    Explanation(
      identifier: "range-outside-definition",
      text: #"""
        'i in a..b' declares an index, which is possible on the left of a definition and in a
        reduction only. A slice is written x[a..b].

            fn part<N>(x: f32[N]) { let y = x[i in 0..4]; y }
        """#),
    Explanation(
      identifier: "reduction-after-division",
      text: #"""
        A reduction takes the whole product to its right, which after '/' or '%' reads as something
        else. Put it in parentheses.

            fn ratio<N>(a: f32, b: f32[N], c: f32[N]) -> f32 { a / sum[k] b[k] * c[k] }
        """#),
    Explanation(
      identifier: "repeated-modifier",
      text: #"""
        A modifier is written once.

            private private fn half(x: f32) -> f32 { x / 2 }
        """#),
    Explanation(
      identifier: "reserved-word",
      text: #"""
        The word has a meaning in the language. After a point and before a colon any word may be a
        name.

            fn half(x: f32) -> f32 {
              let sum = x / 2
              x
            }
        """#),
    Explanation(
      identifier: "step-without-range",
      text: #"""
        'by' gives the step of a range a..b.

            fn count_up(n: int) {
              for i in n by 2 { print(i) }
            }
        """#),
    Explanation(
      identifier: "tail-call-with-tensors",
      text: #"""
        `tail` asks for a call that uses no stack, but the call hands over tensors, which live in
        memory of the function that would have to end first; only a function that calls itself can
        go on in a loop: `tail other(x)` where `x` is a tensor.
        """#),
    Explanation(
      identifier: "unexpected-character",
      text: #"""
        The character begins nothing in the language. Signs from typography have a plain form, which
        the fix-it writes.

            fn difference(a: f32, b: f32) -> f32 { a − b }
        """#),
    Explanation(
      identifier: "unknown-escape",
      text: #"""
        A backslash in a string stands before a character that it does not escape. The escapes are
        \n \t \r \0 \\ \" and \u{1F600}.

            test "50\% done" {}
        """#),
    Explanation(
      identifier: "unterminated-string",
      text: #"""
        A string ends on the line on which it begins.

            test "softmax
            {}
        """#),
    Explanation(
      identifier: "unused-value",
      text: #"""
        The statement computes a value and drops it. A line that begins with '-', '(' or '[' is a
        new statement; an operator at the end of the line before continues it.

            fn difference(a: f32, b: f32) -> f32 {
              let y = a
              - b
              y
            }
        """#),
  ]
}
