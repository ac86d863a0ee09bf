/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "roundtrip.h"

void trial_fail(const struct trial *t, const char *what, int line)
{
	fail_msg("line %d: not so: %s\n  %s ias %u oas %u quirks %#x %s-endian%s root %#llx, step "
		 "%llu: %s",
		 line, what, t->row->name, t->space.ias, t->space.oas, t->space.quirks,
		 t->space.big_endian ? "big" : "little",
		 t->space.non_coherent_walk ? " non-coherent" : "",
		 (unsigned long long)t->space.root, (unsigned long long)t->steps, t->doing);
}

uint64_t trial_random(struct trial *t, uint64_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return below ? (t->random >> 11) % below : 0;
}

static unsigned random_oas(struct trial *t)
{
	static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52};
	unsigned oas = t->row->oas_max;

	if (t->row->format == IOPT_ARM_V7S || trial_random(t, 2))
		return oas;
	do {
		oas = sizes[trial_random(t, ARRAY_SIZE(sizes))];
	} while (oas > t->row->oas_max);
	return oas;
}

/* Tables must be where their descriptors can point to. */
static uint64_t random_ram(struct trial *t)
{
	static const uint64_t bases[] = {0x80000000, 0, UINT64_C(0x7f0000000),
					 UINT64_C(0xfff000000000), UINT64_C(0xfff0000000000)};
	bool wide = t->row->page_shift == 16 && t->config.oas == 52;
	size_t n = t->row->format == IOPT_ARM_V7S ? 1
		   : t->row->format == IOPT_ARM_64_LPAE_S1 || t->row->format == IOPT_ARM_64_LPAE_S2
			   ? 4
			   : 3;

	if (t->row->quirks & IOPT_QUIRK_ARM_MTK_TTBR_EXT)
		n = 3;
	if (t->config.oas < 48 && n > 1)
		n = 1;
	return bases[trial_random(t, wide ? ARRAY_SIZE(bases) : n)];
}

static void choose_places(struct trial *t)
{
	uint64_t size = t->space.last - t->space.first;

	t->places[0] = t->space.first;
	t->places[1] = t->space.last;
	t->places[2] = t->space.first + size / 2 + 1;
	t->places[3] = t->space.first + (t->random & size);
}

void trial_open(struct trial *t, const struct trial_row *row)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);

	t->row = row;
	t->steps = 0;
	t->random |= 1;
	t->config = IOPT_INIT(struct iopt_config);
	t->config.format = row->format;
	t->config.ias = row->ias_min + (unsigned)trial_random(t, row->ias_max - row->ias_min + 1);
	t->config.oas = random_oas(t);
	t->config.page_sizes = iopt_granule_page_sizes(row->format, BIT(row->page_shift));
	t->config.quirks = row->quirks | (row->maybe & (uint32_t)trial_random(t, 64));
	t->config.non_coherent_walk = trial_random(t, 2);
	t->config.big_endian = trial_random(t, 2);
	snprintf(t->doing, sizeof(t->doing), "create");
	trial_check(t, iopt_memory_create(&t->memory) == 0);
	trial_check(t, iopt_memory_add_ram(t->memory, random_ram(t), 256 << 20, &error) == 0);
	t->space = IOPT_INIT(struct iopt_space);
	trial_check(t, iopt_domain_create(t->memory, &t->config, &t->domain, &error) == 0);
	trial_check(t, iopt_domain_space(t->domain, 0, &t->space) == 0);
	model_init(&t->model, &t->space);
	choose_places(t);
}

void trial_close(struct trial *t)
{
	char why[512] = "";

	trial_compare(t);
	if (roundtrip(t->domain, why, sizeof(why)) < 0) {
		snprintf(t->doing, sizeof(t->doing), "%.150s", why);
		trial_fail(t, "files keep everything", __LINE__);
	}
	iopt_domain_destroy(t->domain);
	trial_check(t, iopt_memory_allocated(t->memory) == 0);
	iopt_memory_destroy(t->memory);
	model_destroy(&t->model);
}

/* ---- the whole tree ---- */

struct comparison {
	struct trial *t;
	size_t next;
};

/* May anyone write there?  Where permissions are kept at all, that is what was asked. */
static void check_attrs(struct trial *t, const struct iopt_extent *extent, unsigned prot)
{
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	bool write = false;

	if (t->space.quirks & IOPT_QUIRK_NO_PERMS)
		return;
	trial_check(t, iopt_domain_attrs(t->domain, 0, extent, &attrs) == 0);
	for (unsigned i = 0; i < attrs.level_count; i++)
		write |= (attrs.access[i].access & IOPT_ACCESS_W) != 0;
	trial_check(t, write == ((prot & IOPT_WRITE) != 0));
}

static int compare_extent(void *arg, const struct iopt_extent *extent)
{
	struct comparison *c = arg;
	struct trial *t = c->t;

	for (uint64_t i = 0; i < extent->count; i++) {
		const struct model_leaf *leaf = &t->model.leaves[c->next++];

		trial_check(t, c->next <= t->model.count);
		trial_check(t, leaf->iova == extent->iova + i * extent->size);
		trial_check(t, leaf->pa == extent->pa + i * extent->size);
		trial_check(t, leaf->size == extent->size);
		if (i == 0 || i == extent->count - 1)
			check_attrs(t, extent, leaf->prot);
	}
	return 0;
}

void trial_compare(struct trial *t)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct comparison c = {.t = t};

	visitor.last = UINT64_MAX;
	visitor.extent = compare_extent;
	visitor.arg = &c;
	trial_check(t, iopt_domain_visit(t->domain, 0, &visitor) == 0);
	trial_check(t, c.next == t->model.count);
}

static int read_extent(void *arg, const struct iopt_extent *extent)
{
	struct model_leaf leaf = {extent->iova, extent->pa, extent->size, 0};

	model_add(arg, leaf, extent->count);
	return 0;
}

void trial_read(struct trial *t, struct model *m)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);

	model_init(m, &t->space);
	visitor.last = UINT64_MAX;
	visitor.extent = read_extent;
	visitor.arg = m;
	trial_check(t, iopt_domain_visit(t->domain, 0, &visitor) == 0);
	for (size_t i = 0; i < m->count; i++) {
		const struct model_leaf *before = model_find(&t->model, m->leaves[i].iova);

		m->leaves[i].prot = before ? before->prot : 0;
	}
}
