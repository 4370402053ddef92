import Pipeline

extension PipelineConfiguration {
  /// In 32 bits, as references are.
  var exact: PipelineConfiguration {
    var configuration = self
    configuration.precision = .float32
    return configuration
  }
}
