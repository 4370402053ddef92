/// Why a model cannot be had from the hub.
public enum HubError: Error, Equatable, CustomStringConvertible {
  case offline
  case badEndpoint(String)
  case badProxy(variable: String)
  case badToken(source: String)
  case unreadableToken(file: String, reason: String)
  case badRepository(String)
  case unreachable(host: String, reason: String)
  case noRepository(HubRepository)
  case noRevision(HubRepository, revision: String)
  case noFile(HubRepository, path: String)
  /// The source of the token that was sent; nil where none was.
  case refused(HubRepository, token: String?)
  case busy(host: String, status: Int)
  case unexpected(host: String, status: Int)
  case tooManyRedirects(host: String)
  case badRedirect(host: String, to: String)
  case badListing(HubRepository, fault: String)
  case lacks(HubRepository, files: [String])
  case disagreement(path: String)
  case noRanges(host: String, path: String)
  case otherFile(HubRepository, path: String, bytes: Int, digest: String)
  case wrongBytes(path: String, host: String)
  case wrongSize(path: String, expected: Int, got: Int)
  case noSpace(folder: String, needed: Int, free: Int)
  case inUse(path: String)
  case noSnapshot(HubRepository, revision: String, known: [String])
  case noModel(folder: String)
  case brokenLinks(folder: String, files: [String])
  case anotherRepository(folder: String, has: HubRepository, wanted: HubRepository)
  case takenName(HubRepository, of: String)
  case badReceipt(file: String)

  public var description: String {
    switch self {
    case .offline: "HF_HUB_OFFLINE is set, so the hub is not asked; unset it to fetch models"
    case .badEndpoint(let address):
      "HF_ENDPOINT is \(address.debugDescription), which is no address; it looks like https://host"
    // Its value may hold a password.
    case .badProxy(let variable):
      "\(variable) is no address of a proxy that crayon can use; one looks like http://host:port"
    case .badToken(let source):
      "the token for the hub (\(source)) has characters that no token has; a line's end, perhaps"
    case .unreadableToken(let file, let reason):
      "the token for the hub cannot be read from \(file): \(reason)"
    case .badRepository(let text):
      "\(text.debugDescription) is no repository; one is written as owner/name"
    case .unreachable(let host, let reason):
      "\(host) cannot be reached: \(reason)"
    case .noRepository(let repository):
      "there is no repository \(repository), or it is not public: then set HF_TOKEN to a token that may read it"
    case .noRevision(let repository, let revision):
      "\(repository) has no revision \(revision.debugDescription); --revision takes a branch, a tag or a commit"
    case .noFile(let repository, let path):
      "\(repository) has no file \(path)"
    case .refused(let repository, let source?):
      "the hub refuses the token (\(source)) for \(repository): it is not valid any more, or it may not read this"
    case .refused(let repository, nil):
      "the hub shows \(repository) only to those it knows: accept its terms there, and set HF_TOKEN to your token"
    case .busy(let host, let status):
      "\(host) is too busy (status \(status)); try again later, what has come is kept"
    case .unexpected(let host, let status):
      "\(host) answers with status \(status), which means nothing here; is HF_ENDPOINT right?"
    case .tooManyRedirects(let host):
      "\(host) sends from one address to another without end; is HF_ENDPOINT right?"
    case .badRedirect(let host, let target):
      "\(host) sends to \(target.debugDescription), where no file can be fetched safely"
    case .badListing(let repository, let fault):
      "the hub's list of the files of \(repository) cannot be used: \(fault)"
    case .lacks(let repository, let files):
      "\(repository) holds no \(files.joined(separator: ", ")); is it another kind of model?"
    case .disagreement(let path):
      "the hub says two different things of what \(path) is; try again later"
    case .noRanges(let host, let path):
      "\(host) does not give parts of \(path), so it cannot be looked at before it is fetched"
    case .otherFile(let repository, let path, let bytes, let digest):
      "\(repository) has another \(path) than the one that crayon knows (\(bytes) bytes, SHA-256 \(digest)…); "
        + "--revision main takes what is there"
    case .wrongBytes(let path, let host):
      "\(host) gives other bytes for \(path) than the hub has a hash of; nothing of it is kept"
    case .wrongSize(let path, let expected, let got):
      "\(path) comes with \(got) bytes where the hub says \(expected); nothing of it is kept"
    case .noSpace(let folder, let needed, let free):
      "\(Self.gigabytes(needed)) are needed in \(folder), but only \(Self.gigabytes(free)) are free; make room, or "
        + "set CRAYON_MODELS to a folder on another disk"
    case .inUse(let path):
      "another program is fetching \(path); wait for it"
    case .noSnapshot(let repository, let revision, let known):
      "the cache has no revision \(revision) of \(repository); it has "
        + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .noModel(let folder): "\(folder) holds no model: it has no file"
    case .brokenLinks(let folder, let files):
      "\(folder) is not whole: \(files.joined(separator: ", ")) \(files.count == 1 ? "leads" : "lead") nowhere, as a "
        + "fetch that was cut leaves it; finish that with the tool that began it, or get the model with crayon models pull"
    case .anotherRepository(let folder, let has, let wanted):
      "\(folder) holds \(has), and \(wanted) would have the same name; rename that folder first"
    case .takenName(let repository, let model):
      "\(repository) would be taken for \(model), which pipelines know by that name; get it with the hub's own tools, "
        + "then: crayon models import FOLDER --name ANOTHER"
    case .badReceipt(let file):
      "\(file) is damaged; delete it, and crayon models pull reads again what is there, and fetches what is not"
    }
  }

  private static func gigabytes(_ bytes: Int) -> String {
    let hundredths = (bytes + 9_999_999) / 10_000_000
    return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10) GB"
  }
}
