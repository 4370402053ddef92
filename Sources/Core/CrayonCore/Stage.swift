/// One step of the way of the data: a value that is complete once it exists, with one throwing function
/// from a concrete input to a concrete output.
///
/// A stage that needs weights has loaded and checked them by the time its initialiser returns, so `run`
/// fails only because of its input. Stages never import each other; what passes between them is in this
/// module.
public protocol Stage<Input, Output>: Sendable {
  associatedtype Input
  associatedtype Output: Artifact

  /// Does the step.
  /// - Throws: the stage's own error type, whose description is a sentence that a person can act on.
  func run(_ input: Input) throws -> Output
}
