/* SPDX-License-Identifier: MIT */
/* The stream table that Linux's driver keeps, in simulated memory. */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "regs.h"
#include "smmu_v3_build.h"
#include "trace.h"

enum { PAGE_BYTES = 1 << 12 };

/* ---- memory ---- */

/* It was written when it was allocated, so its frame is there. */
void v3_store(struct iopt_memory *m, uint64_t pa, const uint64_t *words, unsigned count)
{
	char *to = memory_write(m, pa, 8 * (uint64_t)count);

	for (unsigned i = 0; to && i < count; i++)
		store_le64(to + 8 * i, words[i]);
}

int v3_leaves_add(struct v3_leaves *l, uint32_t index, uint64_t pa)
{
	if (l->count == l->room) {
		size_t room = l->room ? 2 * l->room : 8;
		struct v3_leaf *list = realloc(l->list, room * sizeof(*list));

		if (!list)
			return -IOPT_ENOMEM;
		l->list = list;
		l->room = room;
	}
	l->list[l->count++] = (struct v3_leaf){index, pa};
	return 0;
}

const struct v3_leaf *v3_leaves_find(const struct v3_leaves *l, uint32_t index)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->list[i].index == index)
			return &l->list[i];
	return NULL;
}

void v3_leaves_free(struct v3_leaves *l, struct iopt_memory *m)
{
	for (size_t i = 0; i < l->count; i++)
		memory_free(m, l->list[i].pa);
	free(l->list);
	*l = (struct v3_leaves){0};
}

static int no_memory(struct iopt_error *error, const char *what)
{
	return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "no memory for %s", what);
}

/* ---- entries ---- */

/* arm_smmu_init_bypass_stes() */
static void untouched(const struct iopt_smmu *smmu, uint64_t ste[static STE_WORDS])
{
	memset(ste, 0, 8 * STE_WORDS);
	ste[0] = STE_V |
		 field_put(STE_CONFIG, smmu->config.allow_bypass ? STE_BYPASS : STE_ABORT);
	ste[1] = field_put(STE_SHCFG, SHCFG_INCOMING);
}

/* Attributes of reading context descriptors, and what a transaction without a SubstreamID has. */
#define STE_READS_CDS                                                                          \
	(field_put(STE_S1DSS, S1DSS_SSID0) | field_put(STE_S1CIR, 1) | field_put(STE_S1COR, 1) | \
	 field_put(STE_S1CSH, 3))

static void stage1_ste(const struct iopt_smmu *smmu, const struct iopt_domain *d,
		       uint64_t ste[static STE_WORDS])
{
	const struct v3_contexts *c = d->binding.contexts;

	ste[0] = STE_V | field_put(STE_CONFIG, STE_S1) | (c->table & STE_S1CONTEXTPTR) |
		 field_put(STE_S1FMT, c->split ? S1FMT_64K_L2 : S1FMT_LINEAR) |
		 field_put(STE_S1CDMAX, c->ssid_bits);
	ste[1] = STE_READS_CDS;
	if (smmu->config.stalls && !c->stalls)
		ste[1] |= STE_S1STALLD;
}

static void stage2_ste(const struct iopt_domain *d, uint64_t ste[static STE_WORDS])
{
	const struct pgtable *t = &d->spaces[0];

	ste[0] = STE_V | field_put(STE_CONFIG, STE_S2);
	ste[1] = field_put(STE_SHCFG, SHCFG_INCOMING);
	ste[2] = field_put(STE_S2VMID, d->binding.vmid) | STE_S2PTW | STE_S2AA64 | STE_S2R |
		 field_put(STE_S2VTCR, v3_register(d, "vtcr").value);
	if (t->ops->format->big_endian)
		ste[2] |= STE_S2ENDI;
	ste[3] = t->root & STE_S2TTB;
}

/* A guest's stage 1 above that stage 2. */
static void nested_ste(const struct guest_contexts *guest, uint64_t ste[static STE_WORDS])
{
	ste[0] = STE_V | field_put(STE_CONFIG, STE_NESTED) | guest->cd |
		 field_put(STE_S1FMT, S1FMT_LINEAR) | field_put(STE_S1CDMAX, guest->ssid_bits);
	ste[1] = STE_READS_CDS;
}

void v3_make_ste(const struct iopt_smmu *smmu, const struct iopt_device *device,
		 const struct iopt_domain *d, uint64_t ste[static STE_WORDS])
{
	untouched(smmu, ste);
	if (!d)
		return;
	if (d->type == IOPT_DOMAIN_IDENTITY)
		ste[0] = STE_V | field_put(STE_CONFIG, STE_BYPASS);
	else if (d->spaces[0].stage == 2)
		stage2_ste(d, ste);
	else
		stage1_ste(smmu, d, ste);
	if (device->guest.given)
		nested_ste(&device->guest, ste);
}

/* ---- the table ---- */

static uint64_t ste_at(const struct smmu_v3 *v, uint32_t sid)
{
	const struct v3_leaf *leaf;

	if (!v->l1_bits)
		return v->strtab + ((uint64_t)sid << STE_SHIFT);
	leaf = v3_leaves_find(&v->leaves, sid >> V3_SPLIT);
	assert(leaf);
	return leaf->pa + ((uint64_t)(sid & low_bits(V3_SPLIT)) << STE_SHIFT);
}

/* CMD_CFGI_STE and CMD_SYNC, which the caches of an SMMU need. */
static void sync_ste(struct iopt_memory *m, uint32_t sid)
{
	trace_note(m, "CMD_CFGI_STE of stream 0x%x, CMD_SYNC", sid);
}

/* All but the word with Config, then that word; what translates now is taken off first. */
static void write_ste(struct iopt_smmu *smmu, uint32_t sid, const uint64_t ste[static STE_WORDS])
{
	struct iopt_memory *m = smmu->state->memory;
	const uint64_t pa = ste_at(smmu->v3, sid);
	const char *now = memory_read(m, pa, 8 * STE_WORDS);
	uint64_t off[STE_WORDS];

	if (!now)
		return;
	if (field_get(load_le64(now), STE_CONFIG) > STE_BYPASS &&
	    field_get(ste[0], STE_CONFIG) > STE_BYPASS) {
		untouched(smmu, off);
		write_ste(smmu, sid, off);
	}
	v3_store(m, pa + 8, ste + 1, STE_WORDS - 1);
	sync_ste(m, sid);
	v3_store(m, pa, ste, 1);
	sync_ste(m, sid);
}

static void fill(const struct iopt_smmu *smmu, uint64_t pa, uint64_t count)
{
	uint64_t ste[STE_WORDS];

	untouched(smmu, ste);
	for (uint64_t i = 0; i < count; i++)
		v3_store(smmu->state->memory, pa + (i << STE_SHIFT), ste, STE_WORDS);
}

static int add_leaf(struct iopt_smmu *smmu, uint32_t index, struct iopt_error *error)
{
	struct iopt_memory *m = smmu->state->memory;
	struct smmu_v3 *v = smmu->v3;
	uint64_t pa, l1std;

	if (v3_leaves_find(&v->leaves, index))
		return 0;
	if (memory_alloc(m, BIT(V3_SPLIT + STE_SHIFT), &pa))
		return no_memory(error, "stream table entries");
	if (v3_leaves_add(&v->leaves, index, pa)) {
		memory_free(m, pa);
		return no_memory(error, "stream table entries");
	}
	fill(smmu, pa, BIT(V3_SPLIT));
	l1std = (pa & L1STD_L2PTR) | field_put(L1STD_SPAN, V3_SPLIT + 1);
	v3_store(m, v->strtab + ((uint64_t)index << L1_SHIFT), &l1std, 1);
	return 0;
}

int v3_prepare_streams(struct iopt_smmu *smmu, const struct iopt_device *device,
		       struct iopt_error *error)
{
	int ret = 0;

	for (unsigned i = 0; !ret && smmu->v3->l1_bits && i < device->config.stream_count; i++)
		ret = add_leaf(smmu, device->config.streams[i].id >> V3_SPLIT, error);
	return ret;
}

void v3_write_streams(struct iopt_smmu *smmu, const struct iopt_device *device,
		      const struct iopt_domain *domain)
{
	uint64_t ste[STE_WORDS];

	v3_make_ste(smmu, device, domain, ste);
	for (unsigned i = 0; i < device->config.stream_count; i++)
		write_ste(smmu, device->config.streams[i].id, ste);
}

/* ---- life ---- */

/* CMD_CFGI_ALL, CMD_SYNC, CMD_TLBI_NSNH_ALL, CMD_SYNC: what resetting sends. */
static void fill_cmdq(struct iopt_smmu *smmu)
{
	static const uint64_t commands[][2] = {{0x04, 31}, {0x46, 0}, {0x30, 0}, {0x46, 0}};

	smmu->v3->commands = ARRAY_SIZE(commands);
	v3_store(smmu->state->memory, smmu->v3->cmdq, commands[0], 2 * ARRAY_SIZE(commands));
}

static int alloc_all(struct iopt_smmu *smmu, uint64_t strtab_bytes)
{
	struct iopt_memory *m = smmu->state->memory;
	struct smmu_v3 *v = smmu->v3;
	int ret = memory_alloc(m, max_u64(strtab_bytes, PAGE_BYTES), &v->strtab);

	if (ret)
		return ret;
	ret = memory_alloc(m, PAGE_BYTES, &v->cmdq);
	if (!ret) {
		ret = memory_alloc(m, PAGE_BYTES, &v->eventq);
		if (ret)
			memory_free(m, v->cmdq);
	}
	if (ret)
		memory_free(m, v->strtab);
	return ret;
}

int v3_create(struct iopt_smmu *smmu, struct iopt_error *error)
{
	const struct iopt_smmu_config *c = &smmu->config;
	const bool linear = c->linear || c->sid_bits <= V3_SPLIT;
	struct smmu_v3 *v;

	if (linear && c->sid_bits > V3_LINEAR_BITS_MAX)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "a linear stream table has at most %d stream ID bits here",
				 V3_LINEAR_BITS_MAX);
	v = calloc(1, sizeof(*v));
	if (!v)
		return no_memory(error, "an SMMU");
	smmu->v3 = v;
	v->l1_bits = linear ? 0 : (unsigned)min_u64(c->sid_bits - V3_SPLIT, V3_L1_BITS_MAX);
	v->sid_bits = linear ? c->sid_bits : v->l1_bits + V3_SPLIT;
	if (alloc_all(smmu, linear ? BIT(v->sid_bits + STE_SHIFT) : BIT(v->l1_bits + L1_SHIFT))) {
		smmu->v3 = NULL;
		free(v);
		return no_memory(error, "the stream table and queues");
	}
	if (linear)
		fill(smmu, v->strtab, BIT(v->sid_bits));
	fill_cmdq(smmu);
	return 0;
}

void v3_destroy(struct iopt_smmu *smmu)
{
	struct iopt_memory *m = smmu->state->memory;

	v3_leaves_free(&smmu->v3->leaves, m);
	memory_free(m, smmu->v3->strtab);
	memory_free(m, smmu->v3->cmdq);
	memory_free(m, smmu->v3->eventq);
	free(smmu->v3);
}
