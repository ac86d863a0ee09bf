/* SPDX-License-Identifier: MIT */
/* Context descriptors: one for a domain, or a table of them by SubstreamID. */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "regs.h"
#include "smmu_v3_build.h"
#include "space.h"
#include "trace.h"

enum {
	PAGE_BYTES = 1 << 12,
	CD_SPLIT = 10,	      /* SubstreamID bits of a second level: 64 KiB */
	LINEAR_BITS_MAX = 10, /* 1024 contexts */
};

struct iopt_register v3_register(const struct iopt_domain *d, const char *name)
{
	const struct iopt_register *given = space_register(&d->spaces[0], name);
	struct space_desc desc;

	if (given)
		return *given;
	space_describe(&d->spaces[0], &desc);
	desc.register_count = 0;
	linux_registers(&desc);
	for (unsigned i = 0; i < desc.register_count; i++)
		if (!strcmp(desc.registers[i].name, name))
			return desc.registers[i];
	return (struct iopt_register){.name = name};
}

static unsigned field_of(const struct iopt_register *r, const char *name)
{
	for (unsigned i = 0; i < r->field_count; i++)
		if (!strcmp(r->fields[i].name, name))
			return r->fields[i].value;
	return 0;
}

/* arm_smmu_domain_finalise_s1(), arm_smmu_write_ctx_desc() */
void v3_make_cd(const struct iopt_domain *d, bool stalls, uint64_t cd[static CD_WORDS])
{
	const struct pgtable *t = &d->spaces[0];
	const struct iopt_register tcr = v3_register(d, "tcr");
	const bool upper = t->quirks & IOPT_QUIRK_ARM_TTBR1;
	const uint64_t half = field_put(CD_T0SZ, field_of(&tcr, "tsz")) |
			      field_put(CD_TG0, field_of(&tcr, "tg")) |
			      field_put(CD_IR0, field_of(&tcr, "irgn")) |
			      field_put(CD_OR0, field_of(&tcr, "orgn")) |
			      field_put(CD_SH0, field_of(&tcr, "sh"));

	memset(cd, 0, 8 * CD_WORDS);
	cd[0] = (upper ? half << 16 | CD_EPD0 : half | CD_EPD1) | CD_V | CD_AA64 | CD_R | CD_A |
		CD_ASET | field_put(CD_IPS, field_of(&tcr, "ips")) |
		field_put(CD_ASID, d->binding.asid);
	if (t->ops->format->big_endian)
		cd[0] |= CD_ENDI;
	if (stalls)
		cd[0] |= CD_S;
	cd[upper ? 2 : 1] = t->root & CD_TTB;
	cd[3] = v3_register(d, "mair").value;
}

/* ---- the table ---- */

/* Words 1 to 3, CMD_CFGI_CD and CMD_SYNC, then the word with V. */
void v3_write_cd(struct iopt_memory *m, uint64_t pa, const uint64_t cd[static CD_WORDS])
{
	v3_store(m, pa + 8, cd + 1, CD_WORDS - 1);
	trace_note(m, "CMD_CFGI_CD, CMD_SYNC");
	v3_store(m, pa, cd, 1);
	trace_note(m, "CMD_CFGI_CD, CMD_SYNC");
}

int v3_cd_at(struct iopt_memory *m, struct v3_contexts *c, uint32_t ssid, uint64_t *pa)
{
	const struct v3_leaf *leaf;
	uint64_t l1cd;
	int ret;

	if (!c->split) {
		*pa = c->table + ((uint64_t)ssid << STE_SHIFT);
		return 0;
	}
	leaf = v3_leaves_find(&c->leaves, ssid >> c->split);
	if (!leaf) {
		ret = memory_alloc(m, BIT(c->split + STE_SHIFT), pa);
		if (ret)
			return ret;
		ret = v3_leaves_add(&c->leaves, ssid >> c->split, *pa);
		if (ret) {
			memory_free(m, *pa);
			return ret;
		}
		l1cd = (*pa & L1CD_L2PTR) | L1CD_V;
		v3_store(m, c->table + ((uint64_t)(ssid >> c->split) << L1_SHIFT), &l1cd, 1);
		leaf = &c->leaves.list[c->leaves.count - 1];
	}
	*pa = leaf->pa + ((uint64_t)(ssid & low_bits(c->split)) << STE_SHIFT);
	return 0;
}

static int no_memory(struct iopt_error *error)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM,
			 "no memory for context descriptors");
}

/* arm_smmu_alloc_cd_tables() */
static struct v3_contexts *make_contexts(struct iopt_memory *m, unsigned ssid_bits, bool two_levels)
{
	struct v3_contexts *c = calloc(1, sizeof(*c));
	uint64_t bytes;

	if (!c)
		return NULL;
	c->ssid_bits = ssid_bits;
	if (ssid_bits > LINEAR_BITS_MAX && two_levels)
		c->split = CD_SPLIT;
	bytes = c->split ? BIT(ssid_bits - c->split + L1_SHIFT) : BIT(ssid_bits + STE_SHIFT);
	if (!memory_alloc(m, max_u64(bytes, PAGE_BYTES), &c->table))
		return c;
	free(c);
	return NULL;
}

static void free_contexts(struct iopt_memory *m, struct v3_contexts *c)
{
	struct v3_substream *s, *next;

	for (s = c->substreams; s; s = next) {
		next = s->next;
		free(s);
	}
	v3_leaves_free(&c->leaves, m);
	memory_free(m, c->table);
	free(c);
}

/* arm_smmu_probe_device(): what SMMU and device can do together. */
static unsigned device_ssid_bits(const struct iopt_device *device)
{
	const struct iopt_smmu_config *c = &device->config.smmu->config;
	const uint64_t bits = min_u64(device->config.ssid_bits, c->ssid_bits);

	return (unsigned)(c->linear_cd ? min_u64(bits, LINEAR_BITS_MAX) : bits);
}

int v3_bind_contexts(struct iopt_domain *d, const struct iopt_device *device,
		     struct iopt_error *error)
{
	const struct iopt_smmu_config *config = &device->config.smmu->config;
	const bool stalls = config->stalls && device->config.can_stall;
	const unsigned ssid_bits = device_ssid_bits(device);
	struct v3_contexts *c = d->binding.contexts;
	uint64_t cd[CD_WORDS], pa;

	if (c && c->ssid_bits != ssid_bits)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the domain has %u substream ID bits, the device %u", c->ssid_bits,
				 ssid_bits);
	if (c && c->stalls != stalls)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the domain's faults %s, the device's %s",
				 c->stalls ? "stall" : "do not stall", stalls ? "do" : "do not");
	if (c || d->type == IOPT_DOMAIN_IDENTITY || d->spaces[0].stage == 2)
		return 0;
	c = make_contexts(d->memory, ssid_bits, !config->linear_cd);
	if (!c)
		return no_memory(error);
	c->stalls = stalls;
	if (v3_cd_at(d->memory, c, 0, &pa)) {
		free_contexts(d->memory, c);
		return no_memory(error);
	}
	v3_make_cd(d, stalls, cd);
	v3_write_cd(d->memory, pa, cd);
	d->binding.contexts = c;
	return 0;
}

void v3_unbind_contexts(struct iopt_domain *d)
{
	v3_forget_substreams(d);
	if (d->binding.contexts)
		free_contexts(d->memory, d->binding.contexts);
	d->binding.contexts = NULL;
}
