public import Foundation

extension Checkpoint {
  /// Opens a file of the safetensors format, version 0.4
  /// (https://github.com/huggingface/safetensors#format).
  ///
  /// The file is 8 bytes of header length, a JSON header, and the values. As the reference implementation
  /// does, this refuses tensors that overlap and bytes that belong to no tensor; it also refuses names and
  /// fields that come twice.
  /// - Throws: ``CheckpointError``
  public init(safetensors url: URL) throws {
    try self.init(safetensors: MappedFile(url))
  }

  package init(safetensors file: MappedFile) throws {
    let header = try SafetensorsHeader(file)
    try self.init(
      entries: header.entries, metadata: header.metadata, files: [file], path: file.path)
  }
}
