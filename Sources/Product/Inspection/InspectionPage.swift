import CrayonCore
import Drawing
import Foundation
import Pipeline

/// `index.html`: every stage of a question on one page that needs nothing but a browser.
struct InspectionPage {
  let name: String
  let picture: SeenPicture
  let answer: PictureAnswer?
  /// How much each layer's stream changes by the crayon path, relative to it; empty where nothing was asked.
  let influence: [Double]
  let colours: [Int32: Colour]

  /// The files' contents that the page carries in itself.
  let pictureFile: Data
  let visionFile: Data

  func html() throws -> String {
    let data = try PageData(picture, answer?.regions, colours: colours)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Names of classes may hold anything; "</script>" must not end the data.
    let json = String(decoding: try encoder.encode(data), as: UTF8.self)
      .replacingOccurrences(of: "<", with: "\\u003c")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(HTML.escaped(name)) - crayon inspect</title>
      <style>\(PageStyle.css)</style>
      </head>
      <body>
      <header>
      <h1>\(HTML.escaped(answer?.question ?? name))</h1>
      \(heading)
      </header>
      <main>
      \(sections.joined(separator: "\n"))
      </main>
      <script type="application/json" id="data">\(json)</script>
      <script>\(PageScript.javaScript)</script>
      </body>
      </html>

      """
  }

  private var heading: String {
    let size = "\(picture.image.width)×\(picture.image.height) pixels, \(picture.map.segments.count) segments"
    let about =
      "<p class=\"faint\">\(HTML.escaped(name)), \(size). Point at a segment to see it everywhere.</p>"
    guard let answer else { return about }
    return "<p class=\"answer\">\(HTML.escaped(answer.text))</p>" + about
  }

  private var sections: [String] {
    var sections = [
      section(1, "Picture", "upright, sRGB", image("picture", pictureFile, "the picture")),
      section(2, "Panoptic map", "what the segmenter found", canvas("map", "the map over the picture") + chips),
      section(
        3, "Crayon prompt", "what is there, by class", canvas("semantic", "semantic indices on the grid")),
      section(
        3, "Crayon prompt", "which one of its kind", canvas("numbering", "numbering indices on the grid")),
      section(3, "Listing", "the map in words", listing, isWide: true),
      section(
        4, "Vision tokens",
        "\(picture.vision.rows)×\(picture.vision.columns), first three principal components",
        image("vision", visionFile, "vision tokens as colours", isCrisp: true)),
    ]
    if !influence.isEmpty {
      sections.append(
        section(6, "Crayon in the layers", "how much it changes each layer's stream at the picture", layers))
    }
    if let answer {
      sections.append(
        section(5, "Sequence", "\(answer.sequence.count) positions", sequence(answer.sequence), isWide: true))
      sections.append(section(6, "Reply", "\(answer.reply.tokens.count) tokens", reply(answer.reply)))
    }
    if let regions = answer?.regions, !regions.regions.isEmpty {
      let names = regions.regions.map { "\($0.number) \(HTML.escaped($0.phrase))" }
      sections.append(
        section(
          7, "Regions", "what the answer points at",
          canvas("regions", "regions over the picture")
            + "<p class=\"faint\">\(names.joined(separator: ", "))</p>"))
    }
    sections.append(section(nil, "Times", "milliseconds", times))
    return sections
  }

  private func section(
    _ stage: Int?, _ title: String, _ note: String, _ body: String, isWide: Bool = false
  ) -> String {
    let number = stage.map { "<b>\($0)</b>" } ?? ""
    return """
      <section\(isWide ? " class=\"wide\"" : "")>
      <h2>\(number) \(title) <span>\(HTML.escaped(note))</span></h2>
      \(body)
      </section>
      """
  }

  private func image(_ id: String, _ png: Data, _ text: String, isCrisp: Bool = false) -> String {
    "<img id=\"\(id)\" alt=\"\(text)\"\(isCrisp ? " class=\"crisp\"" : "") "
      + "src=\"data:image/png;base64,\(png.base64EncodedString())\">"
  }

  private func canvas(_ id: String, _ text: String) -> String {
    "<canvas id=\"\(id)\" role=\"img\" aria-label=\"\(text)\"></canvas>"
  }

  private var chips: String {
    let chips = picture.crayon.objects.map { object in
      "<button class=\"chip\" data-segment=\"\(object.id)\"><i style=\"background:"
        + "\(colours[object.id]?.hexadecimal ?? "#888888")\"></i>"
        + "\(HTML.escaped(object.name)) \(object.number)</button>"
    }
    return "<div class=\"chips\">\(chips.joined())</div>"
  }

  /// The listing, its objects marked so that pointing at one shows its segment.
  private var listing: String {
    guard !picture.crayon.listing.isEmpty else { return "<p class=\"faint\">Nothing is said of the map.</p>" }
    // Objects stand in the listing in their own order, each begins with "(#".
    let parts = picture.crayon.listing.components(separatedBy: "(#")
    var html = HTML.escaped(parts[0])
    for (part, object) in zip(parts.dropFirst(), picture.crayon.objects) {
      html += "<mark data-segment=\"\(object.id)\">(#\(HTML.escaped(part))</mark>"
    }
    let note =
      picture.crayon.unmatched.isEmpty
      ? ""
      : "<p class=\"faint\">No word in the model's vocabulary: "
        + "\(HTML.escaped(picture.crayon.unmatched.joined(separator: ", ")))</p>"
    return "<p>\(html)</p>\(note)"
  }

  private var layers: String {
    let highest = influence.max() ?? 1
    let bars = influence.enumerated().map { index, value in
      let height = highest > 0 ? Int((value / highest * 100).rounded()) : 0
      return "<div style=\"height:\(height)%\" title=\"layer \(index + 1): \(percent(value))\"></div>"
    }
    return "<div class=\"layers\">\(bars.joined())</div>"
      + "<p class=\"faint\">\(influence.count) layers; the highest bar is \(percent(highest)) of the stream.</p>"
  }

  private func percent(_ value: Double) -> String { String(format: "%.1f %%", value * 100) }

  private func sequence(_ sequence: FusedSequence) -> String {
    let bar = sequence.spans.map { span in
      "<div style=\"flex:\(span.range.count);background:\(Self.colour(of: span.kind))\" "
        + "title=\"\(span.kind.word), \(span.range.count)\"></div>"
    }
    let rows = Self.listingTogether(sequence.spans).map { span in
      let text =
        span.text.isEmpty ? "<span class=\"faint\">no words</span>" : "<pre>\(HTML.escaped(span.text))</pre>"
      return """
        <div class="span"><div><i style="background:\(Self.colour(of: span.kind))"></i>\(span.kind.word)<br>\
        <span class="faint">\(span.range.lowerBound) to \(span.range.upperBound - 1)</span></div>\(text)</div>
        """
    }
    return "<div class=\"bar\">\(bar.joined())</div>" + rows.joined()
  }

  /// The listing as one span, with a mark where an object is shown.
  private static func listingTogether(_ spans: [FusedSequence.Span]) -> [FusedSequence.Span] {
    spans.reduce(into: []) { rows, span in
      guard let last = rows.last, last.kind == .listing else { return rows.append(span) }
      switch span.kind {
      case .object: rows[rows.count - 1].text += " ◈"
      case .listing: rows[rows.count - 1].text += span.text
      case .template, .image, .question, .region: return rows.append(span)
      }
      rows[rows.count - 1].range = last.range.lowerBound..<span.range.upperBound
    }
  }

  private static func colour(of kind: FusedSequence.Kind) -> String {
    switch kind {
    case .template: "#5d6270"
    case .image: "#6aa7ff"
    case .listing: "#ffb35c"
    case .object: "#b48cff"
    case .question: "#7fd17f"
    case .region: "#ff7fb0"
    }
  }

  private func reply(_ reply: Reply) -> String {
    let how =
      "read \(reply.promptTokens) positions (\(reply.reusedTokens) known before) in "
      + String(format: "%.0f ms, wrote in %.0f ms", reply.firstTokenSeconds * 1000, reply.writingSeconds * 1000)
      + "; ended by \(reply.end.rawValue)"
    return "<p>\(HTML.escaped(reply.text))</p><p class=\"faint\">\(how)</p>"
  }

  private var times: String {
    let timings = (answer?.timings ?? picture.timings).entries
    let rows = StageTimings.Stage.allCases.compactMap { stage -> String? in
      guard let entry = timings[stage] else { return nil }
      return "<tr><td>\(stage.rawValue)</td><td class=\"n\">\(String(format: "%.1f", entry.milliseconds))</td>"
        + "<td class=\"faint\">\(entry.wasKnown ? "known from before" : "")</td></tr>"
    }
    return "<table>\(rows.joined())</table>"
  }
}

/// Text that is put into a page: nothing in it is read as mark-up.
enum HTML {
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
