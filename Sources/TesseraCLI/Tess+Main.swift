import ArgumentParser

/// The command `tess`.
public enum Tess {
  public static func main() {}
}
