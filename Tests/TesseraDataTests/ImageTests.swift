import TesseraData
import Testing

@Suite struct ImageTests {
  private func image(_ width: Int, _ height: Int, _ channels: Int) -> Image {
    Image(
      width: width, height: height, channels: channels,
      samples: (0..<width * height * channels).map { UInt8($0 * 7 % 256) })
  }

  @Test(arguments: [1, 3], [(1, 1), (5, 3), (64, 64)]) func readsWhatItWrites(
    channels: Int, size: (Int, Int)
  ) throws {
    let original = image(size.0, size.1, channels)
    #expect(try PNG.decode(PNG.encode(original)) == original)
  }

  @Test func keepsOpaqueAlpha() throws {
    // Pixels without any opacity may lose their colour, so all are opaque here.
    for channels in [2, 4] {
      var original = image(4, 4, channels)
      for pixel in 0..<16 { original.samples[pixel * channels + channels - 1] = 255 }
      #expect(try PNG.decode(PNG.encode(original)) == original)
    }
  }

  @Test func refusesWhatIsNoPNG() throws {
    #expect(throws: DataError.self) { try PNG.decode([]) }
    #expect(throws: DataError.self) { try PNG.decode(Array("not a picture".utf8)) }
    let good = try PNG.encode(image(16, 16, 3))
    #expect(throws: DataError.self) { try PNG.decode(Array(good[..<40])) }
    #expect(throws: DataError.self) { try PNG.decode(Array(good[..<(good.count / 2)])) }
  }

  @Test func planesAndBack() throws {
    let original = image(3, 2, 3)
    #expect(original.planes.shape == [1, 3, 2, 3])
    #expect(original.planes.values(as: Float.self)?[0] == 0)
    #expect(original.planes.values(as: Float.self)?[6] == Float(7) / 255)
    #expect(try Image(original.planes) == original)
    #expect(try Image(original.tensor) == original)
  }

  @Test func clampsFloats() throws {
    let tensor = Tensor([-1, 0.5, 2, .nan] as [Float], shape: [2, 2])
    #expect(try Image(tensor).samples == [0, 128, 255, 0])
  }

  @Test func refusesTensorsThatAreNoImage() throws {
    #expect(throws: DataError.self) { try Image(Tensor(zeros: .f32, [5, 2, 2])) }
    #expect(throws: DataError.self) { try Image(Tensor(zeros: .i32, [2, 2])) }
    #expect(throws: DataError.self) { try Image(Tensor(zeros: .u8, [0, 2])) }
  }

  @Test func featureMapStretchesEachPlane() throws {
    let tensor = Tensor((0..<16).map(Float.init), shape: [4, 2, 2])
    let map = try Image(featureMap: tensor)
    // Two by two planes of two pixels, eight times enlarged, with a line between.
    #expect((map.width, map.height) == (33, 33))
    #expect(Array(map.samples[0..<3]) == [68, 1, 84])
    let last = (15 * 33 + 15) * 3
    #expect(Array(map.samples[last..<last + 3]) == [253, 231, 37])
    #expect(throws: DataError.self) { try Image(featureMap: Tensor(zeros: .f32, [0, 2])) }
  }
}
