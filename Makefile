# Tocsin. `make run` and `make test` are the two commands of the README; `make help` lists all.
#
# One non-recursive Makefile. Objects live under build/$(VARIANT)/, so that release, asan, tsan,
# cov and fuzz builds stand side by side. Generated code (proto) is made there too.

VARIANT ?= release
B := build/$(VARIANT)
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
SANLIBS :=

PKGS := libzmq libprotobuf-c libevent libevent_openssl openssl sqlite3 yaml-0.1 libcjson libsodium libsystemd \
	libutf8proc expat libzstd
# Only probed where something is built: `make run` on a bare machine installs them first.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm

WARN := -Wall -Wextra -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough
# -ffp-contract=off: no fused multiply-add, so that decisions are the same on every processor.
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE -g -ffp-contract=off -fno-fast-math -fno-omit-frame-pointer

ifeq ($(VARIANT),release)
OPT := -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE
LDOPT := -pie -Wl,-z,relro,-z,now
else ifeq ($(VARIANT),asan)
OPT := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -DTOCSIN_ASAN=1
LDOPT := -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
OPT := -O1 -fsanitize=thread
LDOPT := -fsanitize=thread
else ifeq ($(VARIANT),cov)
OPT := -O0 --coverage
LDOPT := --coverage
else ifeq ($(VARIANT),native)
# Everything the processor has: the events must be the same as those of a release build.
OPT := -O3 -march=native
LDOPT :=
else ifeq ($(VARIANT),fuzz)
CC := clang
OPT := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DTOCSIN_ASAN=1
LDOPT := -fsanitize=fuzzer,address,undefined
else
$(error VARIANT is one of release asan tsan cov native fuzz)
endif

CFLAGS_ALL = $(BASE_CFLAGS) $(OPT) $(WARN) -MMD -MP $(PKG_CFLAGS) $(CFLAGS)
LIBS = $(PKG_LIBS)

# ---- what is built

COMMON_SRC := $(wildcard common/*.c)
# The pure formats stand apart: `tocsin send` reads files by them too.
FORMATS_SRC := $(wildcard daemons/collector/format*.c) $(addprefix daemons/collector/,draft.c xml.c form.c charset.c phone_key.c secret.c dtg.c csv.c)
COLLECTOR_SRC := $(filter-out %/main.c $(FORMATS_SRC),$(wildcard daemons/collector/*.c))
CLASSIFIER_IO := $(addprefix daemons/classifier/,classifier.c checkpoint.c fold.c decide.c)
CORE_SRC := $(filter-out %/main.c $(CLASSIFIER_IO),$(wildcard daemons/classifier/*.c))
NOTIFIER_SRC := $(filter-out %/main.c,$(wildcard daemons/notifier/*.c))
TOOLS_SRC := $(wildcard tools/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
HELPER_SRC := $(wildcard tests/e2e/*.c)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

LIBTOCSIN := $(B)/libtocsin.a
LIBCORE := $(B)/libcore.a
LIBCOLLECTOR := $(B)/libcollector.a
LIBFORMATS := $(B)/libformats.a
LIBNOTIFIER := $(B)/libnotifier.a

BIN := $(B)/bin
PROGRAMS :=
ifneq ($(wildcard daemons/collector/main.c),)
PROGRAMS += $(BIN)/tocsin-collector
endif
ifneq ($(wildcard daemons/classifier/main.c),)
PROGRAMS += $(BIN)/tocsin-classifier
endif
ifneq ($(wildcard daemons/notifier/main.c),)
PROGRAMS += $(BIN)/tocsin-notifier
endif
ifneq ($(wildcard tools/main.c),)
PROGRAMS += $(BIN)/tocsin
endif
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(FUZZ_SRC))
BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(BENCH_SRC))
HELPER_BIN := $(patsubst tests/e2e/%.c,$(B)/tests/e2e/%,$(HELPER_SRC))

# `make model` and `make evaluate` need the labelled reports, which are not part of this tree.
EVAL ?= ../shared/eval

.PHONY: link model evaluate all run test unit helpers bench bench-bin fuzz fuzz-bin asan lint format install service clean \
	deps deps-dev help soak
.DEFAULT_GOAL := all
# Objects of tests are kept: they are not intermediate.
.SECONDARY:

all: $(PROGRAMS)

help:
	@echo 'make run      install what is missing, build, replay the events of April 2023, stay up'
	@echo 'make test     install what is missing, build, run every test'
	@echo 'make all      build the programs into build/release/bin'
	@echo 'make bench    measure, each figure beside the bare floor of the same run'
	@echo 'make fuzz     fuzz every door for FUZZ_SECONDS (60) each'
	@echo 'make soak     kill daemons at random under load, SOAK_INCIDENTS=200000'
	@echo 'make link     an edge collector over a broken satellite link, with its figures'
	@echo 'make service  the units under a real systemd in a container'
	@echo 'make model    train conf/model.tsv, EVAL=folder of labelled reports'
	@echo 'make evaluate the figures of EVALUATION.md, cross-validated'
	@echo 'make lint     format check, clang-tidy, cppcheck, shellcheck, layering'
	@echo 'make asan     every test under ASan and UBSan'
	@echo 'make install  DESTDIR and PREFIX (/usr/local)'
	@echo 'make clean    remove build/ and run/'

# ---- the two commands

run: deps
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tools/demo.sh

test: deps-dev
	@tests/run.sh

model: $(BIN)/train
	@tools/train/model.sh train $(BIN) $(EVAL)
evaluate: $(BIN)/train $(BIN)/tocsin
	@tools/train/model.sh evaluate $(BIN) $(EVAL)

deps:
	@tools/deps.sh run
deps-dev:
	@tools/deps.sh test

# ---- compiling; V=1 shows the commands

ifeq ($(V),1)
say :=
else
say = @printf '  %-5s %s\n' $(1) $(2);
endif

$(B)/gen/%.pb-c.c $(B)/gen/%.pb-c.h: proto/%.proto
	@mkdir -p $(B)/gen
	$(call say,GEN,$@)protoc-c --proto_path=proto --c_out=$(B)/gen $<

$(B)/obj/gen/%.pb-c.o: $(B)/gen/%.pb-c.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(BASE_CFLAGS) $(OPT) -w -I$(B)/gen $(PKG_CFLAGS) -c $< -o $@

# A daemon sees its own folder and common/, so that an include across daemons does not compile.
INC_common := -Icommon -I$(B)/gen
INC_collector := -Icommon -Idaemons/collector -I$(B)/gen
INC_classifier := -Icommon -Idaemons/classifier
INC_notifier := -Icommon -Idaemons/notifier
INC_tools := -Icommon -Itools -Idaemons/classifier -Idaemons/collector
INC_tests := -Icommon -Idaemons/classifier -Idaemons/collector -Idaemons/notifier -Itests -I$(B)/gen

define compile
$(B)/obj/$(1)/%.o: $(1)/%.c | $(B)/gen/tocsin.pb-c.h $(B)/gen/takproto.pb-c.h
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(CFLAGS_ALL) $(2) -c $$< -o $$@
endef
$(eval $(call compile,common,$(INC_common)))
$(eval $(call compile,daemons/collector,$(INC_collector)))
$(eval $(call compile,daemons/classifier,$(INC_classifier)))
$(eval $(call compile,daemons/notifier,$(INC_notifier)))
$(eval $(call compile,tools,$(INC_tools)))
$(eval $(call compile,tools/train,$(INC_tools)))
$(eval $(call compile,tests/unit,$(INC_tests)))
$(eval $(call compile,tests/fuzz,$(INC_tests)))
$(eval $(call compile,tests/bench,$(INC_tests)))
$(eval $(call compile,tests/e2e,$(INC_tests)))

$(LIBTOCSIN): $(call obj,$(COMMON_SRC)) $(B)/obj/gen/tocsin.pb-c.o
	@rm -f $@; ar rcs $@ $(filter %.o,$^)
$(LIBCORE): $(call obj,$(CORE_SRC))
	@rm -f $@; ar rcs $@ $(filter %.o,$^)
$(LIBCOLLECTOR): $(call obj,$(COLLECTOR_SRC)) $(B)/obj/gen/takproto.pb-c.o
	@rm -f $@; ar rcs $@ $(filter %.o,$^)
$(LIBFORMATS): $(call obj,$(FORMATS_SRC))
	@rm -f $@; ar rcs $@ $(filter %.o,$^)
$(LIBNOTIFIER): $(call obj,$(NOTIFIER_SRC))
	@rm -f $@; ar rcs $@ $(filter %.o,$^)

LINK = $(call say,LD,$@)$(CC) $(LDOPT) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

$(BIN)/tocsin-collector: $(B)/obj/daemons/collector/main.o $(LIBCOLLECTOR) $(LIBFORMATS) $(LIBTOCSIN)
	@mkdir -p $(@D)
	$(LINK)
$(BIN)/tocsin-classifier: $(B)/obj/daemons/classifier/main.o $(call obj,$(CLASSIFIER_IO)) $(LIBCORE) $(LIBTOCSIN)
	@mkdir -p $(@D)
	$(LINK)
$(BIN)/tocsin-notifier: $(B)/obj/daemons/notifier/main.o $(LIBNOTIFIER) $(LIBTOCSIN)
	@mkdir -p $(@D)
	$(LINK)
$(BIN)/tocsin: $(call obj,$(TOOLS_SRC)) $(LIBCORE) $(LIBFORMATS) $(LIBTOCSIN)
	@mkdir -p $(@D)
	$(LINK)

$(BIN)/train: $(B)/obj/tools/train/train.o $(LIBCORE) $(LIBTOCSIN)
	@mkdir -p $(@D)
	$(LINK)

TEST_LIBS := $(LIBCOLLECTOR) $(LIBFORMATS) $(LIBNOTIFIER) $(LIBCORE) $(LIBTOCSIN)
$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(LINK) -lcmocka
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(LINK)
$(B)/tests/bench/%: $(B)/obj/tests/bench/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(LINK)
$(B)/tests/e2e/%: $(B)/obj/tests/e2e/%.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(LINK)

unit: $(UNIT_BIN)
helpers: $(HELPER_BIN)
bench-bin: $(BENCH_BIN)
fuzz-bin: $(FUZZ_BIN)

# ---- measuring and checking

bench: deps-dev
	@$(MAKE) --no-print-directory -j$$(nproc) all bench-bin
	@tests/bench/run.sh

fuzz: deps-dev
	@$(MAKE) --no-print-directory VARIANT=fuzz -j$$(nproc) fuzz-bin
	@tests/fuzz/run.sh

soak: deps-dev
	@$(MAKE) --no-print-directory -j$$(nproc) all helpers
	@tests/e2e/soak.sh

# The broken satellite link, the long form: some 15 minutes, as root.
link: deps-dev
	@$(MAKE) --no-print-directory -j$$(nproc) all helpers
	@tests/e2e/test_link.sh --cuts 22 --long 45

# The units under a real systemd in a container.
service: deps-dev
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/e2e/service.sh

asan: deps-dev
	@$(MAKE) --no-print-directory VARIANT=asan -j$$(nproc) all unit helpers
	@VARIANT=asan tests/run.sh

lint: deps-dev
	@$(MAKE) --no-print-directory $(B)/gen/tocsin.pb-c.h $(B)/gen/takproto.pb-c.h
	@tools/lint.sh

OURS = $(shell git ls-files '*.c' '*.h')
format:
	clang-format -i $(OURS)

clean:
	rm -rf build run

# ---- installing

install: all
	tools/install.sh "$(DESTDIR)" "$(PREFIX)" "$(BIN)"

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
