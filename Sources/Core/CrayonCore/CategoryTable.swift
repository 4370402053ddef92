/// A class of the segmenter's vocabulary. Things are counted, stuff is not.
public struct Category: Sendable, Hashable, Codable {
  /// The number that COCO files carry as `category_id`; not an index into any table.
  public let id: Int
  /// As COCO has it: "cup", "wall-other-merged".
  public let name: String
  /// Countable; else it is stuff.
  public let isThing: Bool

  /// Memberwise.
  public init(id: Int, name: String, isThing: Bool) {
    self.id = id
    self.name = name
    self.isThing = isThing
  }
}

/// A segmenter's vocabulary, in the segmenter's own order. Two tables meet by name.
public struct CategoryTable: Sendable, Equatable {
  /// In the table's order.
  public let categories: [Category]
  private let indexByID: [Int: Int]
  private let indexByName: [String: Int]

  /// - Throws: ``CategoryTableError`` when an id or a name stands twice, or a name is empty.
  public init(_ categories: [Category]) throws {
    var indexByID: [Int: Int] = [:]
    var indexByName: [String: Int] = [:]
    for (index, category) in categories.enumerated() {
      guard !category.name.isEmpty else { throw CategoryTableError.emptyName(id: category.id) }
      guard indexByID.updateValue(index, forKey: category.id) == nil else {
        throw CategoryTableError.duplicateID(category.id)
      }
      guard indexByName.updateValue(index, forKey: category.name) == nil else {
        throw CategoryTableError.duplicateName(category.name)
      }
    }
    self.categories = categories
    self.indexByID = indexByID
    self.indexByName = indexByName
  }

  /// For tables written in the source, which a test checks.
  init(unchecked categories: [Category]) {
    self.categories = categories
    indexByID = Dictionary(
      categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    indexByName = Dictionary(
      categories.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// nil where the table has none of the id.
  public func category(id: Int) -> Category? { indexByID[id].map { categories[$0] } }

  /// nil where the table has none of exactly this name.
  public func category(named name: String) -> Category? { indexByName[name].map { categories[$0] } }
}

extension CategoryTable {
  /// The 133 categories of COCO panoptic with COCO's ids, in the order in which published models number
  /// them: 80 things, then 53 kinds of stuff.
  public static let coco = CategoryTable(
    unchecked: things.map { Category(id: $0.id, name: $0.name, isThing: true) }
      + stuff.map { Category(id: $0.id, name: $0.name, isThing: false) })

  private static let things: [(id: Int, name: String)] = [
    (1, "person"), (2, "bicycle"), (3, "car"), (4, "motorcycle"), (5, "airplane"), (6, "bus"),
    (7, "train"), (8, "truck"), (9, "boat"), (10, "traffic light"), (11, "fire hydrant"),
    (13, "stop sign"), (14, "parking meter"), (15, "bench"), (16, "bird"), (17, "cat"), (18, "dog"),
    (19, "horse"), (20, "sheep"), (21, "cow"), (22, "elephant"), (23, "bear"), (24, "zebra"),
    (25, "giraffe"), (27, "backpack"), (28, "umbrella"), (31, "handbag"), (32, "tie"),
    (33, "suitcase"), (34, "frisbee"), (35, "skis"), (36, "snowboard"), (37, "sports ball"),
    (38, "kite"), (39, "baseball bat"), (40, "baseball glove"), (41, "skateboard"), (42, "surfboard"),
    (43, "tennis racket"), (44, "bottle"), (46, "wine glass"), (47, "cup"), (48, "fork"),
    (49, "knife"), (50, "spoon"), (51, "bowl"), (52, "banana"), (53, "apple"), (54, "sandwich"),
    (55, "orange"), (56, "broccoli"), (57, "carrot"), (58, "hot dog"), (59, "pizza"), (60, "donut"),
    (61, "cake"), (62, "chair"), (63, "couch"), (64, "potted plant"), (65, "bed"),
    (67, "dining table"), (70, "toilet"), (72, "tv"), (73, "laptop"), (74, "mouse"), (75, "remote"),
    (76, "keyboard"), (77, "cell phone"), (78, "microwave"), (79, "oven"), (80, "toaster"),
    (81, "sink"), (82, "refrigerator"), (84, "book"), (85, "clock"), (86, "vase"), (87, "scissors"),
    (88, "teddy bear"), (89, "hair drier"), (90, "toothbrush"),
  ]

  private static let stuff: [(id: Int, name: String)] = [
    (92, "banner"), (93, "blanket"), (95, "bridge"), (100, "cardboard"), (107, "counter"),
    (109, "curtain"), (112, "door-stuff"), (118, "floor-wood"), (119, "flower"), (122, "fruit"),
    (125, "gravel"), (128, "house"), (130, "light"), (133, "mirror-stuff"), (138, "net"),
    (141, "pillow"), (144, "platform"), (145, "playingfield"), (147, "railroad"), (148, "river"),
    (149, "road"), (151, "roof"), (154, "sand"), (155, "sea"), (156, "shelf"), (159, "snow"),
    (161, "stairs"), (166, "tent"), (168, "towel"), (171, "wall-brick"), (175, "wall-stone"),
    (176, "wall-tile"), (177, "wall-wood"), (178, "water-other"), (180, "window-blind"),
    (181, "window-other"), (184, "tree-merged"), (185, "fence-merged"), (186, "ceiling-merged"),
    (187, "sky-other-merged"), (188, "cabinet-merged"), (189, "table-merged"),
    (190, "floor-other-merged"), (191, "pavement-merged"), (192, "mountain-merged"),
    (193, "grass-merged"), (194, "dirt-merged"), (195, "paper-merged"), (196, "food-other-merged"),
    (197, "building-other-merged"), (198, "rock-merged"), (199, "wall-other-merged"),
    (200, "rug-merged"),
  ]
}

extension CategoryTable {
  /// This vocabulary and another in one, joined by name: an id means something only beside its own table. A category
  /// that is new keeps its id where that is free, and has the smallest free one where it is not.
  /// - Throws: ``CategoryTableError/differentKinds(name:)`` for a name that is a thing in one table and stuff in the
  ///   other
  public func joined(with other: CategoryTable) throws -> CategoryTable {
    var joined = categories
    var ids = Set(joined.map(\.id))
    var free = 1
    for category in other.categories {
      if let own = self.category(named: category.name) {
        guard own.isThing == category.isThing else {
          throw CategoryTableError.differentKinds(name: category.name)
        }
        continue
      }
      var id = category.id
      if ids.contains(id) {
        while ids.contains(free) { free += 1 }
        id = free
      }
      ids.insert(id)
      joined.append(Category(id: id, name: category.name, isThing: category.isThing))
    }
    return joined.count == categories.count ? self : try CategoryTable(joined)
  }

  /// Whether every category of this table is in another, by name and kind.
  public func isWithin(_ other: CategoryTable) -> Bool {
    categories.allSatisfy { other.category(named: $0.name)?.isThing == $0.isThing }
  }
}

/// Why a list of categories is not a vocabulary.
public enum CategoryTableError: Error, Equatable, CustomStringConvertible {
  case duplicateID(Int)
  case duplicateName(String)
  case emptyName(id: Int)
  case differentKinds(name: String)

  public var description: String {
    switch self {
    case .duplicateID(let id): "two categories have the id \(id)"
    case .duplicateName(let name): "two categories are named \"\(name)\""
    case .emptyName(let id): "the category with id \(id) has an empty name"
    case .differentKinds(let name):
      "the category \"\(name)\" is a thing in one list of categories, and stuff in another"
    }
  }
}
