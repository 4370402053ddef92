import CKernels

/// How the values of a matrix are stored: floats, or blocks of a few bits a value with common scales.
///
/// The block formats are ggml's, and the raw values llama.cpp's names for them; `nf4` is that of bitsandbytes,
/// with double quantisation (QLoRA, arXiv 2305.14314, section 3).
public enum MatrixFormat: String, Sendable, CaseIterable {
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case q4_0 = "Q4_0"
  case q4_1 = "Q4_1"
  case q5_0 = "Q5_0"
  case q5_1 = "Q5_1"
  case q8_0 = "Q8_0"
  case q4_K = "Q4_K"
  case q5_K = "Q5_K"
  case q6_K = "Q6_K"
  case nf4 = "NF4"

  /// The number by which GGUF files name the format; nil for one that is not read.
  public init?(ggmlType: UInt32) {
    switch ggmlType {
    case 0: self = .f32
    case 1: self = .f16
    case 2: self = .q4_0
    case 3: self = .q4_1
    case 6: self = .q5_0
    case 7: self = .q5_1
    case 8: self = .q8_0
    case 12: self = .q4_K
    case 13: self = .q5_K
    case 14: self = .q6_K
    case 30: self = .bf16
    default: return nil
    }
  }

  /// Values that share a block; the rows of a matrix are whole blocks.
  public var blockValues: Int { ck_block_values(kernel) }

  /// In bytes; of nf4 without the scale, which lies elsewhere.
  public var blockBytes: Int { ck_block_bytes(kernel) }

  /// The bytes of a tensor, or nil when its rows are not whole blocks or that is more than an `Int` can say.
  public func bytes(of shape: [Int]) -> Int? {
    guard let columns = shape.last, columns % blockValues == 0 else { return nil }
    var bytes = columns / blockValues
    for factor in shape.dropLast() + [blockBytes] {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
      guard !overflow else { return nil }
      bytes = product
    }
    return bytes
  }

  /// Whether products of bytes are made of its blocks.
  var isProductOfBytes: Bool {
    switch self {
    case .q4_0, .q4_1, .q8_0, .nf4: true
    default: false
    }
  }

  var kernel: ck_format {
    switch self {
    case .f32: CK_FORMAT_F32
    case .f16: CK_FORMAT_F16
    case .bf16: CK_FORMAT_BF16
    case .q4_0: CK_FORMAT_Q4_0
    case .q4_1: CK_FORMAT_Q4_1
    case .q5_0: CK_FORMAT_Q5_0
    case .q5_1: CK_FORMAT_Q5_1
    case .q8_0: CK_FORMAT_Q8_0
    case .q4_K: CK_FORMAT_Q4_K
    case .q5_K: CK_FORMAT_Q5_K
    case .q6_K: CK_FORMAT_Q6_K
    case .nf4: CK_FORMAT_NF4
    }
  }
}

/// The scales of an nf4 matrix, quantised themselves: block i (64 values, row after row) has the scale
/// `nestedMap[absmax[i]] · nestedAbsmax[i / 256] + offset`, as bitsandbytes stores them.
public struct NF4Scales: Sendable {
  /// One byte a block, in bytes that `owner` keeps alive.
  nonisolated(unsafe) let absmax: UnsafePointer<UInt8>
  let owner: any AnyObject & Sendable
  /// The scale of every 256 blocks' scales.
  public let nestedAbsmax: Tensor
  /// What a byte stands for. [256]
  public let nestedMap: Tensor
  /// Added to every scale.
  public let offset: Float
  /// What four bits stand for. [16]
  public let map: Tensor

  /// - Parameters:
  ///   - absmax: one byte for every 64 values of the matrix
  ///   - nestedAbsmax: the scale of every 256 blocks' scales; [blocks / 256], rounded up
  ///   - nestedMap: what a byte of `absmax` stands for; [256]
  ///   - offset: added to every scale
  ///   - map: what four bits stand for; [16]
  ///   - owner: keeps `absmax` alive
  public init(
    absmax: UnsafePointer<UInt8>, nestedAbsmax: Tensor, nestedMap: Tensor, offset: Float, map: Tensor,
    owner: any AnyObject & Sendable
  ) {
    precondition(nestedMap.count == 256 && map.count == 16)
    self.absmax = absmax
    self.owner = owner
    self.nestedAbsmax = nestedAbsmax
    self.nestedMap = nestedMap
    self.offset = offset
    self.map = map
  }
}
