import TesseraSource
extension Diagnostic {
  static func absentField(_ a0: Any?, of a1: Any?, condition a2: Any?, declared a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("absentField", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func ambiguousCall(_ a0: Any?, types a1: Any?, candidates a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("ambiguousCall", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func ambiguousName(_ a0: Any?, modules a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("ambiguousName", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func argmaxNeedsOneIndex(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("argmaxNeedsOneIndex", "\(a0 as Any)", at: a1) }
  static func argumentGivenTwice(_ a0: Any?, of a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("argumentGivenTwice", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func assignmentToConstant(_ a0: Any?, declared a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("assignmentToConstant", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func bitcastWidth(_ a0: Any?, to a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("bitcastWidth", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func boundaryNeedsElement(_ a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("boundaryNeedsElement", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func boundaryOnSlice(at a0: SourceSpan) -> Diagnostic { Diagnostic("boundaryOnSlice", "", at: a0) }
  static func branchWithoutValue(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("branchWithoutValue", "\(a0 as Any)", at: a1) }
  static func cannotAssign(at a0: SourceSpan) -> Diagnostic { Diagnostic("cannotAssign", "", at: a0) }
  static func cannotConvert(_ a0: Any?, to a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("cannotConvert", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func cannotIndex(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("cannotIndex", "\(a0 as Any)", at: a1) }
  static func cannotLift(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("cannotLift", "\(a0 as Any)", at: a1) }
  static func combineArguments(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("combineArguments", "\(a0 as Any)", at: a1) }
  static func combineFunctionType(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("combineFunctionType", "\(a0 as Any)", at: a1) }
  static func conditionType(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("conditionType", "\(a0 as Any)", at: a1) }
  static func constantFails(_ a0: Any?, because a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("constantFails", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func constantNeedsItself(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("constantNeedsItself", "\(a0 as Any)", at: a1) }
  static func conversionArguments(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("conversionArguments", "\(a0 as Any)", at: a1) }
  static func definitionNotTotal(_ a0: Any?, variables a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("definitionNotTotal", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func definitionStartsAtZero(at a0: SourceSpan) -> Diagnostic { Diagnostic("definitionStartsAtZero", "", at: a0) }
  static func dimension(_ a0: Any?) -> Diagnostic { Diagnostic("dimension", "\(a0 as Any)", at: .none) }
  static func dimensionNotFixed(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("dimensionNotFixed", "\(a0 as Any)", at: a1) }
  static func divisionByZero(at a0: SourceSpan) -> Diagnostic { Diagnostic("divisionByZero", "", at: a0) }
  static func dotOperands(_ a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("dotOperands", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func duplicateDeclaration(_ a0: Any?, earlier a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("duplicateDeclaration", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func duplicateField(_ a0: Any?, earlier a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("duplicateField", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func duplicateModule(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("duplicateModule", "\(a0 as Any)", at: a1) }
  static func elseOnWrite(at a0: SourceSpan) -> Diagnostic { Diagnostic("elseOnWrite", "", at: a0) }
  static func factComparesNoDimensions(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("factComparesNoDimensions", "\(a0 as Any)", at: a1) }
  static func factDoesNotHold(_ a0: Any?, of a1: Any?, fact a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("factDoesNotHold", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func fieldNeedsLabel(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("fieldNeedsLabel", "\(a0 as Any)", at: a1) }
  static func foldArguments(at a0: SourceSpan) -> Diagnostic { Diagnostic("foldArguments", "", at: a0) }
  static func function(_ a0: Any?) -> Diagnostic { Diagnostic("function", "\(a0 as Any)", at: .none) }
  static func functionIsNoValue(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("functionIsNoValue", "\(a0 as Any)", at: a1) }
  static func functionTypeOutsideConst(at a0: SourceSpan) -> Diagnostic { Diagnostic("functionTypeOutsideConst", "", at: a0) }
  static func gridStartsAtZero(at a0: SourceSpan) -> Diagnostic { Diagnostic("gridStartsAtZero", "", at: a0) }
  static func importCycle(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("importCycle", "\(a0 as Any)", at: a1) }
  static func indexOutOfBounds(_ a0: Any?, index a1: Any?, size a2: Any?, isAbove a3: Any?, isBelow a4: Any?, isWrite a5: Any?, neutral a6: Any?, labels a7: Any?, bracket a8: Any?, at a9: SourceSpan) -> Diagnostic { Diagnostic("indexOutOfBounds", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any) \(a5 as Any) \(a6 as Any) \(a7 as Any) \(a8 as Any)", at: a9) }
  static func indexShadows(_ a0: Any?, earlier a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("indexShadows", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func indexType(_ a0: Any?, fixIts a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("indexType", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func inoutNeedsPlace(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("inoutNeedsPlace", "\(a0 as Any)", at: a1) }
  static func integer(_ a0: Any?) -> Diagnostic { Diagnostic("integer", "\(a0 as Any)", at: .none) }
  static func integer(_ a0: Any?, _ a1: Any?) -> Diagnostic { Diagnostic("integer", "\(a0 as Any) \(a1 as Any)", at: .none) }
  static func jointPlacesDiffer(at a0: SourceSpan) -> Diagnostic { Diagnostic("jointPlacesDiffer", "", at: a0) }
  static func kernelWithResult(at a0: SourceSpan) -> Diagnostic { Diagnostic("kernelWithResult", "", at: a0) }
  static func literalDoesNotFit(_ a0: Any?, type a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("literalDoesNotFit", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func literalHasFraction(_ a0: Any?, type a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("literalHasFraction", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func literalIsNoBool(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("literalIsNoBool", "\(a0 as Any)", at: a1) }
  static func local(_ a0: Any?) -> Diagnostic { Diagnostic("local", "\(a0 as Any)", at: .none) }
  static func makerNeedsType(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("makerNeedsType", "\(a0 as Any)", at: a1) }
  static func misplacedIndexPattern(at a0: SourceSpan) -> Diagnostic { Diagnostic("misplacedIndexPattern", "", at: a0) }
  static func misplacedOption(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("misplacedOption", "\(a0 as Any)", at: a1) }
  static func misplacedRange(at a0: SourceSpan) -> Diagnostic { Diagnostic("misplacedRange", "", at: a0) }
  static func missingArgument(_ a0: Any?, of a1: Any?, declared a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("missingArgument", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func missingResult(of a0: Any?, _ a1: Any?, declared a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("missingResult", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func mixedOperands(_ a0: Any?, _ a1: Any?, _ a2: Any?, fixIts a3: Any?, left a4: Any?, right a5: Any?, at a6: SourceSpan) -> Diagnostic { Diagnostic("mixedOperands", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any) \(a5 as Any)", at: a6) }
  static func nameIsNoFunction(_ a0: Any?, declared a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("nameIsNoFunction", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func needlessBoundary(_ a0: Any?, at a1: SourceSpan, bracket a2: Any?) -> Diagnostic { Diagnostic(.remark, "needlessBoundary", "\(a0 as Any) \(a2 as Any)", at: a1) }
  static func negativeDimension(_ a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("negativeDimension", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func nestedTooDeeply(at a0: SourceSpan) -> Diagnostic { Diagnostic("nestedTooDeeply", "", at: a0) }
  static func newAxisOnWrite(at a0: SourceSpan) -> Diagnostic { Diagnostic("newAxisOnWrite", "", at: a0) }
  static func noMatchingOverload(_ a0: Any?, types a1: Any?, candidates a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("noMatchingOverload", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func noRange(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("noRange", "\(a0 as Any)", at: a1) }
  static func noSuchAxis(_ a0: Any?, rank a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("noSuchAxis", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func noSuchPosition(_ a0: Any?, count a1: Any?, of a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("noSuchPosition", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func notADimension(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notADimension", "\(a0 as Any)", at: a1) }
  static func notAPack(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notAPack", "\(a0 as Any)", at: a1) }
  static func notARange(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notARange", "\(a0 as Any)", at: a1) }
  static func notAScalarType(_ a0: Any?, of a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("notAScalarType", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func notAString(at a0: SourceSpan) -> Diagnostic { Diagnostic("notAString", "", at: a0) }
  static func notAType(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notAType", "\(a0 as Any)", at: a1) }
  static func notAnElement(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notAnElement", "\(a0 as Any)", at: a1) }
  static func notAnInteger(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notAnInteger", "\(a0 as Any)", at: a1) }
  static func notCallable(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notCallable", "\(a0 as Any)", at: a1) }
  static func notConstant(_ a0: Any?, _ a1: Any?) -> Diagnostic { Diagnostic("notConstant", "\(a0 as Any) \(a1 as Any)", at: .none) }
  static func notConstant(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notConstant", "\(a0 as Any)", at: a1) }
  static func notInferred(_ a0: Any?) -> Diagnostic { Diagnostic("notInferred", "\(a0 as Any)", at: .none) }
  static func notInferred(_ a0: Any?, of a1: Any?, declared a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("notInferred", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func notProvedInLoop(left a0: Any?, _ a1: Any?, right a2: Any?, message a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("notProvedInLoop", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func notSupportedYet(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("notSupportedYet", "\(a0 as Any)", at: a1) }
  static func obligationFails(_ a0: Any?, of a1: Any?, left a2: Any?, _ a3: Any?, right a4: Any?, origin a5: Any?, at a6: SourceSpan) -> Diagnostic { Diagnostic("obligationFails", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any) \(a5 as Any)", at: a6) }
  static func operandType(_ a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("operandType", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func outStartsAtZero(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic(.remark, "outStartsAtZero", "\(a0 as Any)", at: a1) }
  static func overlappingInout(_ a0: Any?, other a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("overlappingInout", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func packIsNoValue(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("packIsNoValue", "\(a0 as Any)", at: a1) }
  static func permutationArguments(rank a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("permutationArguments", "\(a0 as Any)", at: a1) }
  static func rangeUsesIndex(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("rangeUsesIndex", "\(a0 as Any)", at: a1) }
  static func rangesDisagree(_ a0: Any?, _ a1: Any?, _ a2: Any?, first a3: Any?, second a4: Any?, at a5: SourceSpan) -> Diagnostic { Diagnostic("rangesDisagree", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any)", at: a5) }
  static func recursionWithoutResultType(_ a0: Any?, declared a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("recursionWithoutResultType", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func recursiveStructure(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("recursiveStructure", "\(a0 as Any)", at: a1) }
  static func reduceNeedsCombiner(at a0: SourceSpan) -> Diagnostic { Diagnostic("reduceNeedsCombiner", "", at: a0) }
  static func reductionMayBeEmpty(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("reductionMayBeEmpty", "\(a0 as Any)", at: a1) }
  static func reshapeCount(_ a0: Any?, to a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("reshapeCount", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func resultDependsOnData(_ a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("resultDependsOnData", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func resultNotDefined(_ a0: Any?, parts a1: Any?, declared a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("resultNotDefined", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func sequenceGrowsInLoop(_ a0: Any?, declared a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("sequenceGrowsInLoop", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func sequenceIndex(at a0: SourceSpan) -> Diagnostic { Diagnostic("sequenceIndex", "", at: a0) }
  static func sequenceNeedsConstFor(at a0: SourceSpan) -> Diagnostic { Diagnostic("sequenceNeedsConstFor", "", at: a0) }
  static func shapeArgument(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("shapeArgument", "\(a0 as Any)", at: a1) }
  static func shapeMismatch(_ a0: Any?, _ a1: Any?, axis a2: Any?, _ a3: Any?, _ a4: Any?, left a5: Any?, right a6: Any?, labels a7: Any?, at a8: SourceSpan) -> Diagnostic { Diagnostic("shapeMismatch", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any) \(a5 as Any) \(a6 as Any) \(a7 as Any)", at: a8) }
  static func shapesDisagreeAtJoin(_ a0: Any?, _ a1: Any?, _ a2: Any?, declared a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("shapesDisagreeAtJoin", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func skipOnRead(at a0: SourceSpan) -> Diagnostic { Diagnostic("skipOnRead", "", at: a0) }
  static func sliceWithIndices(at a0: SourceSpan) -> Diagnostic { Diagnostic("sliceWithIndices", "", at: a0) }
  static func tailCallNotLast(at a0: SourceSpan) -> Diagnostic { Diagnostic("tailCallNotLast", "", at: a0) }
  static func tailNeedsCall(at a0: SourceSpan) -> Diagnostic { Diagnostic("tailNeedsCall", "", at: a0) }
  static func tensorRecursion(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("tensorRecursion", "\(a0 as Any)", at: a1) }
  static func tileOutsideLet(at a0: SourceSpan) -> Diagnostic { Diagnostic("tileOutsideLet", "", at: a0) }
  static func tilePastEnd(extent a0: Any?, size a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("tilePastEnd", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func tooManyArguments(_ a0: Any?, expected a1: Any?, given a2: Any?, declared a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("tooManyArguments", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func tooManyCopies(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("tooManyCopies", "\(a0 as Any)", at: a1) }
  static func tooManyInstances(_ a0: Any?, chain a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("tooManyInstances", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func type(_ a0: Any?) -> Diagnostic { Diagnostic("type", "\(a0 as Any)", at: .none) }
  static func typeIsNoValue(_ a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("typeIsNoValue", "\(a0 as Any)", at: a1) }
  static func typeMismatch(_ a0: Any?, wanted a1: Any?, fixIts a2: Any?, labels a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("typeMismatch", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func unknownField(_ a0: Any?, of a1: Any?, fields a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("unknownField", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func unknownLabel(_ a0: Any?, _ a1: Any?) -> Diagnostic { Diagnostic("unknownLabel", "\(a0 as Any) \(a1 as Any)", at: .none) }
  static func unknownLabel(_ a0: Any?, known a1: Any?) -> Diagnostic { Diagnostic("unknownLabel", "\(a0 as Any) \(a1 as Any)", at: .none) }
  static func unknownLabel(_ a0: Any?, of a1: Any?, known a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("unknownLabel", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func unknownModule(_ a0: Any?, known a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("unknownModule", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func unknownName(_ a0: Any?, kind a1: Any?, near a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("unknownName", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func unusedValue(fixIts a0: Any?, at a1: SourceSpan) -> Diagnostic { Diagnostic("unusedValue", "\(a0 as Any)", at: a1) }
  static func usedBeforeDefined(_ a0: Any?, declared a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("usedBeforeDefined", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func wrongArgumentCount(of a0: Any?, expected a1: Any?, given a2: Any?, at a3: SourceSpan) -> Diagnostic { Diagnostic("wrongArgumentCount", "\(a0 as Any) \(a1 as Any) \(a2 as Any)", at: a3) }
  static func wrongArgumentType(_ a0: Any?, of a1: Any?, wanted a2: Any?, actual a3: Any?, fixIts a4: Any?, declared a5: Any?, at a6: SourceSpan) -> Diagnostic { Diagnostic("wrongArgumentType", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any) \(a4 as Any) \(a5 as Any)", at: a6) }
  static func wrongIndexCount(_ a0: Any?, expected a1: Any?, given a2: Any?, labels a3: Any?, at a4: SourceSpan) -> Diagnostic { Diagnostic("wrongIndexCount", "\(a0 as Any) \(a1 as Any) \(a2 as Any) \(a3 as Any)", at: a4) }
  static func wrongKind(_ a0: Any?, kind a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("wrongKind", "\(a0 as Any) \(a1 as Any)", at: a2) }
  static func wrongPartCount(expected a0: Any?, _ a1: Any?, at a2: SourceSpan) -> Diagnostic { Diagnostic("wrongPartCount", "\(a0 as Any) \(a1 as Any)", at: a2) }
}
