import AtomicFiles
import Foundation
import Hub
import HubTestSupport
import Synchronization
import TestSupport
import Testing

/// Models come whole or not at all, whatever the network does.
@Suite struct HubPullTests {
  static let weights = PublishedModel.bytes(300_000)
  static let config = Data("{\"model_type\": \"llama\"}\n".utf8)
  static let model = PublishedModel(
    large: ["model.safetensors": weights], small: ["config.json": config, "README.md": Data("words".utf8)])

  /// Pulls the model's files from a server into a folder.
  /// - Parameter silence: long enough for a machine that is busy with other tests, unless silence is the test
  /// - Returns: the names of the files that are there then, those of the receipt too
  @discardableResult
  static func pull(
    _ server: HubServer, into folder: borrowing TemporaryFolder, token: String? = nil,
    revision: String = "main",
    selection: HubSelection = .model, free: Int? = nil, silence: Duration = .seconds(30),
    retrying: @escaping @Sendable (HubError) -> Void = { _ in },
    progress: @escaping @Sendable (HubPull.Progress) -> Void = { _ in }
  ) async throws -> [String] {
    let policy = HubPolicy(
      jobs: 2, attempts: 3, firstDelay: .milliseconds(5), longestDelay: .milliseconds(40), silence: silence)
    let pull = HubPull(try endpoint(server.address, token: token), policy: policy, retrying: retrying) { _ in
      free
    }
    let order = HubPull.Order(
      repository: try HubRepository("owner/model"), revision: revision, selection: selection, folder: folder.url
    )
    try await pull.run(try await pull.plan([order]), progress: progress)
    return try names(folder.url)
  }

  static func endpoint(_ address: String, token: String? = nil) throws -> HubEndpoint {
    try HubEndpoint(
      environment: ["HF_ENDPOINT": address, "HF_TOKEN": token ?? "", "HF_TOKEN_PATH": "/nowhere"])
  }

  static func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// The sentence of what goes wrong.
  static func failure(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "nothing goes wrong"
    } catch {
      return "\(error)"
    }
  }

  static func expectWhole(_ folder: borrowing TemporaryFolder) throws {
    #expect(try names(folder.url) == [".crayon-source.json", "config.json", "model.safetensors"])
    let isWhole = try Data(contentsOf: folder.file("model.safetensors")) == weights
    #expect(isWhole)
    #expect(try Data(contentsOf: folder.file("config.json")) == config)
  }

  @Test func aModelComesWithAReceipt() async throws {
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    let progress = Mutex<[HubPull.Progress]>([])
    try await Self.pull(server, into: folder, progress: { now in progress.withLock { $0.append(now) } })
    try Self.expectWhole(folder)
    let last = try #require(progress.withLock { $0.last })
    #expect(last.done == 300_000 + Self.config.count && last.total == last.done)
    #expect(last.filesDone == 2 && last.files == 2)
    let receipt = try #require(try HubReceipt(folder: folder.url))
    #expect(receipt.commit == PublishedModel.commit)
    #expect(receipt.damagedFiles(in: folder.url) == [])

    // Again: the list is asked for, and nothing else.
    let before = server.requests.count
    try await Self.pull(server, into: folder)
    #expect(server.requests.count == before + 1)

    // A damaged file is seen by whoever reads it, and by size alone where that has changed.
    var damaged = Self.weights
    damaged[1000] ^= 1
    try damaged.write(to: folder.file("model.safetensors"))
    #expect(receipt.damagedFiles(in: folder.url) == ["model.safetensors"])
    try damaged.dropLast().write(to: folder.file("model.safetensors"))
    try await Self.pull(server, into: folder)
    try Self.expectWhole(folder)
    try await server.stop()
  }

  @Test func filesThatAreThereWithoutAReceiptAreReadAndKept() async throws {
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    try Self.weights.write(to: folder.file("model.safetensors"))
    try await Self.pull(server, into: folder)
    try Self.expectWhole(folder)
    #expect(!server.requests.contains { $0.path.hasSuffix("model.safetensors") })
    try await server.stop()
  }

  /// What a bad network does to the large file, once or twice, and the file comes all the same.
  @Test(arguments: [
    "cut", "cut twice", "silence", "short", "long", "wrong bytes once", "busy", "no ranges", "wrong range",
    "server error",
  ])
  func aBadNetwork(kind: String) async throws {
    let server = try await HubServer { request, before in
      var answer = Self.model.answer(request)
      guard request.path == "/elsewhere/owner/model/model.safetensors" else { return answer }
      switch (kind, before) {
      case ("cut", 0), ("no ranges", 0), ("wrong range", 0): answer.cutsAfter = 100_000
      case ("cut twice", 0), ("cut twice", 1): answer.cutsAfter = 70_000
      case ("silence", 0): (answer.cutsAfter, answer.fallsSilent) = (50_000, true)
      // A length that is not the file's, with an honest end.
      case ("short", 0): (answer.claimedLength, answer.body) = (1000, answer.body.prefix(1000))
      case ("long", 0): answer.body += Data(count: 10)
      case ("wrong bytes once", 0): answer.body[7] ^= 1
      case ("busy", 0): return .init(status: .tooManyRequests, headers: [("retry-after", "0")])
      case ("server error", 0), ("server error", 1): return .init(status: .badGateway)
      case ("no ranges", 1): return .init(body: Self.weights)
      case ("wrong range", 1):
        answer.headers = [("content-range", "bytes 5-299999/300000")]
      default: break
      }
      return answer
    }
    let folder = try TemporaryFolder()
    let setbacks = Mutex(0)
    try await Self.pull(
      server, into: folder, silence: kind == "silence" ? .seconds(1) : .seconds(30),
      retrying: { _ in setbacks.withLock { $0 += 1 } })
    try Self.expectWhole(folder)
    #expect(setbacks.withLock { $0 } >= 1)
    let offsets = server.requests.filter { $0.path.hasPrefix("/elsewhere") }.map(\.offset)
    switch kind {
    // What has come is not asked for again.
    case "cut": #expect(offsets.count == 2 && (1...100_000).contains(offsets[1]))
    case "silence": #expect(offsets.count >= 2 && (1...50_000).contains(offsets[1]))
    case "short": #expect(offsets == [0, 1000])
    case "wrong bytes once": #expect(offsets == [0, 0])
    default: #expect(offsets.count >= 2)
    }
    try await server.stop()
  }

  /// A pull that was stopped goes on where it was, in another run.
  @Test func aStoppedPullGoesOn() async throws {
    let isDown = Mutex(true)
    let server = try await HubServer { request, _ in
      var answer = Self.model.answer(request)
      if request.path.hasPrefix("/elsewhere"), isDown.withLock({ $0 }) {
        answer.cutsAfter = request.offset == 0 ? 120_000 : 0
      }
      return answer
    }
    let folder = try TemporaryFolder()
    let sentence = await Self.failure { try await Self.pull(server, into: folder) }
    #expect(sentence.hasPrefix("127.0.0.1 cannot be reached: "))
    let left = try Self.names(folder.url)
    #expect(!left.contains("model.safetensors"))
    let parts = left.filter { $0.hasSuffix(".part") }
    #expect(parts.contains { $0.hasPrefix(".model.safetensors.") })
    let begun = try parts.reduce(0) { try $0 + Data(contentsOf: folder.file($1)).count }
    isDown.withLock { $0 = false }
    let first = Mutex<HubPull.Progress?>(nil)
    try await Self.pull(server, into: folder, progress: { now in first.withLock { $0 = $0 ?? now } })
    try Self.expectWhole(folder)
    // What there was is done from the start, and costs no time.
    let start = try #require(first.withLock { $0 })
    #expect(start.done == begun && start.kept == begun)
    #expect(
      (1...120_000).contains(try #require(server.requests.last { $0.path.hasPrefix("/elsewhere") }).offset))
    try await server.stop()
  }

  /// Of another revision, or of what the hub had before; but not what a program is at, or what is not the pull's.
  @Test func whatWasBegunOfOtherContentsGoes() async throws {
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder.file("below"), withIntermediateDirectories: true)
    for name in [
      ".model.safetensors.0123456789abcdef.part", ".model-00001-of-00002.safetensors.0123456789abcdef.part",
      "below/.a.bin.0123456789abcdef.part", ".crayon-source.json.99999999-7.part", "film.part",
      ".film.mp4.part",
    ] { try Data("begun".utf8).write(to: folder.file(name)) }
    guard let other = try ResumableFile.open(folder.file("other"), mark: "fedcba9876543210") else {
      Issue.record("nobody else has it open")
      return
    }
    #expect(
      try await Self.pull(server, into: folder) == [
        ".crayon-source.json", ".film.mp4.part", ".other.fedcba9876543210.part", "below", "config.json",
        "film.part", "model.safetensors",
      ])
    #expect(try Self.names(folder.file("below")) == [])
    other.discard()
    try await server.stop()
  }

  @Test func wrongBytesAreNeverKept() async throws {
    let server = try await HubServer { request, _ in
      var answer = Self.model.answer(request)
      if request.path.hasPrefix("/elsewhere") { answer.body[7] ^= 1 }
      return answer
    }
    let folder = try TemporaryFolder()
    let sentence = await Self.failure { try await Self.pull(server, into: folder) }
    #expect(
      sentence
        == "127.0.0.1 gives other bytes for model.safetensors than the hub has a hash of; nothing of it is kept"
    )
    #expect(try !Self.names(folder.url).contains { $0.contains("model.safetensors") })
    try await server.stop()
  }

  @Test func theTokenStaysWithTheHub() async throws {
    let elsewhere = try await HubServer { request, _ in PublishedModel.file(Self.weights, request) }
    let server = try await HubServer { request, _ in
      var answer = Self.model.answer(request)
      for index in answer.headers.indices where answer.headers[index].0 == "location" {
        answer.headers[index].1 = "\(elsewhere.otherAddress)/bytes"
      }
      return answer
    }
    let folder = try TemporaryFolder()
    try await Self.pull(server, into: folder, token: "secret")
    try Self.expectWhole(folder)
    #expect(server.requests.count == 3)
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == ["Bearer secret"] })
    #expect(elsewhere.requests.count == 1)
    #expect(elsewhere.requests.allSatisfy { !$0.headers.contains(name: "authorization") })
    try await server.stop()
    try await elsewhere.stop()
  }

  /// What the hub refuses, in a sentence that says what to do.
  @Test(arguments: [
    (
      "401", true,
      "the hub refuses the token (HF_TOKEN) for owner/model: it is not valid any more, or it may not read this"
    ),
    (
      "403", false,
      "the hub shows owner/model only to those it knows: accept its terms there, and set HF_TOKEN to your token"
    ),
    (
      "RepoNotFound", false,
      "there is no repository owner/model, or it is not public: then set HF_TOKEN to a token that may read it"
    ),
    (
      "RevisionNotFound", false,
      "owner/model has no revision \"v9\"; --revision takes a branch, a tag or a commit"
    ),
    ("418", false, "127.0.0.1 answers with status 418, which means nothing here; is HF_ENDPOINT right?"),
    ("503", false, "127.0.0.1 is too busy (status 503); try again later, what has come is kept"),
    ("loop", false, "127.0.0.1 sends from one address to another without end; is HF_ENDPOINT right?"),
    ("file:", false, "127.0.0.1 sends to \"file:///etc/passwd\", where no file can be fetched safely"),
    ("port", false, "127.0.0.1 sends to \"http://127.0.0.1:99999/\", where no file can be fetched safely"),
    ("elsewhere", false, "localhost answers with status 404, which means nothing here; is HF_ENDPOINT right?"),
    (
      "page", false,
      "the hub's list of the files of owner/model cannot be used: it is not as the hub's are; is HF_ENDPOINT right?"
    ),
  ])
  func refusals(kind: String, hasToken: Bool, sentence: String) async throws {
    let elsewhere = try await HubServer { _, _ in .init(status: .notFound) }
    let server = try await HubServer { [address = elsewhere.otherAddress] request, _ in
      switch kind {
      case "port": .init(status: .found, headers: [("location", "http://127.0.0.1:99999/")])
      case "elsewhere": .init(status: .found, headers: [("location", address)])
      case "RepoNotFound": .init(status: .unauthorized, headers: [("x-error-code", "RepoNotFound")])
      case "RevisionNotFound": .init(status: .notFound, headers: [("x-error-code", "RevisionNotFound")])
      case "loop": .init(status: .found, headers: [("location", request.path)])
      case "file:": .init(status: .found, headers: [("location", "file:///etc/passwd")])
      case "page": .init(body: Data("<html>".utf8))
      default: .init(status: .init(statusCode: Int(kind) ?? 500))
      }
    }
    let folder = try TemporaryFolder()
    let failure = await Self.failure {
      try await Self.pull(server, into: folder, token: hasToken ? "secret" : nil, revision: "v9")
    }
    #expect(failure == sentence)
    #expect(try Self.names(folder.url) == [])
    try await server.stop()
    try await elsewhere.stop()
  }

  /// A folder is read as one model, in which weights in one file come before weights in parts.
  @Test func anotherRevisionLeavesNothingOfTheLast() async throws {
    let parts = PublishedModel(
      large: ["model-00001-of-00001.safetensors": Self.weights],
      small: ["config.json": Self.config, "model.safetensors.index.json": Data("{}".utf8)])
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    try await Self.pull(server, into: folder)
    try await server.stop()
    let later = try await HubServer { request, _ in parts.answer(request) }
    #expect(
      try await Self.pull(later, into: folder) == [
        ".crayon-source.json", "config.json", "model-00001-of-00001.safetensors",
        "model.safetensors.index.json",
      ])
    try Data().write(to: folder.file("pytorch_model.bin"))
    try Data().write(to: folder.file("notes.txt"))
    let receipt = try #require(try HubReceipt(folder: folder.url))
    #expect(receipt.strangers(in: folder.url) == ["pytorch_model.bin"])
    try await later.stop()
  }

  /// Who gives no parts and breaks off at one place, then at another before it, gets no further.
  @Test func aFetchThatNeverGetsFurtherEnds() async throws {
    let server = try await HubServer { request, before in
      var answer = Self.model.answer(request)
      guard request.path.hasSuffix("model.safetensors") else { return answer }
      answer = HubServer.Answer(body: Self.weights)
      answer.cutsAfter = before % 2 == 0 ? 200_000 : 100_000
      return answer
    }
    let folder = try TemporaryFolder()
    #expect(
      await Self.failure { try await Self.pull(server, into: folder) }
        == "127.0.0.1 cannot be reached: it cut the connection")
    try await server.stop()
  }

  @Test(arguments: ["{", "{\"files\": {}}", nil])
  func aDamagedReceiptIsNotPassedOver(text: String?) async throws {
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    try await Self.pull(server, into: folder)
    let file = folder.file(HubReceipt.fileName)
    let outside = try String(contentsOf: file, encoding: .utf8).replacing(
      "\"config.json\"", with: "\"../config.json\"")
    try Data((text ?? outside).utf8).write(to: file)
    #expect(throws: HubError.badReceipt(file: file.path)) { try HubReceipt(folder: folder.url) }
    #expect(await Self.failure { try await Self.pull(server, into: folder) }.contains("is damaged; delete it"))
    try await server.stop()
  }

  @Test func aListThatLeadsElsewhereIsRefused() async throws {
    var model = Self.model
    model.small["../../.bashrc"] = Data()
    let server = try await HubServer { [model] request, _ in model.answer(request) }
    let folder = try TemporaryFolder()
    #expect(
      await Self.failure { try await Self.pull(server, into: folder, selection: .all) }
        == "the hub's list of the files of owner/model cannot be used: the path \"../../.bashrc\" leads out of a folder"
    )
    try await server.stop()
  }

  @Test func theHubMustAgreeWithItself() async throws {
    let server = try await HubServer { request, _ in
      var answer = Self.model.answer(request)
      for index in answer.headers.indices where answer.headers[index].0 == "x-linked-size" {
        answer.headers[index].1 = "7"
      }
      return answer
    }
    let folder = try TemporaryFolder()
    #expect(
      await Self.failure { try await Self.pull(server, into: folder) }
        == "the hub says two different things of what model.safetensors is; try again later")
    try await server.stop()
  }

  @Test func noServer() async throws {
    // Port 1 is nobody's; one that a server has let go may be another test's at once.
    let pull = HubPull(
      try Self.endpoint("http://127.0.0.1:1"),
      policy: HubPolicy(
        jobs: 1, attempts: 2, firstDelay: .milliseconds(5), longestDelay: .milliseconds(5),
        silence: .seconds(30)))
    let folder = try TemporaryFolder()
    let order = HubPull.Order(
      repository: try HubRepository("owner/model"), revision: "main", selection: .model, folder: folder.url)
    let failure = await Self.failure { _ = try await pull.plan([order]) }
    #expect(failure == "127.0.0.1 cannot be reached: Connection refused")
  }

  @Test func roomIsMadeSureOfFirst() async throws {
    let server = try await HubServer { request, _ in Self.model.answer(request) }
    let folder = try TemporaryFolder()
    let sentence = await Self.failure { try await Self.pull(server, into: folder, free: 100_000) }
    #expect(sentence.hasPrefix("0.01 GB are needed in "))
    #expect(
      sentence.hasSuffix(
        "but only 0.01 GB are free; make room, or set CRAYON_MODELS to a folder on another disk"))
    #expect(server.requests.count == 1)
    #expect(try Self.names(folder.url) == [])
    try await server.stop()
  }
}
