/// A tensor as a pickle of PyTorch describes it, not yet held against the bytes that it claims.
struct TorchTensor {
  let storage: TorchStorage
  /// Of the first value, in values.
  let offset: Int
  let shape: [Int]
  /// In values.
  let strides: [Int]
}

/// The memory that one or several tensors of a PyTorch file look into.
struct TorchStorage {
  let type: ElementType
  /// The last part of the record's name.
  let key: String
  /// In values.
  let count: Int

  /// PyTorch's classes, all in module `torch`.
  static let types: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]
}
