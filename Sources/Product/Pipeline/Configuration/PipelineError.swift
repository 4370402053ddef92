public import Foundation

/// Why a pipeline cannot be used.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
  case notFound(name: String, known: [String])
  case noWeightsYet(name: String)
  case unreadable(file: String)
  case notYAML(file: String, line: Int, fault: String)
  case unknownKey(file: String, line: Int, key: String, known: [String])
  case missingKey(file: String, line: Int, key: String)
  case badValue(file: String, line: Int, key: String, value: String, expected: String)
  case anotherModel(AnotherModel)
  case notVariants(String, String)
  case noSharedCheckpoint(pipeline: String, stage: String)
  case damagedModel(pipeline: String, fault: String, remedy: String)
  case unknownClass(pipeline: String, name: String)
  case unknownModel(String, known: [String])
  case noWeights(folder: String)
  case incompleteModel(folder: String, model: String, missing: [String])
  case cannotAnswer(pipeline: String)
  case missingFile(pipeline: String, stage: String, path: String, remedy: String)
  case noSuchAdapter(pipeline: String, name: String, known: [String])
  case cannotPoint(pipeline: String)
  case noSuchToken(pipeline: String, name: String)
  case unansweredTrigger(UnansweredTrigger)
  case noSegmenter(pipeline: String)
  case gridMismatch(pipeline: String, vision: Int, crayon: Int)

  public var description: String {
    switch self {
    case .notFound(let name, let known):
      "there is no pipeline \"\(name)\"; known are \(known.joined(separator: ", "))"
    case .noWeightsYet(let name):
      "the pipeline \"\(name)\" has no weights in this version; name another with --pipeline "
        + "(crayon pipelines list), or give maps with --panoptic"
    case .unreadable(let file): "\(file) cannot be read"
    case .notYAML(let file, let line, let fault): "\(file):\(line): \(fault)"
    case .unknownKey(let file, let line, let key, let known):
      "\(file):\(line): unknown key \"\(key)\"; known here are \(known.joined(separator: ", "))"
    case .missingKey(let file, let line, let key): "\(file):\(line): the key \"\(key)\" is missing"
    case .badValue(let file, let line, let key, let value, let expected):
      "\(file):\(line): \"\(key)\" is \"\(value)\", but must be \(expected)"
    case .anotherModel(let other):
      "\(other.path) looks like \(other.found.rawValue), but the pipeline \"\(other.pipeline)\" needs "
        + "\(other.expected.rawValue) there, as its \(other.stage)"
    case .notVariants(let first, let second):
      "the pipelines \"\(first)\" and \"\(second)\" do not read the same prompt or are of other sizes; drift compares "
        + "variants of one pipeline"
    case .noSharedCheckpoint(let pipeline, let stage):
      "the \(stage) of the pipeline \"\(pipeline)\" is to be in its language model's checkpoint, but that is no "
        + "checkpoint of CoLLaVO's (language.kind)"
    case .damagedModel(let pipeline, let fault, let remedy):
      "the weights of the pipeline \"\(pipeline)\" are not whole: \(fault); \(remedy)"
    case .unknownModel(let name, let known):
      "there is no model \(name); known are \(known.joined(separator: ", "))"
    case .noWeights(let folder): "\(folder) holds no weights"
    case .incompleteModel(let folder, let model, let missing):
      "\(folder) is not the whole of \(model): it lacks \(missing.joined(separator: ", "))"
    case .cannotAnswer(let pipeline):
      "the pipeline \"\(pipeline)\" only makes maps; name one that answers with --pipeline (crayon pipelines list)"
    case .missingFile(let pipeline, let stage, let path, let remedy):
      "the \(stage) of the pipeline \"\(pipeline)\" is missing: there is no \(path); \(remedy)"
    case .noSuchAdapter(let pipeline, let name, let known):
      "the pipeline \"\(pipeline)\" has no adapter \"\(name)\" to switch; "
        + (known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))")
    case .cannotPoint(let pipeline):
      "the pipeline \"\(pipeline)\" has no heads for boxes and masks, so regions mean nothing to it"
    case .unansweredTrigger(let unanswered):
      "\(unanswered.file): the language model of the pipeline \"\(unanswered.pipeline)\" was trained to point with "
        + "\(unanswered.trained), "
        + (unanswered.answered.map { answered in
          "but grounding answers \(answered); set grounding.trigger to \(unanswered.trained.trigger) and "
            + "grounding.slot to \(unanswered.trained.slot)"
        } ?? "but no heads answer that; give it the grounding of pocket.yaml (grounding.kind: pix2emb)")
    case .noSegmenter(let pipeline):
      "the segmenter of the pipeline \"\(pipeline)\" was not loaded, and no map is given"
    case .noSuchToken(let pipeline, let name):
      "the language model of the pipeline \"\(pipeline)\" has no token \(name)"
    case .gridMismatch(let pipeline, let vision, let crayon):
      "the pipeline \"\(pipeline)\" lays a crayon grid of \(crayon)×\(crayon) over a vision tower's of "
        + "\(vision)×\(vision); they must be the same"
    case .unknownClass(let pipeline, let name):
      "the pipeline \"\(pipeline)\" wants the class \"\(name)\" fused, which its model does not know"
    }
  }
}

/// Finds pipelines by name.
public enum PipelineLibrary {
  /// The folders that are searched, in order: `CRAYON_PIPELINES`, `Pipelines` in the current folder, beside
  /// the program or in a folder above it (as in a checkout), and crayon's data folder.
  public static var folders: [URL] {
    var folders: [URL] = []
    if let path = variable("CRAYON_PIPELINES") { folders.append(URL(fileURLWithPath: path)) }
    folders.append(URL(fileURLWithPath: "Pipelines"))
    var above = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    while above.pathComponents.count > 1 {
      above.deleteLastPathComponent()
      folders.append(above.appendingPathComponent("Pipelines"))
    }
    folders.append(DataFolder.url.appendingPathComponent("pipelines"))
    return folders
  }

  /// All pipelines; the first of a name wins.
  public static func files() -> [URL] {
    var found: [String: URL] = [:]
    for folder in folders {
      let files =
        (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
      for file in files where file.pathExtension == "yaml" {
        let name = file.deletingPathExtension().lastPathComponent
        if found[name] == nil { found[name] = file }
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The names of all of them.
  public static func names() -> [String] { files().map { $0.deletingPathExtension().lastPathComponent } }

  /// A pipeline by name, or by path where the name has a slash or ends in .yaml. Behind an `@` may stand which of
  /// several models it is to take: `collavo-7b@CoLLaVO-7B-nf4`.
  /// - Throws: ``PipelineError``
  public static func pipeline(_ text: String) throws -> PipelineConfiguration {
    // In a folder's name an `@` is part of the path.
    let at = text.lastIndex(of: "@").flatMap { text[$0...].contains("/") ? nil : $0 }
    let name = String(text[..<(at ?? text.endIndex)])
    let preferred = at.map { String(text[text.index(after: $0)...]) }
    let pipeline = try pipeline(name, preferring: preferred)
    if let preferred, !pipeline.modelsInUse.contains(preferred) {
      throw PipelineError.unknownModel(preferred, known: pipeline.models)
    }
    return pipeline
  }

  private static func pipeline(_ name: String, preferring preferred: String?) throws -> PipelineConfiguration {
    if name.contains("/") || name.hasSuffix(".yaml") {
      return try PipelineConfiguration(reading: URL(fileURLWithPath: name), preferring: preferred)
    }
    let files = files()
    if let file = files.first(where: { $0.deletingPathExtension().lastPathComponent == name }) {
      return try PipelineConfiguration(reading: file, preferring: preferred)
    }
    if name == defaultName { throw PipelineError.noWeightsYet(name: name) }
    throw PipelineError.notFound(name: name, known: names())
  }

  /// What is used where no pipeline is named.
  public static let defaultName = "pocket"
}
