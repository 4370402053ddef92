import CKernels

/// The function that a layer ends in.
public enum Activation: Sendable, Equatable {
  case none
  case relu
  /// A tenth of what is below zero.
  case leakyReLU
  /// The exact Gaussian error linear unit, x · Φ(x).
  case gelu
  case sigmoid
  /// x · sigmoid(1.702 x), which the CLIP models of OpenAI were trained with.
  case quickGELU

  var kernel: ck_activation {
    switch self {
    case .none: CK_ACTIVATION_NONE
    case .relu: CK_ACTIVATION_RELU
    case .leakyReLU: CK_ACTIVATION_LEAKY_RELU
    case .gelu: CK_ACTIVATION_GELU
    case .sigmoid: CK_ACTIVATION_SIGMOID
    case .quickGELU: CK_ACTIVATION_QUICK_GELU
    }
  }
}
