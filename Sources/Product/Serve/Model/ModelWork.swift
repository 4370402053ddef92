import CrayonCore
import Foundation
import Fusion
import Inspection
import Language
import Pipeline

/// A picture that is to be seen, and how.
struct LookWork: Sendable {
  var pipeline: String
  var picture: Data
  var options: LookOptions
  /// Whether every stage's result is wanted.
  var inspects = false
  /// Whether the picture is, too.
  var returnsPicture = false
}

/// A question on a picture.
struct AskWork: Sendable {
  var look: LookWork
  var question: String
  var earlier: [FusionInput.Turn]
  /// Regions that are given as boxes; those of clicks come behind them.
  var regions: [PictureBox]
  var points: [[Int]]
  var imageGain: Float
  var visualLanguageGain: Float
  /// nil for as many as the pipeline makes.
  var mostTokens: Int?
  var sampling: Sampling
  var stops: [String]
  var beams: Int
  var boxes: GroundingConfiguration.Boxes?
  var keepsMasks: Bool
  /// Sentences for whoever asked.
  var notes: [String]

  /// - Throws: ``ServeError``, or what is wrong with a map
  init(_ request: ChatRequest, _ limits: ServeLimits) throws {
    let dialogue = try Dialogue(request)
    let crayon = request.crayon
    look = LookWork(
      pipeline: request.model, picture: dialogue.picture, options: try crayon.lookOptions(limits),
      inspects: crayon.inspect, returnsPicture: crayon.picture)
    (question, earlier) = (dialogue.question, dialogue.earlier)
    regions = try crayon.regionBoxes()
    points = crayon.points
    imageGain = crayon.adapters?.image ?? 1
    visualLanguageGain = crayon.adapters?.vl ?? 1
    mostTokens = request.mostTokens
    sampling = Sampling(
      temperature: request.temperature ?? 0, topP: request.topP ?? 1, seed: UInt64(bitPattern: request.seed))
    (stops, beams, boxes, keepsMasks) = (request.stops, crayon.beams, crayon.boxes, crayon.masks)
    notes = []
    if dialogue.hasInstructions {
      notes.append("instructions (system messages) are not read by the models here")
    }
    if !request.unread.isEmpty { notes.append("not used: \(request.unread.joined(separator: ", "))") }
  }
}

/// What happens while a question is answered.
enum AskEvent: Sendable {
  case began(StageTimings.Stage)
  case text(String)
  case finished(FinishedAnswer)
}

/// What a picture was seen as.
struct FinishedLook: Sendable {
  var map: PanopticMap
  var categories: CategoryTable
  var inspection: InspectionReport?
  var timings: StageTimings
}
