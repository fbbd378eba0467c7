import TesseraData

extension ReferenceProgram {
  /// The program for cases of Stable Diffusion: its UNet, noise schedule and samplers; `nil` if
  /// `kind` is none of these.
  static func diffusion(kind: String, config: JSON, _ data: Safetensors) -> ReferenceProgram? {
    switch kind {
    case "timestep_embedding": embeddings(config)
    case "time_embed": timeEmbedding(config)
    case "schedule": schedule(config)
    case "q_sample":
      ReferenceProgram(
        source: "import sampling\nexport run = q_sample()",
        inputs: ["z": "in.z", "noise": "in.noise", "t": "in.t"])
    case "ddim_update": update(config)
    case "unet": UNet(config, data)?.program(config)
    case "sampler": UNet(config, data)?.sampler(config)
    default: nil
    }
  }

  private static func embeddings(_ config: JSON) -> ReferenceProgram {
    let sizes = config["dims"]?.elements?.compactMap(\.integer) ?? []
    let results = sizes.map { "dim\($0): f32[B, \($0)]" }.joined(separator: ", ")
    let body = sizes.map { "dim\($0) = timestep_embedding(t, \($0))" }.joined(separator: "\n")
    return ReferenceProgram(
      source: "import unet\nexport fn run<B>(t: i64[B]) -> (\(results)) {\n\(body)\n}",
      inputs: ["t": "in.t"])
  }

  private static func timeEmbedding(_ config: JSON) -> ReferenceProgram {
    let channels = config["model_channels"]?.integer ?? 0
    return ReferenceProgram(
      source: """
        import unet
        export fn run<B, E>(p: TimeEmbed<\(channels), E>, t: i64[B]) -> (emb: f32[B, E]) \
        { emb = p.time_embed.embed(t) }
        """, inputs: ["p": "param", "t": "in.t"])
  }

  /// How many steps are taken for a wish of `steps`, and how far they lie apart.
  private static func stride(_ steps: Int) -> (count: Int, stride: Int) {
    let stride = 1000 / max(steps, 1)
    return (999 / stride + 1, stride)
  }

  private static func schedule(_ config: JSON) -> ReferenceProgram {
    var results = [
      "betas: f32[T]", "alphas_cumprod: f32[T]", "alphas_cumprod_prev: f32[T]",
      "sqrt_alphas_cumprod: f32[T]", "sqrt_one_minus_alphas_cumprod: f32[T]",
    ]
    var body = """
      let b = betas()
      let a = alphas_cumprod()
      betas[i] = f32(b[i])
      alphas_cumprod[i] = f32(a[i])
      alphas_cumprod_prev[i] = if i == 0 { 1 } else { f32(a[i - 1]) }
      sqrt_alphas_cumprod[i] = f32(sqrt(a[i]))
      sqrt_one_minus_alphas_cumprod[i] = f32(sqrt(1 - a[i]))

      """
    var outputs: [String: String] = [:]
    for steps in config["ddim_steps"]?.elements?.compactMap(\.integer) ?? [] {
      let (count, stride) = stride(steps)
      let names = ["timesteps", "alphas", "alphas_prev", "sigmas_eta"]
      for name in names {
        results.append("\(name)_\(steps): \(name == "timesteps" ? "i64" : "f32")[\(count)]")
        outputs["\(name)_\(steps)"] = "out.ddim\(steps).\(name)"
      }
      body += """
        (\(names.map { "\($0)_\(steps)" }.joined(separator: ", "))) = \
        ddim_tables(\(config["eta"]?.double ?? 0), n: \(count), stride: \(stride))

        """
    }
    return ReferenceProgram(
      source: """
        import sampling
        export fn run() -> (\(results.joined(separator: ", "))) {
        \(body)}
        """, inputs: [:], outputs: outputs)
  }

  private static func update(_ config: JSON) -> ReferenceProgram {
    let (count, stride) = stride(config["S"]?.integer ?? 1)
    let index = config["index"]?.integer ?? 0
    return ReferenceProgram(
      source: """
        import sampling
        export fn run<B, C, H, W>(x: f32[B, C, H, W], eps: f32[B, C, H, W], noise: f32[B, C, H, W]) \
        -> (x_prev: f32[B, C, H, W], pred_x0: f32[B, C, H, W]) {
          let t = ddim_tables(\(config["eta"]?.double ?? 0), n: \(count), stride: \(stride))
          (x_prev, pred_x0) = ddim_update(
            x, eps, noise, t.alphas[\(index)], t.alphas_prev[\(index)], t.sigmas[\(index)])
        }
        """, inputs: ["x": "in.x", "eps": "in.eps", "noise": "in.noise"])
  }
}

/// A UNet of the shape of Stable Diffusion v1, and what a case gives it.
private struct UNet {
  /// How many channels the first level has, and how many numbers a token.
  private let channels: Int
  private let width: Int
  private let inputs: Int
  private let heads: Int
  private let hasFeatures: Bool
  private let hasAppended: Bool

  /// The UNet of `config`, or `nil` if it has another wiring than the released one.
  init?(_ config: JSON, _ data: Safetensors) {
    guard let unet = config["unet"], unet["num_res_blocks"]?.integer == 2,
      unet["channel_mult"]?.elements?.map(\.integer) == [1, 2, 4, 4],
      unet["attention_resolutions"]?.elements?.map(\.integer) == [4, 2, 1],
      unet["in_channels"]?.integer == unet["out_channels"]?.integer
    else { return nil }
    channels = unet["model_channels"]?.integer ?? 0
    width = unet["context_dim"]?.integer ?? 0
    inputs = unet["in_channels"]?.integer ?? 0
    heads = unet["num_heads"]?.integer ?? 8
    hasFeatures = data.entry("in.feat0") != nil
    hasAppended = data.entry("in.append_to_context") != nil
  }

  private let facts = "H % 8 == 0, W % 8 == 0, H >= 8, W >= 8, K >= 1"
  private var parameters: String { "p: UNet<\(channels), \(width), \(inputs)>" }
  private var image: String { "f32[B, \(inputs), H, W]" }
  private var context: String { "f32[B, K, \(width)]" }
  private var constants: String { "A: \(hasFeatures ? 4 : 0), heads: \(heads)" }
  private var features: String { hasFeatures ? "(feat0, feat1, feat2, feat3)" : "()" }

  /// Parameters for the features, each half as large as the one before.
  private var featureParameters: String {
    if !hasFeatures { return "" }
    return (0..<4).map { level in
      let divisor = 1 << level
      return ", feat\(level): f32[B, \(channels * min(divisor, 4)), H / \(divisor), W / \(divisor)]"
    }.joined()
  }

  private func keys(_ names: [String]) -> [String: String] {
    var keys = ["p": "param"]
    for name in names + (0..<4).map({ "feat\($0)" }) { keys[name] = "in.\(name)" }
    return keys
  }

  /// One evaluation, with what each block gives if the case asks for it.
  func program(_ config: JSON) -> ReferenceProgram {
    var results = ["eps: \(image)"]
    var outputs: [String: String] = [:]
    var body = "let (e, taps) = traced_unet(p, x, t, tokens, \(features), \(constants))\neps = e\n"
    if config["taps"]?.boolean == true {
      let levels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0, 0]
      let widths = [1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2, 1, 1, 1]
      for (place, (level, width)) in zip(levels, widths).enumerated() {
        let divisor = 1 << level
        results.append("tap_\(place): f32[B, \(channels * width), H / \(divisor), W / \(divisor)]")
        body += "tap_\(place) = taps[\(place)]\n"
        outputs["tap_\(place)"] =
          place < 12
          ? "out.tap.input_blocks.\(place)"
          : place == 12 ? "out.tap.middle_block" : "out.tap.output_blocks.\(place - 13)"
      }
    }
    let appended = hasAppended ? ", append_to_context: f32[B, L, \(width)]" : ""
    let tokens = hasAppended ? "context.concat(append_to_context)" : "context"
    return ReferenceProgram(
      source: """
        import nn
        import unet
        export fn run<B, K, \(hasAppended ? "L, " : "")H, W>(\(parameters), x: \(image), t: i64[B], \
        context: \(context)\(appended)\(featureParameters)) -> (\(results.joined(separator: ", "))) \
        where \(facts) {
        let tokens = \(tokens)
        \(body)}
        """, inputs: keys(["x", "t", "context", "append_to_context"]), outputs: outputs)
  }

  /// The whole way from noise to picture.
  func sampler(_ config: JSON) -> ReferenceProgram? {
    let steps = config["S"]?.integer ?? 1
    guard steps > 0, 1000 % steps == 0 else { return nil }
    let results = ["x", "pred_x0", "eps"].map { "\($0): f32[\(steps), B, \(inputs), H, W]" }
    return ReferenceProgram(
      source: """
        import unet
        import sampling
        export fn run<B, K, H, W>(\(parameters), x_T: \(image), context: \(context), \
        uncond_context: \(context)\(featureParameters)) -> (\(results.joined(separator: ", "))) \
        where \(facts) {
        (x, pred_x0, eps) = sampled(p, x_T, context, uncond_context, \(features), \
        \(config["scale"]?.double ?? 1), \(config["cond_tau"]?.double ?? 1), \(constants), \
        n: \(steps), plms: \(config["method"]?.text == "plms"))
        }
        """, inputs: keys(["x_T", "context", "uncond_context"]))
  }
}
