import Foundation

/// What bitsandbytes notes beside an nf4 weight, in JSON. Names are the file's.
struct NF4Description: Codable {
  var quant_type: String
  var blocksize: Int
  var dtype: String
  var shape: [Int]
  var nested_blocksize: Int
  var nested_dtype: String
  var nested_offset: Float

  init?(json: UnsafeRawBufferPointer) {
    guard let value = try? JSONDecoder().decode(Self.self, from: Data(json)),
      value.shape.count == 2, value.shape.allSatisfy({ (1...1 << 24).contains($0) }),
      value.nested_offset.isFinite
    else { return nil }
    self = value
  }

  /// Of a matrix that is quantised here.
  init(shape: [Int], offset: Float) {
    quant_type = "nf4"
    blocksize = 64
    dtype = "float32"
    self.shape = shape
    nested_blocksize = 256
    nested_dtype = "float32"
    nested_offset = offset
  }

  /// Bytes that the description takes: the same for every matrix, so that a file's layout is known before its values.
  static let length = 256

  /// As it is stored, with spaces up to ``length``.
  func json() throws -> Data {
    let text = try JSONEncoder().encode(self)
    return text + Data(repeating: 0x20, count: max(0, Self.length - text.count))
  }
}
