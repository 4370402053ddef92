extension RunLengthMask {
  /// The runs as text, as pycocotools compresses them: from the third run on the difference to the run before the last
  /// one, in digits of five bits and a sixth that says whether another follows, each plus 48 as a character.
  public var cocoText: String {
    var text: [UInt8] = []
    for (index, run) in runs.enumerated() {
      var rest = index > 2 ? run - runs[index - 2] : run
      var goesOn = true
      while goesOn {
        var digit = rest & 31
        rest >>= 5
        // The digit's highest bit is the number's sign where nothing follows.
        goesOn = digit & 16 != 0 ? rest != -1 : rest != 0
        if goesOn { digit |= 32 }
        text.append(UInt8(digit + 48))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads ``cocoText``.
  /// - Throws: ``RunLengthMaskError``
  public init(width: Int, height: Int, cocoText: String) throws {
    var runs: [Int] = []
    var value = 0
    var shift = 0
    for (offset, byte) in cocoText.utf8.enumerated() {
      // Seven digits hold more than any picture has pixels.
      guard (48..<112).contains(byte), shift <= 35 else { throw RunLengthMaskError.badText(offset: offset) }
      let digit = Int(byte) - 48
      value |= (digit & 31) << shift
      shift += 5
      guard digit & 32 == 0 else { continue }
      if digit & 16 != 0 { value |= -1 << shift }
      if runs.count > 2 { value += runs[runs.count - 2] }
      guard value >= 0 else { throw RunLengthMaskError.badText(offset: offset) }
      runs.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0 else { throw RunLengthMaskError.badText(offset: cocoText.utf8.count) }
    try self.init(width: width, height: height, runs: runs)
  }
}

/// As COCO files have it: `{"size": [height, width], "counts": "…"}`; a list of numbers is read as well.
extension RunLengthMask: Codable {
  private enum Key: String, CodingKey {
    case size
    case counts
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let size = try container.decode([Int].self, forKey: .size)
    guard size.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container, debugDescription: "the size of a mask is its height and its width")
    }
    do {
      if let text = try? container.decode(String.self, forKey: .counts) {
        try self.init(width: size[1], height: size[0], cocoText: text)
      } else {
        let runs = try container.decode([Int].self, forKey: .counts)
        try self.init(width: size[1], height: size[0], runs: runs)
      }
    } catch let error as RunLengthMaskError {
      throw DecodingError.dataCorruptedError(
        forKey: .counts, in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode([height, width], forKey: .size)
    try container.encode(cocoText, forKey: .counts)
  }
}
