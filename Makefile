# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test format lock benchmark clean

demo: $(VENV)/.demo  ## Audit a real recording against the configuration its daemons ran with
	$(BIN)/bareos-audit analyze captures/trouble/capture.pcap \
	  --config captures/trouble/config --no-resolve --exit-zero

test: $(VENV)/.test system  ## Set up what the tests need, and run all of them
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest $(PYTEST_ARGS)

$(VENV)/.demo: pyproject.toml requirements/run.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/run.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.test: $(VENV)/.demo requirements/dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.lock
	touch $@

# What the tests ask for a second opinion, and what the BPF object is built with.
SYSTEM := tshark:tshark tcpdump:tcpdump clang:clang llvm-strip:llvm bpftool:bpftool ip:iproute2

.PHONY: system
system:
	@missing=""; for pair in $(SYSTEM); do \
	  command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; done; \
	ls /usr/lib/*/libbpf.so.1 >/dev/null 2>&1 || missing="$$missing libbpf1"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $$missing >/dev/null; \
	  else echo "please install:$$missing" >&2; exit 1; fi; fi

format:  ## Bring every file into the one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock:  ## Renew the lock files (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --output-file requirements/run.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group dev --output-file requirements/dev.lock

benchmark: $(VENV)/.demo  ## Time the whole command beside tcpdump on 1 GB (needs tcpdump)
	$(BIN)/python benchmarks/analyze.py

clean:
	rm -rf $(VENV) build dist benchmarks/data
