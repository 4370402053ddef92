/// Reads JSON whose form is known, in one pass and without building it: headers of checkpoints have tens of
/// thousands of entries, come from strangers, and must not name a key twice.
///
/// Depth is bounded by the caller's own calls, so there is no nesting to exhaust the stack.
struct JSONScanner {
  struct Failure: Error {
    var what: String
    var offset: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  func failure(_ what: String) -> Failure { Failure(what: what, offset: position) }

  /// Calls `body` behind each key; it must consume the value. Keys are unique.
  mutating func object(_ body: (String, inout JSONScanner) throws -> Void) throws {
    try expect("{")
    var keys: Set<String> = []
    if skip("}") { return }
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("the key \"\(key)\" stands twice") }
      try expect(":")
      try body(key, &self)
    } while skip(",")
    try expect("}")
  }

  /// An array of whole numbers that are not negative.
  mutating func integers() throws -> [Int] {
    try expect("[")
    var values: [Int] = []
    if skip("]") { return values }
    repeat { values.append(try integer()) } while skip(",")
    try expect("]")
    return values
  }

  mutating func integer() throws -> Int {
    skipSpace()
    var value = 0
    let start = position
    while position < bytes.count, case let digit = bytes[position], (48...57).contains(digit) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowToo) = product.addingReportingOverflow(Int(digit - 48))
      guard !overflow, !overflowToo else { throw failure("a number is too large") }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("a number is missing") }
    return value
  }

  mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("text is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): try appendEscape(to: &text)
      case 0..<32: throw failure("a control character in text")
      default: text.append(byte)
      }
    }
    throw failure("text does not end")
  }

  /// Nothing but white space may follow.
  mutating func end() throws {
    skipSpace()
    guard position == bytes.count else { throw failure("something follows the end") }
  }

  private mutating func appendEscape(to text: inout [UInt8]) throws {
    guard position < bytes.count else { throw failure("text does not end") }
    let escape = bytes[position]
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): try appendScalar(to: &text)
    default: throw failure("an unknown escape in text")
    }
  }

  private mutating func appendScalar(to text: inout [UInt8]) throws {
    var value = try hexadecimal()
    if (0xD800..<0xDC00).contains(value) {
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw failure("half a character in text") }
      position += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("half a character in text") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw failure("half a character in text") }
    text += Array(String(scalar).utf8)
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count else { throw failure("text does not end") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw failure("a wrong digit in text")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 32, 9, 10, 13: position += 1
      default: return
      }
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard skip(character) else { throw failure("\(character) is missing") }
  }
}
