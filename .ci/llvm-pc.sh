#!/bin/sh
# Writes llvm-22.pc where pkg-config looks, from what llvm-config-22 says, if the distribution has none.
set -eu
pkg-config --exists llvm-22 && exit 0
dir=/usr/local/lib/pkgconfig
mkdir -p "$dir"
cat > "$dir/llvm-22.pc" <<PC
Name: llvm-22
Description: LLVM 22 with its C API
Version: $(llvm-config-22 --version)
Cflags: -I$(llvm-config-22 --includedir)
Libs: -L$(llvm-config-22 --libdir) -lLLVM-22
PC
