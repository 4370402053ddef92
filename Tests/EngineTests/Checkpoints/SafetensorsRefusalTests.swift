import Checkpoints
import Foundation
import Testing

/// Every lie that a safetensors file can tell is an error that names it, before any value is read.
@Suite struct SafetensorsRefusalTests {
  static func tensor(_ dtype: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]") -> String {
    #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}"#
  }

  struct Lie: CustomTestStringConvertible {
    let name: String
    let header: String
    var data = 8
    let error: CheckpointError
    var testDescription: String { name }

    init(_ name: String, _ header: String, data: Int = 8, _ error: CheckpointError) {
      (self.name, self.header, self.data, self.error) = (name, header, data, error)
    }
  }

  static let lies: [Lie] = [
    Lie(
      "unknown type", #"{"a":\#(tensor("F7"))}"#,
      .unknownType(path: "file", name: "a", type: "F7")),
    Lie(
      "shape beyond 64 bits", #"{"a":\#(tensor("F32", "[4294967296,4294967296]"))}"#,
      .shapeTooLarge(path: "file", name: "a", shape: [1 << 32, 1 << 32])),
    Lie(
      "shape beyond 64 bits hidden behind a zero",
      #"{"a":\#(tensor("F32", "[4611686018427387904,4,0]", "[0,0]"))}"#, data: 0,
      .shapeTooLarge(path: "file", name: "a", shape: [1 << 62, 4, 0])),
    Lie(
      "offsets reversed", #"{"a":\#(tensor("F32", "[2]", "[8,0]"))}"#,
      .outsideFile(path: "file", name: "a", begin: 8, end: 0, available: 8)),
    Lie(
      "offsets beyond the end", #"{"a":\#(tensor("F32", "[4]", "[0,16]"))}"#,
      .outsideFile(path: "file", name: "a", begin: 0, end: 16, available: 8)),
    Lie(
      "fewer bytes than the shape", #"{"a":\#(tensor("F64"))}"#,
      .wrongLength(path: "file", name: "a", shape: [2], type: .float64, expected: 16, got: 8)),
    Lie(
      "overlap", #"{"a":\#(tensor()),"b":\#(tensor("F32", "[1]", "[4,8]"))}"#,
      .overlap(path: "file", first: "a", second: "b")),
    Lie(
      "twice the same bytes", #"{"a":\#(tensor()),"b":\#(tensor())}"#,
      .overlap(path: "file", first: "a", second: "b")),
    Lie(
      "hole between", #"{"a":\#(tensor()),"b":\#(tensor("F32", "[1]", "[12,16]"))}"#, data: 16,
      .hole(path: "file", from: 125, to: 129)),
    Lie(
      "hole at the start", #"{"a":\#(tensor("F32", "[1]", "[4,8]"))}"#, .hole(path: "file", from: 62, to: 66)),
    Lie("bytes at the end", #"{"a":\#(tensor())}"#, data: 9, .hole(path: "file", from: 70, to: 71)),
    Lie(
      "name twice", #"{"a":\#(tensor()),"a":\#(tensor("F32", "[2]", "[8,16]"))}"#, data: 16,
      .duplicateName(path: "file", name: "a")),
    Lie(
      "metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, data: 0,
      .duplicateName(path: "file", name: "__metadata__")),
    Lie(
      "note twice", #"{"__metadata__":{"k":"1","k":"2"}}"#, data: 0,
      .duplicateName(path: "file", name: "k")),
    Lie(
      "field twice", #"{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
      .unexpectedField(path: "file", name: "a", field: "dtype")),
    Lie(
      "unknown field", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#,
      .unexpectedField(path: "file", name: "a", field: "x")),
    Lie(
      "no shape", #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#,
      .missingField(path: "file", name: "a", field: "shape")),
    Lie(
      "three offsets", #"{"a":\#(tensor("F32", "[2]", "[0,8,8]"))}"#,
      .missingField(path: "file", name: "a", field: "data_offsets")),
    Lie(
      "negative axis", #"{"a":\#(tensor("F32", "[-2]"))}"#,
      .syntax(path: "file", offset: 37, expected: .count)),
    Lie(
      "fractional axis", #"{"a":\#(tensor("F32", "[2.0]"))}"#,
      .syntax(path: "file", offset: 38, expected: .commaOrEnd)),
    Lie(
      "axis beyond 63 bits", #"{"a":\#(tensor("F32", "[9223372036854775808]"))}"#,
      .syntax(path: "file", offset: 55, expected: .count)),
    Lie(
      "axis with a leading zero", #"{"a":\#(tensor("F32", "[02]"))}"#,
      .syntax(path: "file", offset: 39, expected: .count)),
    Lie("not an object", "[[]]", .syntax(path: "file", offset: 8, expected: .object)),
    Lie("cut in a name", #"{"a"#, .syntax(path: "file", offset: 11, expected: .closingQuote)),
    Lie("text behind", #"{}{}"#, .syntax(path: "file", offset: 10, expected: .end)),
    Lie("a list for a tensor", #"{"a":[1]}"#, .syntax(path: "file", offset: 13, expected: .object)),
    Lie("a comma too many", #"{"a":\#(tensor()),}"#, .syntax(path: "file", offset: 62, expected: .string)),
    Lie(
      "half a surrogate", #"{"\ud800":1}"#, .syntax(path: "file", offset: 16, expected: .escape)),
    Lie(
      "two first halves of a surrogate", #"{"\ud800\ud800":1}"#,
      .syntax(path: "file", offset: 22, expected: .escape)),
    Lie(
      "nested without end", #"{"a":"# + String(repeating: "[", count: 100_000),
      .syntax(path: "file", offset: 13, expected: .object)),
  ]

  @Test(arguments: lies)
  func aLieIsNamed(lie: Lie) {
    #expect(throws: lie.error) {
      try Checkpoint(safetensors: safetensors(lie.header, data: lie.data))
    }
  }

  @Test func aNameThatIsNotUTF8IsRefused() {
    var bytes = safetensors(#"{"a":{}}"#).readAll { Array($0) }
    bytes[10] = 0xff
    #expect(throws: CheckpointError.syntax(path: "file", offset: 10, expected: .utf8)) {
      try Checkpoint(safetensors: MappedFile(copying: bytes, path: "file"))
    }
  }

  @Test(arguments: [0, 1, 3, UInt64(100_000_001), .max, UInt64(Int.max)])
  func aHeaderLengthThatCannotBeIsRefused(length: UInt64) {
    #expect(throws: CheckpointError.headerLength(path: "file", length: length, size: 10)) {
      try Checkpoint(safetensors: safetensors("{}", claiming: length))
    }
  }

  @Test func aHeaderMayHoldNoTensorAndSpaces() throws {
    #expect(try Checkpoint(safetensors: safetensors(" {}  ")).names.isEmpty)
    let escaped = #"{"\u0061\n\ud83d\ude00\/":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
    #expect(try Checkpoint(safetensors: safetensors(escaped, data: 1)).names == ["a\n😀/"])
  }

  /// Cut anywhere, a file is refused; no cut of it opens.
  @Test func everyTruncationIsRefused() throws {
    let bytes = try CheckpointFixtures.bytes("every.safetensors")
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "\(length) bytes") {
        try Checkpoint(safetensors: MappedFile(copying: bytes.prefix(length), path: "file"))
      }
    }
  }

  @Test func whatIsNoWeightFileSaysSo() throws {
    try CheckpointFixtures.withTemporaryFolder { folder in
      func error(_ text: String) throws -> CheckpointError? {
        let file = folder.appendingPathComponent("model.safetensors")
        try Data(text.utf8).write(to: file)
        return #expect(throws: CheckpointError.self) { try Checkpoint(safetensors: file) }
      }
      let path = folder.appendingPathComponent("model.safetensors").path
      let empty = try error("")
      #expect(empty == .empty(path: path))
      let short = try error("PNG")
      #expect(short == .tooShort(path: path, needed: 8, size: 3))
      let text = try error("Dear reader, these are no weights.")
      // "Dear rea" as a little-endian number.
      #expect(text == .headerLength(path: path, length: 0x6165_7220_7261_6544, size: 34))
      let pointer = try error("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
      #expect(pointer == .gitLFSPointer(path: path))
      #expect(throws: CheckpointError.notAFile(path: folder.path)) { try Checkpoint(safetensors: folder) }
      let absent = folder.appendingPathComponent("absent")
      #expect(throws: CheckpointError.unreadable(path: absent.path, code: ENOENT)) {
        try Checkpoint(safetensors: absent)
      }
      let pipe = folder.appendingPathComponent("pipe")
      #expect(mkfifo(pipe.path, 0o600) == 0)
      #expect(throws: CheckpointError.notAFile(path: pipe.path)) { try Checkpoint(safetensors: pipe) }
    }
  }

  @Test func aRangeBeyondTheFileIsAnErrorBeforeAnyAccess() throws {
    let file = MappedFile(copying: [1, 2, 3], path: "file")
    #expect(try file.read(1..<3) { Array($0) } == [2, 3])
    #expect(throws: CheckpointError.tooShort(path: "file", needed: 4, size: 3)) {
      try file.read(1..<4) { _ in }
    }
  }
}
