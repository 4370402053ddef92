import CrayonCore

/// How the fields of a bottom-up segmenter become segments (Panoptic-DeepLab, arXiv 1911.10194, section 3.3).
public struct BottomUpDecision: Sendable, Equatable {
  /// A centre is at least this likely.
  public var centreThreshold: Float
  public var mostCentres: Int
  /// A segment of fewer pixels, of the network's picture, or whose class is less likely than this in the mean of its
  /// pixels, is dropped.
  public struct Least: Sendable, Equatable {
    public var pixels: Int
    /// From 0 to 1.
    public var likelihood: Float

    public init(pixels: Int, likelihood: Float) {
      self.pixels = pixels
      self.likelihood = likelihood
    }
  }
  public var leastThing: Least
  public var leastStuff: Least

  public init(centreThreshold: Float, mostCentres: Int, leastThing: Least, leastStuff: Least) {
    self.centreThreshold = centreThreshold
    self.mostCentres = mostCentres
    self.leastThing = leastThing
    self.leastStuff = leastStuff
  }

  /// The map at the network's own size: things from left to right by their centres, then stuff in the order of the
  /// classes.
  func map(_ fields: BottomUpNetwork.Fields, side: Int, categories: CategoryTable) throws -> PanopticMap {
    let classes = categories.categories
    let centres = BottomUpCentre.peaks(
      of: fields.centre, stride: side / fields.centre.height, atLeast: centreThreshold, most: mostCentres)
    var claims = BottomUpClaims(fields, centres: centres, isThing: classes.map(\.isThing) + [false], side: side)

    var labels: [Int32: PanopticMap.Label] = [:]
    var idOfOwner = [Int32](repeating: PanopticMap.void, count: claims.pixels.count)
    func keep(_ owner: Int, as label: Int, ifAt least: Least, score: Float?) {
      let pixels = claims.pixels[owner]
      guard pixels >= max(least.pixels, 1),
        claims.likelihood(of: label, for: owner) >= least.likelihood * Float(pixels)
      else { return }
      let id = Int32(labels.count + 1)
      idOfOwner[owner] = id
      labels[id] = PanopticMap.Label(category: classes[label], score: score)
    }
    let things = classes.indices.filter { classes[$0].isThing }
    for (index, centre) in centres.enumerated() {
      let likelier = { claims.likelihood(of: $0, for: index) < claims.likelihood(of: $1, for: index) }
      guard let winner = things.max(by: likelier) else { continue }
      keep(index, as: winner, ifAt: leastThing, score: centre.score)
    }
    let stuff = classes.indices.filter { !classes[$0].isThing }
    for label in stuff { keep(claims.owner(ofClass: label), as: label, ifAt: leastStuff, score: nil) }
    // Stuff that is dropped leaves its pixels to what is likeliest there of the stuff that is kept.
    let isKept = { idOfOwner[claims.owner(ofClass: $0)] != PanopticMap.void }
    claims.giveAway(pixelsOf: stuff.filter { !isKept($0) }, to: stuff.filter(isKept))
    let ids = claims.owner.map { $0.map { idOfOwner[$0] } ?? PanopticMap.void }
    return try PanopticMap(width: side, height: side, ids: ids, labels: labels)
  }
}
