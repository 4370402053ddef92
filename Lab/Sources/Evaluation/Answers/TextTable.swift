import Foundation

/// Columns of text for a terminal: the first to the left, figures to the right.
struct TextTable {
  private var rows: [[String]]

  init(_ header: [String]) { rows = [header] }

  mutating func add(_ cells: String...) { add(cells) }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension String {
  static func percent(_ fraction: Double?) -> String {
    fraction.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }

  static func decimal(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "–" }
}
