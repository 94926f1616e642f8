# Everything a newcomer or a build machine needs. `make` alone prints this list.

# The interpreter the environment is made from.
PYTHON3 ?= python3
VENV    := .venv
PYTHON  := $(VENV)/bin/python
RESDSL  := $(VENV)/bin/resdsl
STAMP   := $(VENV)/.ready

# Test processes side by side: each may import three frameworks, so one per core is too many.
JOBS ?= 2
# Inputs of the fuzzer.
COUNT ?= 100000
# More for pytest: make test ARGS="tests/test_floors.py -x"
ARGS ?=

DEMO := parity examples/resnet.res:resnet18 --backends torch,jax,tensorflow,onnx --images photographs

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format golden zoo parity-all gpu-parity bench fuzz kill-test device-test mutation overhead speed clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the virtual environment in .venv, with all four frameworks

$(STAMP): pyproject.toml setup.py constraints.txt
	@$(PYTHON3) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	  "resdsl needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": try make PYTHON3=python3.12")'
	$(PYTHON3) -m venv $(VENV)
	@echo "installing resdsl, the four frameworks and the tools into $(VENV): a few minutes"
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -e '.[all,dev]' -c constraints.txt
	@touch $@

demo: setup ## ResNet-18 in all four frameworks on real photographs, compared
	$(RESDSL) $(DEMO)

test: setup ## run the tests
	$(PYTHON) -m pytest -n $(JOBS) --dist loadfile $(ARGS)

check: setup ## check format, lint and types
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy

format: setup ## format the code and apply the safe fixes
	$(PYTHON) -m ruff check --fix-only --quiet
	$(PYTHON) -m ruff format

golden: setup ## rewrite the golden files from what the compiler prints now
	$(PYTHON) -m pytest tests --update-golden -q

zoo: setup ## compare every network of the zoo in every framework (long)
	$(PYTHON) tests/parity_all.py --zoo

parity-all: setup ## compare every example network in every framework (long)
	$(PYTHON) tests/parity_all.py

gpu-parity: setup ## compare PyTorch and JAX on a GPU with PyTorch on the CPU (long)
	$(PYTHON) -m tests.gpu_parity $(ARGS)

bench: setup ## measure compile, export and start-up times, side by side
	$(PYTHON) tests/bench.py

fuzz: setup ## put COUNT random files through the compiler (long)
	$(PYTHON) tests/fuzz.py --count $(COUNT)

kill-test: setup ## kill a training run twenty times and compare it with one left alone (long)
	$(PYTHON) tests/kill_test.py

device-test: setup ## compare two processes with one, in every framework with every case (long)
	DEVICE_TEST=1 $(PYTHON) -m pytest tests/training/test_devices.py tests/training/test_device_runs.py

mutation: setup ## put faults into generated files and see that parity finds them (long)
	$(PYTHON) tests/mutation/run.py

overhead: setup ## measure what training costs beside its steps
	$(PYTHON) tests/training_overhead.py

speed: setup ## measure steps of training beside other people's networks and loops (long)
	$(PYTHON) tests/training_speed.py

clean: ## remove caches and build products, but not the environment
	rm -rf build dist out *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find resdsl backends grammars tests -name __pycache__ -type d -prune -exec rm -rf {} +
