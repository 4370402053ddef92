import Imaging

/// How much of anything a request may have. What is over a limit is refused before memory is taken for it.
package struct ServeLimits: Sendable {
  /// Of one request's body.
  package var bodyBytes = 48 << 20
  /// Of all bodies that are held at one moment.
  package var heldBytes = 256 << 20
  package var bodySeconds = 60.0
  /// Of a picture, or of a map.
  package var pixels = 64_000_000
  /// Requests that wait for the model.
  package var queue = 64
  package var messages = 256
  package var regions = 64
  package var segments = 20_000
  package var connections = 1024
  /// Bytes of pictures that have been seen and are kept.
  package var seenBytes = 384 << 20
  /// Bytes of what the language model has read and that is kept.
  package var readBytes = 384 << 20
  /// How long requests are let go on when the server is stopped.
  package var stoppingSeconds = 60

  package init() {}
}
