/* SPDX-License-Identifier: MIT */
#include "domain.h"

#include <stdlib.h>

#include "device.h"
#include "error.h"
#include "find.h"
#include "regs.h"
#include "space.h"
#include "stage2_view.h"

/* ---- life ---- */

static struct iopt_domain *domain_new(struct iopt_memory *memory)
{
	struct iopt_domain *d = calloc(1, sizeof(*d));

	if (d)
		d->memory = memory;
	return d;
}

/* All spaces are there: which of them translates what. */
static void domain_ready(struct iopt_domain *d)
{
	d->half[0] = &d->spaces[0];
	d->half[1] = &d->spaces[d->space_count - 1];
	d->split = d->half[1]->first;
	if (d->space_count > 1) {
		d->spaces[0].last = min_u64(d->spaces[0].last, d->split - 1);
		d->spaces[0].is_half = d->spaces[1].is_half = true;
	} else {
		d->special = d->spaces[0].first > d->spaces[0].iova_base;
	}
	for (unsigned i = 0; i < d->space_count; i++)
		d->special |= d->spaces[i].controls.tbi || d->stage2;
}

/* A first table: whole CPU pages, as alloc_pages() gives them. */
static int alloc_root(struct pgtable *t, uint64_t cpu_page_size, struct space_desc *desc,
		      struct iopt_error *error)
{
	uint64_t root;
	int ret = memory_alloc(t->memory, max_u64(cpu_page_size, t->root_bytes), &root);

	if (ret)
		return error_set(error, IOPT_FAILURE_REQUEST, -ret,
				 "no memory for the first table, 0x%llx bytes",
				 (unsigned long long)t->root_bytes);
	if (root & ~t->table_mask) {
		memory_free(t->memory, root);
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "table memory at 0x%llx is out of reach of %s",
				 (unsigned long long)root, iopt_format_name(desc->format));
	}
	desc->root = root;
	return 0;
}

int domain_build(struct iopt_domain *d, const struct iopt_config *config, struct iopt_error *error)
{
	const uint64_t cpu_page_size = config->cpu_page_size ? config->cpu_page_size : BIT(12);
	const struct pgtable before = d->spaces[0];
	struct pgtable *t = &d->spaces[0];
	struct space_desc desc;
	int ret = linux_space(config, &desc, error);

	if (ret)
		return ret;
	ret = space_init(t, d->memory, &desc, error); /* for the size of the first table */
	if (!ret)
		ret = alloc_root(t, cpu_page_size, &desc, error);
	if (ret) {
		*t = before;
		return ret;
	}
	linux_registers(&desc);
	space_init(t, d->memory, &desc, error);
	t->warning = linux_warning(&desc);
	t->on_tlb = before.on_tlb;
	t->on_tlb_arg = before.on_tlb_arg;
	if (desc.format != IOPT_ARM_V7S)
		t->table_alloc = max_u64(t->table_alloc, cpu_page_size);
	d->space_count = 1;
	d->owns_tables = true;
	domain_ready(d);
	return 0;
}

int iopt_domain_create(struct iopt_memory *memory, const struct iopt_config *config,
		       struct iopt_domain **domain, struct iopt_error *error)
{
	struct iopt_domain *d = domain_new(memory);
	int ret;

	if (!d)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	ret = domain_build(d, config, error);
	if (ret)
		free(d);
	else
		*domain = d;
	return ret;
}

int domain_adopt(struct iopt_memory *memory, const struct space_desc *spaces, unsigned count,
		 struct iopt_domain **domain, struct iopt_error *error)
{
	return domain_adopt_nested(memory, spaces, count, NULL, domain, error);
}

/* Tables in the view cannot be written: its bytes are those of other memory. */
static int view_map_pages(struct pgtable *t, struct iopt_pages *pages)
{
	(void)t, (void)pages;
	return -IOPT_EOPNOTSUPP;
}

static void view_unmap_pages(struct pgtable *t, struct iopt_pages *pages)
{
	(void)t;
	pages->done = 0;
}

static void domain_set_view(struct iopt_domain *d)
{
	for (unsigned i = 0; i < d->space_count; i++) {
		d->view_ops[i] = *d->spaces[i].ops;
		d->view_ops[i].map_pages = view_map_pages;
		d->view_ops[i].unmap_pages = view_unmap_pages;
		d->spaces[i].ops = &d->view_ops[i];
		d->spaces[i].memory = d->view;
	}
	d->view_changes = d->memory->changes;
}

int domain_refresh(struct iopt_domain *d)
{
	struct iopt_memory *view;
	int ret;

	if (!d->view)
		return 0;
	d->view->progress = d->memory->progress;
	if (d->view_changes == d->memory->changes)
		return 0;
	ret = stage2_view(d->stage2, &view);
	if (ret)
		return ret;
	iopt_memory_destroy(d->view);
	d->view = view;
	view->progress = d->memory->progress;
	for (unsigned i = 0; i < d->space_count; i++) {
		d->spaces[i].memory = view;
		d->spaces[i].hint.generation = UINT64_MAX;
	}
	d->view_changes = d->memory->changes;
	return 0;
}

int domain_adopt_nested(struct iopt_memory *memory, const struct space_desc *spaces, unsigned count,
			struct iopt_domain *stage2, struct iopt_domain **domain,
			struct iopt_error *error)
{
	struct iopt_domain *d;
	int ret = 0;

	assert(count >= 1 && count <= ARRAY_SIZE(d->spaces));
	d = domain_new(memory);
	if (!d)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	if (stage2) {
		d->stage2 = stage2;
		ret = stage2_view(stage2, &d->view);
		if (ret)
			error_set(error, IOPT_FAILURE_REQUEST, -ret, "the tables of stage 2: %s",
				  iopt_error_text(ret));
	}
	for (; !ret && d->space_count < count; d->space_count++)
		ret = space_init(&d->spaces[d->space_count], d->view ? d->view : memory,
				 &spaces[d->space_count], error);
	if (ret) {
		iopt_domain_destroy(d);
		return ret;
	}
	memory->foreign = true;
	for (unsigned i = 0; i < count; i++)
		d->spaces[i].made = &d->made;
	if (d->view)
		domain_set_view(d);
	domain_ready(d);
	*domain = d;
	return 0;
}

void iopt_domain_destroy(struct iopt_domain *d)
{
	if (!d || d->binding.owner)
		return;
	domain_unbind(d);
	for (unsigned i = 0; i < d->space_count; i++) {
		struct pgtable *t = &d->spaces[i];

		output_index_drop(t);
		if (d->owns_tables && t->on_tlb)
			t->on_tlb(t->on_tlb_arg,
				  &(struct iopt_tlb_event){.kind = IOPT_TLB_ALL, .count = 1});
		if (d->owns_tables)
			t->ops->free_tables(t);
	}
	iopt_memory_destroy(d->view);
	seen_destroy(&d->made);
	free(d);
}

/* ---- what it is ---- */

struct iopt_memory *iopt_domain_memory(const struct iopt_domain *d)
{
	return d->memory;
}

void domain_describe(const struct iopt_domain *d, unsigned i, struct space_desc *desc)
{
	space_describe(&d->spaces[i], desc);
}

int iopt_domain_space(const struct iopt_domain *d, unsigned i, struct iopt_space *space)
{
	const struct pgtable *t;

	if (space->struct_size < sizeof(*space))
		return -IOPT_EINVAL;
	if (i >= d->space_count)
		return -IOPT_ENOENT;
	t = &d->spaces[i];
	*space = (struct iopt_space){
		.struct_size = sizeof(*space),
		.format = t->format,
		.regime = t->regime,
		.oa_layout = t->oa_layout,
		.ias = t->ias,
		.oas = t->oas,
		.start_level = t->start_level,
		.granule = BIT(t->ops->format->granule_shift),
		.page_sizes = t->page_sizes,
		.root = t->root,
		.first = t->first,
		.last = t->last,
		.quirks = t->quirks,
		.non_coherent_walk = t->non_coherent_walk,
		.big_endian = t->ops->format->big_endian,
		.register_count = t->register_count,
		.warning = t->warning,
	};
	memcpy(space->registers, t->registers, sizeof(space->registers));
	return 0;
}

void iopt_domain_on_tlb(struct iopt_domain *d,
			void (*fn)(void *arg, const struct iopt_tlb_event *event), void *arg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(d->spaces); i++) {
		d->spaces[i].on_tlb = fn;
		d->spaces[i].on_tlb_arg = arg;
	}
}

int domain_move_root(struct space_desc *desc, uint64_t root)
{
	const struct format_rule *rule = format_rule(desc->format);
	const char *name = rule->stage2 ? "vttbr" : "ttbr";
	uint64_t reach = rule->v7s ? BITS(31, 0) : BITS(47, 0);

	if (rule->v7s && desc->quirks & IOPT_QUIRK_ARM_MTK_EXT)
		reach = BITS(34, 0);
	if (desc->oa_layout != IOPT_OA_48)
		reach = BITS(51, 0);
	if (root & ~reach)
		return -IOPT_ERANGE;
	for (unsigned i = 0; i < desc->register_count; i++) {
		struct iopt_register *r = &desc->registers[i];

		if (strcmp(r->name, name) != 0)
			continue;
		if (rule->v7s)
			r->value = reg_ttbr_v7s_move(r->value, root, desc->quirks);
		else
			r->value = (r->value & (BITS(63, 48) | BIT(0))) | reg_ttbr_a64(root);
	}
	desc->root = root;
	return 0;
}

/* ---- one call ---- */

int iopt_map_pages(struct iopt_domain *d, struct iopt_pages *pages)
{
	struct pgtable *t = domain_half(d, pages->iova);

	pages->done = 0;
	if (unlikely(pages->struct_size < sizeof(*pages) || pages->prot >= PGTABLE_PROTS))
		return -IOPT_EINVAL;
	return t->ops->map_pages(t, pages);
}

void iopt_unmap_pages(struct iopt_domain *d, struct iopt_pages *pages)
{
	struct pgtable *t = domain_half(d, pages->iova);

	if (likely(pages->struct_size >= sizeof(*pages)))
		t->ops->unmap_pages(t, pages);
}

struct pgtable *domain_space_of(const struct iopt_domain *d, uint64_t *iova, bool fetch)
{
	uint64_t plain = (uint64_t)((int64_t)(*iova << 8) >> 8);
	const struct pgtable_controls *c = &domain_half(d, plain)->controls;

	if (d->special && c->tbi && !(fetch && c->tbid))
		*iova = plain;
	return domain_half(d, *iova);
}

/* What is not the plain case: a tagged address, a second stage. */
static __attribute__((noinline, cold)) int translate_special(struct iopt_domain *d, uint64_t iova,
							     uint64_t *pa, struct iopt_fault *fault)
{
	struct iopt_walk walk = IOPT_INIT(struct iopt_walk);
	struct pgtable *t = domain_space_of(d, &iova, false);
	int ret;

	if (!d->stage2 && pgtable_reaches(t, iova))
		return t->ops->translate(t, iova, pa, fault);
	ret = iopt_walk(d, iova, 0, 1, &walk);
	*pa = walk.pa;
	if (fault)
		*fault = walk.fault;
	return ret;
}

int iopt_translate(struct iopt_domain *d, uint64_t iova, uint64_t *pa, struct iopt_fault *fault)
{
	struct pgtable *t = domain_half(d, iova);

	if (unlikely(d->special))
		return translate_special(d, iova, pa, fault);
	return t->ops->translate(t, iova, pa, fault);
}

/* One by one where addresses may be tagged or go through a second stage. */
static size_t translate_each(struct iopt_domain *d, const uint64_t *iova, size_t count,
			     uint64_t *pa)
{
	size_t done = 0;

	while (done < count && !iopt_translate(d, iova[done], &pa[done], NULL))
		done++;
	return done;
}

size_t iopt_translate_many(struct iopt_domain *d, const uint64_t *iova, size_t count, uint64_t *pa)
{
	size_t done = 0, n;

	if (d->special)
		return translate_each(d, iova, count, pa);
	if (d->space_count == 1)
		return d->spaces[0].ops->translate_many(&d->spaces[0], iova, count, pa);
	/* stretches of one half after the other */
	for (; done < count; done += n) {
		struct pgtable *t = domain_half(d, iova[done]);
		size_t got;

		for (n = 1; done + n < count && domain_half(d, iova[done + n]) == t;)
			n++;
		got = t->ops->translate_many(t, iova + done, n, pa + done);
		if (got < n)
			return done + got;
	}
	return done;
}

uint64_t iopt_iova_to_phys(struct iopt_domain *d, uint64_t iova)
{
	struct pgtable *t = domain_half(d, iova);

	return t->ops->iova_to_phys(t, iova);
}

int iopt_domain_visit(struct iopt_domain *d, unsigned space, const struct iopt_visitor *visitor)
{
	struct iopt_visitor v;
	int ret;

	if (visitor->struct_size < sizeof(*visitor))
		return -IOPT_EINVAL;
	if (space >= d->space_count)
		return -IOPT_ENOENT;
	ret = domain_refresh(d);
	if (ret)
		return ret;
	v = *visitor;
	if (!v.first && !v.last)
		v.last = UINT64_MAX;
	return d->spaces[space].ops->visit(&d->spaces[space], &v);
}
