/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tree.h"
#include "trial.h"

enum { PROBES = 4, COMPARE_EVERY = 64, MANY = 40 };

struct request {
	uint64_t iova, pa, page_size, count, size;
	unsigned prot;
	bool tight; /* few tables may be allocated */
};

static uint64_t space_bytes_minus_1(const struct trial *t)
{
	return t->space.last - t->space.first;
}

/* One of the page sizes that are less than the space, the smallest half of the time. */
static uint64_t random_page_size(struct trial *t)
{
	uint64_t sizes = t->space.page_sizes, size;

	if (trial_random(t, 2))
		return t->space.granule;
	do {
		size = BIT(trial_random(t, 43));
	} while (!(sizes & size) || size - 1 >= space_bytes_minus_1(t));
	return size;
}

/* A multiple of 'align', around one of the places, with 'align' bytes of the space from there. */
static uint64_t random_iova(struct trial *t, uint64_t align)
{
	uint64_t span = space_bytes_minus_1(t), reach, offset;
	uint64_t place = t->places[trial_random(t, ARRAY_SIZE(t->places))] - t->space.first;

	reach = trial_random(t, 2) ? 16 * align : t->space.granule << trial_random(t, 13);
	offset = place + trial_random(t, reach) - reach / 2;
	return t->space.first + align_down(offset & span, align);
}

static uint64_t random_count(struct trial *t)
{
	switch (trial_random(t, 8)) {
	case 0:
		return 1 + trial_random(t, 700);
	case 1:
	case 2:
		return 1 + trial_random(t, 20);
	default:
		return 1 + trial_random(t, 3);
	}
}

/* Output for 'bytes', below 2^oas, never 0; often at an edge where address bits move. */
static uint64_t random_pa(struct trial *t, uint64_t bytes, uint64_t align)
{
	uint64_t end = BIT(t->space.oas), pa = trial_random(t, end);

	if (trial_random(t, 4) == 0)
		pa = (1 + trial_random(t, 7)) << 32;
	else if (trial_random(t, 4) == 0)
		pa = (1 + trial_random(t, 15)) << 48;
	pa -= trial_random(t, 4) * align;
	pa = align_down(pa & (end - 1), align);
	if (bytes > end - pa)
		pa = align_down(end - bytes, align);
	return pa ? pa : align;
}

static struct request random_pages(struct trial *t)
{
	struct request r = {.page_size = random_page_size(t)};
	uint64_t room;

	r.iova = random_iova(t, r.page_size);
	r.count = random_count(t);
	/* Past the end of the space Linux's short descriptors begin again at 0: not asked for. */
	room = (t->space.last - r.iova) / r.page_size + 1;
	if (t->model.short_descriptors || trial_random(t, 16))
		r.count = min_u64(r.count, room);
	r.count = min_u64(r.count, max_u64(1, (BIT(t->space.oas) / r.page_size) / 2));
	r.size = r.count * r.page_size;
	r.pa = random_pa(t, r.size, r.page_size);
	r.prot = (unsigned)trial_random(t, 64) | (trial_random(t, 2) ? IOPT_READ : IOPT_WRITE);
	r.tight = trial_random(t, 24) == 0;
	return r;
}

/* The ends of a range stick out of its pages by a few of the smallest. */
static void ragged(struct trial *t, struct request *r)
{
	uint64_t extra = trial_random(t, 64) * t->space.granule, room;

	if (trial_random(t, 2))
		r->iova -= min_u64(r->iova - t->space.first, extra);
	r->size += extra;
	room = t->space.last - r->iova;
	if (r->size - 1 > room)
		r->size = room + 1;
	/* A page as large as the space has no level: Linux chooses it and fails. */
	if (r->size - 1 == space_bytes_minus_1(t))
		r->size -= t->space.granule;
}

/* A range of any number of pages; large ones only where large pages fit. */
static struct request random_range(struct trial *t)
{
	struct request r = random_pages(t);
	uint64_t granule = t->space.granule;
	bool large;

	r.count = min_u64(r.count, 16);
	r.size = r.count * r.page_size;
	ragged(t, &r);
	r.size = min_u64(r.size, BIT(t->space.oas) / 2);
	large = r.size > 4096 * granule;
	r.pa = random_pa(t, r.size + r.page_size,
			 large || trial_random(t, 2) ? r.page_size : granule);
	if (large || trial_random(t, 2))
		r.pa |= r.iova & (r.page_size - 1);
	return r;
}

static void describe(struct trial *t, const char *what, const struct request *r)
{
	snprintf(t->doing, sizeof(t->doing),
		 "%s iova %#llx pa %#llx page %#llx x %llu size %#llx prot %u%s", what,
		 (unsigned long long)r->iova, (unsigned long long)r->pa,
		 (unsigned long long)r->page_size, (unsigned long long)r->count,
		 (unsigned long long)r->size, r->prot, r->tight ? " tight" : "");
	iopt_memory_budget(t->memory, r->tight ? trial_random(t, 3) : UINT64_MAX);
}

static struct iopt_pages pages_of(const struct request *r)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);

	pages.iova = r->iova;
	pages.pa = r->pa;
	pages.page_size = r->page_size;
	pages.count = r->count;
	pages.prot = r->prot;
	return pages;
}

/* ---- looking ---- */

static void probe(struct trial *t, uint64_t iova)
{
	uint64_t want = model_translate(&t->model, iova), pa = 0;
	struct iopt_fault fault = {0};
	int code = iopt_translate(t->domain, iova, &pa, &fault);

	if (iova < t->space.first || iova > t->space.last) {
		trial_check(t, code == -IOPT_EFAULT && fault.type == IOPT_FAULT_TRANSLATION);
		return;
	}
	trial_check(t, iopt_iova_to_phys(t->domain, iova) == want);
	trial_check(t, code == (want ? 0 : -IOPT_EFAULT));
	trial_check(t, want ? pa == want : fault.type == IOPT_FAULT_TRANSLATION);
}

static void probe_around(struct trial *t, const struct request *r)
{
	probe(t, r->iova);
	probe(t, r->iova - 1);
	probe(t, r->iova + r->size);
	for (int i = 0; i < PROBES; i++)
		probe(t, r->iova + trial_random(t, r->size + r->size / 4 + 1));
}

static void probe_many(struct trial *t)
{
	struct request r = random_pages(t);
	uint64_t iova[MANY], pa[MANY];
	size_t good = 0, count = trial_random(t, MANY + 1);

	for (size_t i = 0; i < MANY; i++)
		iova[i] = r.iova + trial_random(t, min_u64(2 * r.size, t->space.last - r.iova + 1));
	while (good < count && model_translate(&t->model, iova[good]))
		good++;
	trial_check(t, iopt_translate_many(t->domain, iova, count, pa) == good);
	for (size_t i = 0; i < good; i++)
		trial_check(t, pa[i] == model_translate(&t->model, iova[i]));
}

/* ---- when tables ran out ---- */

/* Every leaf of 'part' is in 'whole', leading where it leads there; but for [first, last]. */
static void check_inside(struct trial *t, const struct model *part, const struct model *whole,
			 uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct model_leaf *leaf = &part->leaves[i];
		uint64_t leaf_last = leaf->iova + (leaf->size - 1);

		if (leaf->iova < first || leaf->iova > last)
			trial_check(t, model_translate(whole, leaf->iova) == leaf->pa);
		if (leaf_last < first || leaf_last > last)
			trial_check(t, model_translate(whole, leaf_last) ==
					       leaf->pa + (leaf->size - 1));
	}
}

/*
 * Leaves may have been split, those in 'bytes' from iova may be gone, nothing may be new.  From
 * here on what is there is right.
 */
static void take_over(struct trial *t, uint64_t iova, uint64_t bytes)
{
	uint64_t first = bytes ? iova : 1, last = bytes ? iova + (bytes - 1) : 0;
	struct model now;

	trial_read(t, &now);
	check_inside(t, &now, &t->model, 1, 0);
	check_inside(t, &t->model, &now, first, last);
	model_destroy(&t->model);
	t->model = now;
}

/* ---- requests ---- */

static void step_map_pages(struct trial *t)
{
	struct request r = random_pages(t);
	struct iopt_pages pages = pages_of(&r), right = pages;
	int code;

	describe(t, "map-pages", &r);
	code = iopt_map_pages(t->domain, &pages);
	if (r.tight && code == -IOPT_ENOMEM) {
		trial_check(t, t->model.short_descriptors || !pages.done);
		right.count = pages.done / r.page_size;
		if (right.count)
			trial_check(t, model_map_pages(&t->model, &right) == 0);
	} else {
		trial_check(t, code == model_map_pages(&t->model, &right));
		trial_check(t, pages.done == right.done);
	}
	probe_around(t, &r);
}

static void step_unmap_pages(struct trial *t)
{
	struct request r = random_pages(t);
	struct iopt_pages pages = pages_of(&r);

	describe(t, "unmap-pages", &r);
	pages.queued = trial_random(t, 2);
	iopt_unmap_pages(t->domain, &pages);
	if (r.tight) {
		take_over(t, r.iova, pages.done);
		trial_check(t, !pages.done ||
				       !model_touches(&t->model, r.iova, r.iova + pages.done - 1));
	} else {
		trial_check(t, pages.done == model_unmap_pages(&t->model, &pages, pages.done));
	}
	probe_around(t, &r);
}

static void step_map(struct trial *t)
{
	struct request r = random_range(t);
	int code;

	describe(t, "map", &r);
	code = iopt_map(t->domain, r.iova, r.pa, r.size, r.prot);
	if (r.tight && code == -IOPT_ENOMEM)
		take_over(t, r.iova, r.size);
	else
		trial_check(t, code == model_map(&t->model, r.iova, r.pa, r.size, r.prot));
	probe_around(t, &r);
}

static void step_unmap(struct trial *t)
{
	struct request r = random_range(t);
	uint64_t unmapped = 1;
	int code;

	describe(t, "unmap", &r);
	code = iopt_unmap(t->domain, r.iova, r.size, &unmapped);
	trial_check(t, code == (unmapped < r.size ? -IOPT_ENOENT : 0));
	if (r.tight) {
		take_over(t, r.iova, unmapped);
		trial_check(t,
			    !unmapped || !model_touches(&t->model, r.iova, r.iova + unmapped - 1));
	} else {
		trial_check(t, unmapped == model_unmap(&t->model, r.iova, r.size, unmapped));
	}
	probe_around(t, &r);
}

/* What was free is as before after a map and an unmap; Linux's empty tables may be more. */
static void step_there_and_back(struct trial *t)
{
	struct request r = random_range(t);
	struct tree_sum before, after;
	uint64_t unmapped;

	r.tight = false;
	describe(t, "map and unmap", &r);
	if (model_touches(&t->model, r.iova, r.iova + (r.size - 1)))
		return;
	before = tree_sum(t->domain);
	trial_check(t, iopt_map(t->domain, r.iova, r.pa, r.size, r.prot) == 0);
	trial_check(t, iopt_translate(t->domain, r.iova, &unmapped, NULL) == 0);
	trial_check(t, iopt_unmap(t->domain, r.iova, r.size, &unmapped) == 0);
	trial_check(t, unmapped == r.size);
	after = tree_sum(t->domain);
	trial_check(t, before.leaves == after.leaves && before.leaf_count == after.leaf_count);
}

/* Requests that are wrong in one way change nothing. */
static void step_bad(struct trial *t)
{
	struct request r = random_pages(t);
	struct iopt_pages pages = pages_of(&r);
	uint64_t allocated = iopt_memory_allocated(t->memory);
	int want = -IOPT_ERANGE;

	r.tight = false;
	describe(t, "bad map-pages", &r);
	switch (trial_random(t, 4)) {
	case 0:
		pages.prot &= ~(unsigned)(IOPT_READ | IOPT_WRITE);
		want = -IOPT_EINVAL;
		break;
	case 1:
		pages.iova ^= BIT(t->space.ias + trial_random(t, 64 - t->space.ias));
		break;
	case 2:
		pages.pa |= BIT(t->space.oas + trial_random(t, 64 - t->space.oas));
		break;
	default:
		want = -IOPT_EINVAL;
		trial_check(t, iopt_map(t->domain, r.iova + 1, r.pa, r.size, r.prot) == want);
		trial_check(t, iopt_map(t->domain, r.iova, r.pa + 2, r.size, r.prot) == want);
		trial_check(t, iopt_map(t->domain, r.iova, r.pa, r.size - 1, r.prot) == want);
		pages.count = 0;
		pages.prot = 0;
	}
	trial_check(t, iopt_map_pages(t->domain, &pages) == want);
	trial_check(t, !pages.done);
	trial_check(t, iopt_memory_allocated(t->memory) == allocated);
	probe_around(t, &r);
}

void trial_step(struct trial *t)
{
	static void (*const steps[])(struct trial * t) = {
		step_map_pages,	  step_map_pages,   step_map_pages, step_map_pages,
		step_map_pages,	  step_map_pages,   step_map,	    step_map,
		step_map,	  step_unmap_pages, step_unmap,	    step_unmap_pages,
		step_unmap_pages, step_unmap_pages, step_unmap,	    step_bad,
	};
	uint64_t which = trial_random(t, 64);

	t->steps++;
	if (which < 4 * ARRAY_SIZE(steps) - 2)
		steps[which / 4](t);
	else if (which % 2)
		step_there_and_back(t);
	else
		probe_many(t);
	iopt_memory_budget(t->memory, UINT64_MAX);
	if (t->steps % COMPARE_EVERY == 0)
		trial_compare(t);
}
