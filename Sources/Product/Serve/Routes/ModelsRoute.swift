import Hummingbird
import Pipeline

/// `GET /v1/models`
struct ModelList: Encodable, Sendable {
  struct Model: Encodable, Sendable {
    struct Crayon: Encodable, Sendable {
      var description: String
      /// What should be known before it is used.
      var notice: String?
      /// What its segmenter can name.
      var categories: Int
      var points: Bool
    }

    var id: String
    var object = "model"
    var created = 0
    var owned_by = "crayon"
    var crayon: Crayon

    init(_ pipeline: Pipeline) {
      let configuration = pipeline.configuration
      id = configuration.name
      crayon = Crayon(
        description: configuration.description, notice: configuration.notice,
        categories: pipeline.categories.categories.count, points: (try? pipeline.requirePointing()) != nil)
    }
  }

  struct Crayon: Encodable, Sendable {
    /// What the gallery shows; nil where there is none.
    var folder: String?
  }

  var object = "list"
  var data: [Model]
  var crayon: Crayon
}
