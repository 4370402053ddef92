import Annotation
import ArgumentParser
import Foundation

/// One part of the work: `I/N`, or `auto` where the engine that starts the parts says which this is.
struct Shard: Equatable {
  let index: Int
  let count: Int

  /// Where the number of parts is not the engine's to say.
  static let countVariable = "CRAYON_SHARDS"

  /// - Throws: `ValidationError`
  static func argument(_ text: String) throws -> Shard {
    if text == "auto" { return try Shard(ProcessInfo.processInfo.environment) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], let shard = Shard(index, of: count)
    else {
      throw ValidationError("\(text) is no part of the work; it is I/N, from 1/N to N/N, or auto.")
    }
    return shard
  }

  private init?(_ index: Int, of count: Int) {
    guard count >= 1, (1...count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// What Slurm says of an array's task, Kubernetes of an indexed job's pod, and GNU parallel of a job; of the last two
  /// `CRAYON_SHARDS` says how many there are.
  /// - Throws: `ValidationError`
  init(_ environment: [String: String]) throws {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    let found: Shard?
    if let task = number("SLURM_ARRAY_TASK_ID") {
      let (first, step) = (number("SLURM_ARRAY_TASK_MIN") ?? 0, max(number("SLURM_ARRAY_TASK_STEP") ?? 1, 1))
      found = number("SLURM_ARRAY_TASK_COUNT").flatMap { Shard((task - first) / step + 1, of: $0) }
    } else if let place = number("JOB_COMPLETION_INDEX").map({ $0 + 1 }) ?? number("PARALLEL_SEQ") {
      guard let count = number(Self.countVariable) else {
        throw ValidationError("--shard auto: \(Self.countVariable) must say how many parts there are.")
      }
      found = Shard(place, of: count)
    } else {
      throw ValidationError(
        "--shard auto: neither Slurm (SLURM_ARRAY_TASK_ID), Kubernetes (JOB_COMPLETION_INDEX) nor GNU parallel "
          + "(PARALLEL_SEQ) says which part this is.")
    }
    guard let found else {
      throw ValidationError(
        "--shard auto: the variables of the environment name a part that is not among the parts.")
    }
    self = found
  }

  /// Every `count`th of inputs in order, so that all shards have about the same work.
  func part<Element>(of all: [Element]) -> [Element] {
    all.enumerated().filter { $0.offset % count == index - 1 }.map(\.element)
  }

  func part(of found: AnnotationInputs) -> AnnotationInputs {
    var part = found
    part.pictures = self.part(of: found.pictures)
    part.failures = self.part(of: found.failures)
    part.passedOver = self.part(of: found.passedOver)
    return part
  }
}
