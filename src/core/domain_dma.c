/* SPDX-License-Identifier: MIT */
/* Domains by type: what one is before its first attach, and what the DMA layer keeps in it. */
#include <stdlib.h>

#include "dma.h"
#include "error.h"
#include "iova_queue.h"
#include "profile.h"
#include "trace.h"

/* ---- no space yet ---- */

static int none_map_pages(struct pgtable *t, struct iopt_pages *pages)
{
	(void)t;
	(void)pages;
	return -IOPT_ENODEV;
}

static int never_map_pages(struct pgtable *t, struct iopt_pages *pages)
{
	(void)t;
	(void)pages;
	return -IOPT_EINVAL;
}

static void none_unmap_pages(struct pgtable *t, struct iopt_pages *pages)
{
	(void)t;
	pages->done = 0;
}

static uint64_t none_iova_to_phys(struct pgtable *t, uint64_t iova)
{
	(void)t;
	(void)iova;
	return 0;
}

static int none_translate(struct pgtable *t, uint64_t iova, uint64_t *oa, struct iopt_fault *fault)
{
	(void)t;
	(void)iova;
	*oa = 0;
	if (fault)
		*fault = (struct iopt_fault){.type = IOPT_FAULT_TRANSLATION, .stage = 1};
	return -IOPT_EFAULT;
}

static size_t none_translate_many(struct pgtable *t, const uint64_t *iova, size_t count,
				  uint64_t *oa)
{
	return count && !none_translate(t, *iova, oa, NULL);
}

static void none_walk(struct pgtable *t, uint64_t iova, struct pgtable_walk *w)
{
	(void)t;
	(void)iova;
	*w = (struct pgtable_walk){0};
}

static int none_visit(struct pgtable *t, const struct iopt_visitor *visitor)
{
	(void)t;
	(void)visitor;
	return 0;
}

static int none_free_tables(struct pgtable *t)
{
	(void)t;
	return 0;
}

static uint64_t same_iova_to_phys(struct pgtable *t, uint64_t iova)
{
	(void)t;
	return iova;
}

static int same_translate(struct pgtable *t, uint64_t iova, uint64_t *oa, struct iopt_fault *fault)
{
	(void)t;
	*oa = iova;
	if (fault)
		*fault = (struct iopt_fault){0};
	return 0;
}

static size_t same_translate_many(struct pgtable *t, const uint64_t *iova, size_t count,
				  uint64_t *oa)
{
	(void)t;
	memmove(oa, iova, count * sizeof(*oa));
	return count;
}

/* Before the first attach; a domain that maps nothing; one that passes everything. */
static const struct pgtable_ops no_space = {
	.map_pages = none_map_pages,
	.unmap_pages = none_unmap_pages,
	.iova_to_phys = none_iova_to_phys,
	.translate = none_translate,
	.translate_many = none_translate_many,
	.walk = none_walk,
	.visit = none_visit,
	.free_tables = none_free_tables,
};

static const struct pgtable_ops no_space_blocked = {
	.map_pages = never_map_pages,
	.unmap_pages = none_unmap_pages,
	.iova_to_phys = none_iova_to_phys,
	.translate = none_translate,
	.translate_many = none_translate_many,
	.walk = none_walk,
	.visit = none_visit,
	.free_tables = none_free_tables,
};

static const struct pgtable_ops no_space_identity = {
	.map_pages = never_map_pages,
	.unmap_pages = none_unmap_pages,
	.iova_to_phys = same_iova_to_phys,
	.translate = same_translate,
	.translate_many = same_translate_many,
	.walk = none_walk,
	.visit = none_visit,
	.free_tables = none_free_tables,
};

/* ---- types ---- */

static const struct {
	const char *name;
	const struct pgtable_ops *ops;
} types[IOPT_DOMAIN_TYPE_COUNT] = {
	[IOPT_DOMAIN_UNMANAGED] = {"unmanaged", &no_space},
	[IOPT_DOMAIN_DMA] = {"dma", &no_space},
	[IOPT_DOMAIN_DMA_FQ] = {"dma-fq", &no_space},
	[IOPT_DOMAIN_IDENTITY] = {"identity", &no_space_identity},
	[IOPT_DOMAIN_BLOCKED] = {"blocked", &no_space_blocked},
};

const char *iopt_domain_type_name(enum iopt_domain_type type)
{
	return (unsigned)type < IOPT_DOMAIN_TYPE_COUNT ? types[type].name : NULL;
}

enum iopt_domain_type iopt_domain_type(const struct iopt_domain *d)
{
	return d->type;
}

bool domain_is_dma(const struct iopt_domain *d)
{
	return d->type == IOPT_DOMAIN_DMA || d->type == IOPT_DOMAIN_DMA_FQ;
}

struct iopt_domain *domain_alloc(struct iopt_memory *memory, enum iopt_domain_type type)
{
	struct iopt_domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->memory = memory;
	d->type = type;
	d->spaces[0].ops = types[type].ops;
	d->spaces[0].memory = memory;
	d->half[0] = d->half[1] = &d->spaces[0];
	return d;
}

int iopt_domain_new(struct iopt_memory *memory, enum iopt_domain_type type,
		    struct iopt_domain **domain, struct iopt_error *error)
{
	if ((unsigned)type >= IOPT_DOMAIN_TYPE_COUNT)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "no such domain type");
	*domain = domain_alloc(memory, type);
	if (!*domain)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOMEM, "out of memory");
	trace_note(memory, "iommu_domain_alloc: %s; the first attach decides its format",
		   types[type].name);
	return 0;
}

/* Only what the first attach decides, and of a caller's domain, can be asked for. */
static int check_attribute(const struct iopt_domain *d, struct iopt_error *error)
{
	if (d->type != IOPT_DOMAIN_UNMANAGED)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "only an unmanaged domain can be for nesting, or has quirks");
	if (d->binding.smmu || d->space_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EPERM,
				 "the domain has its tables already");
	return 0;
}

int iopt_domain_enable_nesting(struct iopt_domain *d, struct iopt_error *error)
{
	int ret = check_attribute(d, error);

	if (!ret)
		d->binding.nesting = true;
	return ret;
}

int iopt_domain_set_quirks(struct iopt_domain *d, uint32_t quirks, struct iopt_error *error)
{
	int ret = check_attribute(d, error);

	if (!ret)
		d->binding.quirks = quirks;
	return ret;
}

uint32_t iopt_domain_quirks(const struct iopt_domain *d)
{
	return d->binding.quirks;
}

bool iopt_domain_is_nesting(const struct iopt_domain *d)
{
	return d->binding.nesting;
}

struct iopt_smmu *iopt_domain_smmu(const struct iopt_domain *d)
{
	return d->binding.smmu;
}

int iopt_domain_context(const struct iopt_domain *d, unsigned *bank, unsigned *asid, unsigned *vmid)
{
	if (!d->binding.smmu)
		return -IOPT_ENOENT;
	*bank = d->binding.bank;
	*asid = d->binding.asid;
	*vmid = d->binding.vmid;
	return 0;
}

/* ---- the addresses that it hands out ---- */

struct iopt_iova *iopt_domain_iova(const struct iopt_domain *d)
{
	return d->binding.iova;
}

uint64_t domain_granule(const struct iopt_domain *d)
{
	return d->spaces[0].page_sizes & -d->spaces[0].page_sizes;
}

void domain_flush_all(struct iopt_domain *d)
{
	const struct pgtable *t = &d->spaces[0];

	trace_note(d->memory, "flush_iotlb_all");
	if (t->on_tlb)
		t->on_tlb(t->on_tlb_arg,
			  &(struct iopt_tlb_event){.kind = IOPT_TLB_ALL, .count = 1});
}

static void flush_tlb(void *arg)
{
	struct iopt_domain *d = arg;

	trace_note(d->memory, "the flush queue");
	domain_flush_all(d);
}

void iopt_domain_flush(struct iopt_domain *d)
{
	if (d->binding.queue)
		iova_queue_timeout(d->binding.queue);
	else if (d->space_count)
		domain_flush_all(d);
}

static int init_addresses(struct iopt_domain *d, uint64_t start_pfn, uint64_t cpu_page_size,
			  struct iopt_error *error)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	struct domain_binding *b = &d->binding;
	int ret;

	config.granule = domain_granule(d);
	config.start_pfn = start_pfn;
	config.cpu_page_size = cpu_page_size;
	config.profile = d->memory->profile;
	ret = iopt_iova_create(&config, &b->iova, error);
	if (ret) {
		b->iova = NULL;
		return ret;
	}
	b->start_pfn = start_pfn;
	if (d->type != IOPT_DOMAIN_DMA_FQ)
		return 0;
	/* Without memory for a queue the domain is a strict one, as in Linux. */
	b->queue = malloc(sizeof(*b->queue));
	if (b->queue)
		iova_queue_init(b->queue, b->iova, flush_tlb, d);
	return 0;
}

int domain_dma_init(struct iopt_domain *d, const struct iopt_device *device,
		    struct iopt_error *error)
{
	const struct iopt_device_config *c = &device->config;
	const uint64_t granule = domain_granule(d);
	uint64_t start_pfn;

	if (!domain_is_dma(d) || !d->space_count)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL, "not a DMA domain");
	if (c->bus_base > d->spaces[0].last || (c->bus_limit && c->bus_limit < d->spaces[0].first))
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EFAULT,
				 "specified DMA range outside IOMMU capability");
	start_pfn = d->spaces[0].first / granule;
	if (profile_of(d->memory)->iova_base_from_ranges)
		start_pfn = max_u64(start_pfn, c->bus_base / granule);
	start_pfn = max_u64(1, start_pfn);
	if (!d->binding.iova) {
		int ret = init_addresses(d, start_pfn, device_page(device), error);

		return ret ? ret : domain_reserve_regions(d, device, error);
	}
	if (d->binding.start_pfn != start_pfn)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EFAULT,
				 "incompatible range for DMA domain");
	return 0;
}

void domain_dma_destroy(struct iopt_domain *d)
{
	free(d->binding.queue);
	free(d->binding.regions);
	d->binding.regions = NULL;
	d->binding.region_count = 0;
	iopt_iova_destroy(d->binding.iova);
	d->binding.queue = NULL;
	d->binding.iova = NULL;
}
