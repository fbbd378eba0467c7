internal import CPNG

/// PNG files, by way of libpng's simplified interface.
public enum PNG {
  /// The largest number of samples that is decoded.
  private static let mostSamples = 1 << 28
  /// The most samples that one byte of a file can hold, so that a small file cannot ask for all
  /// memory: a bit of deflate may stand for 129 bytes, and a bit of those for a pixel of a palette.
  public static let mostSamplesPerByte = 8 * 129 * 8 * 4

  /// The image in `bytes`: grey or colour, with alpha if the file has it; 16-bit samples are reduced
  /// to 8 bits and palettes resolved.
  ///
  /// - Throws: if libpng cannot read the file or the image is larger than 2^28 samples.
  public static func decode(_ bytes: TensorBytes) throws(DataError) -> Image {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    // libpng keeps a pointer to the bytes between the two calls, so both are made inside.
    let result = bytes.withUnsafeBytes { raw -> Result<Image, DataError> in
      guard png_image_begin_read_from_memory(&image, raw.baseAddress, raw.count) != 0 else {
        return .failure(failure(image))
      }
      let channels = Int(image.format & 3) + 1
      image.format &= 3
      let (width, height) = (Int(image.width), Int(image.height))
      guard width * height <= mostSamples / channels else {
        return .failure(
          DataError("an image of \(width) by \(height)", expected: "at most 2^28 samples"))
      }
      guard width * height * channels <= raw.count * mostSamplesPerByte else {
        return .failure(
          DataError(
            "an image of \(width) by \(height) in \(raw.count) bytes", expected: "more bytes"))
      }
      var samples = [UInt8](repeating: 0, count: width * height * channels)
      let fine = samples.withUnsafeMutableBytes { buffer in
        png_image_finish_read(&image, nil, buffer.baseAddress, Int32(width * channels), nil)
      }
      guard fine != 0 else { return .failure(failure(image)) }
      return .success(Image(width: width, height: height, channels: channels, samples: samples))
    }
    return try result.get()
  }

  /// The image in `bytes`, as `decode(_: TensorBytes)` gives it.
  public static func decode(_ bytes: [UInt8]) throws(DataError) -> Image {
    try decode(TensorBytes(bytes))
  }

  /// The bytes of a PNG file that shows `image`.
  ///
  /// - Throws: if libpng refuses, as it does for images without pixels.
  public static func encode(_ image: Image) throws(DataError) -> [UInt8] {
    var description = png_image()
    description.version = png_uint_32(PNG_IMAGE_VERSION)
    description.width = png_uint_32(image.width)
    description.height = png_uint_32(image.height)
    description.format = png_uint_32(image.channels - 1)
    let stride = Int32(image.width * image.channels)
    var length = 0
    var result: [UInt8] = []
    let fine = image.samples.withUnsafeBytes { samples -> Bool in
      guard
        png_image_write_to_memory(
          &description, nil, &length, 0, samples.baseAddress, stride, nil) != 0
      else { return false }
      result = [UInt8](repeating: 0, count: length)
      return result.withUnsafeMutableBytes {
        png_image_write_to_memory(
          &description, $0.baseAddress, &length, 0, samples.baseAddress, stride, nil) != 0
      }
    }
    guard fine else { throw failure(description) }
    return result
  }

  private static func failure(_ image: png_image) -> DataError {
    let text = withUnsafeBytes(of: image.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return DataError("libpng: \(text)", expected: "a PNG image")
  }
}
