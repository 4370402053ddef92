/// Why weights cannot be read or do not fit the model. The sentences are in `CheckpointError+Description`.
public enum CheckpointError: Error, Equatable, Sendable {
  // Files
  case unreadable(path: String, code: Int32)
  case notAFile(path: String)
  case empty(path: String)
  case tooShort(path: String, needed: Int, size: Int)
  case gitLFSPointer(path: String)
  case noWeights(folder: String, lookedFor: [String])
  case noTensors(path: String)
  case shardOutsideFolder(path: String, shard: String)

  // JSON
  case syntax(path: String, offset: Int, expected: Expected)

  // Headers
  case headerLength(path: String, length: UInt64, size: Int)
  case duplicateName(path: String, name: String)
  case unexpectedField(path: String, name: String, field: String)
  case missingField(path: String, name: String, field: String)
  case unknownType(path: String, name: String, type: String)
  case shapeTooLarge(path: String, name: String, shape: [Int])
  case outsideFile(path: String, name: String, begin: Int, end: Int, available: Int)
  case wrongLength(
    path: String, name: String, shape: [Int], type: ElementType, expected: Int, got: Int)
  case overlap(path: String, first: String, second: String)
  case hole(path: String, from: Int, to: Int)

  // PyTorch's zip files
  case legacyTorch(path: String)
  case notATorchFile(path: String)
  case damagedArchive(path: String, offset: Int)
  case compressedRecord(path: String, record: String)
  case missingRecord(path: String, record: String)
  case bigEndian(path: String)

  // PyTorch's pickles
  case forbiddenImport(path: String, name: String)
  case forbiddenOperation(path: String, operation: UInt8, offset: Int)
  case damagedPickle(path: String, offset: Int)
  case pickleTooLarge(path: String, size: Int, limit: Int)
  case impossibleTensor(path: String, name: String)
  case expandedTensor(path: String, name: String, count: Int, stored: Int)
  case shortStorage(path: String, record: String, needed: Int, got: Int)

  // GGUF
  case notGGUF(path: String)
  case ggufVersion(path: String, version: UInt32)
  case ggufDamaged(path: String, offset: Int)
  case wrongMetadata(path: String, key: String, expected: String)

  // Quantisation
  case notQuantizable(path: String, name: String, shape: [Int], block: Int)

  // What a model asks for
  case missingTensor(path: String, name: String)
  case wrongShape(path: String, name: String, expected: [Int], got: [Int])
  case extraTensors(path: String, names: [String])
  case notFinite(path: String, name: String, index: Int)
  case notFloatingPoint(path: String, name: String, type: ElementType)
  case notInteger(path: String, name: String, type: ElementType)
  case integerTooLarge(path: String, name: String, value: UInt64)

  /// What JSON text should have gone on with.
  public enum Expected: String, Sendable, CaseIterable {
    case object = "an object"
    case array = "a list"
    case string = "a string"
    case closingQuote = "the end of a string"
    case escape = "a valid escape sequence"
    case utf8 = "UTF-8 text"
    case count = "a whole number that is not negative and fits 63 bits"
    case colon = "a colon"
    case commaOrEnd = "a comma or a closing bracket"
    case value = "a value"
    case lessNesting = "at most 64 levels of nesting"
    case end = "nothing more"
  }
}
