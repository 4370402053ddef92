public import Foundation

/// What the system says of a failure that Foundation wraps in words of its own.
public enum SystemReason {
  /// "Permission denied", "No such file or directory", …
  public static func of(_ error: any Error) -> String {
    var error = error as NSError
    while error.domain != NSPOSIXErrorDomain, let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError {
      error = cause
    }
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    guard error.domain == NSCocoaErrorDomain else { return "\(error)" }
    switch CocoaError.Code(rawValue: error.code) {
    case .fileNoSuchFile, .fileReadNoSuchFile: return String(cString: strerror(ENOENT))
    case .fileReadNoPermission, .fileWriteNoPermission: return String(cString: strerror(EACCES))
    case .fileWriteFileExists: return String(cString: strerror(EEXIST))
    case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
    case .fileWriteVolumeReadOnly: return String(cString: strerror(EROFS))
    default: return error.localizedDescription
    }
  }
}
