# Every target does its own set-up on a fresh Debian machine that has Swift 6.1 or later.

PACKAGES := libvips-dev libpng-dev libopenblas-dev fonts-dejavu-core pkg-config
# Flags of system libraries that the package manager passes over, each with a warning.
QUIET := 2> >(grep -v 'prohibited flag(s)' >&2)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
CRAYON := .build/release/crayon
BENCH := .build/bench
SHELL := bash
.SHELLFLAGS := -o pipefail -c

.PHONY: demo test build bench lint format docs setup

demo: build
	$(CRAYON) annotate Samples --panoptic Samples/panoptic --panoptic-json Samples/panoptic.json \
	  --overlay --out annotations/given
	$(CRAYON) annotate Samples --pipeline untrained --overlay --out annotations/untrained
	@echo
	@echo 'Given maps, painted over the pictures:  annotations/given/overlay/cups.png'
	@echo 'The way from pixels to a map, untrained: annotations/untrained/overlay/cups.png'

build: setup
	swift build -c release --product crayon $(QUIET)

test: setup
	swift build -c release --product crayon $(QUIET)
	swift test -c release $(QUIET)

# Measures crayon and, in the same run, its peers in Python.
bench: build
	[ -x $(BENCH)/venv/bin/python ] || python3 -m venv $(BENCH)/venv
	$(BENCH)/venv/bin/pip install --quiet --requirement Tests/Reference/requirements.txt
	$(BENCH)/venv/bin/python Tests/Reference/bench_segment.py --crayon $(CRAYON) --folder $(BENCH)
	$(CRAYON) bench pictures Samples --panoptic Samples/panoptic --panoptic-json Samples/panoptic.json

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

docs: setup
	for target in CrayonCore Imaging Panoptic Pipeline Annotation Evaluation; do \
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
