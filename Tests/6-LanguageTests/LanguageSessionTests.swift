import CrayonCore
import Foundation
import Language
import Synchronization
import Tensors
import TestSupport
import Testing

/// Several questions on one picture: what was read of it is not read again, and nothing else changes, to the last bit.
@Suite struct LanguageSessionTests {
  static let options = AnswerOptions(limit: 12)
  static let start: [Int?] = [1, 40, 41]
  static let picture: [Int?] = Array(repeating: nil, count: 25)
  static let first: [Int?] = [50, 51, 52, 53]
  static let second: [Int?] = [50, 51, 60, 61, 62]

  let tiny: TinyCoLLaVO
  let image: Tensor
  let crayon: Tensor

  init() throws {
    tiny = try TinyCoLLaVO()
    image = try tiny.tensor("image")
    crayon = try tiny.tensor("crayon.map")
  }

  func sequence(_ question: [Int?], image: Tensor? = nil, crayon: Tensor? = nil) throws -> FusedSequence {
    try tiny.sequence(
      Self.start + Self.picture + question, image: image ?? self.image, crayon: crayon ?? self.crayon)
  }

  func session() throws -> LanguageSession { LanguageSession(try tiny.model(), stopTokens: []) }

  func fresh(_ sequence: FusedSequence, _ adapters: AdapterGains = .collavo) throws -> Reply {
    var session = try session()
    return try session.reply(to: sequence, adapters: adapters, options: Self.options)
  }

  @Test func aSecondQuestionReadsNothingOfThePicture() throws {
    var session = try session()
    let a = try session.reply(to: sequence(Self.first), adapters: .collavo, options: Self.options)
    #expect(a.reusedTokens == 0 && a.promptTokens == 32)
    // The next question, the same again, and back to the first: each as if it were the only one.
    for question in [Self.second, Self.second, Self.first] {
      let reply = try session.reply(to: sequence(question), adapters: .collavo, options: Self.options)
      let alone = try fresh(sequence(question))
      #expect(reply.reusedTokens == 28 && reply.tokens == alone.tokens)
      #expect(reply.triggers.map(\.state) == alone.triggers.map(\.state))
    }
  }

  @Test func otherAdaptersReadEverythingAnew() throws {
    var session = try session()
    _ = try session.reply(to: sequence(Self.first), adapters: .collavo, options: Self.options)
    for gains in [AdapterGains(["plora": 1]), AdapterGains(["plora": 1, "crayon": 0.5]), .none] {
      let reply = try session.reply(to: sequence(Self.first), adapters: gains, options: Self.options)
      #expect(reply.reusedTokens == 0)
      #expect(try reply.tokens == fresh(sequence(Self.first), gains).tokens)
    }
  }

  @Test func anotherMapReadsEverythingAnew() throws {
    var session = try session()
    let a = try session.reply(to: sequence(Self.first), adapters: .collavo, options: Self.options)
    let other = try sequence(Self.first, crayon: tiny.tensor("crayon.empty"))
    let b = try session.reply(to: other, adapters: .collavo, options: Self.options)
    #expect(b.reusedTokens == 0 && b.tokens != a.tokens)
    #expect(try b.tokens == fresh(other).tokens)
  }

  @Test func anotherPictureIsReadAsIfItWereTheFirst() throws {
    var session = try session()
    _ = try session.reply(to: sequence(Self.first), adapters: .collavo, options: Self.options)
    var changed = image
    changed.write { $0[3 * 32] += 1 }
    let other = try sequence(Self.first, image: changed)
    let reply = try session.reply(to: other, adapters: .collavo, options: Self.options)
    #expect(reply.reusedTokens == 0)
    #expect(try reply.tokens == fresh(other).tokens)
    // Of another size, the picture's place is another, and so is what its adapters change.
    let small = try tiny.sequence(
      Self.start + Self.picture + Self.first, image: image.rows(0..<20), crayon: crayon.rows(0..<20))
    #expect(try session.reply(to: small, adapters: .collavo, options: Self.options).reusedTokens == 0)
  }

  @Test func whatWasReadOfAPictureIsFoundByALaterProgram() throws {
    let folder = try TemporaryFolder()
    let store = KeptInFolder(url: folder.url)
    func reply(
      _ question: [Int?], _ adapters: AdapterGains = .collavo, crayon: Tensor? = nil, kept: Bool = true
    ) throws -> Reply {
      var session = LanguageSession(try tiny.model(), stopTokens: [], readings: kept ? store : nil)
      return try session.reply(
        to: sequence(question, crayon: crayon), adapters: adapters, options: Self.options)
    }
    #expect(try reply(Self.first).reusedTokens == 0)
    let again = try reply(Self.second)
    #expect(again.reusedTokens == 28 && store.count == 1)
    // Read now or then, to the last bit.
    let alone = try reply(Self.second, kept: false)
    #expect(again.tokens == alone.tokens && again.triggers.map(\.state) == alone.triggers.map(\.state))
    // Under other conditions it is another reading.
    #expect(try reply(Self.first, AdapterGains(["plora": 1])).reusedTokens == 0)
    #expect(try reply(Self.first, crayon: tiny.tensor("crayon.empty")).reusedTokens == 0)
    #expect(store.count == 3)
  }

  @Test func aReadingThatIsNotOneIsRefused() throws {
    let folder = try TemporaryFolder()
    var cache = KeyValueCache(for: tiny.decoder.configuration)
    _ = try tiny.decoder.run(image, cache: &cache, hiddenStatesAt: [])
    try cache.write(to: folder.url)
    #expect(try KeyValueCache(readingFrom: folder.url).count == image.shape[0])
    let pages = folder.file(KeyValueCache.fileNames[1])
    try Data(try Data(contentsOf: pages).dropLast(7)).write(to: pages)
    #expect {
      try KeyValueCache(readingFrom: folder.url)
    } throws: {
      "\($0)".contains("bytes, where 25 positions take 1 pages")
    }
    try FileManager.default.removeItem(at: pages)
    #expect(throws: ArtifactError.self) { try KeyValueCache(readingFrom: folder.url) }
  }

  @Test func aReplyThatWasCancelledLeavesTheSessionAsItIs() throws {
    var session = try session()
    var heard = 0
    let cut = try session.reply(
      to: sequence(Self.first), adapters: .collavo, options: Self.options,
      isCancelled: {
        heard += 1; return heard == 3
      })
    #expect(cut.end == .cancelled && cut.tokens.count == 3)
    let reply = try session.reply(to: sequence(Self.second), adapters: .collavo, options: Self.options)
    #expect(reply.reusedTokens == 28)
    #expect(try reply.tokens == fresh(sequence(Self.second)).tokens)
  }

  @Test func aQuestionThatFailsLeavesTheSessionAsItIs() throws {
    var session = try session()
    _ = try session.reply(to: sequence(Self.first), adapters: .collavo, options: Self.options)
    #expect(throws: LanguageError.contextFull(needed: 528, limit: 512)) {
      try session.reply(
        to: sequence(Array(repeating: 50, count: 500)), adapters: .collavo, options: Self.options)
    }
    let unknown = LanguageError.noSuchAdapter("vl", known: ["plora", "crayon"])
    #expect(throws: unknown) {
      try session.reply(to: sequence(Self.first), adapters: AdapterGains(["vl": 1]), options: Self.options)
    }
    let reply = try session.reply(to: sequence(Self.second), adapters: .collavo, options: Self.options)
    #expect(try reply.tokens == fresh(sequence(Self.second)).tokens)
  }

  @Test func beamsCanBeCancelledToo() throws {
    var session = try session()
    var asked = 0
    let reply = try session.reply(
      to: sequence(Self.first), adapters: .collavo, options: AnswerOptions(limit: 12, beams: 3),
      isCancelled: {
        asked += 1; return asked > 4
      })
    #expect(reply.end == .cancelled && reply.tokens.count == 4)
  }
}

/// Readings in a folder, each in one of its own.
private final class KeptInFolder: ReadingStore {
  private let url: URL
  private let names = Mutex<[[String]]>([])

  init(url: URL) { self.url = url }

  var count: Int { names.withLock { $0.count } }

  func reading(dependingOn parts: [String]) -> KeyValueCache? {
    let index = names.withLock { $0.firstIndex(of: parts) }
    return index.flatMap { try? KeyValueCache(readingFrom: url.appendingPathComponent("\($0)")) }
  }

  func keep(_ reading: KeyValueCache, dependingOn parts: [String]) {
    let entry = url.appendingPathComponent("\(names.withLock { $0.count })")
    try? FileManager.default.createDirectory(at: entry, withIntermediateDirectories: true)
    guard (try? reading.write(to: entry)) != nil else { return }
    names.withLock { $0.append(parts) }
  }
}
