public import CrayonCore
public import Tensors

/// What holds the location encoder G and the box decoder F together (NExT-Chat, arXiv 2311.04498, section 3.3).
public enum CycleLosses {
  /// L1(b, F(G(b))): boxes through the encoder and back, the mean distance of the edges.
  /// - Precondition: at least one box.
  public static func boxes(_ boxes: [FrameBox], _ heads: GroundingHeads) -> Double {
    BoxLosses.l1(heads.boxes(of: heads.embeddings(of: boxes)), boxes)
  }

  /// L2(t, G(F(t))): hidden states through the decoder and back, the mean square of the differences.
  /// - Parameter hidden: [count, width], at least one row
  public static func states(_ hidden: Tensor, _ heads: GroundingHeads) -> Double {
    let back = heads.locations(of: hidden).values
    return zip(back, hidden.values).reduce(0.0) { $0 + square(Double($1.0) - Double($1.1)) }
      / Double(back.count)
  }

  private static func square(_ difference: Double) -> Double { difference * difference }
}
