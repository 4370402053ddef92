import ArgumentParser
import CrayonCore
import Pipeline

/// Regions that a question speaks of.
struct RegionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A region of the picture in pixels; the question speaks of the first as [1], of the next as [2].",
      valueName: "x0,y0,x1,y1"))
  var region: [BoxArgument] = []

  @Option(
    help: ArgumentHelp(
      "A click: the segment there becomes a region, after those of --region.", valueName: "x,y"))
  var point: [PointArgument] = []

  /// All regions, in pixels of the picture.
  /// - Throws: ``PictureError/noSegmentAt(x:y:)``
  func boxes(on picture: SeenPicture) throws -> [PictureBox] {
    region.map { $0.box } + (try point.map { try picture.segmentBox(x: $0.x, y: $0.y) })
  }
}

/// `x0,y0,x1,y1`
struct BoxArgument: ExpressibleByArgument {
  let box: PictureBox

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 4, let x0 = numbers[0], let y0 = numbers[1], let x1 = numbers[2],
      let y1 = numbers[3],
      [x0, y0, x1, y1].allSatisfy(\.isFinite), x0 < x1, y0 < y1
    else { return nil }
    box = PictureBox(x0: x0, y0: y0, x1: x1, y1: y1)
  }
}

/// `x,y`
struct PointArgument: ExpressibleByArgument {
  let x: Int
  let y: Int

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let x = numbers[0], let y = numbers[1] else { return nil }
    self.x = x
    self.y = y
  }
}
