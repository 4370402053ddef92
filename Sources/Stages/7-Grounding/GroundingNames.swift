/// What checkpoints call the heads.
public struct GroundingNames: Sendable, Hashable {
  public var locationEncoder: String
  public var boxDecoder: String
  public var maskPrompt: String
  /// nil where there is none: boxes are then decoded from states alone.
  public var pointer: String?

  public init(locationEncoder: String, boxDecoder: String, maskPrompt: String, pointer: String? = nil) {
    self.locationEncoder = locationEncoder
    self.boxDecoder = boxDecoder
    self.maskPrompt = maskPrompt
    self.pointer = pointer
  }

  public static let pocket = GroundingNames(
    locationEncoder: "location_encoder", boxDecoder: "box_decoder", maskPrompt: "mask_prompt",
    pointer: "pointer")
  /// `AoZhang/nextchat-7b-336`
  public static let nextChat = GroundingNames(
    locationEncoder: "loc_encoder", boxDecoder: "loc_decoder", maskPrompt: "seg_prompt_mlp")
}
