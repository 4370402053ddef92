import CrayonCore
import Foundation
import Imaging
import TestSupport
import Testing

/// Files that are not whole pictures are refused with a sentence, and never become half a picture.
@Suite struct RefusedPictureTests {
  static func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: ImageDecoderTests.folder.appendingPathComponent(name))
  }

  static func refusal(_ data: Data, mostPixels: Int = ImageDecoder.mostPixels) -> ImagingError? {
    do {
      _ = try ImageDecoder(mostPixels: mostPixels).run(.init(name: "p", data: data))
      return nil
    } catch let error as ImagingError {
      return error
    } catch {
      Issue.record("another error: \(error)")
      return nil
    }
  }

  @Test func nothing() {
    #expect(Self.refusal(Data()) == .empty(file: "p"))
  }

  @Test func textNamedPNG() {
    #expect(Self.refusal(Data("not a picture\n".utf8)) == .unknownFormat(file: "p"))
  }

  @Test func aFileThatIsNotThere() throws {
    let file = URL(fileURLWithPath: "/nowhere/p.png")
    #expect(throws: ImagingError.cannotOpen(file: "/nowhere/p.png", reason: "No such file or directory")) {
      try ImageDecoder.Input(file: file)
    }
  }

  @Test(
    arguments: ["scene.png", "orientation-1.jpg", "progressive.jpg", "scene.webp", "scene.tif", "scene.bmp"],
    [0.1, 0.5, 0.9])
  func truncated(name: String, part: Double) throws {
    let data = try Self.bytes(name)
    #expect(Self.refusal(data.prefix(Int(Double(data.count) * part))) != nil)
  }

  /// scene.png, whose header claims another size.
  private static func scene(claimingSide side: UInt32) throws -> Data {
    var data = try bytes("scene.png")
    let side = withUnsafeBytes(of: side.bigEndian) { Data($0) }
    data.replaceSubrange(16..<24, with: side + side)
    data.replaceSubrange(29..<33, with: PNGChecksums.checksum(of: data[12..<29]))
    return data
  }

  /// A header of 50000 × 50000 pixels is refused from the header alone; decoding would take 7.5 GB.
  @Test func aHeaderThatClaimsTooMuch() throws {
    #expect(
      Self.refusal(try Self.scene(claimingSide: 50_000))
        == .tooLarge(file: "p", width: 50_000, height: 50_000, limit: ImageDecoder.mostPixels))
  }

  /// libvips gives no reason here; a sentence that breaks off would be none.
  @Test func aHeaderThatNoPictureHas() throws {
    #expect(
      Self.refusal(try Self.scene(claimingSide: 2_000_000_000))
        == .damaged(file: "p", reason: "it cannot be decoded"))
  }

  @Test func theLimitIsTheCallers() throws {
    let scene = try Self.bytes("scene.png")
    #expect(Self.refusal(scene, mostPixels: 48 * 32) == nil)
    #expect(
      Self.refusal(scene, mostPixels: 48 * 32 - 1)
        == .tooLarge(file: "p", width: 48, height: 32, limit: 48 * 32 - 1))
  }

  /// Whatever is done to a file, it decodes or it is refused.
  @Test(arguments: [
    "scene.png", "palette.png", "orientation-6.jpg", "progressive.jpg", "scene.webp", "deflate.tif",
    "frames.gif", "scene.bmp", "scene.ppm",
  ])
  func mutated(name: String) throws {
    let original = try Self.bytes(name)
    var numbers = SeededNumbers(seed: 11)
    let mutants = Int(ProcessInfo.processInfo.environment["CRAYON_FUZZ"] ?? "") ?? 2000
    for _ in 0..<mutants / 20 {
      var data = original
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        data[Int.random(in: 0..<data.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
      }
      if Bool.random(using: &numbers) { data = data.prefix(Int.random(in: 0...data.count, using: &numbers)) }
      // A mutated size may not cost gigabytes.
      let refusal = Self.refusal(data, mostPixels: 1 << 16)
      if data == original { #expect(refusal == nil) }
    }
  }
}

/// Damaged pictures are refused by a sentence, or read; they never cost more time or memory than their pixels do.
///
/// 400 mutants by default; `CRAYON_FUZZ=1000000` runs a fiftieth of as many as it says.
@Suite(.serialized) struct PictureFuzzTests {
  private static let count =
    ProcessInfo.processInfo.environment["CRAYON_FUZZ"].flatMap(Int.init).map { $0 / 50 } ?? 400
  private static let mostPixels = 1 << 20

  @Test(arguments: ["png", "jpg", "webp", "tif", "bmp", "gif"])
  func mutants(format: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: ImageDecoderTests.folder.path).filter {
      $0.hasSuffix("." + format)
    }.sorted()
    let seeds = try names.map { Array(try RefusedPictureTests.bytes($0)) }.filter { $0.count < 100_000 }
    try #require(!seeds.isEmpty)
    let tally = try FuzzTally(seeds, count: Self.count / 6, salt: 70 + UInt64(format.utf8.first ?? 0)) {
      mutant in
      format == "png" ? PNGChecksums.mended(mutant) : mutant
    } open: { bytes, _ in
      let image = try ImageDecoder(mostPixels: Self.mostPixels).run(.init(name: "mutant", data: Data(bytes)))
      #expect(image.width * image.height <= Self.mostPixels)
    } isRefusal: {
      ($0 as? ImagingError).map { !"\($0)".isEmpty } ?? false
    }
    print("\(format): \(tally.opened) read, \(tally.refused) refused, slowest \(tally.slowest)")
    #expect(tally.unexpected.isEmpty)
    #expect(tally.slowest < .seconds(2))
    #expect(tally.opened > 0 && tally.refused > 0)
  }
}
