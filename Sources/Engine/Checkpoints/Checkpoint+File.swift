public import Foundation

extension Checkpoint {
  /// Opens one file, safetensors or PyTorch's; which of them it is, its first bytes say.
  /// - Throws: ``CheckpointError``
  public init(file url: URL) throws {
    let file = try MappedFile(url)
    // A safetensors file starts with the length of its header, whose bytes would have to make a header of
    // 67 MB to look like a zip archive, and an impossible one to look like a pickle.
    let isTorch = ZipArchive.isOne(file) || file.readAll { $0.starts(with: [0x80, 0x02, 0x8a]) }
    if isTorch { try self.init(torch: file) } else { try self.init(safetensors: file) }
  }
}
