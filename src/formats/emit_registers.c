/* SPDX-License-Identifier: MIT */
/*
 * The registers of a domain by the names that the CPU has for them.  Arm ARM: "TTBR0_EL1",
 * "TCR_EL1", "MAIR_EL1" and so on; AArch32: "TTBR0", "TTBCR", "MAIR0", "PRRR".
 */
#include "emit.h"

#include "../core/space.h"

#define TCR_EPD0 BIT(7) /* TTBCR has them there, too */
#define TCR_EPD1 BIT(23)

/* A register of a space, and what it is in one of the CPU's. */
struct cpu_name {
	const char *own;
	const char *lower, *upper; /* by the half that the space is */
	uint8_t bits;
	uint8_t shift; /* of the part that this register holds */
};

#define STAGE_1(el)                                                                      \
	{"ttbr", "ttbr0_" el, "ttbr1_" el, 64, 0}, {"tcr", "tcr_" el, "tcr_" el, 64, 0}, \
		{"mair", "mair_" el, "mair_" el, 64, 0},                                 \
	{                                                                                \
		.own = NULL                                                              \
	}

static const struct cpu_name a64_el1[] = {STAGE_1("el1")};
static const struct cpu_name a64_el2[] = {STAGE_1("el2")};
static const struct cpu_name a64_el3[] = {STAGE_1("el3")};
static const struct cpu_name a64_stage2[] = {
	{"vttbr", "vttbr_el2", NULL, 64, 0}, {"vtcr", "vtcr_el2", NULL, 64, 0}, {.own = NULL}};
static const struct cpu_name a32_lpae[] = {{"ttbr", "ttbr0", "ttbr1", 64, 0},
					   {"tcr", "ttbcr", "ttbcr", 32, 0},
					   {"mair", "mair0", "mair0", 32, 0},
					   {"mair", "mair1", "mair1", 32, 32},
					   {.own = NULL}};
static const struct cpu_name a32_stage2[] = {
	{"vttbr", "vttbr", NULL, 64, 0}, {"vtcr", "vtcr", NULL, 32, 0}, {.own = NULL}};
static const struct cpu_name a32_v7s[] = {
	{"ttbr", "ttbr0", "ttbr1", 32, 0}, {"tcr", "ttbcr", "ttbcr", 32, 0},
	{"prrr", "prrr", "prrr", 32, 0},   {"nmrr", "nmrr", "nmrr", 32, 0},
	{"dacr", "dacr", "dacr", 32, 0},   {.own = NULL}};

static const struct cpu_name *names_of(const struct space_desc *d)
{
	static const struct cpu_name *const a64[IOPT_REGIME_COUNT] = {
		[IOPT_REGIME_EL1] = a64_el1,
		[IOPT_REGIME_EL2] = a64_el2,
		[IOPT_REGIME_EL3] = a64_el3,
		[IOPT_REGIME_STAGE2] = a64_stage2,
	};
	const struct format_rule *rule = format_rule(d->format);

	if (rule->v7s)
		return a32_v7s;
	if (rule->aarch32)
		return rule->stage2 ? a32_stage2 : a32_lpae;
	return a64[d->regime];
}

static bool is_upper(const struct space_desc *d)
{
	return d->upper || d->quirks & IOPT_QUIRK_ARM_TTBR1;
}

static const char *cpu_name(const struct cpu_name *n, const struct space_desc *d)
{
	return is_upper(d) ? n->upper : n->lower;
}

/* One register for both halves: neither is disabled. */
static uint64_t merge_control(uint64_t lower, uint64_t upper)
{
	return (lower & ~TCR_EPD1) | (upper & ~TCR_EPD0);
}

static void add_register(struct emit *e, struct emit_register r, bool control)
{
	unsigned i;

	for (i = 0; i < e->register_count; i++) {
		struct emit_register *there = &e->registers[i];

		if (strcmp(there->name, r.name) != 0)
			continue;
		if (control)
			there->value = merge_control(there->value, r.value);
		return;
	}
	if (e->register_count < EMIT_REGISTERS_MAX)
		e->registers[e->register_count++] = r;
}

/* By Linux's names; of two halves the bases are told apart. */
static const char *own_name(const struct emit *e, unsigned space, const struct cpu_name *n)
{
	if (e->image->domain->space_count > 1 && !strcmp(n->own, "ttbr"))
		return space ? "ttbr1" : "ttbr0";
	return n->own;
}

static void add_own(struct emit *e, unsigned space, const struct iopt_register *r)
{
	const struct space_desc *d = &e->image->spaces[space];
	const bool base = !strcmp(r->name, "ttbr") || !strcmp(r->name, "vttbr");
	const struct cpu_name *n;

	for (n = names_of(d); n->own; n++) {
		struct emit_register made = {
			.name = !e->cpu_registers ? own_name(e, space, n) : cpu_name(n, d),
			.value = e->cpu_registers ? r->value >> n->shift : r->value,
			.bits = e->cpu_registers ? n->bits : 64,
			.linked = base && e->base_symbol,
			.root_of = (int8_t)(base ? (int)space : -1),
		};

		if (strcmp(n->own, r->name) != 0 || !made.name)
			continue;
		if (made.bits == 32)
			made.value &= low_bits(32);
		if (made.linked)
			made.value += e->phys_offset;
		add_register(e, made, !strcmp(r->name, "tcr"));
	}
}

void emit_registers(struct emit *e)
{
	unsigned i, k;

	e->register_count = 0;
	for (i = 0; i < e->image->domain->space_count; i++)
		for (k = 0; k < e->image->spaces[i].register_count; k++)
			add_own(e, i, &e->image->spaces[i].registers[k]);
}

/* ---- in the sidecar of an image ---- */

static const struct emit_register *find_register(const struct emit *e, const char *name)
{
	unsigned i;

	for (i = 0; i < e->register_count; i++)
		if (!strcmp(e->registers[i].name, name))
			return &e->registers[i];
	return NULL;
}

void emit_cpu_names(const struct emit *e, unsigned space, struct space_desc *desc)
{
	const struct space_desc *own = &e->image->spaces[space];
	const struct cpu_name *n;
	unsigned i;

	*desc = *own;
	desc->register_count = 0;
	for (i = 0; i < own->register_count; i++) {
		for (n = names_of(own); n->own; n++) {
			const struct emit_register *there;
			struct iopt_register *r = &desc->registers[desc->register_count];

			if (strcmp(n->own, own->registers[i].name) != 0 || !cpu_name(n, own))
				continue;
			there = find_register(e, cpu_name(n, own));
			if (!there || desc->register_count == IOPT_REGISTERS_MAX)
				continue;
			*r = own->registers[i];
			r->name = there->name;
			r->value = there->value;
			desc->register_count++;
		}
	}
}

const char *emit_register_own(const char *name, unsigned *shift)
{
	static const struct cpu_name *const all[] = {a64_el1,  a64_el2,	   a64_el3, a64_stage2,
						     a32_lpae, a32_stage2, a32_v7s};
	const struct cpu_name *n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		for (n = all[i]; n->own; n++) {
			if (strcmp(n->lower, name) != 0 &&
			    (!n->upper || strcmp(n->upper, name) != 0))
				continue;
			*shift = n->shift;
			return n->own;
		}
	}
	return NULL;
}
