/// What checkpoints call the heads.
public struct GroundingNames: Sendable, Hashable {
  public var locationEncoder: String
  public var boxDecoder: String
  public var maskPrompt: String

  public init(locationEncoder: String, boxDecoder: String, maskPrompt: String) {
    self.locationEncoder = locationEncoder
    self.boxDecoder = boxDecoder
    self.maskPrompt = maskPrompt
  }

  public static let pocket = GroundingNames(
    locationEncoder: "location_encoder", boxDecoder: "box_decoder", maskPrompt: "mask_prompt")
  /// `AoZhang/nextchat-7b-336`
  public static let nextChat = GroundingNames(
    locationEncoder: "loc_encoder", boxDecoder: "loc_decoder", maskPrompt: "seg_prompt_mlp")
}
