import TesseraNumbers
import TesseraTesting

/// What becomes of a matrix before a product, or after it.
extension ProductGenerator {
  /// `matrix` after some steps, each behind a `let`.
  mutating func produced(_ matrix: Matrix, steps: Int, keepsShape: Bool = false) -> Matrix {
    var result = matrix
    for _ in 0..<steps {
      switch random.below(keepsShape ? 5 : 9) {
      case 0: result = activated(result)
      case 1: result = scaled(result)
      case 2: result = normalized(result)
      case 3: result = shifted(result)
      case 4: result = joined(result)
      case 5: result = concatenated(result)
      case 6: result = enlarged(result)
      case 7: result = transposed(result)
      default: result = activated(scaled(result))
      }
    }
    return result
  }

  /// `matrix` with one to four steps done to its elements.
  mutating func finished(_ matrix: Matrix) -> Matrix {
    var result = matrix
    for _ in 0..<random.below(4) {
      switch random.below(4) {
      case 0: result = activated(result)
      case 1: result = joined(result)
      case 2: result = biased(result)
      default: result = scaled(result)
      }
    }
    return result
  }

  /// What a function gives for each element.
  mutating func activated(_ matrix: Matrix) -> Matrix {
    var like = matrix
    guard type.isFloat else {
      return define(like) { generator, i, k in
        let x = generator.element(matrix, i, k)
        return generator.random.pick(["max(\(x), 0)", "abs(\(x))", "min(max(\(x), -2), 2)"])
      }
    }
    let isPlain = random.once(in: 3)
    like.isExact = matrix.isExact && isPlain
    return define(like) { generator, i, k in
      let x = generator.element(matrix, i, k)
      if isPlain { return generator.random.pick(["max(\(x), 0)", "abs(\(x))"]) }
      return generator.random.pick([
        "\(x) * sigmoid(\(x))", "\(x) / (1 + exp(-\(x)))", "tanh(\(x))", "sigmoid(\(x))",
        "0.5 * \(x) * (1 + erf(\(x) * 0.7071))", "exp(-abs(\(x)))",
      ])
    }
  }

  /// Rows and columns less numbers of their own, and times others.
  private mutating func scaled(_ matrix: Matrix) -> Matrix {
    var like = matrix
    like.bound = (matrix.bound + 6) * 6
    let (a, b) = (vector(matrix.rows), vector(matrix.columns))
    return define(like) { generator, i, k in
      let x = generator.element(matrix, i, k)
      return generator.random.once(in: 2)
        ? "(\(x) - \(a)[\(i)]) * \(b)[\(k)]" : "(\(x) + \(b)[\(k)]) * \(a)[\(i)]"
    }
  }

  /// Columns and numbers of their own.
  mutating func biased(_ matrix: Matrix) -> Matrix {
    var like = matrix
    like.bound += 6
    let bias = vector(matrix.columns)
    return define(like) { "\($0.element(matrix, $1, $2)) + \(bias)[\($2)]" }
  }

  /// Rows less what they have in common.
  private mutating func normalized(_ matrix: Matrix) -> Matrix {
    var like = matrix
    let lead = matrix.hasBatch ? "b in 0..\(batch!.text), " : ""
    let (first, second) = (name("a"), name("a"))
    let place = matrix.hasBatch ? "[b, i]" : "[i]"
    let x = element(matrix, "i", "k")
    let range = "[k in 0..\(matrix.columns.text)]"
    let target = "[\(lead)i in 0..\(matrix.rows.text)]"
    guard type.isFloat, random.once(in: 2) else {
      add("let \(first)\(target) = max\(range) \(x)")
      like.bound *= 2
      return define(like) { "\($0.element(matrix, $1, $2)) - \(first)\(place)" }
    }
    add("let \(first)\(target) = mean\(range) \(x)")
    add(
      "let \(second)\(target) = mean\(range) ((\(x) - \(first)\(place)) * (\(x) - \(first)\(place)))"
    )
    (like.isExact, like.bound) = (false, 12)
    return define(like) { generator, i, k in
      "(\(generator.element(matrix, i, k)) - \(first)\(place)) * rsqrt(\(second)\(place) + 0.25)"
    }
  }

  /// Elements beside where they were, and what is beyond an end.
  private mutating func shifted(_ matrix: Matrix) -> Matrix {
    var boundary = " else \(random.below(3))"
    var (afterRow, afterColumn) = ("", "")
    if matrix.rows.value > 0, matrix.columns.value > 0, random.once(in: 2) {
      // A length made of others is proved to be none of 0 if each of them is.
      guard let rows = letters(matrix.rows), let columns = letters(matrix.columns) else {
        return activated(matrix)
      }
      notEmpty.formUnion([rows, columns])
      boundary = ""
      afterRow = " " + random.pick(["clamp", "wrap", "reflect"])
      afterColumn = " " + random.pick(["clamp", "wrap", "reflect"])
    }
    let (down, across) = (random.below(5) - 2, random.below(5) - 2)
    return define(matrix) { generator, i, k in
      func moved(_ index: String, _ distance: Int) -> String {
        distance < 0 ? "\(index) - \(-distance)" : "\(index) + \(distance)"
      }
      let places = "\(moved(i, down))\(afterRow), \(moved(k, across))\(afterColumn)\(boundary)"
      return "\(matrix.name)[\(matrix.hasBatch ? "b, " : "")\(places)]"
    }
  }

  /// A length that is a name or a number, as it is written.
  private func letters(_ dimension: GeneratedDimension) -> String? {
    dimension.text.contains(" ") ? nil : dimension.text
  }

  /// The sum with another matrix.
  private mutating func joined(_ matrix: Matrix) -> Matrix {
    var like = matrix
    like.bound += 6
    let other = self.matrix(matrix.rows, matrix.columns, hasBatch: matrix.hasBatch)
    return define(like) { "\($0.element(other, $1, $2)) + \($0.element(matrix, $1, $2))" }
  }

  /// Another matrix behind it or below it.
  private mutating func concatenated(_ matrix: Matrix) -> Matrix {
    let isBelow = random.once(in: 3)
    let length = isBelow ? self.length() : depth()
    let other = self.matrix(
      isBelow ? length : matrix.rows, isBelow ? matrix.columns : length, hasBatch: matrix.hasBatch)
    let first = isBelow ? matrix.rows : matrix.columns
    let sum = GeneratedDimension(
      text: "(\(first.text) + \(length.text))", value: first.value + length.value)
    var like = matrix
    if isBelow { like.rows = sum } else { like.columns = sum }
    like.bound = max(matrix.bound, other.bound)
    return define(like) { generator, i, k in
      let index = isBelow ? i : k
      let place = "\(index) - \(first.text)"
      let second = generator.element(other, isBelow ? place : i, isBelow ? k : place)
      let whole = generator.element(matrix, i, k)
      return "(if \(index) < \(first.text) { \(whole) } else { \(second) })"
    }
  }

  /// Every row twice, or every column.
  private mutating func enlarged(_ matrix: Matrix) -> Matrix {
    var like = matrix
    let isTall = random.once(in: 2)
    let old = isTall ? matrix.rows : matrix.columns
    let new = GeneratedDimension(text: "(2 * \(old.text))", value: 2 * old.value)
    if isTall { like.rows = new } else { like.columns = new }
    return define(like) { $0.element(matrix, isTall ? "\($1) / 2" : $1, isTall ? $2 : "\($2) / 2") }
  }

  private mutating func transposed(_ matrix: Matrix) -> Matrix {
    var like = matrix
    swap(&like.rows, &like.columns)
    return define(like) { $0.element(matrix, $2, $1) }
  }
}
