import Foundation

/// Where every tensor of a safetensors file lies, known before any value is.
///
/// Tensors are laid out as the reference implementation does it, wide types first and then by name, so that every
/// value is aligned.
struct SafetensorsLayout {
  /// A tensor that is to be written.
  struct Slot {
    var name: String
    var type: ElementType
    var shape: [Int]
  }

  /// What stands before the values.
  let header: Data
  /// Sorted as they lie.
  let slots: [Slot]
  /// Bytes of the file, by name.
  let ranges: [String: Range<Int>]

  /// - Parameter path: for messages
  /// - Throws: ``CheckpointError`` when a name is reserved or comes twice, or a shape is impossible
  init(_ slots: [Slot], metadata: [String: String], path: String) throws {
    self.slots = slots.sorted { a, b in
      (-a.type.size, a.type.rawValue, a.name) < (-b.type.size, b.type.rawValue, b.name)
    }
    var parts: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key < $1.key }.map { "\(Self.json($0.key)):\(Self.json($0.value))" }
      parts.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    var offsets: [String: Range<Int>] = [:]
    for slot in self.slots {
      guard let bytes = slot.type.bytes(of: slot.shape) else {
        throw CheckpointError.shapeTooLarge(path: path, name: slot.name, shape: slot.shape)
      }
      guard slot.name != "__metadata__",
        offsets.updateValue(offset..<offset + bytes, forKey: slot.name) == nil
      else { throw CheckpointError.duplicateName(path: path, name: slot.name) }
      let axes = slot.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(Self.json(slot.name)):{\"dtype\":\"\(slot.type.rawValue)\",\"shape\":[\(axes)],"
          + "\"data_offsets\":[\(offset),\(offset + bytes)]}")
      offset += bytes
    }
    var text = Data("{\(parts.joined(separator: ","))}".utf8)
    // Spaces up to a multiple of 8, so that the values are aligned.
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    var header = Data()
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { header.append(contentsOf: $0) }
    header.append(text)
    self.header = header
    ranges = offsets.mapValues { $0.lowerBound + header.count..<$0.upperBound + header.count }
  }

  private static func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
