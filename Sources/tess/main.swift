import TesseraCLI

Tess.main()
