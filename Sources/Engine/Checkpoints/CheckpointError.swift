#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why weights cannot be read or do not fit the model.
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
  case notJSON(path: String, reason: String)
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
  case tooLarge(path: String, name: String, index: Int)

  // What a model asks for
  case missingTensor(path: String, name: String)
  case wrongShape(path: String, name: String, expected: [Int], got: [Int])
  case extraTensors(path: String, names: [String])
  case notFinite(path: String, name: String, index: Int)
  case notFloatingPoint(path: String, name: String, type: ElementType)
  case notInteger(path: String, name: String, type: ElementType)
  case integerTooLarge(path: String, name: String, value: UInt64)

  /// What should have followed in JSON text.
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

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let code):
      "\(path) cannot be read: \(String(cString: strerror(code)))"
    case .notAFile(let path):
      "\(path) is not a regular file, so it cannot hold weights"
    case .empty(let path):
      "\(path) is empty; fetch it again"
    case .tooShort(let path, let needed, let size):
      "\(path) ends after \(size) bytes where \(needed) are needed; it was cut short, fetch it again"
    case .gitLFSPointer(let path):
      "\(path) is a Git LFS pointer, not the file itself; run `git lfs pull` in its folder"
    case .noWeights(let folder, let lookedFor):
      "\(folder) holds none of \(lookedFor.joined(separator: ", ")); it is not a folder of weights"
    case .noTensors(let path):
      "\(path) holds no tensors"
    case .shardOutsideFolder(let path, let shard):
      "\(path) lists \(shard.debugDescription), which is not the name of a file beside it"

    case .notJSON(let path, let reason):
      "\(path) cannot be read: \(reason)"
    case .syntax(let path, let offset, let expected):
      "\(path) is damaged at byte \(offset): expected \(expected.rawValue)"

    case .headerLength(let path, let length, let size):
      """
      \(path) claims a header of \(length) bytes, but has \(size) bytes and the format allows \
      \(SafetensorsHeader.longest); it is not a safetensors file, or it was cut short
      """
    case .duplicateName(let path, let name):
      "\(path) names \(name) twice"
    case .unexpectedField(let path, let name, let field):
      "\(path) describes \(name) by an unknown or repeated field \(field.debugDescription)"
    case .missingField(let path, let name, let field):
      "\(path) describes \(name) without a valid \(field)"
    case .unknownType(let path, let name, let type):
      "\(path) stores \(name) as \(type.debugDescription), a type that crayon does not read"
    case .shapeTooLarge(let path, let name, let shape):
      "\(path) gives \(name) the impossible shape \(shape)"
    case .outsideFile(let path, let name, let begin, let end, let available):
      "\(path) places \(name) at bytes \(begin) to \(end) of \(available); it was cut short or is damaged"
    case .wrongLength(let path, let name, let shape, let type, let expected, let got):
      "\(path) stores \(name), \(type.rawValue) \(shape), in \(got) bytes instead of \(expected)"
    case .overlap(let path, let first, let second):
      "\(path) stores \(first) and \(second) in the same bytes"
    case .hole(let path, let from, let to):
      "\(path) has bytes \(from) to \(to) that belong to no tensor"

    case .legacyTorch(let path):
      """
      \(path) is in PyTorch's format from before version 1.6; load it with PyTorch and save it again, \
      best as safetensors
      """
    case .notATorchFile(let path):
      "\(path) is not a file that `torch.save` has written"
    case .damagedArchive(let path, let offset):
      "\(path) is a damaged zip archive (at byte \(offset)); fetch it again"
    case .compressedRecord(let path, let record):
      "\(path) holds \(record) compressed or encrypted; `torch.save` stores records as they are"
    case .missingRecord(let path, let record):
      "\(path) lacks its record \(record); fetch it again"
    case .bigEndian(let path):
      "\(path) was written big-endian; load and save it on a little-endian machine"

    case .forbiddenImport(let path, let name):
      "\(path) tries to import \(name); crayon only reads tensors"
    case .forbiddenOperation(let path, let operation, let offset):
      """
      \(path) uses pickle operation 0x\(String(operation, radix: 16)) in its data.pkl at byte \(offset) \
      in a way that tensors do not need; crayon only reads tensors
      """
    case .damagedPickle(let path, let offset):
      "\(path) is damaged: its data.pkl cannot be followed at byte \(offset)"
    case .pickleTooLarge(let path, let size, let limit):
      "\(path) describes its tensors in \(size) bytes or values, more than the \(limit) that are allowed"
    case .impossibleTensor(let path, let name):
      "\(path) gives \(name) a shape, strides or an offset that do not fit its storage"
    case .expandedTensor(let path, let name, let count, let stored):
      """
      \(path) stretches \(name) to \(count) values out of \(stored); save it with `.contiguous()` \
      first
      """
    case .shortStorage(let path, let record, let needed, let got):
      "\(path) holds \(got) bytes in its record \(record), where its tensors need \(needed)"

    case .notGGUF(let path):
      "\(path) is not a GGUF file"
    case .ggufVersion(let path, let version):
      "\(path) is GGUF of version \(version); crayon reads versions 2 and 3, little-endian"
    case .ggufDamaged(let path, let offset):
      "\(path) is damaged: its description cannot be followed at byte \(offset); fetch it again"
    case .wrongMetadata(let path, let key, let expected):
      "\(path) has no \(key) that is \(expected)"

    case .notQuantizable(let path, let name, let shape, let block):
      "\(path) holds \(name) with shape \(shape), whose rows are not whole blocks of \(block) values"
    case .tooLarge(let path, let name, let index):
      "\(path) holds in \(name), from place \(index) on, a number that is too large for 8 bits and a scale of 16"

    case .missingTensor(let path, let name):
      "\(path) lacks the tensor \(name)"
    case .wrongShape(let path, let name, let expected, let got):
      "\(path) holds \(name) with shape \(got), but the model needs \(expected)"
    case .extraTensors(let path, let names):
      "\(path) holds \(Self.list(names)), which the model does not use; is it for another model?"
    case .notFinite(let path, let name, let index):
      "\(path) holds a value in \(name) (index \(index)) that is infinite or not a number"
    case .notFloatingPoint(let path, let name, let type):
      "\(path) stores \(name) as \(type.rawValue), where floating-point values are needed"
    case .notInteger(let path, let name, let type):
      "\(path) stores \(name) as \(type.rawValue), where integers are needed"
    case .integerTooLarge(let path, let name, let value):
      "\(path) holds \(value) in \(name), which is beyond 63 bits"
    }
  }

  /// The first five names, and how many follow.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(5).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }
}
