/* SPDX-License-Identifier: MIT */
/*
 * An included ELF program: a region for each segment, with what its flags allow, and its symbols
 * for the numbers of the spec.
 */
#include <stdio.h>
#include <stdlib.h>

#include "program_elf.h"
#include "spec.h"

static int add_symbol(void *arg, const char *name, uint64_t value)
{
	const struct spec_include *in = arg;
	struct iopt_spec *spec = in->spec;

	if (spec->symbol_count == spec->symbol_room) {
		size_t room = spec->symbol_room ? 2 * spec->symbol_room : 256;
		struct spec_symbol *symbols = realloc(spec->symbols, room * sizeof(*symbols));

		if (!symbols)
			return spec_out_of_memory(spec);
		spec->symbols = symbols;
		spec->symbol_room = room;
	}
	name = strdup(name);
	if (!name)
		return spec_out_of_memory(spec);
	spec->symbols[spec->symbol_count++] = (struct spec_symbol){(char *)name, value};
	return 0;
}

/*
 * Whoever may execute or write, may read: no stage 1 of EL1 to EL3 has it otherwise.  Segments are
 * rounded out: two that share a granule overlap, and are told.
 */
static int add_segment(void *arg, const struct elf_segment *s)
{
	const struct spec_include *in = arg;
	const char *slash = strrchr(in->path, '/');
	char name[SPEC_NAME_BYTES];
	struct spec_included what = {
		.name = name,
		.pa = s->pa,
		.rounding = SPEC_ROUND_OUT,
		.memory = "normal-wb",
		.access = s->access | IOPT_ACCESS_R,
	};

	snprintf(name, sizeof(name), "%.100s.%u", slash ? slash + 1 : in->path, s->number);
	if (!range_make(s->va, s->size, &what.va))
		return spec_include_fail(in, 0, "segment %u leaves the address space", s->number);
	return spec_include_region(in, &what);
}

static int compare(const void *one, const void *two)
{
	const struct spec_symbol *a = one, *b = two;
	int by_name = strcmp(a->name, b->name);

	return by_name ? by_name : (a->value > b->value) - (a->value < b->value);
}

/* By name, each name with each of its values once. */
static void sort_symbols(struct iopt_spec *spec)
{
	size_t kept = 0;

	if (!spec->symbol_count)
		return;
	qsort(spec->symbols, spec->symbol_count, sizeof(*spec->symbols), compare);
	for (size_t i = 1; i < spec->symbol_count; i++) {
		if (!compare(&spec->symbols[kept], &spec->symbols[i]))
			free(spec->symbols[i].name);
		else
			spec->symbols[++kept] = spec->symbols[i];
	}
	spec->symbol_count = kept + 1;
}

int spec_include_elf(const struct spec_include *in)
{
	const struct program_elf_visitor visitor = {add_segment, add_symbol, (void *)in};
	struct iopt_spec *spec = in->spec;
	int err = program_elf_read(in->path, &visitor, spec->error);

	sort_symbols(spec);
	return err;
}
