/// A size in `preprocessor_config.json`: a dictionary of named sides, or in older files one length.
package enum PublishedSize: Decodable, Equatable {
  case side(Int)
  /// Sides that are null are left out.
  case named([String: Int])
  /// Neither; ``ConfigurationFile/bad(_:)`` says what.
  case other

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let side = try? container.decode(Int.self) {
      self = .side(side)
    } else if let named = try? container.decode([String: Int?].self) {
      self = .named(named.compactMapValues { $0 })
    } else {
      self = .other
    }
  }

  /// A named side.
  package subscript(_ name: String) -> Int? {
    if case .named(let named) = self { named[name] } else { nil }
  }
}

extension ConfigurationFile {
  /// What is said of a value that cannot be used, as the file has it.
  package func bad(_ key: String) -> ConfigurationError {
    .badValue(file: path, key: key, value: text(of: key))
  }
}
