/// Something that is fed answers to ``RegionSample``s, one at a time, and keeps the score. Its figures are fractions.
public protocol RegionEvaluation: Encodable {
  init()

  mutating func add(_ sample: RegionSample, _ answer: RegionAnswer)

  /// Heads of the figures' columns.
  static var columns: [String] { get }
  /// Figures in percent, one for each column.
  var cells: [String] { get }
}

extension RegionEvaluation {
  /// A row for each, for a terminal.
  public static func table(_ rows: [(name: String, figures: Self)]) -> String {
    var table = TextTable([""] + columns)
    for (name, figures) in rows { table.add([name] + figures.cells) }
    return table.text
  }
}

/// Figures of places: they depend on what is asked where a place is, the model's heads or the map.
public protocol PlaceEvaluation: RegionEvaluation {}
