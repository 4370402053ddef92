import Checkpoints

extension SAMConfiguration {
  /// The sizes of a checkpoint with the authors' names, which has no file beside it: shapes say all but the mask
  /// decoder's heads, of which there are eight in every published one.
  /// - Throws: `CheckpointError` when a tensor is missing or has too few axes to say anything.
  init(originalShapes weights: WeightReader) throws {
    func shape(_ name: String, axes: Int) throws -> [Int] {
      guard let entry = weights.checkpoint.entry(named: weights.prefix + name) else {
        throw CheckpointError.missingTensor(path: weights.checkpoint.path, name: weights.prefix + name)
      }
      // No axis may be empty or absurd: lengths are multiplied and divided.
      guard entry.shape.count == axes, entry.shape.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw CheckpointError.wrongShape(
          path: weights.checkpoint.path, name: weights.prefix + name,
          expected: Array(repeating: 1, count: axes), got: entry.shape)
      }
      return entry.shape
    }
    func count(_ name: (Int) -> String) -> Int {
      var count = 0
      while count < 1024 && weights.has(name(count)) { count += 1 }
      return count
    }
    let grid = try shape("image_encoder.pos_embed", axes: 4)
    let patch = try shape("image_encoder.patch_embed.proj.weight", axes: 4)[3]
    let layers = count { "image_encoder.blocks.\($0).attn.rel_pos_h" }
    let differences = try (0..<max(layers, 1)).map {
      try shape("image_encoder.blocks.\($0).attn.rel_pos_h", axes: 2)
    }
    let width = grid[3]
    let headWidth = differences[0][1]
    // A layer that looks at the whole picture knows as many differences as the picture has.
    let global = differences.indices.filter { differences[$0][0] == 2 * grid[1] - 1 }
    let windowed = differences.first { $0[0] != 2 * grid[1] - 1 }
    let decoderWidth = try shape("mask_decoder.iou_token.weight", axes: 2)[1]
    self.init(
      imageEncoder: ImageEncoder(
        width: width, layers: max(layers, 1), heads: max(1, width / headWidth),
        perceptronWidth: try shape("image_encoder.blocks.0.mlp.lin1.weight", axes: 2)[0],
        imageSide: grid[1] * patch, patch: patch, window: windowed.map { ($0[0] + 1) / 2 } ?? grid[1],
        globalLayers: Set(global)),
      maskDecoder: SAMMaskDecoderConfiguration(
        width: decoderWidth, heads: 8,
        perceptronWidth: try shape("mask_decoder.transformer.layers.0.mlp.lin1.weight", axes: 2)[0],
        depth: max(1, count { "mask_decoder.transformer.layers.\($0).norm1.weight" }),
        downsampling: max(
          1,
          decoderWidth
            / (try shape("mask_decoder.transformer.final_attn_token_to_image.q_proj.weight", axes: 2)[0])),
        alternatives: max(1, try shape("mask_decoder.mask_tokens.weight", axes: 2)[0] - 1),
        scoreWidth: try shape("mask_decoder.iou_prediction_head.layers.0.weight", axes: 2)[0],
        scoreDepth: max(2, count { "mask_decoder.iou_prediction_head.layers.\($0).weight" }),
        maskPromptChannels: try shape("prompt_encoder.mask_downscaling.3.weight", axes: 4)[0],
        gridSide: grid[1], imageSide: grid[1] * patch, layerNormEpsilon: 1e-5))
    // What does not come out even would be divided with a remainder; the checkpoint is no SAM.
    guard width % headWidth == 0, decoderWidth % (8 * maskDecoder.downsampling) == 0, grid[1] == grid[2],
      maskDecoder.maskPromptChannels % 4 == 0, imageEncoder.imageSide <= 4096
    else {
      throw CheckpointError.wrongShape(
        path: weights.checkpoint.path, name: weights.prefix + "image_encoder.pos_embed",
        expected: [1, 64, 64, 768], got: grid)
    }
  }
}
