import Tensors

/// Damages files in the ways that find faults in parsers; the same damage for the same seed.
public struct MutatedFile {
  private var numbers: SeededNumbers
  /// The file after the damage.
  public private(set) var bytes: [UInt8]
  private let donors: [[UInt8]]

  /// - Parameter donors: files that pieces are taken from
  public init(_ original: [UInt8], donors: [[UInt8]], seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
    bytes = original
    self.donors = donors
    for _ in 0..<Int.random(in: 1...4, using: &numbers) { mutate() }
  }

  private mutating func below(_ count: Int) -> Int {
    count > 0 ? Int.random(in: 0..<count, using: &numbers) : 0
  }

  private mutating func piece(of count: Int, atMost most: Int) -> Range<Int> {
    let start = below(count)
    return start..<min(count, start + 1 + below(most))
  }

  private mutating func mutate() {
    guard !bytes.isEmpty else { return }
    switch below(10) {
    case 0: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
    case 1: bytes[below(bytes.count)] = [0, 1, 0x7f, 0x80, 0xff][below(5)]
    case 2: bytes.removeLast(below(bytes.count + 1))
    case 3: bytes.removeSubrange(piece(of: bytes.count, atMost: 64))
    case 4:
      let copy = Array(bytes[piece(of: bytes.count, atMost: 64)])
      bytes.insert(contentsOf: copy, at: below(bytes.count + 1))
    case 5, 6: editLength()
    case 7: editDigit()
    case 8:
      let donor = donors[below(donors.count)]
      let gift = donor[piece(of: donor.count, atMost: 256)]
      let start = below(bytes.count)
      bytes.replaceSubrange(start..<min(bytes.count, start + below(2) * gift.count), with: gift)
    default: bytes[below(bytes.count)] = UInt8(below(256))
    }
  }

  /// A number of 2, 4 or 8 bytes becomes an extreme or is off by a little. Half the time it is one near the
  /// start or the end, where containers keep their lengths.
  private mutating func editLength() {
    let width = [2, 4, 8][below(3)]
    guard bytes.count >= width else { return }
    let last = bytes.count - width
    let start = [below(last + 1), below(min(last, 16) + 1), last - below(min(last, 80) + 1), below(last + 1)][
      below(4)]
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[start + index]) << UInt64(8 * index) }
    let choices: [UInt64] = [
      0, .max, UInt64(Int.max), UInt64(bytes.count), value &+ 1, value &- 1, value << 1, ~value,
    ]
    value = choices[below(choices.count)]
    for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// In text, numbers are digits: one becomes another, or many.
  private mutating func editDigit() {
    let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
    guard !digits.isEmpty else { return }
    let texts = ["0", "9", "1", "-1", "9223372036854775807", "18446744073709551616", "4294967296", "1e9", ""]
    let position = digits[below(digits.count)]
    bytes.replaceSubrange(position...position, with: Array(texts[below(texts.count)].utf8))
  }
}

/// What became of many damaged files: a parser reads each, or refuses it.
public struct FuzzTally {
  /// Files that were read.
  public private(set) var opened = 0
  /// Files that were refused.
  public private(set) var refused = 0
  /// Errors that are no refusals, with the mutant that brought them.
  public private(set) var unexpected: [String] = []
  /// Of one file, by its thread's own time.
  public private(set) var slowest = Duration.zero

  /// - Parameters:
  ///   - seeds: whole files, damaged in turn and with each other's pieces
  ///   - salt: other mutants of the same seeds
  ///   - prepare: makes of a mutant what `open` takes; it is not timed
  ///   - open: reads a mutant and uses what it says
  ///   - isRefusal: whether an error refuses a file as it should be
  /// - Throws: what `prepare` throws
  public init<Input>(
    _ seeds: [[UInt8]], count: Int, salt: UInt64, prepare: ([UInt8]) throws -> Input,
    open: (_ input: Input, _ index: Int) throws -> Void, isRefusal: (any Error) -> Bool
  ) throws {
    for index in 0..<count {
      let mutant = MutatedFile(seeds[index % seeds.count], donors: seeds, seed: salt << 32 | UInt64(index))
      let input = try prepare(mutant.bytes)
      let time = ThreadTime.measure {
        do {
          try open(input, index)
          opened += 1
        } catch {
          refused += 1
          if !isRefusal(error) { unexpected.append("mutant \(index) of \(salt): \(type(of: error)) \(error)") }
        }
      }
      slowest = max(slowest, time)
    }
  }
}
