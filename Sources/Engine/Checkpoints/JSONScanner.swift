import Foundation

/// Walks over JSON text without building a tree of it.
///
/// For the two kinds of JSON that come with weights: headers of millions of bytes that must open in
/// milliseconds, from anybody. Nothing here calls itself, so no nesting can exhaust the stack, and the caller
/// sees every key, so duplicates can be refused.
package struct JSONScanner {
  private let text: UnsafeRawBufferPointer
  private let path: String
  /// Where `text` starts in the file, for messages.
  private let start: Int
  private var position = 0

  /// Deeper nesting than this is refused where values are skipped.
  private static let deepest = 64

  package init(_ text: UnsafeRawBufferPointer, path: String, start: Int) {
    self.text = text
    self.path = path
    self.start = start
  }

  /// Walks over the one value of a file, behind a byte order mark where there is one.
  /// - Parameter body: has to step over the value
  /// - Throws: ``CheckpointError``, and what `body` throws
  package static func read<Result>(
    _ file: MappedFile, _ body: (inout JSONScanner) throws -> Result
  ) throws -> Result {
    try file.readAll { text in
      var scanner = JSONScanner(text, path: file.path, start: 0)
      scanner.position = ByteOrderMark.length(in: text)
      do {
        let result = try body(&scanner)
        try scanner.expectEnd()
        return result
      } catch let error as CheckpointError {
        guard case .syntax = error else { throw error }
        let reason = JSONFault.reason(Data(text))
        throw reason == JSONFault.unknown ? error : .notJSON(path: file.path, reason: reason)
      }
    }
  }

  package func failure(_ expected: CheckpointError.Expected) -> CheckpointError {
    .syntax(path: path, offset: start + position, expected: expected)
  }

  /// The character that comes next behind white space, not stepped over.
  package mutating func peek() -> UInt8? {
    skipSpace()
    return next
  }

  /// A number, `true`, `false` or `null` as it is written; whether it is one is for the caller to see.
  package mutating func word() throws -> String {
    skipSpace()
    let first = position
    while let byte = next, Self.isWord(byte) { position += 1 }
    guard position > first else { throw failure(.value) }
    return String(decoding: text[first..<position], as: UTF8.self)
  }

  private var next: UInt8? { position < text.count ? text[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      position += 1
    }
  }

  /// Steps over `character` if it comes next.
  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard let byte = next, UInt32(byte) == character.value else { return false }
    position += 1
    return true
  }

  package mutating func expect(_ character: Unicode.Scalar, _ expected: CheckpointError.Expected) throws {
    guard take(character) else { throw failure(expected) }
  }

  package mutating func expectEnd() throws {
    skipSpace()
    guard position == text.count else { throw failure(.end) }
  }

  /// Calls `body` at every value of an object, with its key. `body` has to step over the value.
  package mutating func object(_ body: (inout JSONScanner, String) throws -> Void) throws {
    try expect("{", .object)
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":", .colon)
      try body(&self, key)
    } while take(",")
    try expect("}", .commaOrEnd)
  }

  /// Calls `body` at every element of an array. `body` has to step over the element.
  package mutating func array(_ body: (inout JSONScanner) throws -> Void) throws {
    try expect("[", .array)
    if take("]") { return }
    repeat { try body(&self) } while take(",")
    try expect("]", .commaOrEnd)
  }

  /// A whole number from 0 to `Int.max`.
  package mutating func count() throws -> Int {
    skipSpace()
    let first = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) = tens.addingReportingOverflow(Int(byte &- 0x30))
      guard !overflow, !overflowToo else { throw failure(.count) }
      value = sum
      position += 1
    }
    let digits = position - first
    guard digits == 1 || (digits > 1 && text[first] != 0x30) else { throw failure(.count) }
    return value
  }

  package mutating func string() throws -> String {
    try expect("\"", .string)
    let first = position
    // Most strings hold no escape: one look for the closing quote, one check of the text.
    while let byte = next, byte != 0x22, byte != 0x5c, byte >= 0x20 { position += 1 }
    guard let stop = next else { throw failure(.closingQuote) }
    if stop == 0x22 {
      let plain = UnsafeRawBufferPointer(rebasing: text[first..<position])
      guard let string = String(validating: plain, as: UTF8.self) else {
        position = first
        throw failure(.utf8)
      }
      position += 1
      return string
    }
    return try escapedString(from: first)
  }

  /// The rest of a string whose plain part `first..<position` has been scanned.
  private mutating func escapedString(from first: Int) throws -> String {
    var units = Array(text[first..<position])
    while let byte = next {
      position += 1
      switch byte {
      case 0x22:
        guard let string = String(validating: units, as: UTF8.self) else { throw failure(.utf8) }
        return string
      case 0x5c:
        units.append(contentsOf: try escape())
      case 0..<0x20:
        position -= 1
        throw failure(.closingQuote)
      default:
        units.append(byte)
      }
    }
    throw failure(.closingQuote)
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = next else { throw failure(.escape) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code & 0xfc00 == 0xd800 {
        // The first half of a character beyond 16 bits; the second must follow.
        guard next == 0x5c else { throw failure(.escape) }
        position += 1
        guard next == UInt8(ascii: "u") else { throw failure(.escape) }
        position += 1
        let low = try hexadecimal()
        guard low & 0xfc00 == 0xdc00 else { throw failure(.escape) }
        code = 0x10000 + (code & 0x3ff) << 10 + low & 0x3ff
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure(.escape) }
      return Array(String(Character(scalar)).utf8)
    default: throw failure(.escape)
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure(.escape)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Steps over one value of any kind.
  mutating func skipValue() throws {
    var depth = 0
    repeat {
      skipSpace()
      switch next {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        guard depth <= Self.deepest else { throw failure(.lessNesting) }
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { throw failure(.value) }
        depth -= 1
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw failure(.value) }
        position += 1
      case UInt8(ascii: "\""):
        _ = try string()
      default:
        let first = position
        while let byte = next, Self.isWord(byte) { position += 1 }
        guard position > first else { throw failure(.value) }
      }
    } while depth > 0
  }

  /// Numbers, `true`, `false` and `null`, loosely: what is skipped need not be right.
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

/// What programs on Windows put before a text in UTF-8.
public enum ByteOrderMark {
  private static let bytes: [UInt8] = [0xef, 0xbb, 0xbf]

  /// How many bytes of a text it takes: none where the text has none.
  public static func length(in text: some Collection<UInt8>) -> Int {
    text.starts(with: bytes) ? bytes.count : 0
  }
}
