// Whoever writes values of this module writes files, so the one way of writing them comes along.
@_exported public import AtomicFiles
