public import Foundation
import Tensors

/// Writes a checkpoint anew with some of its matrices in nf4.
public enum CheckpointQuantization {
  /// Writes one safetensors file: the named matrices in nf4, under the names that bitsandbytes saves them with,
  /// everything else as it was. Memory holds the quantised matrices, an eighth of their floats.
  /// - Parameter matrices: names of tensors of two axes whose rows are whole blocks of 64 values
  /// - Throws: ``CheckpointError`` or `AtomicFileError`
  public static func write(_ checkpoint: Checkpoint, nf4 matrices: Set<String>, to url: URL) throws {
    var writer = SafetensorsWriter(metadata: ["format": "pt"])
    for entry in checkpoint.entries {
      guard matrices.contains(entry.name) else {
        writer[entry.name] = .stored(entry)
        continue
      }
      guard entry.shape.count == 2, entry.shape[1] % 64 == 0 else {
        throw CheckpointError.notQuantizable(path: checkpoint.path, name: entry.name, shape: entry.shape)
      }
      let tensor = try checkpoint.tensor(entry.name)
      if let index = tensor.firstNonFiniteIndex {
        throw CheckpointError.notFinite(path: checkpoint.path, name: entry.name, index: index)
      }
      let quantized = NF4Quantizer(tensor)
      let description = try JSONEncoder().encode(
        NF4Description(shape: entry.shape, offset: quantized.offset))
      let name = entry.name
      writer[name] = .uint8(quantized.packed, shape: [quantized.packed.count, 1])
      writer[name + ".absmax"] = .uint8(quantized.absmax, shape: [quantized.absmax.count])
      writer[name + ".nested_absmax"] = .float32(
        Tensor(quantized.nestedAbsmax, shape: [quantized.nestedAbsmax.count]))
      writer[name + ".quant_map"] = .float32(Tensor(NF4Quantizer.map, shape: [16]))
      writer[name + ".nested_quant_map"] = .float32(Tensor(NF4Quantizer.nestedMap, shape: [256]))
      writer[name + ".quant_state.bitsandbytes__nf4"] = .uint8(
        Array(description), shape: [description.count])
    }
    try writer.write(to: url)
  }
}
