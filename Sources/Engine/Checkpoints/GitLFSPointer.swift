/// The small text file that a clone without Git LFS leaves where the weights should be.
enum GitLFSPointer {
  private static let start = Array("version https://git-lfs.github.com/spec/".utf8)

  static func isOne(_ file: MappedFile) -> Bool {
    file.readAll { $0.starts(with: start) }
  }
}
