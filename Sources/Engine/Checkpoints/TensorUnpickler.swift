/// Runs a pickle that can make nothing but plain values and tensors.
///
/// A pickle is a program for a small stack machine, and an ordinary unpickler imports and calls whatever the
/// program names. This one knows a handful of names and refuses the rest before anything is built. Containers
/// live in arrays and refer to each other by index, so hostile nesting costs no stack.
struct TensorUnpickler {
  struct Storage {
    var type: ElementType
    /// The name of the member that holds the bytes.
    var key: String
  }

  struct Tensor {
    var storage: Storage
    /// Of the first element, in elements.
    var offset: Int
    var shape: [Int]
    /// In elements.
    var strides: [Int]
  }

  private enum Value {
    case none
    case mark
    case bool(Bool)
    case int(Int)
    case double
    case string(String)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case callable(Callable)
    case storageType(ElementType)
    case storage(Int)
    case tensor(Int)
  }

  /// The functions that a checkpoint may call.
  private enum Callable {
    case orderedDictionary, rebuildTensor, rebuildParameter, size
  }

  private let file: FileBytes
  private var position: Int
  private let end: Int
  private var stack: [Value] = []
  private var memo: [Int: Value] = [:]
  private var tuples: [[Value]] = []
  private var lists: [[Value]] = []
  private var dictionaries: [[(key: Value, value: Value)]] = []
  private var storages: [Storage] = []
  private var tensors: [Tensor] = []

  init(file: FileBytes, range: Range<Int>) {
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  /// The tensors of the dictionary that the pickle makes, by name. Where the dictionary holds no tensor
  /// itself, those of its member "state_dict", else "model", as training programs save them.
  mutating func namedTensors() throws -> [String: Tensor] {
    guard case .dictionary(let root) = try run() else {
      throw file.damaged("it holds something other than a dictionary of tensors")
    }
    let own = try tensors(of: root)
    if !own.isEmpty { return own }
    for member in ["state_dict", "model"] {
      for case (.string(member), .dictionary(let index)) in dictionaries[root] {
        return try tensors(of: index)
      }
    }
    return [:]
  }

  private func tensors(of dictionary: Int) throws -> [String: Tensor] {
    var named: [String: Tensor] = [:]
    for case (.string(let name), .tensor(let index)) in dictionaries[dictionary] {
      named[name] = tensors[index]
    }
    return named
  }

  private mutating func run() throws -> Value {
    while true {
      let operation = try byte()
      switch operation {
      case 0x80: _ = try byte()  // PROTO
      case 0x95: _ = try bytes(8)  // FRAME
      case UInt8(ascii: "."): return try pop()
      case UInt8(ascii: "("): stack.append(.mark)
      case UInt8(ascii: "0"): _ = try pop()
      case UInt8(ascii: "N"): stack.append(.none)
      case 0x88: stack.append(.bool(true))
      case 0x89: stack.append(.bool(false))
      case UInt8(ascii: "J"): stack.append(.int(Int(try integer(Int32.self))))
      case UInt8(ascii: "K"): stack.append(.int(Int(try byte())))
      case UInt8(ascii: "M"): stack.append(.int(Int(try integer(UInt16.self))))
      case 0x8A: stack.append(.int(try longInteger(length: Int(try byte()))))
      case UInt8(ascii: "G"):
        _ = try bytes(8)
        stack.append(.double)
      case UInt8(ascii: "X"): stack.append(.string(try text(Int(try integer(UInt32.self)))))
      case 0x8C, UInt8(ascii: "U"): stack.append(.string(try text(Int(try byte()))))
      case UInt8(ascii: "}"): stack.append(newDictionary())
      case UInt8(ascii: "]"): stack.append(newList([]))
      case UInt8(ascii: ")"): stack.append(newTuple([]))
      case 0x85: try makeTuple(1)
      case 0x86: try makeTuple(2)
      case 0x87: try makeTuple(3)
      case UInt8(ascii: "t"): stack.append(newTuple(try popToMark()))
      case UInt8(ascii: "a"): try append([try pop()])
      case UInt8(ascii: "e"): try append(try popToMark())
      case UInt8(ascii: "s"):
        let value = try pop()
        try setItems([try pop(), value])
      case UInt8(ascii: "u"): try setItems(try popToMark())
      case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
      case UInt8(ascii: "r"): memo[Int(try integer(UInt32.self))] = try top()
      case 0x94: memo[memo.count] = try top()
      case UInt8(ascii: "h"): stack.append(try remembered(Int(try byte())))
      case UInt8(ascii: "j"): stack.append(try remembered(Int(try integer(UInt32.self))))
      case UInt8(ascii: "c"): stack.append(try named(module: try line(), name: try line()))
      case 0x93:
        let name = try popString()
        stack.append(try named(module: try popString(), name: name))
      case UInt8(ascii: "Q"): try loadStorage()
      case UInt8(ascii: "R"): try call()
      case UInt8(ascii: "b"): try build()
      default:
        throw file.damaged("its pickle has the unknown operation \(operation)")
      }
    }
  }

  // MARK: Names and calls

  private func named(module: String, name: String) throws -> Value {
    switch (module, name) {
    case ("collections", "OrderedDict"): return .callable(.orderedDictionary)
    case ("torch._utils", "_rebuild_tensor_v2"): return .callable(.rebuildTensor)
    case ("torch._utils", "_rebuild_parameter"): return .callable(.rebuildParameter)
    case ("torch", "Size"): return .callable(.size)
    case ("torch", let name):
      if let type = Self.storageTypes[name] { return .storageType(type) }
    default: break
    }
    throw CheckpointError.forbiddenImport(file: file.path, name: "\(module).\(name)")
  }

  private static let storageTypes: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]

  private mutating func call() throws {
    guard case .tuple(let index) = try pop(), case .callable(let function) = try pop() else {
      throw malformed
    }
    let arguments = tuples[index]
    switch function {
    case .orderedDictionary:
      // Filled by later operations; pairs in the call itself come from very old files.
      guard arguments.isEmpty else { throw malformed }
      stack.append(newDictionary())
    case .size:
      guard arguments.count == 1, case .tuple = arguments[0] else { throw malformed }
      stack.append(arguments[0])
    case .rebuildParameter:
      guard let first = arguments.first, case .tensor = first else { throw malformed }
      stack.append(first)
    case .rebuildTensor:
      guard arguments.count >= 4, case .storage(let storage) = arguments[0],
        case .int(let offset) = arguments[1]
      else { throw malformed }
      tensors.append(
        Tensor(
          storage: storages[storage], offset: offset, shape: try integers(arguments[2]),
          strides: try integers(arguments[3])))
      stack.append(.tensor(tensors.count - 1))
    }
  }

  /// A dictionary's attributes (`_metadata` of a state dict) say nothing about its tensors.
  private mutating func build() throws {
    _ = try pop()
    guard case .dictionary = try top() else { throw malformed }
  }

  /// ("storage", type, key, device, number of elements)
  private mutating func loadStorage() throws {
    guard case .tuple(let index) = try pop(), tuples[index].count == 5,
      case .string("storage") = tuples[index][0], case .storageType(let type) = tuples[index][1],
      case .string(let key) = tuples[index][2]
    else { throw malformed }
    storages.append(Storage(type: type, key: key))
    stack.append(.storage(storages.count - 1))
  }

  private func integers(_ value: Value) throws -> [Int] {
    guard case .tuple(let index) = value else { throw malformed }
    return try tuples[index].map {
      guard case .int(let value) = $0 else { throw malformed }
      return value
    }
  }

  // MARK: The stack

  private var malformed: CheckpointError { file.damaged("its pickle does not make sense") }

  private mutating func pop() throws -> Value {
    guard let value = stack.popLast() else { throw malformed }
    if case .mark = value { throw malformed }
    return value
  }

  private func top() throws -> Value {
    guard let value = stack.last else { throw malformed }
    return value
  }

  private mutating func popString() throws -> String {
    guard case .string(let text) = try pop() else { throw malformed }
    return text
  }

  private mutating func popToMark() throws -> [Value] {
    guard
      let mark = stack.lastIndex(where: {
        if case .mark = $0 { true } else { false }
      })
    else { throw malformed }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[(mark + 1)...])
  }

  private func remembered(_ index: Int) throws -> Value {
    guard let value = memo[index] else { throw malformed }
    return value
  }

  private mutating func makeTuple(_ count: Int) throws {
    var items: [Value] = []
    for _ in 0..<count { items.append(try pop()) }
    stack.append(newTuple(items.reversed()))
  }

  private mutating func newTuple(_ items: [Value]) -> Value {
    tuples.append(items)
    return .tuple(tuples.count - 1)
  }

  private mutating func newList(_ items: [Value]) -> Value {
    lists.append(items)
    return .list(lists.count - 1)
  }

  private mutating func newDictionary() -> Value {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func append(_ items: [Value]) throws {
    guard case .list(let index) = try top() else { throw malformed }
    lists[index] += items
  }

  private mutating func setItems(_ items: [Value]) throws {
    guard case .dictionary(let index) = try top(), items.count % 2 == 0 else { throw malformed }
    for pair in stride(from: 0, to: items.count, by: 2) {
      dictionaries[index].append((items[pair], items[pair + 1]))
    }
  }

  // MARK: Bytes

  private mutating func bytes(_ count: Int) throws -> Range<Int> {
    guard count >= 0, count <= end - position else { throw file.damaged("its pickle is cut short") }
    defer { position += count }
    return position..<position + count
  }

  private mutating func byte() throws -> UInt8 { try integer(UInt8.self) }

  private mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    let range = try bytes(MemoryLayout<Number>.size)
    guard let value = file.integer(type, at: range.lowerBound) else { throw malformed }
    return value
  }

  /// Little-endian two's complement of any length; more than 8 bytes are no size of anything.
  private mutating func longInteger(length: Int) throws -> Int {
    let range = try bytes(length)
    guard length <= 8 else { throw malformed }
    var value = 0
    for (index, offset) in range.enumerated() {
      value |= Int(file.integer(UInt8.self, at: offset) ?? 0) << (8 * index)
    }
    let unused = 64 - 8 * length
    return length == 0 ? 0 : (value << unused) >> unused
  }

  private mutating func text(_ length: Int) throws -> String {
    let range = try bytes(length)
    guard let text = file.read(range, { String(validating: $0, as: UTF8.self) }) ?? nil else {
      throw file.damaged("its pickle holds text that is not UTF-8")
    }
    return text
  }

  /// Text up to the end of the line.
  private mutating func line() throws -> String {
    let start = position
    while try byte() != UInt8(ascii: "\n") {}
    return file.read(start..<position - 1) { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
