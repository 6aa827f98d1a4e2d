# Every target works on its own from a fresh clone. The scripts say what they do while they do it.
.PHONY: help run test test-debian check format chaos bench screens

help:
	@echo "make run          start everything on this machine and print where it is (PORT=, SIMULATOR_PORT=, TRATO_VAR=, DEMO=)"
	@echo "make test         all tests, with real PostgreSQL, Redis and Chromium (ARGS= for pytest)"
	@echo "make test-debian  the same tests on the PostgreSQL and Redis of the distribution"
	@echo "make check        format, lint, strict types, arrows between rooms, translations"
	@echo "make format       set right what make check would complain about, where that can be done for you"
	@echo "make chaos        load while things are killed, and an independent checker (ARGS=)"
	@echo "make bench        webhooks and the desk in a browser, beside their floors, as ratios (ARGS=)"
	@echo "make screens      pictures of every screen from the demo that runs (ARGS= for the names of some, TRATO_VAR=)"

# One exec'd command: a signal to make reaches the launcher itself, no shell between them is left behind.
run:
	@exec sh tools/run.sh --with-make

test:
	@exec sh tools/test.sh

test-debian:
	@exec sh tools/test_debian.sh

check:
	@exec sh tools/check.sh

format:
	@exec sh tools/format.sh

chaos:
	@exec sh tools/module.sh tests.chaos

bench:
	@exec sh tools/module.sh bench

screens:
	@exec sh tools/module.sh tools.screens
