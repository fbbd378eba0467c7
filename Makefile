# Each target is a thin call of the package's own commands.

.PHONY: all deps build demo test reference bench fuzz clean help

# One release build, in which tests can see inside, serves tests and binaries alike.
SWIFT_FLAGS = -c release -Xswiftc -enable-testing
ARGS =

all: build

deps: ## Install what is missing (apt, as root)
	@.ci/deps

build: deps ## Build everything
	swift build $(SWIFT_FLAGS)

demo: build ## Run the T2I-Adapter by JIT and ahead of time, and compare
	.build/release/reference demo $(ARGS)

test: deps ## Run all tests
	swift test $(SWIFT_FLAGS) $(ARGS)

reference: build ## Run reference cases: ARGS='--dir DIR --cases REGEX --json FILE'
	.build/release/reference $(ARGS)

bench: build ## Compare with other libraries: ARGS='--cases REGEX --threads 1,2 --json FILE' or '--growth'
	@Examples/bench/install
	.build/bench/venv/bin/python Examples/bench/bench.py $(ARGS)

fuzz: deps ## Run the fuzz suites at length
	TESSERA_FUZZ=long swift test $(SWIFT_FLAGS) --filter 'FuzzTests|mutations' $(ARGS)

clean: ## Remove what was built
	swift package clean

help: ## Show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12
