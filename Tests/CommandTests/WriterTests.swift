import Testing

/// A full disk or a pipe that nobody reads is said, with exit code 66.
@Suite(.serialized) struct WriterTests {
  private static let program = "export fn twice<N>(x: f32[N]) -> f32[N] { x + x }\n"

  /// Commands that write results to the standard output.
  private static let printing = [
    "explain", "--help", "run a.tess [1]", "test a.tess", "bench a.tess --seconds 0",
    "inspect x.npy",
    "build a.tess --emit=tir -o -", "build a.tess --emit=obj -o -", "fmt a.tess -o -",
    "opt a.tir", "fmt --check unformatted.tess", "repl",
  ]

  private func command() throws -> Command {
    let command = try Command(files: [
      "a.tess": Self.program, "unformatted.tess": "fn  f( ) { }\n", "in": "1 + 1\n",
    ])
    let made = try command.shell(
      "tess build a.tess --emit=tir && tess run a.tess [1,2] -o x.npy")
    #expect(made.code == 0 && made.errors == "")
    return command
  }

  @Test(arguments: printing) func fullDisk(words: String) throws {
    let outcome = try command().shell("tess \(words) < in > /dev/full")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("standard output' cannot be written: no space left on device"))
  }

  @Test(arguments: printing) func closedPipe(words: String) throws {
    let line = "(sleep 0.1; tess \(words) < in; echo $? > code) | true; sleep 0.1; "
    let outcome = try command().shell(line + "until [ -s code ]; do sleep 0.05; done; cat code")
    #expect(outcome.output == "66\n")
    #expect(outcome.errors.contains("standard output' cannot be written: broken pipe"))
  }

  @Test(arguments: [
    "build a.tess --emit=obj -o /dev/full", "build a.tess --emit=header -o /dev/full",
    "build a.tess --emit=static -o /dev/full", "build a.tess --emit=shared -o /dev/full",
    "build a.tess --emit=manifest -o /dev/full", "build a.tess --emit=llvm -o /dev/full",
    "fmt a.tess -o /dev/full", "opt a.tir -o /dev/full",
    "build a.tess --emit=obj -o missing/a.o",
  ])
  func fullDiskForFiles(words: String) throws {
    let outcome = try command().shell("tess \(words)")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("' cannot be written: no "))
    #expect(outcome.output == "")
  }

  @Test(arguments: ["npy", "safetensors", "png"]) func fullDiskForData(kind: String) throws {
    let command = try command()
    let outcome = try command.shell(
      "ln -s /dev/full full.\(kind); tess run a.tess \(kind == "png" ? "x.npy" : "[1,2]") "
        + "-o full.\(kind)")
    #expect(outcome.code == 66)
    if kind != "png" {
      #expect(outcome.errors == "tess: 'full.\(kind)' cannot be written: no space left on device\n")
    }
  }

  @Test func fullDiskForThePrompt() throws {
    let outcome = try command().shell("echo ':save /dev/full' | tess repl")
    #expect(outcome.code == 66 && outcome.errors.contains("no space left on device"))
  }

  // MARK: What was there before

  /// Runs `line` where no file may grow past 512 bytes.
  private func onSmallDisk(_ command: Command, _ line: String) throws -> Command.Outcome {
    try command.shell("trap '' XFSZ; ulimit -f 1; exec 2>&1; \(line)")
  }

  @Test func formattingKeepsTheOldFileWhenTheDiskIsFull() throws {
    let old = "fn  f( ) { }\n" + String(repeating: "// What stands here is not lost.\n", count: 99)
    let command = try Command(files: ["big.tess": old])
    let outcome = try onSmallDisk(command, "tess fmt big.tess")
    #expect(outcome.code == 66)
    #expect(outcome.output == "tess: 'big.tess' cannot be written: file too large\n")
    #expect(try command.text("big.tess") == old)
    #expect(command.fileNames == ["big.tess"])
  }

  /// Where there is room for bytes and for no other file, the old one is not written over.
  @Test func formattingKeepsTheOldFileWhenNoFileCanBeMade() throws {
    let command = try command()
    let mount = "mount -t tmpfs -o nr_inodes=2 none full"
    if try command.shell("mkdir full; unshare -m \(mount)").code != 0 {
      print("skipped: not everybody may mount a disk of few inodes")
      return
    }
    let outcome = try command.shell(
      """
      export -f tess; unshare -m bash -c '\(mount)
      echo "fn  f( ) { }" > full/a.tess; tess fmt full/a.tess; echo $?; cat full/a.tess; ls full'
      """)
    #expect(outcome.errors == "tess: 'full/a.tess' cannot be written: no space left on device\n")
    #expect(outcome.output == "66\nfn  f( ) { }\na.tess\n")
  }

  @Test func buildingKeepsTheOldFileWhenTheDiskIsFull() throws {
    let command = try command()
    #expect(try command.shell("echo old > a.o").code == 0)
    let names = command.fileNames
    let outcome = try onSmallDisk(command, "tess build a.tess --emit=obj -o a.o")
    #expect(outcome.code == 66 && outcome.output.contains("'a.o' cannot be written"))
    #expect(try command.text("a.o") == "old\n")
    #expect(command.fileNames == names)
  }

  @Test func tuningKeepsTheOldLockWhenTheDiskIsFull() throws {
    let old = String(repeating: "// Measured with care.\n", count: 99)
    let command = try Command(files: ["a.tess": Self.program, "a.lock": old])
    let outcome = try onSmallDisk(command, "tess tune a.tess twice --dims N=3 --seconds 0")
    #expect(outcome.code == 66 && outcome.output.contains("'a.lock' cannot be written"))
    #expect(try command.text("a.lock") == old)
    #expect(command.fileNames == ["a.lock", "a.tess"])
  }

  /// A lock that cannot be read is no reason to write another one in its place.
  @Test func tuningKeepsALockThatItCannotRead() throws {
    let command = try Command(files: [
      "a.tess": Self.program, "broken.lock": "target x86-64-v3\nspeed 11\n",
    ])
    let tune = "tess tune a.tess twice --dims N=3 --seconds 0 --schedule"
    let folder = try command.shell("mkdir folder.lock; \(tune) folder.lock")
    #expect(folder.code == 66)
    #expect(folder.errors == "tess: 'folder.lock' cannot be read: is a directory\n")
    let loop = try command.shell("ln -s loop.lock loop.lock; \(tune) loop.lock")
    #expect(loop.code == 66 && loop.errors.contains("'loop.lock' cannot be read"))
    let broken = try command.shell("\(tune) broken.lock")
    #expect(broken.code == 1 && broken.errors.contains("lock-malformed"))
    #expect(try command.text("broken.lock") == "target x86-64-v3\nspeed 11\n")
    let unnamed = try command.shell("tess tune - twice --dims N=3 < a.tess")
    #expect(unnamed.code == 64 && unnamed.errors.contains("--schedule"))
  }

  /// A lock speaks of the level of the machine, whatever the machine has beyond it.
  @Test func whatIsTunedHereIsReadHere() throws {
    let outcome = try command().shell(
      "tess tune a.tess twice --dims N=3 --seconds 0 && tess run a.tess twice [1,2,3] "
        + "--schedule a.lock")
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test func tuningKeepsWhatPeopleWrote() throws {
    let command = try Command(files: [
      "a.tess": Self.program,
      "a.lock":
        "// For the old machine.\ntarget x86-64-v3\n// Ours.\nfunction twice\n// The end.\n",
    ])
    let tuned = try command.shell(
      "tess tune a.tess twice --dims N=3 --seconds 0 --target x86-64-v3")
    if tuned.code == 64 { return }  // This machine is of another kind.
    #expect(tuned.code == 0)
    let lines = try command.text("a.lock").split(separator: "\n").filter { !$0.hasPrefix("  ") }
    #expect(
      lines == [
        "// Written by tess tune, read by tess build --schedule.", "// For the old machine.",
        "target x86-64-v3", "// Ours.", "function twice", "// The end.",
      ])
  }

  /// A file that is replaced keeps its rights and the links that lead to it.
  @Test func replacedFilesKeepWhatTheyAre() throws {
    let command = try Command(files: ["a.tess": "fn  f( ) { }\n"])
    let outcome = try command.shell(
      "mkdir deep; mv a.tess deep; ln -s deep/a.tess a.tess; chmod 750 deep/a.tess;"
        + "tess fmt a.tess; stat -c %a deep/a.tess; test -h a.tess && cat deep/a.tess; ls deep;"
        + "ln -s nothing new.tir; (umask 27; tess build a.tess --emit=tir -o new.tir);"
        + "test -h new.tir && stat -c %a nothing")
    #expect(outcome.output == "750\nfn f() {}\na.tess\n640\n")
    #expect(outcome.errors == "" && outcome.code == 0)
  }

  /// Who may not write a file may not replace it either.
  @Test func writeProtectionHolds() throws {
    let command = try Command(files: ["a.tess": "fn  f( ) { }\n"])
    let outcome = try command.shell(
      "chmod 444 a.tess; chmod 777 .; if [ $(id -u) = 0 ]; then run='setpriv --reuid 65534 "
        + "--regid 65534 --clear-groups'; fi; $run '\(Command.path)' fmt a.tess; cat a.tess")
    #expect(outcome.output == "fn  f( ) { }\n")
    #expect(outcome.errors == "tess: 'a.tess' cannot be written: permission denied\n")
  }

  /// Where nothing can be made beside a file, it is written in place.
  @Test func filesInProtectedDirectoriesAreWritten() throws {
    let command = try Command(files: ["a.tess": "fn  f( ) { }\n"])
    let outcome = try command.shell(
      "mkdir deep; mv a.tess deep; chmod 666 deep/a.tess; chmod 555 deep; chmod 755 .;"
        + "if [ $(id -u) = 0 ]; then run='setpriv --reuid 65534 --regid 65534 --clear-groups'; fi;"
        + "$run '\(Command.path)' fmt deep/a.tess; cat deep/a.tess; chmod 755 deep")
    #expect(outcome.output == "fn f() {}\n" && outcome.errors == "")
  }

  /// What never ends fills no memory.
  @Test func endlessFiles() throws {
    let outcome = try command().shell("tess check /dev/zero")
    #expect(outcome.code == 66)
    #expect(outcome.errors == "tess: '/dev/zero' cannot be read: it does not end\n")
  }
}
