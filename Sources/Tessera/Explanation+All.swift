// Generated, so that doc comments are what `tess explain` shows, with no doc comments at
// hand when it runs; made by `TESSERA_BLESS=1 swift test --filter ExplanationTests`.

extension Explanation {
  /// The explanations of all diagnostics, in alphabetical order.
  public static let all: [Explanation] = [
    Explanation(
      identifier: "absent-field",
      text: #"""
        The field exists only under its condition, which does not hold for this struct.

            struct S<const N: int> { x: f32 if N > 1 }
            fn f(s: S<1>) -> f32 { s.x }
        """#),
    Explanation(
      identifier: "algorithm-names",
      text: #"""
        `@algorithm` takes the names of algorithms, each after a point.

            @algorithm("winograd2") fn f<N>(x: f32[N]) -> f32 { sum[i] x[i] }
        """#),
    Explanation(
      identifier: "algorithm-needs-function",
      text: #"""
        `@algorithm` stands before functions and exports, whose reductions it speaks of.

            @algorithm(.winograd2) struct S { x: f32 }
        """#),
    Explanation(
      identifier: "ambiguous-call",
      text: #"""
        Several overloads fit equally well. Make the types of the arguments say which one is meant.

            fn mix<T: float>(x: f32, y: T) -> f32 { x }
            fn mix<T: float>(x: T, y: f32) -> f32 { y }
            fn f(x: f32) -> f32 { mix(x, x) }
        """#),
    Explanation(
      identifier: "ambiguous-name",
      text: #"""
        Two imported modules declare the name. Write the module before it.

            import nn, vision
            fn f(x: f32) -> f32 { x * SCALE }   // both declare SCALE: nn.SCALE
        """#),
    Explanation(
      identifier: "argmax-needs-one-index",
      text: #"""
        `argmax` and `argmin` give the place of one index and have no condition.

            fn f(x: f32[2, 3]) -> int { argmax[i, j] x[i, j] }
        """#),
    Explanation(
      identifier: "argument-given-twice",
      text: #"""
        A parameter is given twice.

            fn g(x: f32, y: f32 = 0) -> f32 { x + y }
            fn f(x: f32) -> f32 { g(x, x: 1) }
        """#),
    Explanation(
      identifier: "assignment-in-condition",
      text: #"""
        '=' assigns and '==' compares; a condition needs the latter.

            fn choose(a: int, b: int) -> int { if a = b { 1 } else { 0 } }
        """#),
    Explanation(
      identifier: "assignment-to-constant",
      text: #"""
        What `let`, a loop or a parameter declares never changes. Declare it with `var`, or pass it
        `inout`.

            fn f(x: f32) -> f32 { let y = x; y = 2; y }
        """#),
    Explanation(
      identifier: "bitcast-width",
      text: #"""
        `bitcast` reads the same bits as another type, so both have equally many.

            fn f(x: f32) -> u64 { bitcast(u64, x) }
        """#),
    Explanation(
      identifier: "boundary-needs-element",
      text: #"""
        `clamp`, `wrap` and `reflect` read another element instead, so there has to be one.

            fn f<N>(x: f32[N], i: int) -> f32 { x[i clamp] }
        """#),
    Explanation(
      identifier: "boundary-on-slice",
      text: #"""
        `else` belongs to the read of one element, and `clamp`, `wrap` and `reflect` to one index; the
        ends of a slice are checked once.

            fn f(x: f32[4]) -> f32[2] { x[0..2 else 0] }
        """#),
    Explanation(
      identifier: "branch-without-value",
      text: #"""
        One branch of an `if` has a value and the other has none.

            fn f(c: bool) -> f32 { if c { 1.0 } else { } }
        """#),
    Explanation(
      identifier: "cannot-assign",
      text: #"""
        The left side of an assignment is a name, a field, a position or an element.

            fn f(x: f32[4]) -> (y: f32[4]) { exp(y)[0] = 1; y = x }
        """#),
    Explanation(
      identifier: "cannot-convert",
      text: #"""
        Only numbers, and tensors of them, are converted by the name of a type.

            struct P { x: f32 }
            fn f(p: P) -> f32 { f32(p) }
        """#),
    Explanation(
      identifier: "cannot-index",
      text: #"""
        Tensors and sequences have elements; other values have none.

            fn f(x: f32) -> f32 { x[0] }
        """#),
    Explanation(
      identifier: "cannot-lift",
      text: #"""
        Only functions with one scalar result work on tensors element by element.

            fn two(x: f32) -> (a: f32, b: f32) { a = x; b = x }
            fn f(x: f32[4]) -> int { let y = two(x); 0 }
        """#),
    Explanation(
      identifier: "chained-comparison",
      text: #"""
        A comparison gives a truth, so a second one would compare that. Compare twice and join with
        'and'.

            fn inside(i: int, n: int) -> bool { 0 <= i < n }
        """#),
    Explanation(
      identifier: "combine-arguments",
      text: #"""
        `reduce` and `scan` as functions take a tensor and a function of two elements.

            fn f(x: f32[4]) -> f32 { reduce(x, 1) }
        """#),
    Explanation(
      identifier: "combine-function-type",
      text: #"""
        A function that combines two values gives one of the same type.

            fn f(x: f32[4]) -> f32 { reduce(x, (a, b) => a < b) }
        """#),
    Explanation(
      identifier: "computed-as-reduction",
      text: #"""
        Numbers are reduced to one that is part of no tensor; the notes say in which vectors.

            export fn energy<N>(x: f32[N]) -> f32 { sum[i] x[i] * x[i] }
        """#),
    Explanation(
      identifier: "computed-as-scan",
      text: #"""
        A reduction over a prefix or suffix goes once along its range.

            y[i] = sum[k in 0..i + 1] x[k]
        """#),
    Explanation(
      identifier: "computed-as-update",
      text: #"""
        Elements of a tensor that has a value are replaced or added to.

            count[class[i] else skip] += 1
        """#),
    Explanation(
      identifier: "computed-before-read",
      text: #"""
        A tensor is computed before the statements that read its elements, though one of them could
        have computed them.

            let t = exp(x)
            y[i] = t[i] + t[n - 1 - i]
        """#),
    Explanation(
      identifier: "computed-by-panels",
      text: #"""
        A sum of products is computed as a product of matrices, from panels that are packed for it;
        `--remarks` tells the tile that stays in registers, and how much there is to do.

            c[i, j] = sum[k] a[i, k] * b[k, j]
        """#),
    Explanation(
      identifier: "computed-by-programs",
      text: #"""
        The programs of a grid run as they are written, each on its tile.

            for n in tiles(K, 64) { top = max(top, max(s[m, n], axis: 1)) }
        """#),
    Explanation(
      identifier: "computed-by-transforms",
      text: #"""
        A convolution of 3×3 is computed by transforms of tiles, which the algorithm that the program
        permits allows.

            let y = conv(x, weight, bias, pad: 1)
        """#),
    Explanation(
      identifier: "computed-for-all-programs",
      text: #"""
        What the programs of a grid define is computed as statements over whole tensors.

            kernel twice<N>(x: f32[N], out y: f32[N]) over (n in tiles(N, 4096)) { y[n] = 2 * x[n] }
        """#),
    Explanation(
      identifier: "computed-in-vectors",
      text: #"""
        Neighbouring elements are computed together, a vector or several at a time.

            y[i] = 2 * x[i]
        """#),
    Explanation(
      identifier: "computed-one-by-one",
      text: #"""
        Elements are computed one after the other, since vectors of neighbours would not do.

            y[i] = if x[i] > 0 { i } else { 0 }
        """#),
    Explanation(
      identifier: "computed-row-by-row",
      text: #"""
        Several statements are done together for one row after the other, so that what they tell each
        other stays in the nearest cache.

            let e = exp(x - max(x))
            y = e / sum(e)
        """#),
    Explanation(
      identifier: "computed-where-read",
      text: #"""
        A tensor is never stored: its elements are computed where they are read.

            let t = 2 * x
            y = t + 1
        """#),
    Explanation(
      identifier: "condition-type",
      text: #"""
        `if`, `while`, `assert` and `select` decide by a `bool`; numbers are compared first.

            fn f(n: int) -> int { if n { 1 } else { 0 } }
        """#),
    Explanation(
      identifier: "constant-fails",
      text: #"""
        Computing a constant fails.

            fn spin(n: int) -> int { if n == 0 { 0 } else { spin(n) } }
            const N: int = spin(1)
        """#),
    Explanation(
      identifier: "constant-needs-itself",
      text: #"""
        The value of a constant uses the constant itself.

            const N: int = N + 1
        """#),
    Explanation(
      identifier: "conversion-arguments",
      text: #"""
        A conversion takes one value.

            fn f(a: int, b: int) -> f32 { f32(a, b) }
        """#),
    Explanation(
      identifier: "copied-in-another-order",
      text: #"""
        A tensor is copied with its axes in another order, in which a statement reads it.

            y[n, h, v, o] = sum[r, s, c] x[n, h + r, v + s, c] * w[o, c, r, s]
        """#),
    Explanation(
      identifier: "data-arguments",
      text: #"""
        A file of data, and what is read from it, are named by texts.

            test "reads" { let g = data(1) }
        """#),
    Explanation(
      identifier: "data-missing",
      text: #"""
        A file of data, or a tensor in it, is missing or has another type. The test is compiled all
        the same, and fails when it runs.

            test "reads" { let x = data("missing.safetensors").tensor("in.x", f32[2]) }
        """#),
    Explanation(
      identifier: "data-needs-type",
      text: #"""
        What is read from a file of data has the type that the program says.

            test "reads" { let x = data("file.safetensors").tensor("in.x") }
        """#),
    Explanation(
      identifier: "data-outside-test",
      text: #"""
        Files are read in tests, benches and at the prompt only; a function takes its data as
        parameters.

            fn weights() -> f32[2] { data("file.safetensors").tensor("w", f32[2]) }
        """#),
    Explanation(
      identifier: "definition-not-total",
      text: #"""
        The first statement on a named result or a `var` without value defines every element.

            fn f<N>(x: f32[N]) -> (y: f32[N]) where N >= 1 { let i = 0; y[i] = 1 }
        """#),
    Explanation(
      identifier: "definition-starts-at-zero",
      text: #"""
        In a definition a written range starts at 0, for it says how many elements there are.

            fn f(x: f32[4]) -> f32 { let y[i in 1..4] = x[i]; sum(y) }
        """#),
    Explanation(
      identifier: "dimension-mismatch",
      text: #"""
        Two types agree but for one dimension. A symbolic dimension never stretches.

            fn f<N, M>(x: f32[N, M]) -> f32[N] where N >= 1, M > N { x[0, ..] }   // an f32[M]
        """#),
    Explanation(
      identifier: "dimension-not-fixed",
      text: #"""
        A dimension can be inferred only where it stands alone in the type of a parameter.

            fn f<N>(x: f32[2 * N]) -> int { N }
        """#),
    Explanation(
      identifier: "dimension-too-large",
      text: #"""
        Dimensions, and all numbers on the way to them, lie within 2^62 on either side of 0.

            fn f() -> f32 { sum(zeros(f32[1 << 62, 4])) + sum(zeros(f32[9223372036854775807])) }
        """#),
    Explanation(
      identifier: "division-by-zero",
      text: #"""
        An integer is divided by the constant 0.

            fn f(n: int) -> int { n / 0 }
        """#),
    Explanation(
      identifier: "does-not-hold",
      text: #"""
        A comparison of dimensions that the program needs never holds.

            fn f(x: f32[3]) -> f32[2] { x[2..4] }
        """#),
    Explanation(
      identifier: "dot-operands",
      text: #"""
        `dot` multiplies an `[.., M, K]` by a `[.., K, N]` of the same element type.

            fn f(a: f32[2, 3], b: f32[2, 3]) -> f32[2, 3] { dot(a, b) }
        """#),
    Explanation(
      identifier: "duplicate-declaration",
      text: #"""
        A name is declared twice in one scope. In an inner scope a `let` may hide an outer one.

            fn f(x: f32) -> f32 { let y = x; let y = 2 * x; y }
        """#),
    Explanation(
      identifier: "duplicate-export",
      text: #"""
        Two exports have one name, which is a C symbol.

            fn f(x: f32) -> f32 { x }
            export fn g(x: f32) -> f32 { x }
            export g = f()
        """#),
    Explanation(
      identifier: "duplicate-field",
      text: #"""
        A struct has two fields of one name whose conditions both hold.

            struct S { x: f32, x: int }
            fn f(s: S) { }
        """#),
    Explanation(
      identifier: "duplicate-module",
      text: #"""
        Two files of a program have the name of one module.

            module nn   // and another file says the same
        """#),
    Explanation(
      identifier: "else-on-write",
      text: #"""
        Writes outside are skipped or clamped; there is no value to give them.

            fn f<N>(p: int[N], inout y: f32[N]) { y[p[i] else 0] = 1 }
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
      identifier: "export-needs-call",
      text: #"""
        An exported name stands for a function with its constants: `export c_name = f(N: 4)`.

            export three = 3
        """#),
    Explanation(
      identifier: "export-not-fixed",
      text: #"""
        An exported function has types and constants that are fixed; only dimensions may stay free.

            export fn f<T: float>(x: T) -> T { x }
        """#),
    Explanation(
      identifier: "export-without-result-type",
      text: #"""
        An exported function says what it gives, for its declaration is all that a host sees.

            export fn f(x: f32) { 2 * x }
        """#),
    Explanation(
      identifier: "fact-compares-no-dimensions",
      text: #"""
        A fact after `where` compares dimensions; nothing else can be known before a call starts.

            fn f<N>(x: f32[N]) -> f32 where sum(x) > 0 { sum(x) }
        """#),
    Explanation(
      identifier: "fact-does-not-hold",
      text: #"""
        A fact that a declaration states does not hold for the constants it is used with.

            struct Even<const N: int> where N % 2 == 0 { x: f32[N] }
            fn f(e: Even<3>) { }
        """#),
    Explanation(
      identifier: "fact-may-wrap",
      text: #"""
        A fact after `where` multiplies so many numbers that the product may leave 64 bits, whatever is
        checked of each: then it would hold where its numbers do not.

            fn f<N>(x: f32[N], a: int, b: int, c: int, d: int, e: int) -> f32
            where a * b * c * d * e < N { sum(x) }
        """#),
    Explanation(
      identifier: "field-needs-label",
      text: #"""
        The fields of a generic struct are given by label, so that its parameters can be inferred.

            struct P<T: float> { x: T }
            fn f(x: f32) -> f32 { let p = P(x); p.x }
        """#),
    Explanation(
      identifier: "fold-arguments",
      text: #"""
        `fold` takes its start and a function in parentheses behind the indices.

            fn f<N>(x: f32[N]) -> f32 { fold[k](0.0) x[k] }
        """#),
    Explanation(
      identifier: "foreign-operator",
      text: #"""
        The operator belongs to another language. Logic is written and, or, not; powers are written
        pow(x, n).

            fn both(a: bool, b: bool) -> bool { a && b }
        """#),
    Explanation(
      identifier: "function-is-no-value",
      text: #"""
        A function stands where a value is needed. Functions are called, or passed for `const`
        parameters; they are never stored.

            fn g(x: f32) -> f32 { 2 * x }
            fn f(x: f32) -> f32 { x + g }
        """#),
    Explanation(
      identifier: "function-type-outside-const",
      text: #"""
        Functions are known while compiling, so only `const` parameters have function types.

            fn apply(f: fn(f32) -> f32, x: f32) -> f32 { x }
        """#),
    Explanation(
      identifier: "generic-arguments-in-expression",
      text: #"""
        In an expression '<' compares. Generic arguments are inferred, constants are passed by
        label, and a type is an argument: zeros(f32[4]).

            fn nothing() -> f32 { zeros<f32>(4) }
        """#),
    Explanation(
      identifier: "grid-starts-at-zero",
      text: #"""
        The axes of a grid count from 0.

            kernel k<N>(x: f32[N], out y: f32[N]) over (i in 1..N) { y[i] = x[i] }
        """#),
    Explanation(
      identifier: "import-cycle",
      text: #"""
        Modules import each other in a circle.

            import a   // in the module a itself
        """#),
    Explanation(
      identifier: "index-out-of-bounds",
      text: #"""
        A read or write is not proved to lie inside, and does not say what holds outside.

            fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i + 1] }

        Conditions prove what they say only of numbers that cannot wrap: `if n >= 0 and n < N - 1`, and
        not `if n >= 0 and n + 1 < N`, which holds for the greatest `int`.
        """#),
    Explanation(
      identifier: "index-shadows",
      text: #"""
        An index never hides another name.

            fn f<N>(x: f32[N]) -> f32 { let i = 2.0; i * sum[i] x[i] }
        """#),
    Explanation(
      identifier: "index-type",
      text: #"""
        Indices are of type `int`.

            fn f(x: f32[4], i: u8) -> f32 { x[i else 0] }
        """#),
    Explanation(
      identifier: "inout-needs-place",
      text: #"""
        An `inout` argument is changed, so it is a variable or a part of one.

            fn g(inout x: f32) { x += 1 }
            fn f(x: f32) { g(x + 1) }
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
      identifier: "ir-reserved-name",
      text: #"""
        A function has the name of one that a pass will make.
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
      identifier: "joint-places-differ",
      text: #"""
        Targets that are written together are written at the same places.

            fn f(inout a: f32[4], inout b: f32[4]) { (a[i in 0..3], b[i + 1]) = (1, 2) }
        """#),
    Explanation(
      identifier: "kernel-with-result",
      text: #"""
        The results of a kernel are its `out` parameters.

            kernel k<N>(x: f32[N]) -> f32[N] over (i in N) { }
        """#),
    Explanation(
      identifier: "literal-does-not-fit",
      text: #"""
        A literal takes the type of its context, and must be a number of it.

            fn f() -> u8 { 300 }
        """#),
    Explanation(
      identifier: "literal-has-fraction",
      text: #"""
        An integer is asked for, and a number with a fraction is written. Convert it, or write
        an integer.

            fn f(n: int) -> int { n + 1.5 }
        """#),
    Explanation(
      identifier: "literal-is-no-bool",
      text: #"""
        A number stands where a truth is asked for. Truths are `true` and `false`.

            fn f() -> bool { 1 }
        """#),
    Explanation(
      identifier: "lock-for-other-signature",
      text: #"""
        A function has another signature than when its schedule was measured, so that what was best
        then may be bad now.

            function matmul
              signature matmul<M, N>(a: f32[M, N]) -> (c: f32[M, N])
        """#),
    Explanation(
      identifier: "lock-for-other-target",
      text: #"""
        A lock speaks of other targets than the one that code is made for.

            tess build --target=x86-64-v3 --schedule=measured-on-v4.lock program.tess
        """#),
    Explanation(
      identifier: "lock-for-unknown-function",
      text: #"""
        A lock has a schedule for a function that the program does not export.

            function matmull
        """#),
    Explanation(
      identifier: "lock-malformed",
      text: #"""
        A line of a lock says nothing that a lock can say.

            block_depth -5
        """#),
    Explanation(
      identifier: "maker-needs-type",
      text: #"""
        The function makes a tensor, so it has to be told the type of it.

            fn f() -> f32[4] { zeros(4) }
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
      identifier: "misplaced-index-pattern",
      text: #"""
        An index is declared on the left of a definition, or by a reduction.

            fn f(x: f32[4]) -> f32 { let (a[i], b) = (x, 1.0); b }
        """#),
    Explanation(
      identifier: "misplaced-modifier",
      text: #"""
        'export' makes a symbol of a function or kernel, 'private' keeps a name in its file; neither
        goes with this declaration, or with the other.

            export test "halves" {}
        """#),
    Explanation(
      identifier: "misplaced-option",
      text: #"""
        `.name` stands where no option or name of a parameter is taken.

            fn f(x: f32) -> f32 { exp(.fast) }
        """#),
    Explanation(
      identifier: "misplaced-range",
      text: #"""
        A range is no value; it stands between brackets, in binders and in loops.

            fn f() -> int { 0..4 }
        """#),
    Explanation(
      identifier: "missing-argument",
      text: #"""
        A parameter without default is not given.

            fn g(x: f32, y: f32) -> f32 { x + y }
            fn f(x: f32) -> f32 { g(x) }
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
      identifier: "missing-result",
      text: #"""
        A function that promises a result ends without one.

            fn f(x: f32) -> f32 { let y = x }
        """#),
    Explanation(
      identifier: "missing-separator",
      text: #"""
        Two statements or declarations stand on one line. Begin a new line, or write ';' between
        them.

            fn half(x: f32) -> f32 { let y = x / 2 y }
        """#),
    Explanation(
      identifier: "mixed-operands",
      text: #"""
        The operands have different types. Nothing is converted unasked, for a conversion may round.

            fn f(x: f32, n: int) -> f32 { x * n }
        """#),
    Explanation(
      identifier: "more-errors",
      text: #"""
        More errors were found than anybody reads; a file that is no program at all has one for most of
        its characters.
        """#),
    Explanation(
      identifier: "name-is-no-function",
      text: #"""
        A value is called as if it were a function.

            fn f(x: f32) -> f32 { x(2) }
        """#),
    Explanation(
      identifier: "needless-boundary",
      text: #"""
        Every read lies inside already, so the boundary says nothing.

            fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i else 0] }
        """#),
    Explanation(
      identifier: "negative-dimension",
      text: #"""
        A dimension is at least 0.

            fn f() -> f32[2 - 3] { zeros(f32[2 - 3]) }
        """#),
    Explanation(
      identifier: "nested-too-deeply",
      text: #"""
        Expressions or types stand inside each other too deeply.

            fn f(x: f32) -> f32 { ((((x)))) }   // some hundred levels more
        """#),
    Explanation(
      identifier: "nesting-too-deep",
      text: #"""
        Brackets and blocks nest up to a fixed depth, so that no program can exhaust the compiler's
        stack. Name a part of the value with 'let'.
        """#),
    Explanation(
      identifier: "new-axis-on-write",
      text: #"""
        A new axis exists in reads only.

            fn f(inout y: f32[4]) { y[.., _] = zeros(f32[4, 1]) }
        """#),
    Explanation(
      identifier: "no-matching-overload",
      text: #"""
        No overload takes arguments of these types.

            fn g(x: f32) -> f32 { x }
            fn g(x: f64) -> f64 { x }
            fn f(n: int) -> f32 { g(n) }
        """#),
    Explanation(
      identifier: "no-range",
      text: #"""
        The range of an index is written, or follows from a read in which it stands alone.

            fn f<N>(x: f32[2 * N]) -> f32 { sum[i] x[2 * i] }
        """#),
    Explanation(
      identifier: "no-such-axis",
      text: #"""
        `axis:` counts the axes of the tensor from 0, or back from -1.

            fn f(x: f32[2, 3]) -> f32[2] { sum(x, axis: 2) }
        """#),
    Explanation(
      identifier: "no-such-position",
      text: #"""
        A tuple or sequence has no component at this position.

            fn f(p: (f32, f32)) -> f32 { p.2 }
        """#),
    Explanation(
      identifier: "not-a-dimension",
      text: #"""
        A dimension is known when a call starts: arithmetic on dimensions, constants and `int`
        parameters.

            fn f<N>(x: int[N]) -> f32[sum(x)] { zeros(f32[sum(x)]) }
        """#),
    Explanation(
      identifier: "not-a-pack",
      text: #"""
        `..S` stands for a pack of dimensions, `..s` in an index for a pack of indices.

            fn f<N>(x: f32[..N]) { }
        """#),
    Explanation(
      identifier: "not-a-range",
      text: #"""
        After `in`, and after `for`, stands a range.

            fn f(n: int) { for i in n { } }
        """#),
    Explanation(
      identifier: "not-a-scalar-type",
      text: #"""
        The elements of tensors, and what pointers point to, are scalars; the elements of tensors may
        be structs or tuples of scalars too.

            fn f(x: *string) { }
        """#),
    Explanation(
      identifier: "not-a-string",
      text: #"""
        The text of an assertion is a string in quotation marks.

            fn f(n: int) { assert n > 0, n }
        """#),
    Explanation(
      identifier: "not-a-type",
      text: #"""
        The name of a value or function stands where a type is needed.

            const N: int = 4
            fn f(x: N) { }
        """#),
    Explanation(
      identifier: "not-an-element",
      text: #"""
        The elements of a tensor are scalars, or structs or tuples of them.

            fn f(x: f32[4]) -> int { let y[i in 0..2] = x; 0 }
        """#),
    Explanation(
      identifier: "not-an-integer",
      text: #"""
        The end of a range, the extent of a grid and the like are integers.

            fn f(x: f32) { for i in 0..x { } }
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
      identifier: "not-callable",
      text: #"""
        What is called is no function.

            fn f(x: f32) -> f32 { (x + 1)(2) }
        """#),
    Explanation(
      identifier: "not-constant",
      text: #"""
        The value is needed while compiling, and depends on what is known only when the program runs.

            fn f(n: int) -> int { const m = n; m }
        """#),
    Explanation(
      identifier: "not-inferred",
      text: #"""
        A generic parameter cannot be told from the arguments. Pass it by its label.

            fn g<const N: int>() -> int { N }
            fn f() -> int { g() }
        """#),
    Explanation(
      identifier: "not-proved-in-loop",
      text: #"""
        What a statement needs of dimensions is neither provable nor known before its loop starts, so
        it would have to be checked again and again.

            fn f<N>(x: f32[N], count: int) -> (y: f32) {
              y = 0
              for i in 0..count { y += sum(x[0..i]) }
            }
        """#),
    Explanation(
      identifier: "not-scheduled",
      text: #"""
        The passes that were asked for leave whole tensors, of which no machine code is made.

            tess build --stop-after=fuse --emit=obj program.tess
        """#),
    Explanation(
      identifier: "not-supported-yet",
      text: #"""
        The language describes the construct, and this version of the compiler does not compile it.

            fn slope(x: f32) -> f32 { grad(square)(x) }
        """#),
    Explanation(
      identifier: "obligation-fails",
      text: #"""
        What a function needs of its dimensions does not hold at this call.

            fn halves<N>(x: f32[N]) -> f32 where N % 2 == 0 { sum(x) }
            fn f(x: f32[3]) -> f32 { halves(x) }
        """#),
    Explanation(
      identifier: "open-ended-range",
      text: #"""
        A range writes both ends. '..b' between brackets is an index pack.

            fn rest<N>(x: f32[N]) { x[1..] }
        """#),
    Explanation(
      identifier: "operand-type",
      text: #"""
        The operation is not defined for values of this type.

            fn f(a: bool, b: bool) -> bool { a * b }
        """#),
    Explanation(
      identifier: "out-starts-at-zero",
      text: #"""
        It is not proved that the programs of the kernel write every element and read none, so the
        result is filled with zeros first.

            kernel k<N>(x: f32[N], out y: f32[N]) over (i in N) { if x[i] > 0 { y[i] = x[i] } }
        """#),
    Explanation(
      identifier: "overlapping-inout",
      text: #"""
        What is passed `inout` is not passed a second time in the same call.

            fn g(inout x: f32, y: f32) { x += y }
            fn f(inout x: f32) { g(x, x) }
        """#),
    Explanation(
      identifier: "pack-is-no-value",
      text: #"""
        A pack stands for any number of dimensions or indices, so it has no single value.

            fn f<..S>(x: f32[..S]) -> int { S }
            fn g(x: f32[2]) -> int { f(x) }
        """#),
    Explanation(
      identifier: "permutation-arguments",
      text: #"""
        `permute` lists every axis once.

            fn f(x: f32[2, 3]) -> f32[3, 2] { permute(x, 1, 1) }
        """#),
    Explanation(
      identifier: "range-outside-definition",
      text: #"""
        'i in a..b' declares an index, which is possible on the left of a definition and in a
        reduction only. A slice is written x[a..b].

            fn part<N>(x: f32[N]) { let y = x[i in 0..4]; y }
        """#),
    Explanation(
      identifier: "range-uses-index",
      text: #"""
        The shape of a definition is a box: the range of one index cannot depend on another.

            fn f(x: f32[4]) -> f32 { let t[i in 0..4, j in 0..i] = x[i]; 0 }
        """#),
    Explanation(
      identifier: "ranges-disagree",
      text: #"""
        An index stands alone in several reads, which say different ranges.

            fn f(x: f32[3], y: f32[4]) -> f32 { sum[i] x[i] * y[i] }
        """#),
    Explanation(
      identifier: "reads-what-others-write",
      text: #"""
        Each program of a kernel reads an element, or adds to one, that another program writes. They run
        in any order, so nobody knows what it finds.

            kernel k<N>(inout y: f32[N]) over (i in N) { y[i] = y[i - 1 else 0] + 1 }

        Only what every program does at places that its point tells is looked at here: what depends on
        conditions, loops or data is left to the interpreter (`tess run --interpret`), which stops where
        two programs meet.
        """#),
    Explanation(
      identifier: "recursion-without-result-type",
      text: #"""
        A function that calls itself says what it gives.

            fn f(n: int) { if n == 0 { 1 } else { f(n - 1) } }
        """#),
    Explanation(
      identifier: "recursive-structure",
      text: #"""
        A struct contains itself, so it would have no end.

            struct List { head: f32, tail: List }
            fn f(l: List) { }
        """#),
    Explanation(
      identifier: "reduce-needs-combiner",
      text: #"""
        `reduce[i by f]` needs a combiner, whose identity is the value over nothing.

            fn f<N>(x: f32[N]) -> f32 { reduce[i by max] x[i] }
        """#),
    Explanation(
      identifier: "reduction-after-division",
      text: #"""
        A reduction takes the whole product to its right, which after '/' or '%' reads as something
        else. Put it in parentheses.

            fn ratio<N>(a: f32, b: f32[N], c: f32[N]) -> f32 { a / sum[k] b[k] * c[k] }
        """#),
    Explanation(
      identifier: "reduction-may-be-empty",
      text: #"""
        `argmax` and `argmin` over nothing have no result, so there must be something.

            fn f<N>(x: f32[N]) -> (y: int[N]) { y[i] = argmax[j in 0..i] x[j] }
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
      identifier: "reshape-count",
      text: #"""
        `reshape` keeps the number of elements.

            fn f(x: f32[2, 3]) -> f32[4] { reshape(x, (4,)) }
        """#),
    Explanation(
      identifier: "result-depends-on-data",
      text: #"""
        The shape of a result has to be known when the call starts, so that its memory is.

            fn f<N>(x: f32[N], p: int[1]) { let n = p[0]; zeros(f32[n]) }
        """#),
    Explanation(
      identifier: "result-not-defined",
      text: #"""
        A named result has no value at the end of the function.

            fn f(x: f32) -> (y: f32, z: f32) { y = x }
        """#),
    Explanation(
      identifier: "sequence-grows-in-loop",
      text: #"""
        A sequence grows in code that runs an unknown number of times.

            fn f(c: bool) -> int { var s = (1, 2); if c { s = s + (3,) }; 0 }
        """#),
    Explanation(
      identifier: "sequence-index",
      text: #"""
        A sequence is indexed by one constant.

            fn f(s: (f32, f32), t: f32) -> f32 { s[0, 1] }
        """#),
    Explanation(
      identifier: "sequence-needs-const-for",
      text: #"""
        The elements of a sequence may have different types, so the loop is unrolled.

            fn f(s: (f32, f32)) { for x in s { } }
        """#),
    Explanation(
      identifier: "shape-argument",
      text: #"""
        A shape is written `(a, b)`, or as a type.

            fn f(x: f32[4]) -> f32[2, 2] { reshape(x) }
        """#),
    Explanation(
      identifier: "shape-mismatch",
      text: #"""
        The shapes of two operands differ in a dimension. A scalar, a dimension written 1 and missing
        leading dimensions stretch; a symbolic dimension never does.

            fn f<N>(x: f32[3, N], y: f32[4, N]) -> f32[3, N] { x + y }
        """#),
    Explanation(
      identifier: "shapes-disagree-at-join",
      text: #"""
        Where the paths of an `if` or a loop meet, a `var` has the same shape on each.

            fn f(x: f32[4], c: bool) -> f32 {
              var y = x
              if c { y = x[0..2] }
              sum(y)
            }
        """#),
    Explanation(
      identifier: "skip-on-read",
      text: #"""
        `else skip` is for writes; a read needs a value.

            fn f<N>(x: f32[N]) -> (y: f32[N]) { y[i] = x[i + 1 else skip] }
        """#),
    Explanation(
      identifier: "slice-with-indices",
      text: #"""
        A statement has indices of its own or writes whole parts, not both.

            fn f(p: int[4], inout y: f32[4, 3]) { (y[i, ..], y[i, ..]) = (1, 2) }
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
      identifier: "stored-in-another-order",
      text: #"""
        A tensor is stored with its axes in another order than the program has, in which what reads it
        would have it.

            let a[n, h, v, o] = sum[r, s, c] x[n, h + r, v + s, c] * w[o, c, r, s]
            y[n, h, v, o] = sum[r, s, c] a[n, h + r, v + s, c] * u[o, c, r, s]
        """#),
    Explanation(
      identifier: "tail-call-not-last",
      text: #"""
        `tail` asks that nothing follows the call.

            fn f(n: int) -> int { 1 + tail f(n) }
        """#),
    Explanation(
      identifier: "tail-call-not-possible",
      text: #"""
        `tail` asks that the function ends before the call, which it cannot where something is left
        to be done after it: `inout` parameters are given back, results of kernels are made.

            fn f(inout x: f32) -> f32 { tail f(x) }
        """#),
    Explanation(
      identifier: "tail-call-with-tensors",
      text: #"""
        `tail` asks for a call that uses no stack, but the call hands over tensors, which live in
        memory of the function that would have to end first; only a function that calls itself can
        go on in a loop: `tail other(x)` where `x` is a tensor.
        """#),
    Explanation(
      identifier: "tail-needs-call",
      text: #"""
        `tail` stands before the call of a function.

            fn f(n: int) -> int { tail n }
        """#),
    Explanation(
      identifier: "tensor-recursion",
      text: #"""
        A function of tensors calls itself. That is possible only on a constant that decreases,
        because it is unrolled, and in tail position.

            fn f<N>(x: f32[N]) -> f32[N] { 1 + f(x) }
        """#),
    Explanation(
      identifier: "tile-outside-let",
      text: #"""
        `tile(N)` names all indices of an axis, so it is bound to a name.

            kernel k<N>(x: f32[N], out y: f32[N]) over (i in 1) { y[tile(N) + 1] = 0 }
        """#),
    Explanation(
      identifier: "tile-past-end",
      text: #"""
        A tile runs over more indices than the axis has.

            kernel k(x: f32[8], out y: f32[4]) over (m in tiles(8, 4)) { y[m] = x[m] }
        """#),
    Explanation(
      identifier: "too-many-arguments",
      text: #"""
        More arguments are given than the function has parameters.

            fn g(x: f32) -> f32 { x }
            fn f(x: f32) -> f32 { g(x, 1) }
        """#),
    Explanation(
      identifier: "too-many-axes",
      text: #"""
        A tensor has only so many axes.

            fn f(x: f32[2]) -> f32 { let y = x[_, _, ..]; y[0, 0, 0] }   // and 62 more '_'
        """#),
    Explanation(
      identifier: "too-many-copies",
      text: #"""
        `const for`, `[T; n]` and the like make a copy for each number; there are limits.

            fn f(x: f32) { const for i in 0..1000000 { } }
        """#),
    Explanation(
      identifier: "too-many-instances",
      text: #"""
        Instances of a function lead to more instances without end.

            fn grow<const N: int>(x: f32) -> f32 { grow(x, N: N + 1) }
            fn f(x: f32) -> f32 { grow(x, N: 0) }
        """#),
    Explanation(
      identifier: "too-many-parts",
      text: #"""
        Structs, tuples and sequences inside each other multiply; there are limits to the parts of a
        value.

            fn f(x: [[f32; 1000]; 1000]) -> f32 { x[0][0] }
        """#),
    Explanation(
      identifier: "type-is-no-value",
      text: #"""
        A type stands where a value is needed.

            fn f(x: f32) -> f32 { x + f32 }
        """#),
    Explanation(
      identifier: "type-mismatch",
      text: #"""
        A value of another type stands where a certain type is needed. Nothing is converted unasked.

            fn f(n: int) -> f32 { n }
        """#),
    Explanation(
      identifier: "unexpected-character",
      text: #"""
        The character begins nothing in the language. Signs from typography have a plain form, which
        the fix-it writes.

            fn difference(a: f32, b: f32) -> f32 { a − b }
        """#),
    Explanation(
      identifier: "unknown-algorithm",
      text: #"""
        `@algorithm` names what is no algorithm.

            @algorithm(.strassen) fn f<N>(x: f32[N]) -> f32 { sum[i] x[i] }
        """#),
    Explanation(
      identifier: "unknown-escape",
      text: #"""
        A backslash in a string stands before a character that it does not escape. The escapes are
        \n \t \r \0 \\ \" and \u{1F600}.

            test "50\% done" {}
        """#),
    Explanation(
      identifier: "unknown-field",
      text: #"""
        The struct or tuple has no such field.

            struct P { x: f32 }
            fn f(p: P) -> f32 { p.y }
        """#),
    Explanation(
      identifier: "unknown-label",
      text: #"""
        The function has no parameter of this name.

            fn g(x: f32, scale: f32 = 1) -> f32 { x * scale }
            fn f(x: f32) -> f32 { g(x, scal: 2) }
        """#),
    Explanation(
      identifier: "unknown-module",
      text: #"""
        No module of the program or of the library has this name.

            import nm
        """#),
    Explanation(
      identifier: "unknown-name",
      text: #"""
        Nothing here has this name.

            fn f(weight: f32) -> f32 { wieght + 1 }
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
    Explanation(
      identifier: "used-before-defined",
      text: #"""
        A `var` or a named result is read before every path has given it a value.

            fn f<N>(x: f32[N]) -> (y: f32[N]) { y = x + y }
        """#),
    Explanation(
      identifier: "value-without-use",
      text: #"""
        A value is computed and nothing uses it.

            fn f(x: f32) -> f32 { exp(x); x }
        """#),
    Explanation(
      identifier: "writes-what-others-write",
      text: #"""
        Several programs of a kernel write the same element. They run in any order, so nobody knows which
        number stays.

            kernel k<N>(x: f32[N], out y: f32[1]) over (i in N) { y[0] = x[i] }

        Only what every program does at places that its point tells is looked at here, as for
        `reads-what-others-write`; a write under a condition, such as `if i == 0`, is left to the
        interpreter.
        """#),
    Explanation(
      identifier: "wrong-argument-count",
      text: #"""
        A function of the language, or a struct type, has a certain number of arguments.

            fn f(x: f32) -> f32 { exp(x, x) }
        """#),
    Explanation(
      identifier: "wrong-argument-type",
      text: #"""
        An argument has another type than the parameter.

            fn g(x: f32) -> f32 { x }
            fn f(n: int) -> f32 { g(n) }
        """#),
    Explanation(
      identifier: "wrong-index-count",
      text: #"""
        A tensor is indexed with as many indices as it has axes; `...` stands for the rest.

            fn f(x: f32[2, 3]) -> f32[3] { x[0] }
        """#),
    Explanation(
      identifier: "wrong-kind",
      text: #"""
        A type parameter asks for a kind: `any`, `number`, `integer`, `float`, `struct` or
        `sequence`.

            struct Box<T: float> { x: T }
            fn f(b: Box<int>) { }
        """#),
    Explanation(
      identifier: "wrong-part-count",
      text: #"""
        The number of names and the number of values differ.

            fn f(x: f32) -> f32 { let (a, b) = (x, x, x); a + b }
        """#),
  ]
}
