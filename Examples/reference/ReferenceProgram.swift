import TesseraData

/// The program that a case asks for: a few lines over the modules beside it and the library.
struct ReferenceProgram {
  /// The text; it exports a function `run`.
  var source: String
  /// For each parameter of `run` the key, or the prefix of keys, of what it takes.
  var inputs: [String: String]
  /// For each result the key of its reference, where that is not `out.` and its name.
  var outputs: [String: String] = [:]

  /// The directories in which imported modules lie.
  static let moduleDirectories = ["Examples/adapter", "Examples/reference"]

  /// The program for cases of `kind`; `nil` if there is none.
  init?(kind: String, config: JSON, _ data: Safetensors) {
    func number(_ key: String) -> Int { config[key]?.integer ?? 0 }
    func shape(_ key: String) -> [Int] { data.entry(key)?.shape ?? [] }
    /// Dimension names for a tensor of the rank of `key`: `A, B, C`.
    func names(_ key: String) -> String {
      shape(key).indices.map { String(UnicodeScalar(UInt8(65 + $0))) }.joined(separator: ", ")
    }
    inputs = [:]
    switch kind {
    case "adapter":
      let cin = 64 * (shape("in.image").dropFirst().first ?? 1)
      source = """
        import adapter
        export run = adapter(cin: \(cin), channels: \(config["channels"] ?? .null), \
        rb: \(number("nums_rb")), K: \(number("ksize")), sk: \(config["sk"] ?? .null), \
        use_conv: \(config["use_conv"] ?? .null))
        """
      inputs = ["p": "param", "image": "in.image"]
      outputs = Self.features
    case "adapter_light":
      let cin = 64 * (shape("in.image").dropFirst().first ?? 1)
      source = """
        import adapter_light
        export run = adapter_light(cin: \(cin), channels: \(config["channels"] ?? .null), \
        rb: \(number("nums_rb")))
        """
      inputs = ["p": "param", "image": "in.image"]
      outputs = Self.features
    case "style_adapter":
      source = """
        import style_adapter
        export run = style_adapter(tokens: \(number("num_token")), layers: \(number("n_layes")), \
        heads: \(number("num_head")))
        """
      inputs = ["p": "param", "image": "in.x"]
    case "conv2d":
      source = """
        import nn
        export run = conv(R: \(number("k")), stride: \(number("stride")), pad: \(number("pad")))
        """
      inputs = ["x": "in.x", "p": "param.conv"]
    case "linear":
      let biased = config["bias"]?.boolean ?? true
      source = """
        import nn
        export fn run<\(names("in.x")), O>(x: f32[\(names("in.x"))], \
        p: Linear<\(Self.last(names("in.x"))), O, \(biased)>) -> (y: f32[\(Self.leading(names("in.x"))), O]) {
          y = x.linear(p)
        }
        """
      inputs = ["x": "in.x", "p": "param.fc"]
    case "matmul":
      let leading = shape("in.a").dropLast(2).indices
        .map { String(UnicodeScalar(UInt8(65 + $0))) + ", " }.joined()
      source = """
        import linalg
        export fn run<\(leading)M, N, K>(a: f32[\(leading)M, K], b: f32[\(leading)K, N]) \
        -> (y: f32[\(leading)M, N]) { y = batched_matmul(a, b) }
        """
      inputs = ["a": "in.a", "b": "in.b"]
    case "softmax":
      source = """
        import nn
        export fn run<\(names("in.x"))>(x: f32[\(names("in.x"))]) -> (y: f32[\(names("in.x"))]) \
        { y = softmax(x) }
        """
      inputs = ["x": "in.x"]
    case "group_norm", "layer_norm":
      let channel = kind == "group_norm" ? "B" : Self.last(names("in.x"))
      let fact = kind == "group_norm" ? " where B % 32 == 0" : ""
      source = """
        import nn
        export fn run<\(names("in.x"))>(x: f32[\(names("in.x"))], p: Norm<\(channel)>) \
        -> (y: f32[\(names("in.x"))])\(fact) { y = x.\(kind)(p, eps: \(config["eps"] ?? .null)) }
        """
      inputs = ["x": "in.x", "p": "param.norm"]
    case "grid_sample":
      source = """
        import image
        export run = grid_sample()
        """
      inputs = ["x": "in.x", "grid": "in.grid"]
    case "activations", "layout", "attention", "block_einsum", "losses":
      let heads = kind == "attention" ? "heads: \(number("heads"))" : ""
      source = "import reference_ops\nexport run = \(kind)(\(heads))"
      for entry in data.entries where entry.name.hasPrefix("in.") {
        inputs["in_" + entry.name.dropFirst(3)] = entry.name
      }
      for entry in data.entries where entry.name.hasPrefix("out.") {
        outputs["out_" + entry.name.dropFirst(4)] = entry.name
      }
    case "res_block":
      let channels = shape("in.x").dropFirst().first ?? 0
      source = """
        import unet_blocks
        export fn run<B, H, W, E>(p: ResBlock<\(channels), \(number("cout")), E>, \
        x: f32[B, \(channels), H, W], emb: f32[B, E]) -> (y: f32[B, \(number("cout")), H, W]) \
        { y = p.forward(x, emb) }
        """
      inputs = ["p": "param", "x": "in.x", "emb": "in.emb"]
    case "cross_attention":
      let heads = number("heads")
      let other = data.entry("in.context") == nil
      source = """
        import unet_blocks
        export fn run<B, Q, K, C, X>(p: Attention<C, \(other ? "C" : "X")>, x: f32[B, Q, C]\
        \(other ? "" : ", context: f32[B, K, X]")) -> (y: f32[B, Q, C]) \
        where C % \(heads) == 0, \(other ? "Q" : "K") >= 1 \
        { y = p.attend(x, \(other ? "x" : "context"), heads: \(heads)) }
        """
      if other { source = source.replacing("<B, Q, K, C, X>", with: "<B, Q, C>") }
      inputs = ["p": "param", "x": "in.x", "context": "in.context"]
    case "feed_forward":
      source = """
        import unet_blocks
        export fn run<B, N, C>(p: FeedForward<C>, x: f32[B, N, C]) -> (y: f32[B, N, C]) \
        { y = p.forward(x) }
        """
      inputs = ["p": "param", "x": "in.x"]
    case "basic_transformer":
      let heads = number("heads")
      source = """
        import unet_blocks
        export fn run<B, N, C, K, X>(p: Transformer<C, X>, x: f32[B, N, C], context: f32[B, K, X]) \
        -> (y: f32[B, N, C]) where C % \(heads) == 0, K >= 1, N >= 1 \
        { y = p.forward(x, context, heads: \(heads)) }
        """
      inputs = ["p": "param", "x": "in.x", "context": "in.context"]
    case "spatial_transformer":
      let heads = number("heads")
      source = """
        import unet_blocks
        export fn run<B, C, H, W, K, X>(p: SpatialTransformer<C, X>, x: f32[B, C, H, W], \
        context: f32[B, K, X]) -> (y: f32[B, C, H, W]) \
        where C % \(heads) == 0, C % 32 == 0, K >= 1, H >= 1, W >= 1 \
        { y = p.forward(x, context, heads: \(heads)) }
        """
      inputs = ["p": "param", "x": "in.x", "context": "in.context"]
    case "down_up":
      source = """
        import nn
        import unet_blocks
        export fn run<N, C, H, W>(down: Down<C>, up: Up<C>, x: f32[N, C, H, W]) \
        -> (out_down: f32[N, C, (H - 1) / 2 + 1, (W - 1) / 2 + 1], out_up: f32[N, C, 2*H, 2*W]) {
          out_down = x.conv(down.op, stride: 2)
          out_up = x.upsample2().conv(up.conv)
        }
        """
      inputs = ["down": "param.down", "up": "param.up", "x": "in.x"]
      outputs = ["out_down": "out.down", "out_up": "out.up"]
    default:
      guard let program = Self.diffusion(kind: kind, config: config, data) else { return nil }
      self = program
    }
  }

  /// Creates the program `source`.
  init(source: String, inputs: [String: String], outputs: [String: String] = [:]) {
    self.source = source
    self.inputs = inputs
    self.outputs = outputs
  }

  private static let features = Dictionary(
    uniqueKeysWithValues: (0..<4).map { ("features.\($0)", "out.feat\($0)") })

  private static func last(_ names: String) -> String { String(names.last ?? "A") }
  private static func leading(_ names: String) -> String { String(names.dropLast(3)) }
}
