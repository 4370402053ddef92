import Checkpoints
import Testing

/// The hashes are those that `sha256sum` prints, so that anybody can check them.
@Suite struct WeightsHashTests {
  @Test func ofOneFileItIsThePlainSHA256() throws {
    #expect(
      WeightsHash(try CheckpointFixtures.open("every.safetensors")).hexadecimal
        == "e162e5fa3b7bab57eb8ce6b6fa1f2f024fa8007256a961795da585f55be835be")
  }

  /// `sha256sum model-*.safetensors | sha256sum`
  @Test func ofSeveralItIsThatOfTheirList() throws {
    let checkpoint = try Checkpoint(folder: CheckpointFixtures.url("sharded"))
    #expect(
      WeightsHash(checkpoint).description
        == "5b35a58eed97986e269acd41844556ab308d1f9360236ca44462cbeccc0eb4e2")
  }
}
