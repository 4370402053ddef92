/// Runs a pickle that can make nothing but plain values and tensors.
///
/// A pickle is a program for a small stack machine, and an ordinary unpickler imports and calls whatever the
/// program names. This one knows a handful of names and refuses the rest before anything is built.
/// Containers lie in arrays and refer to each other by index, so hostile nesting costs no stack, and every
/// operation makes a bounded number of values, which are counted.
///
/// Follows Python's `pickletools` for the operations of protocols 2 to 5, and PyTorch's
/// `torch/_weights_only_unpickler.py` for what a state dict needs of them.
struct TensorUnpickler {
  enum Value {
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
  enum Callable {
    case orderedDictionary, rebuildTensor, rebuildParameter
  }

  let path: String
  private var reader: ByteReader
  /// Where the current operation stands.
  private var start = 0
  private var stack: [Value] = []
  /// Where the marks stand on the stack, so that finding the last one takes no search.
  private var marks: [Int] = []
  private var memo: [Int: Value] = [:]
  private var tuples: [[Value]] = []
  private var dictionaries: [[(key: Value, value: Value)]] = []
  private var lists = 0
  private var storages: [TorchStorage] = []
  private var tensors: [TorchTensor] = []
  private var made = 0

  /// Larger pickles are refused; a state dict takes about 150 bytes a tensor.
  static let longest = 64 << 20
  /// As are pickles that make more values than this in all, some hundred megabytes of them.
  static let mostValues = 4 << 20

  init(_ bytes: UnsafeRawBufferPointer, path: String) throws {
    guard bytes.count <= Self.longest else {
      throw CheckpointError.pickleTooLarge(path: path, size: bytes.count, limit: Self.longest)
    }
    self.path = path
    reader = ByteReader(bytes)
  }

  /// The tensors of the state dict that the pickle makes, by name, in its order. The state dict is
  ///
  /// 1. the dictionary under the key "state_dict" of the pickled dictionary, if there is one
  /// 2. else the dictionary under its key "model", if there is one
  /// 3. else the pickled dictionary itself
  ///
  /// and those of its values that are no tensors (epochs, settings) are passed over.
  mutating func namedTensors() throws -> [(name: String, tensor: TorchTensor)] {
    guard case .dictionary(let root) = try run() else {
      throw CheckpointError.noTensors(path: path)
    }
    let inner = dictionary("state_dict", in: root) ?? dictionary("model", in: root) ?? root
    var named: [(name: String, tensor: TorchTensor)] = []
    for case (.string(let name), .tensor(let index)) in dictionaries[inner] {
      named.append((name, tensors[index]))
    }
    guard !named.isEmpty else { throw CheckpointError.noTensors(path: path) }
    return named
  }

  private func dictionary(_ key: String, in outer: Int) -> Int? {
    for case (.string(key), .dictionary(let index)) in dictionaries[outer] { return index }
    return nil
  }

  // MARK: Operations

  private mutating func run() throws -> Value {
    while true {
      start = reader.position
      let operation = try number(UInt8.self)
      switch operation {
      case 0x80: _ = try number(UInt8.self)  // PROTO
      case 0x95: _ = try number(UInt64.self)  // FRAME
      case UInt8(ascii: "."): return try pop()
      case UInt8(ascii: "("):
        marks.append(stack.count)
        try push(.mark)
      case UInt8(ascii: "0"): _ = try pop()
      case UInt8(ascii: "N"): try push(.none)
      case 0x88: try push(.bool(true))
      case 0x89: try push(.bool(false))
      case UInt8(ascii: "J"): try push(.int(Int(try number(Int32.self))))
      case UInt8(ascii: "K"): try push(.int(Int(try number(UInt8.self))))
      case UInt8(ascii: "M"): try push(.int(Int(try number(UInt16.self))))
      case 0x8a: try push(.int(try longInteger()))
      case UInt8(ascii: "G"):
        _ = try number(UInt64.self)
        try push(.double)
      case UInt8(ascii: "X"): try push(.string(try text(Int(try number(UInt32.self)))))
      case 0x8c: try push(.string(try text(Int(try number(UInt8.self)))))
      case UInt8(ascii: "}"): try push(newDictionary())
      case UInt8(ascii: "]"): try push(newList())
      case UInt8(ascii: ")"): try push(newTuple([]))
      case 0x85: try makeTuple(1)
      case 0x86: try makeTuple(2)
      case 0x87: try makeTuple(3)
      case UInt8(ascii: "t"): try push(newTuple(try popToMark()))
      case UInt8(ascii: "a"):
        _ = try pop()
        try expectList()
      case UInt8(ascii: "e"):
        _ = try popToMark()
        try expectList()
      case UInt8(ascii: "s"):
        let value = try pop()
        try setItems([try pop(), value])
      case UInt8(ascii: "u"): try setItems(try popToMark())
      case UInt8(ascii: "q"): try remember(Int(try number(UInt8.self)))
      case UInt8(ascii: "r"): try remember(Int(try number(UInt32.self)))
      case 0x94: try remember(memo.count)
      case UInt8(ascii: "h"): try recall(Int(try number(UInt8.self)))
      case UInt8(ascii: "j"): try recall(Int(try number(UInt32.self)))
      case UInt8(ascii: "c"):
        let module = try line()
        try push(try named(module: module, name: try line()))
      case 0x93:
        let name = try popString()
        try push(try named(module: try popString(), name: name))
      case UInt8(ascii: "Q"): try loadStorage()
      case UInt8(ascii: "R"): try call()
      case UInt8(ascii: "b"): try build()
      default: throw forbidden(operation)
      }
    }
  }

  private func named(module: String, name: String) throws -> Value {
    switch (module, name) {
    case ("collections", "OrderedDict"): return .callable(.orderedDictionary)
    case ("torch._utils", "_rebuild_tensor_v2"): return .callable(.rebuildTensor)
    case ("torch._utils", "_rebuild_parameter"): return .callable(.rebuildParameter)
    case ("torch", let name):
      if let type = TorchStorage.types[name] { return .storageType(type) }
    default: break
    }
    throw CheckpointError.forbiddenImport(path: path, name: "\(module).\(name)")
  }

  private mutating func call() throws {
    guard case .tuple(let index) = try pop(), case .callable(let function) = try pop() else {
      throw forbidden(UInt8(ascii: "R"))
    }
    let arguments = tuples[index]
    switch function {
    case .orderedDictionary:
      guard arguments.isEmpty else { throw forbidden(UInt8(ascii: "R")) }
      try push(newDictionary())
    case .rebuildParameter:
      // (data, requires_grad, backward_hooks)
      guard let first = arguments.first, case .tensor = first else { throw malformed }
      try push(first)
    case .rebuildTensor:
      // (storage, storage_offset, size, stride, requires_grad, backward_hooks[, metadata])
      guard (4...7).contains(arguments.count), case .storage(let storage) = arguments[0],
        case .int(let offset) = arguments[1]
      else { throw malformed }
      let shape = try integers(arguments[2])
      let strides = try integers(arguments[3])
      tensors.append(
        TorchTensor(storage: storages[storage], offset: offset, shape: shape, strides: strides))
      try push(.tensor(tensors.count - 1))
    }
  }

  /// Attributes of a dictionary (`_metadata` of a state dict) say nothing about its tensors; attributes of
  /// anything else are refused.
  private mutating func build() throws {
    _ = try pop()
    guard case .dictionary = try top() else { throw forbidden(UInt8(ascii: "b")) }
  }

  /// ("storage", type, key, device, number of values)
  private mutating func loadStorage() throws {
    guard case .tuple(let index) = try pop(), tuples[index].count == 5,
      case .string("storage") = tuples[index][0], case .storageType(let type) = tuples[index][1],
      case .string(let key) = tuples[index][2], case .int(let count) = tuples[index][4], count >= 0
    else { throw malformed }
    storages.append(TorchStorage(type: type, key: key, count: count))
    try push(.storage(storages.count - 1))
  }

  /// The numbers of a tuple. They are copied into the tensor, hence counted like values: a long tuple can
  /// be named by many tensors.
  private mutating func integers(_ value: Value) throws -> [Int] {
    guard case .tuple(let index) = value else { throw malformed }
    try count(tuples[index].count)
    return try tuples[index].map {
      guard case .int(let value) = $0 else { throw malformed }
      return value
    }
  }

  // MARK: The stack

  private var malformed: CheckpointError { .damagedPickle(path: path, offset: start) }

  private func forbidden(_ operation: UInt8) -> CheckpointError {
    .forbiddenOperation(path: path, operation: operation, offset: start)
  }

  private mutating func count(_ values: Int) throws {
    made += values
    guard made <= Self.mostValues else {
      throw CheckpointError.pickleTooLarge(path: path, size: made, limit: Self.mostValues)
    }
  }

  private mutating func push(_ value: Value) throws {
    try count(1)
    stack.append(value)
  }

  private mutating func pop() throws -> Value {
    guard let value = stack.popLast() else { throw malformed }
    if case .mark = value { throw malformed }
    return value
  }

  private func top() throws -> Value {
    guard let value = stack.last else { throw malformed }
    if case .mark = value { throw malformed }
    return value
  }

  private mutating func popString() throws -> String {
    guard case .string(let text) = try pop() else { throw malformed }
    return text
  }

  private mutating func popToMark() throws -> [Value] {
    guard let mark = marks.popLast(), mark < stack.count else { throw malformed }
    let items = Array(stack[(mark + 1)...])
    stack.removeSubrange(mark...)
    return items
  }

  private mutating func remember(_ index: Int) throws {
    try count(1)
    memo[index] = try top()
  }

  private mutating func recall(_ index: Int) throws {
    guard let value = memo[index] else { throw malformed }
    try push(value)
  }

  private mutating func makeTuple(_ count: Int) throws {
    var items: [Value] = []
    for _ in 0..<count { items.append(try pop()) }
    try push(newTuple(items.reversed()))
  }

  private mutating func newTuple(_ items: [Value]) -> Value {
    tuples.append(items)
    return .tuple(tuples.count - 1)
  }

  /// Lists are distinguished, but what is in them is never asked for.
  private mutating func newList() -> Value {
    lists += 1
    return .list(lists - 1)
  }

  private func expectList() throws {
    guard case .list = try top() else { throw malformed }
  }

  private mutating func newDictionary() -> Value {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func setItems(_ items: [Value]) throws {
    guard case .dictionary(let index) = try top(), items.count.isMultiple(of: 2) else { throw malformed }
    for pair in stride(from: 0, to: items.count, by: 2) {
      dictionaries[index].append((items[pair], items[pair + 1]))
    }
  }

  // MARK: Bytes

  private mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type
  ) throws -> Number {
    guard let value = reader.number(type) else { throw malformed }
    return value
  }

  /// Little-endian two's complement of any length; more than 8 bytes are no size of anything.
  private mutating func longInteger() throws -> Int {
    let length = Int(try number(UInt8.self))
    guard length <= 8, let bytes = reader.take(length) else { throw malformed }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    return bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
  }

  private mutating func text(_ length: Int) throws -> String {
    guard let bytes = reader.take(length), let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed
    }
    return text
  }

  private mutating func line() throws -> String {
    guard let bytes = reader.take(upTo: UInt8(ascii: "\n")), bytes.count <= 1024,
      let text = String(validating: bytes, as: UTF8.self)
    else { throw malformed }
    return text
  }
}
