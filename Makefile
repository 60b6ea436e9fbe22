# `make run` tries Lyceum out, `make test` proves it. Both work on a fresh Debian machine that has
# git, make and Rust, as root or as a user with sudo: docker/install.sh adds what is missing.

# A Rust of the user goes before that of the system, which may be too old.
export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: help run test check format lint unit clients browser transfer documentation install-for-tests

help:
	@echo "make run      start a Prosody of your own with Lyceum beside it, and say how to connect"
	@echo "make test     install what is missing and run every test"
	@echo "make check    formatting, lints and the Rust tests, with what is installed"
	@echo "make clients  only the stories told by other people's clients, on both servers"
	@echo "make browser  only the stories told in a browser with Converse.js, on both servers"
	@echo "make transfer only the reading of rooms that both servers have just written"

run:
	@docker/try.sh

# One after the other, also under `make -j`: they share the processor and the build directory.
test: install-for-tests
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory clients
	$(MAKE) --no-print-directory browser
	$(MAKE) --no-print-directory transfer
	$(MAKE) --no-print-directory documentation

check: lint unit documentation

install-for-tests:
	docker/install.sh rust prosody ejabberd sqlite ldap checks python browser

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

unit:
	cargo test --locked --lib --bins --tests

# The program comes with the Rust tests, which are compiled with other features of the dependencies
# than it is alone: so nothing is compiled twice.
clients:
	cargo test --locked --no-run --test lyceum
	tests/clients/run

browser:
	cargo test --locked --no-run --test lyceum
	tests/browser/run

# What the servers write while a story is told in their own rooms, read by us.
transfer:
	tests/transfer/live

documentation:
	cargo test --locked --doc
