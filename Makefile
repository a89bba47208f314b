# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test format lock fuzz bench clean

demo: $(VENV)/.demo  ## Audit a real recording against the configuration its daemons ran with
	$(BIN)/bareos-audit analyze captures/trouble/capture.pcap \
	  --config captures/trouble/config --no-resolve --exit-zero

# Tests that send packets stay together on one worker (tests/conftest.py).
PYTEST := $(BIN)/pytest -n auto --dist loadgroup --cov --cov-report=
# Machine code shows no lines: what covers the kernels runs once more with them as plain Python.
PLAIN := -m "not (root or tshark or browser or slow or bulk or hypothesis)" \
  --ignore-glob="*/test_recordings.py" tests/packets tests/flows tests/evidence \
  tests/pipeline/recordings/test_hashing.py

test: $(VENV)/.test system  ## Set up what the tests need, and run all of them
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python tools/structure.py
ifdef PYTEST_ARGS
	$(BIN)/pytest $(PYTEST_ARGS)
else
	$(PYTEST)
	NUMBA_DISABLE_JIT=1 $(PYTEST) --cov-append $(PLAIN)
	$(BIN)/python tools/room_coverage.py
endif

$(VENV)/.demo: pyproject.toml requirements/run.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/run.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.test: $(VENV)/.demo requirements/dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.lock
	touch $@

# What the tests ask for a second opinion, what opens reports, and what the BPF object is built with.
SYSTEM := tshark:tshark tcpdump:tcpdump clang:clang llvm-strip:llvm bpftool:bpftool ip:iproute2 \
  chromium:chromium nft:nftables iptables-restore:iptables zsh:zsh fish:fish man:man-db mandoc:mandoc

.PHONY: system
system:
	@missing=""; for pair in $(SYSTEM); do \
	  command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; done; \
	ls /usr/lib/*/libbpf.so.1 >/dev/null 2>&1 || missing="$$missing libbpf1"; \
	ls /usr/lib/python3/dist-packages/firewall >/dev/null 2>&1 || missing="$$missing python3-firewall"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $$missing >/dev/null; \
	  else echo "please install:$$missing" >&2; exit 1; fi; fi

format:  ## Bring every file into the one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock:  ## Renew the lock files (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  pyproject.toml --output-file requirements/run.lock
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header \
	  pyproject.toml --group dev --output-file requirements/dev.lock

MINUTES ?= 10
fuzz: $(VENV)/.test  ## Feed every parser with inputs that a coverage-guided fuzzer makes, for MINUTES
	$(BIN)/python -m fuzz --minutes $(MINUTES)

bench: $(VENV)/.demo  ## Time the whole command beside other programs (makes 6 GB of captures)
	$(BIN)/python benchmarks/bench.py

clean:
	rm -rf $(VENV) build dist benchmarks/data
