# `make run` tries Lyceum out, `make test` proves it. Both work on a fresh Debian machine that has
# git, make and Rust, as root or as a user with sudo: docker/install.sh adds what is missing.

# A Rust of the user goes before that of the system, which may be too old.
export PATH := $(HOME)/.cargo/bin:$(PATH)

.PHONY: help run test check format lint unit clients browser transfer documentation install install-for-tests FORCE

help:
	@echo "make run      start a Prosody of your own with Lyceum beside it, and say how to connect"
	@echo "make test     install what is missing and run every test"
	@echo "make install  put the program, its manual pages and its completions below PREFIX (/usr/local)"
	@echo "make check    formatting, lints and the Rust tests, with what is installed"
	@echo "make clients  only the stories told by other people's clients, on both servers"
	@echo "make browser  only the stories told in a browser with Converse.js, on both servers"
	@echo "make transfer only the reading of rooms that both servers have just written"

run:
	@docker/try.sh

# What packages use, with DESTDIR=… PREFIX=/usr; with PROGRAM=… a program that is compiled already. The manual pages
# and the completions are made by the program itself.
PREFIX ?= /usr/local
PROGRAM ?= target/release/lyceum
SHARE = $(DESTDIR)$(PREFIX)/share
install: $(PROGRAM)
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/lyceum
	install -d $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	$(PROGRAM) man --all $(SHARE)/man/man1
	$(PROGRAM) completion bash >$(SHARE)/bash-completion/completions/lyceum
	$(PROGRAM) completion zsh >$(SHARE)/zsh/site-functions/_lyceum
	$(PROGRAM) completion fish >$(SHARE)/fish/vendor_completions.d/lyceum.fish

target/release/lyceum: FORCE
	cargo build --locked --release --bin lyceum

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
