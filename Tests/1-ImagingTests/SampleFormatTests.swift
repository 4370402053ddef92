import CrayonCore
import Foundation
import Imaging
import Testing

/// Samples are as bright as their format says, and refused where it does not say.
@Suite struct SampleFormatTests {
  static func tiff(
    _ pixel: [UInt64], format: UInt64 = 1, photometric: UInt64? = nil, extra: UInt16? = nil
  ) -> TIFF {
    TIFF(
      bands: pixel.count, extra: extra.map { [$0] }, colours: pixel.count < 3 ? 1 : 3, pixel: pixel,
      sampleBytes: 4, format: format, photometric: photometric)
  }

  static func floats(_ pixel: [Float], photometric: UInt64? = nil, extra: UInt16? = nil) -> TIFF {
    tiff(pixel.map { UInt64($0.bitPattern) }, format: 3, photometric: photometric, extra: extra)
  }

  static let (none, half, all): (UInt64, UInt64, UInt64) = (0, 0x8080_8080, 0xffff_ffff)

  @Test(
    arguments: [
      (tiff([half]), [128, 128, 128]), (tiff([all]), [255, 255, 255]),
      (tiff([all, none, half]), [255, 0, 128]),
      (tiff([half], photometric: 0), [127, 127, 127]),
      (tiff([all, none, none, none], extra: 2), [255, 255, 255]),
      (tiff([all, none, none, all], extra: 2), [255, 0, 0]),
      // Light from 0 to 1, in colours and in grey.
      (floats([0.5, 0.5, 0.5]), [188, 188, 188]), (floats([0.5]), [188, 188, 188]),
      (floats([1]), [255, 255, 255]),
      (floats([0.5, 1], extra: 2), [188, 188, 188]), (floats([0.5, 0], extra: 2), [255, 255, 255]),
      (floats([200]), [200, 200, 200]),
    ] as [(TIFF, [UInt8])])
  func brightness(tiff: TIFF, colour: [UInt8]) throws {
    let picture = try ImageDecoder().run(.init(name: "t", data: tiff.data))
    for (sample, wanted) in zip(picture.pixels, colour) { #expect(abs(Int(sample) - Int(wanted)) <= 1) }
  }

  @Test(
    arguments: [
      (
        TIFF(bands: 3, photometric: 6),
        "its colours are brightness and hue (YCbCr) without JPEG; save it in RGB"
      ),
      (TIFF(bands: 3, photometric: 9), "its colours are of a kind that is not known here; save it in RGB"),
      (TIFF(bands: 4, extra: [2], photometric: 8), "its L*a*b* colours are transparent; save it in RGB"),
      (
        tiff([half], format: 2),
        "which of its numbers is white is not known; save it in 8 or 16 bits without signs"
      ),
      (
        tiff([half, none, none, half], extra: 1),
        "its colours are multiplied by their transparency in 32 bits; save it in 16"
      ),
      (
        floats([0.5], photometric: 0),
        "its fractional numbers are bright where they are small; save it with black as zero"
      ),
    ])
  func whatCannotBeKnown(tiff: TIFF, reason: String) {
    #expect(RefusedPictureTests.refusal(tiff.data) == .ambiguous(file: "p", reason: reason))
  }

  @Test func theSentence() {
    #expect(
      "\(ImagingError.ambiguous(file: "a.tif", reason: "it has no name"))"
        == "a.tif cannot be seen as it is meant: it has no name")
  }
}
