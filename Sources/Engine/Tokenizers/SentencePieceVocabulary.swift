/// The pieces of a SentencePiece model, and which of them join to which.
struct SentencePieceVocabulary: Sendable {
  /// U+2581, which stands for a space.
  static let space = Array("\u{2581}".utf8)
  /// Longer pieces are refused: SentencePiece makes none, and joining them would cost their length squared.
  private static let longest = 1024
  /// On symbols that never join others, because they are user-defined.
  private static let frozen: UInt32 = 1 << 31
  private static let unknownSymbol = UInt32.max - 1

  /// The tokens by name.
  private(set) var names: TokenTable
  /// What they add to a text.
  private(set) var contents: ByteStrings
  private(set) var isSpecial: [Bool]
  /// Finds user-defined pieces and gives their symbols.
  private(set) var userDefined = TokenTrie()

  /// Everything that takes part in merging: pieces that text can become, then single characters that are no
  /// pieces but parts of some.
  private var symbols: TokenTable
  /// The token of every symbol that has one.
  private var tokens: [UInt32] = []
  private var merges = MergeTable()
  private var byteTokens: [Int]?
  private var unknown: Int?

  init(_ model: SentencePieceModel, added: [AddedToken]) throws {
    let path = model.path
    let pieces = try Self.pieces(model, added)
    try TokenTable.check(count: pieces.count, path: path)
    // As SentencePiece has it: one token for text that is no piece, which nothing else can stand for but bytes.
    let unknowns = pieces.count { $0.type == .unknown }
    guard unknowns > 0 || model.fallsBackToBytes else {
      throw TokenizerError.missing(path: path, field: "token for unknown text")
    }
    guard unknowns <= 1 else {
      throw TokenizerError.count(path: path, what: "tokens for unknown text", expected: 1, got: unknowns)
    }
    names = TokenTable(capacity: pieces.count)
    contents = ByteStrings(capacity: pieces.count)
    symbols = TokenTable(capacity: pieces.count)
    isSpecial = pieces.map { $0.type == .control }
    var bytes = [Int?](repeating: nil, count: 256)
    for (id, piece) in pieces.enumerated() {
      guard !piece.name.isEmpty else { throw TokenizerError.emptyToken(path: path, token: id) }
      if let first = names.append(piece.name.utf8) {
        throw TokenizerError.duplicateToken(path: path, token: piece.name, first: first, second: id)
      }
      guard piece.score.isFinite else { throw TokenizerError.notFinite(path: path, token: id) }
      switch piece.type {
      case .normal, .userDefined:
        contents.append(Self.text(piece.name))
        guard piece.name.utf8.count <= Self.longest else {
          throw TokenizerError.tokenTooLong(
            path: path, token: id, length: piece.name.utf8.count, limit: Self.longest)
        }
        if piece.type == .userDefined { userDefined.insert(piece.name.utf8, value: symbols.count) }
        symbols.append(piece.name.utf8)
        tokens.append(UInt32(truncatingIfNeeded: id))
      case .byte:
        guard let byte = Self.byte(piece.name), model.fallsBackToBytes else {
          throw TokenizerError.unsupported(
            path: path, field: "a byte piece", value: piece.name.debugDescription)
        }
        contents.append([byte])
        bytes[Int(byte)] = id
      case .unknown:
        unknown = id
        contents.append(model.unknownSurface.utf8)
      case .control: contents.append([])
      case .unused: contents.append(Self.text(piece.name))
      }
    }
    if model.fallsBackToBytes {
      byteTokens = try bytes.enumerated().map { byte, token in
        guard let token else { throw TokenizerError.missingByte(path: path, byte: byte) }
        return token
      }
    }
    try findMerges(pieces, path: path)
  }

  /// The model's pieces with added tokens over and behind them.
  private static func pieces(
    _ model: SentencePieceModel, _ added: [AddedToken]
  ) throws -> [SentencePieceModel.Piece] {
    var pieces = model.pieces
    let new = Set(added.map(\.id).filter { $0 >= model.pieces.count })
    pieces += Array(repeating: .init(name: ""), count: new.count)
    var seen: Set<Int> = []
    for token in added {
      guard pieces.indices.contains(token.id) else {
        throw TokenizerError.idOutsideVocabulary(path: model.path, id: token.id, count: pieces.count)
      }
      guard seen.insert(token.id).inserted else {
        throw TokenizerError.duplicateID(path: model.path, id: token.id)
      }
      pieces[token.id].name = token.content
      if pieces[token.id].type != .unknown { pieces[token.id].type = .control }
    }
    return pieces
  }

  /// What a piece is in a text.
  private static func text(_ name: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in name.unicodeScalars {
      if scalar == "\u{2581}" {
        result.append(0x20)
      } else {
        result += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
    return result
  }

  /// The byte that a name such as `<0x0A>` stands for.
  private static func byte(_ name: String) -> UInt8? {
    let units = Array(name.utf8)
    guard units.count == 6, name.hasPrefix("<0x"), units[5] == UInt8(ascii: ">") else { return nil }
    let digits = String(decoding: units[3..<5], as: UTF8.self)
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    return UInt8(digits, radix: 16)
  }

  /// Every way to join two symbols to a piece. The higher a piece's score, the lower its rank; pieces of the
  /// same score have the same rank.
  private mutating func findMerges(_ pieces: [SentencePieceModel.Piece], path: String) throws {
    let scores = Set(pieces.map(\.score)).sorted(by: >)
    var ranks: [Float: UInt32] = [:]
    for (rank, score) in scores.enumerated() { ranks[score] = UInt32(truncatingIfNeeded: rank) }
    for piece in pieces where [.normal, .userDefined].contains(piece.type) {
      Array(piece.name.utf8).withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) in
        var start = 0
        while start < bytes.count {
          let end = bytes.scalar(at: start).end
          let character = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<end]))
          if symbols.find(character) == nil { symbols.append(character) }
          start = end
        }
      }
    }
    for (id, piece) in pieces.enumerated() {
      guard [.normal, .userDefined, .unused].contains(piece.type), let rank = ranks[piece.score] else {
        continue
      }
      let name = Array(piece.name.utf8)
      let pairs = name.withUnsafeBufferPointer { self.pairs(of: $0) }
      if piece.type == .unused {
        // SentencePiece makes such a piece and takes it apart again. No model in use needs that.
        guard pairs.isEmpty else {
          throw TokenizerError.unsupported(path: path, field: "the type of token \(id)", value: "unused")
        }
        continue
      }
      guard let result = symbols.find(name) else { continue }
      for (left, right) in pairs {
        merges.insert(left, right, .init(rank: rank, result: UInt32(truncatingIfNeeded: result)))
      }
    }
  }

  private func pairs(of name: UnsafeBufferPointer<UInt8>) -> [(UInt32, UInt32)] {
    var pairs: [(UInt32, UInt32)] = []
    for border in name.indices.dropFirst() where name[border] & 0xc0 != 0x80 {
      let bytes = UnsafeRawBufferPointer(name)
      guard let left = symbols.find(UnsafeRawBufferPointer(rebasing: bytes[..<border])),
        let right = symbols.find(UnsafeRawBufferPointer(rebasing: bytes[border...]))
      else { continue }
      pairs.append((UInt32(truncatingIfNeeded: left), UInt32(truncatingIfNeeded: right)))
    }
    return pairs
  }

  /// Adds the tokens of `text`, which is normalized.
  func encode(_ text: UnsafeBufferPointer<UInt8>, _ merger: inout BytePairMerger, into result: inout [Int]) {
    /// Where each symbol starts.
    var starts: [Int] = []
    var position = 0
    while position < text.count {
      starts.append(position)
      if let match = userDefined.longestMatch(in: text, at: position) {
        merger.append(UInt32(truncatingIfNeeded: match.value) | Self.frozen)
        position = match.end
        continue
      }
      let end = text.scalar(at: position).end
      let symbol = symbols.find(
        UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[position..<end])))
      merger.append(symbol.map { UInt32(truncatingIfNeeded: $0) } ?? Self.unknownSymbol)
      position = end
    }
    var unknownIsLast = false
    merger.merge(by: merges) { symbol, start in
      let plain = symbol == Self.unknownSymbol ? symbol : symbol & ~Self.frozen
      if plain < tokens.count {
        result.append(Int(tokens[Int(plain)]))
        unknownIsLast = false
      } else if let byteTokens {
        for byte in text[starts[start]..<text.scalar(at: starts[start]).end] {
          result.append(byteTokens[Int(byte)])
        }
      } else if let unknown, !unknownIsLast {
        // Neighbouring unknown characters are one unknown token.
        result.append(unknown)
        unknownIsLast = true
      }
    }
  }
}
