/* SPDX-License-Identifier: MIT */
/*
 * Table memory and registers from any bytes: the first say which registers there are and what is in
 * them, the rest is what memory holds.  Whatever opens is translated, walked, explained, visited
 * and dumped; a translation and a walk must agree.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/core/base.h"
#include "../../src/core/iopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RAM UINT64_C(0x40000000)

enum { RAM_BYTES = 1 << 20, REGISTERS = 12, TABLES_MAX = 200, DUMP_BYTES = 1 << 20 };

static const char *const names[] = {
	"ttbr0",     "ttbr1",	 "tcr",	    "mair",	    "ttbr0_el2", "ttbr1_el2",
	"tcr_el2",   "mair_el2", "vttbr",   "vtcr",	    "ttbcr",	 "prrr",
	"nmrr",	     "mair0",	 "dacr",    "sctlr",	    "sctlr_el2", "hcr_el2",
	"ttbr0_el3", "tcr_el3",	 "scr_el3", "id_aa64mmfr1", "mair1",	 "sctlr_el3",
};

struct input {
	const uint8_t *data;
	size_t size;
};

static uint64_t take(struct input *in, size_t bytes)
{
	uint64_t value = 0;

	if (bytes > in->size)
		bytes = in->size;
	memcpy(&value, in->data, bytes);
	in->data += bytes;
	in->size -= bytes;
	return value;
}

struct limits {
	unsigned tables;
	size_t bytes;
};

static int on_table(void *arg, const struct iopt_table *table)
{
	struct limits *l = arg;

	if (!table->slots || !table->bytes)
		abort();
	return ++l->tables > TABLES_MAX ? -IOPT_E2BIG : 0;
}

static int on_extent(void *arg, const struct iopt_extent *extent)
{
	(void)arg;
	if (!extent->size || !extent->count)
		abort();
	return 0;
}

static int on_field(void *arg, const struct iopt_field *field)
{
	(void)arg;
	if (!field->meaning[0] || field->lo > field->hi)
		abort();
	return 0;
}

static int on_sentence(void *arg, const char *sentence)
{
	(void)arg;
	return sentence[0] ? 0 : -IOPT_EINVAL;
}

static int drop(void *arg, const void *data, size_t bytes)
{
	struct limits *l = arg;

	(void)data;
	l->bytes += bytes;
	return l->bytes > DUMP_BYTES ? -IOPT_E2BIG : 0;
}

static void walk(struct iopt_domain *domain, uint64_t iova, unsigned access, unsigned el)
{
	const struct iopt_field_sink sink = {on_field, NULL};
	struct iopt_walk w = IOPT_INIT(struct iopt_walk);
	int ret = iopt_walk(domain, iova, access, el, &w);

	if (ret == -IOPT_EINVAL)
		return;
	if (!ret != !w.fault.type || w.step_count > IOPT_STEPS_MAX)
		abort();
	for (unsigned i = 0; i < w.step_count; i++) {
		unsigned hi, lo;

		if (iopt_step_decode(domain, &w, i, &sink) && !w.steps[i].absent)
			abort();
		if (iopt_step_index(domain, &w, i, &hi, &lo) || lo > hi)
			abort();
	}
	if (iopt_walk_explain(domain, &w, access, el, on_sentence, NULL))
		abort();
}

static void ask(struct iopt_domain *domain, uint64_t iova)
{
	struct iopt_walk w = IOPT_INIT(struct iopt_walk);
	struct iopt_fault fault;
	uint64_t pa = 0;
	int translated = iopt_translate(domain, iova, &pa, &fault);
	int walked = iopt_walk(domain, iova, 0, 0, &w);

	if (translated != walked || (!walked && w.pa != pa))
		abort();
	if (walked && (w.fault.type != fault.type || w.fault.level != fault.level))
		abort();
	for (unsigned i = 0; i < 16; i++)
		walk(domain, iova, i & 3 ? 1u << ((i & 3) - 1) : 0, i >> 2);
}

static void show(struct iopt_domain *domain)
{
	struct limits limits = {0};
	const struct iopt_sink sink = {drop, &limits};
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_space space = IOPT_INIT(struct iopt_space);

	visitor.last = UINT64_MAX;
	visitor.table = on_table;
	visitor.extent = on_extent;
	visitor.arg = &limits;
	for (unsigned i = 0; !iopt_domain_space(domain, i / 2, &space); i++) {
		limits.tables = 0;
		visitor.reenter = i % 2;
		iopt_domain_visit(domain, i / 2, &visitor);
	}
	iopt_dump(domain, IOPT_DUMP_JSON, NULL, &sink, NULL);
}

static struct iopt_domain *open_one(struct iopt_memory *memory,
				    const struct iopt_registers *registers, enum iopt_regime regime,
				    struct iopt_domain *stage2)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_domain *domain;
	int ret = iopt_domain_open_cpu(memory, registers, regime, stage2, &domain, &error);

	if (!ret)
		return domain;
	if (!error.code || !error.message[0])
		abort();
	return NULL;
}

/* Each a byte: which, and how its value is to be read. */
static void read_registers(struct input *in, struct iopt_registers *registers)
{
	iopt_registers_set(registers, "arch", take(in, 1));
	for (unsigned i = 0; i < REGISTERS; i++) {
		uint8_t which = (uint8_t)take(in, 1);
		uint64_t value = take(in, 8);

		if (which & 0x80) /* a table base in the memory */
			value = RAM | (value & (RAM_BYTES - 1));
		iopt_registers_set(registers, names[(which & 0x7f) % ARRAY_SIZE(names)], value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct iopt_domain *domain, *stage2 = NULL;
	struct iopt_registers *registers;
	struct iopt_memory *memory;
	uint64_t iova[8], how;

	if (iopt_memory_create(&memory) || iopt_registers_create(&registers) ||
	    iopt_memory_add_ram(memory, RAM, RAM_BYTES, NULL))
		abort();
	how = take(&in, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(iova); i++)
		iova[i] = take(&in, 8);
	read_registers(&in, registers);
	if (in.size > RAM_BYTES)
		in.size = RAM_BYTES;
	if (in.size && iopt_memory_write(memory, RAM, in.data, in.size))
		abort();
	if (how & 8)
		stage2 = open_one(memory, registers, IOPT_REGIME_STAGE2, NULL);
	domain = open_one(memory, registers, (enum iopt_regime)(how & 7), stage2);
	for (unsigned i = 0; domain && i < ARRAY_SIZE(iova); i++)
		ask(domain, iova[i]);
	if (domain)
		show(domain);
	iopt_domain_destroy(domain);
	iopt_domain_destroy(stage2);
	iopt_registers_destroy(registers);
	iopt_memory_destroy(memory);
	return 0;
}
