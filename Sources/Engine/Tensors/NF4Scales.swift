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
  public let offset: Float
  /// What four bits stand for. [16]
  public let map: Tensor

  /// - Parameters:
  ///   - absmax: one byte for every 64 values of the matrix
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
