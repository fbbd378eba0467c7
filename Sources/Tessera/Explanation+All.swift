// Made from the doc comments by `TESSERA_BLESS=1 swift test --filter ExplanationTests`.

extension Explanation {
  /// The explanations of all diagnostics, in alphabetical order.
  public static let all: [Explanation] = [
    Explanation(
      identifier: "assignment-in-condition",
      text: #"""
        A single `=` in a condition.

            if a = b { c }
        """#),
    Explanation(
      identifier: "chained-comparison",
      text: #"""
        A comparison of the result of a comparison; `middle` is what both compare.

            0 <= i < n
        """#),
    Explanation(
      identifier: "expected-block",
      text: #"""
        A body that is missing.

            fn f(x: f32) -> f32
        """#),
    Explanation(
      identifier: "expected-by",
      text: #"""
        A clause of a query without its `by`.

            order price
        """#),
    Explanation(
      identifier: "expected-clause",
      text: #"""
        Something in a query that begins no clause.

            query q(t: T) { from t }
        """#),
    Explanation(
      identifier: "expected-declaration",
      text: #"""
        Something at the top level that declares nothing.

            let x = 1
        """#),
    Explanation(
      identifier: "expected-expression",
      text: #"""
        A place for a value that holds none.

            let x = * 2
        """#),
    Explanation(
      identifier: "expected-fold-arguments",
      text: #"""
        A `fold` without its start and function.

            fold[k] x[k]
        """#),
    Explanation(
      identifier: "expected-lambda-parameters",
      text: #"""
        Something before `=>` that names no parameter.

            (a + b) => a
        """#),
    Explanation(
      identifier: "expected-name",
      text: #"""
        A place for a name that holds none; `what` is what would be named.

            fn (x: f32) { x }
        """#),
    Explanation(
      identifier: "expected-sequence-length",
      text: #"""
        A type in brackets that says nothing about its length.

            fn f(x: [f32]) { 0 }
        """#),
    Explanation(
      identifier: "expected-token",
      text: #"""
        A sign or word that the grammar demands; `purpose` completes the sentence.

            for i 0..n {}
        """#),
    Explanation(
      identifier: "expected-type",
      text: #"""
        A place for a type that holds none.

            fn f(x: 3) { x }
        """#),
    Explanation(
      identifier: "foreign-operator",
      text: #"""
        An operator of another language.

            a && b
        """#),
    Explanation(
      identifier: "generic-arguments-in-expression",
      text: #"""
        Generic arguments where `<` compares.

            zeros<f32>(n)
        """#),
    Explanation(
      identifier: "integer-too-large",
      text: #"""
        An integer that needs more than 64 bits.

            let n = 99999999999999999999
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
        A number with letters or a `_` behind it that do not belong there.

            let n = 12px
        """#),
    Explanation(
      identifier: "malformed-text",
      text: #"""
        Bytes that are no UTF-8.

            let caf\xE9 = 1
        """#),
    Explanation(
      identifier: "misplaced-combiner",
      text: #"""
        A combiner in a reduction that has one already.

            sum[i by f] x[i]
        """#),
    Explanation(
      identifier: "misplaced-modifier",
      text: #"""
        `export` or `private` where it means nothing.

            export test "t" {}
        """#),
    Explanation(
      identifier: "missing-closing",
      text: #"""
        A bracket that is not closed.

            f(a, b
        """#),
    Explanation(
      identifier: "missing-combiner",
      text: #"""
        A `reduce` that does not say how it combines.

            reduce[i] x[i]
        """#),
    Explanation(
      identifier: "missing-grid",
      text: #"""
        A kernel without a grid.

            kernel k(x: f32[4]) { }
        """#),
    Explanation(
      identifier: "missing-identity",
      text: #"""
        A combiner without identity.

            combiner add(a: f32, b: f32) -> f32 { a + b }
        """#),
    Explanation(
      identifier: "missing-separator",
      text: #"""
        Two statements or declarations on one line.

            let a = 1 let b = 2
        """#),
    Explanation(
      identifier: "nesting-too-deep",
      text: #"""
        Nesting beyond the limit of the parser.
        """#),
    Explanation(
      identifier: "not-assignable",
      text: #"""
        An assignment to something that is no place.

            f(x) = 1
        """#),
    Explanation(
      identifier: "open-ended-range",
      text: #"""
        A range without upper end.

            x[1..]
        """#),
    Explanation(
      identifier: "range-outside-definition",
      text: #"""
        A range of an index where no index is declared.

            let y = x[i in 0..4]
        """#),
    Explanation(
      identifier: "reduction-after-division",
      text: #"""
        A reduction directly after `/` or `%`; `extent` is what it would reduce.

            y[i] = a[i] / sum[k] b[k] * c[k]
        """#),
    Explanation(
      identifier: "repeated-modifier",
      text: #"""
        `export export` and the like.

            private private fn f() { 0 }
        """#),
    Explanation(
      identifier: "reserved-word",
      text: #"""
        A reserved word as the name of `what`.

            let sum = 0
        """#),
    Explanation(
      identifier: "step-without-range",
      text: #"""
        A step behind something that is no range.

            for i in n by 2 {}
        """#),
    Explanation(
      identifier: "unexpected-character",
      text: #"""
        A character that begins nothing.

            let a = 1 # 2
        """#),
    Explanation(
      identifier: "unknown-escape",
      text: #"""
        A backslash before a character that it does not escape.

            test "50\% done" {}
        """#),
    Explanation(
      identifier: "unterminated-string",
      text: #"""
        A string whose line ends before it does.

            test "softmax {}
        """#),
    Explanation(
      identifier: "unused-value",
      text: #"""
        A statement that computes a value and drops it; `moving` is the text from the end of the
        statement before to the operand of a leading `-`.

            let y = a
            - b
            y
        """#),
  ]
}
