import CrayonCore
import Foundation
import Imaging
import TestSupport
import Testing

/// What the installed libvips opens is opened, and what is wrong with a picture is said of that picture.
@Suite struct FormatGateTests {
  /// 2×1 pixels, red and blue, in formats that have no place in a list of the usual ones.
  static let pictures: [(name: String, data: Data)] = [
    ("pfm", Data("PF\n2 1\n-1.0\n".utf8) + [1, 0, 0, 0, 0, 1].flatMap { bytes(Float($0)) }),
    (
      "svg",
      Data(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="1" height="1" fill="#f00"/>\
        <rect x="1" width="1" height="1" fill="#00f"/></svg>
        """.utf8)
    ),
    (
      "radiance",
      Data("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n".utf8) + [128, 0, 0, 129, 0, 0, 128, 129]
    ),
    ("big tiff", TIFF(bands: 3, extra: nil, isWide: true).data),
  ]

  static func bytes(_ value: Float) -> [UInt8] {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }

  @Test(arguments: pictures.indices)
  func otherFormats(index: Int) throws {
    let (name, data) = Self.pictures[index]
    let picture = try ImageDecoder().run(.init(name: name, data: data))
    // Red first.
    #expect(
      picture.pixels[0] > 200 && picture.pixels[1] < 60 && picture.pixels[2] < 60, "\(name): \(picture.pixels)")
  }

  @Test(arguments: [
    "not a picture\n", "a,b\n1,2\n", "{\"a\": 1}", "# a heading\n", "#!/bin/sh\n",
    "push graphic-context\nviewbox 0 0 9 9\n",
    " \n push graphic-context\nimage over 0,0 0,0 'other.png'\n",
    "<?xml version=\"1.0\"?><s:svg xmlns:s=\"x\" width=\"9\" height=\"9\"><s:image width=\"9\" height=\"9\" "
      + "xlink:href=\"\(Fixtures.folder.path)/1-Imaging/scene.png\"/></s:svg>",
    "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY s \"&#60;svg\">]><x/>", "P", "Python", "BM", "GIF", "RIFF",
    "96 64\n", "2 2 1 0\n1 2\n3 4\n", "BMW 2019, photographed by me\n", "P1: Anna, P2: Bert\n",
    "P6 notes of the trip\n", "P7\nA participant\n", "#define WIDTH 5\n", "DDS textures\n", "gimp xcf files\n",
    "<html><body><svg width=\"5\"></svg></body></html>", "<?xml version=\"1.0\"?>\n<page><svg/></page>",
    "# Icons: `<svg>`\n", "<!-- <svg",
  ])
  func whatIsNoPicture(text: String) throws {
    #expect(RefusedPictureTests.refusal(Data(text.utf8)) == .unknownFormat(file: "p"))
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: folder.file("t.csv"))
    #expect(!ImageDecoder.knows(folder.file("t.csv")))
    #expect(throws: ImagingError.self) { try ImageDecoder().run(.init(file: folder.file("t.csv"))) }
  }

  /// What stands before a drawing in files of the usual programs.
  @Test(arguments: [
    "", "\u{FEFF}", "\n ", "<?xml version=\"1.0\"?>\n<!-- <- of > Inkscape -->\n",
    "<?xml version=\"1.0\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" "
      + "\"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\" [\n<!ENTITY ns \"http://x\">\n]>\n",
  ])
  func whatStandsBeforeADrawing(text: String) throws {
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2\" height=\"1\"></svg>"
    let picture = try ImageDecoder().run(.init(name: "p", data: Data((text + drawing).utf8)))
    #expect(picture.width == 2 && picture.height == 1)
  }

  @Test func aFileIsKnownByItsContent() throws {
    let folder = try TemporaryFolder()
    for name in [
      "scene.png", "orientation-1.jpg", "scene.webp", "scene.tif", "scene.bmp", "scene.ppm", "frames.gif",
    ] {
      try RefusedPictureTests.bytes(name).write(to: folder.file("picture"))
      #expect(ImageDecoder.knows(folder.file("picture")), "\(name)")
    }
    #expect(!ImageDecoder.knows(folder.file("nowhere")) && !ImageDecoder.knows(folder.url))
    try Data().write(to: folder.file("picture"))
    #expect(!ImageDecoder.knows(folder.file("picture")))
  }

  /// Many threads meet good pictures and bad ones of several kinds: each reason is that of its own picture.
  @Test func reasonsDoNotMixBetweenThreads() throws {
    let png = try RefusedPictureTests.bytes("scene.png")
    let others = try ["orientation-1.jpg", "scene.webp", "scene.tif"].flatMap { name in
      let data = try RefusedPictureTests.bytes(name)
      return [data.prefix(data.count / 2), data.prefix(data.count / 3)]
    }
    let kinds = [png, png.prefix(png.count / 2)] + others
    let alone = kinds.map { RefusedPictureTests.refusal($0) }
    #expect(alone[0] == nil && alone.dropFirst().allSatisfy { $0 != nil })
    let differing = Differences()
    DispatchQueue.concurrentPerform(iterations: 400) { index in
      let kind = index % kinds.count
      let refusal = RefusedPictureTests.refusal(kinds[kind])
      if refusal != alone[kind] { differing.add("\(kind): \(String(describing: refusal))") }
    }
    #expect(differing.all.isEmpty, "\(differing.all.prefix(5))")
  }

  /// Behind a lock, as several threads add to it.
  private final class Differences: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [String] = []

    func add(_ text: String) { lock.withLock { found.append(text) } }
    var all: [String] { lock.withLock { found } }
  }

  @Test func noLibrarysNameReachesThePerson() throws {
    for name in [
      "scene.png", "orientation-1.jpg", "progressive.jpg", "scene.webp", "scene.tif", "deflate.tif",
      "scene.bmp",
    ] {
      let data = try RefusedPictureTests.bytes(name)
      for part in [0.3, 0.6, 0.9] {
        guard let refusal = RefusedPictureTests.refusal(data.prefix(Int(Double(data.count) * part))) else {
          continue
        }
        for raw in ["Vips", "vips", "Magick", "magick", "libjpeg", "libspng", "TIFFRead"] {
          #expect(!refusal.description.contains(raw), "\(name): \(refusal)")
        }
      }
    }
  }
}
