/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the library fails in turn, and then all from it on: what is asked says
 * ENOMEM (of a list EIO, as Linux does) or goes without; nothing is lost; and what was there
 * before can be taken down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "iopt.h"

/* ---- the allocator: glibc's, but for one call ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *p);

static long live; /* blocks that were not given back */
static unsigned long calls, fail_at;
static bool counting, sticky, failed;

static bool fails(void)
{
	if (!counting)
		return false;
	calls++;
	if (calls != fail_at && !(sticky && calls > fail_at))
		return false;
	failed = true;
	return true;
}

static void *given(void *p)
{
	live += p != NULL;
	return p;
}

void *malloc(size_t size)
{
	return fails() ? NULL : given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : given(__libc_calloc(count, size));
}

void *realloc(void *p, size_t size)
{
	if (!p)
		return malloc(size);
	return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : given(__libc_memalign(alignment, size));
}

void free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}

/* ---- the sweep ---- */

typedef int scenario(void);

static unsigned long sweep_with(scenario *run, bool all)
{
	unsigned long n;

	sticky = all;
	for (n = 1;; n++) {
		const long before = live;
		int ret;

		calls = 0;
		fail_at = n;
		failed = false;
		counting = true;
		ret = run();
		counting = false;
		if (live != before)
			fail_msg("allocation %lu fails%s: %ld blocks are lost", n,
				 all ? ", and all from it on" : "", live - before);
		if (!failed) {
			assert_int_equal(ret, 0);
			return n;
		}
		if (ret && ret != -IOPT_ENOMEM && ret != -IOPT_EIO)
			fail_msg("allocation %lu fails: %s", n, iopt_error_name(ret));
	}
}

static void sweep(scenario *run, unsigned long at_least)
{
	assert_int_equal(run(), 0);
	assert_true(sweep_with(run, false) > at_least);
	assert_true(sweep_with(run, true) > at_least);
}

#define TRY(expression)             \
	do {                        \
		ret = (expression); \
		if (ret)            \
			goto out;   \
	} while (0)

/* ---- what is asked ---- */

/* A translation has no other word for a table that the host has no room for than for one that is
 * not there. */
static int translated(int ret)
{
	return ret == -IOPT_EFAULT && failed ? -IOPT_ENOMEM : ret;
}

static int make_memory(struct iopt_memory **m)
{
	int ret = iopt_memory_create(m);

	if (ret) {
		*m = NULL;
		return ret;
	}
	return iopt_memory_add_ram(*m, 0x80000000, 0x40000000, NULL);
}

static int ignore_extent(void *arg, const struct iopt_extent *e)
{
	(void)arg, (void)e;
	return 0;
}

static int ignore_found(void *arg, unsigned space, const struct iopt_extent *e)
{
	(void)arg, (void)space, (void)e;
	return 0;
}

static int ignore_change(void *arg, const struct iopt_change *c)
{
	(void)arg, (void)c;
	return 0;
}

static int ignore_lint(void *arg, const struct iopt_lint_finding *f)
{
	(void)arg, (void)f;
	return 0;
}

static int ignore_root(void *arg, const struct iopt_root *r)
{
	(void)arg, (void)r;
	return 0;
}

static int ignore_finding(void *arg, const struct iopt_finding *f)
{
	(void)arg, (void)f;
	return 0;
}

static int ask_tables(struct iopt_domain *a, struct iopt_domain *b)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_diff_options options = IOPT_INIT(struct iopt_diff_options);
	struct iopt_stats stats = IOPT_INIT(struct iopt_stats);
	struct iopt_find find = IOPT_INIT(struct iopt_find);
	struct iopt_query *query = NULL;
	int ret;

	visitor.extent = ignore_extent;
	TRY(iopt_domain_visit(a, 0, &visitor));
	TRY(iopt_diff(a, b, NULL, ignore_change, NULL));
	options.descriptors = true;
	TRY(iopt_diff(a, b, &options, ignore_change, NULL));
	TRY(iopt_lint(a, NULL, ignore_lint, NULL));
	TRY(iopt_domain_stats(a, 0, &stats));
	TRY(iopt_query_parse("el1.w && (share == inner || level > 1) && !ns", &query, NULL));
	find.query = query;
	TRY(iopt_find(a, &find, ignore_found, NULL));
	find.by_pa = true;
	find.pa_last = UINT64_MAX;
	TRY(iopt_find(a, &find, ignore_found, NULL));
out:
	iopt_query_destroy(query);
	return ret;
}

static int tables(void)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_domain *a = NULL, *b = NULL;
	struct iopt_memory *m;
	uint64_t done;
	int ret;

	TRY(make_memory(&m));
	TRY(iopt_domain_create(m, &config, &a, NULL));
	config.format = IOPT_ARM_64_LPAE_S1;
	TRY(iopt_domain_create(m, &config, &b, NULL));
	TRY(iopt_map(a, 2 * MIB - 8 * KIB, GIB, 6 * MIB, IOPT_READ | IOPT_WRITE));
	TRY(iopt_map(a, GIB, 2 * GIB, 4 * MIB, IOPT_READ));
	TRY(iopt_map(b, GIB, 2 * GIB, 8 * MIB, IOPT_READ | IOPT_CACHE));
	TRY(iopt_unmap(a, GIB + 4 * KIB, 4 * KIB, &done));
	TRY(ask_tables(a, b));
	TRY(iopt_scan(m, 0x80000000, 0x800fffff, 4, ignore_root, NULL));
out:
	iopt_domain_destroy(b);
	iopt_domain_destroy(a);
	iopt_memory_destroy(m);
	return ret;
}

/* Tables that were found, below a stage 2, and what is mapped in such. */
static int found(void)
{
	static const struct {
		const char *name;
		uint64_t value;
	} values[] = {{"ttbr0_el1", 0x80200000},
		      {"tcr_el1", UINT64_C(0x2b5993519)},
		      {"mair_el1", 0xff},
		      {"vttbr_el2", 0x80300000},
		      {"vtcr_el2", 0x80023558}};
	struct iopt_domain *stage1 = NULL, *stage2 = NULL, *nested = NULL;
	const uint64_t block1 = 0x80000000 | 0x401, block2 = 0x80000000 | 0x7fd;
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct iopt_registers *r = NULL;
	struct iopt_memory *m;
	uint64_t pa;
	int ret;

	visitor.extent = ignore_extent;
	TRY(make_memory(&m));
	TRY(iopt_registers_create(&r));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		TRY(iopt_registers_set(r, values[i].name, values[i].value));
	TRY(iopt_memory_write(m, 0x80200008, &block1, 8));
	TRY(iopt_memory_write(m, 0x80300010, &block2, 8));
	TRY(iopt_domain_open_cpu(m, r, IOPT_REGIME_EL1, NULL, &stage1, NULL));
	TRY(iopt_map(stage1, 4 * GIB, GIB, 2 * MIB + 4 * KIB, IOPT_READ));
	TRY(iopt_domain_open_cpu(m, r, IOPT_REGIME_STAGE2, NULL, &stage2, NULL));
	TRY(iopt_domain_open_cpu(m, r, IOPT_REGIME_EL1, stage2, &nested, NULL));
	TRY(iopt_domain_visit(nested, 0, &visitor));
	TRY(translated(iopt_translate(nested, GIB, &pa, NULL)));
out:
	iopt_domain_destroy(nested);
	iopt_domain_destroy(stage2);
	iopt_domain_destroy(stage1);
	iopt_registers_destroy(r);
	iopt_memory_destroy(m);
	return ret;
}

static int addresses(void)
{
	struct iopt_iova_config config = IOPT_INIT(struct iopt_iova_config);
	struct iopt_iova_range range;
	struct iopt_iova *iova = NULL;
	uint64_t pfn[80];
	int ret;

	config.granule = 4 * KIB;
	config.start_pfn = 1;
	TRY(iopt_iova_create(&config, &iova, NULL));
	for (unsigned i = 0; i < 80; i++)
		TRY(iopt_iova_alloc_fast(iova, 1 + i % 3, 0xfffff, true, &pfn[i], NULL));
	for (unsigned i = 0; i < 80; i++)
		TRY(iopt_iova_free_fast(iova, pfn[i], 1 + i % 3));
	TRY(iopt_iova_alloc(iova, 100, 0xffffffff, true, &range, NULL));
	TRY(iopt_iova_reserve(iova, 0x100, 0x200, &range, NULL));
	TRY(iopt_iova_alloc_fast(iova, 2, 0xfffff, true, &pfn[0], NULL));
out:
	iopt_iova_destroy(iova);
	return ret;
}

static int make_device(struct iopt_memory *m, struct iopt_smmu *smmu, const char *name,
		       struct iopt_device **device)
{
	static const struct iopt_resv_region regions[] = {{0x1000, 0x2000, IOPT_RESV_DIRECT},
							  {0x9000, 0x1000, IOPT_RESV_RESERVED}};
	static const struct iopt_resv_region window = {0x10000000, 0x1000000, IOPT_RESV_RESERVED};
	static const struct iopt_dma_range range = {0, 0, BIT(32)};
	struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);
	const struct iopt_stream stream = {.id = 5};

	config.name = name;
	config.smmu = smmu;
	config.streams = &stream;
	config.stream_count = smmu ? 1 : 0;
	config.pci = true;
	config.ssid_bits = 12;
	config.windows = &window;
	config.window_count = 1;
	config.dma_ranges = &range;
	config.dma_range_count = 1;
	config.regions = regions;
	config.region_count = smmu ? ARRAY_SIZE(regions) : 0;
	return iopt_device_create(m, &config, device, NULL);
}

/* Buffers of each kind, most of which the memory itself takes back. */
static int buffers(struct iopt_memory *m, struct iopt_device *device)
{
	const struct iopt_segment list[] = {{0x90000000, 0x1000}, {0x90002000, 0x800}};
	struct iopt_dma_pool *pool;
	struct iopt_buffer *b;
	uint64_t iova, pa;
	int ret;

	TRY(iopt_dma_alloc(device, 12 * KIB, 0, false, &b, NULL));
	TRY(iopt_dma_release(b, NULL, NULL));
	TRY(iopt_dma_alloc(device, 8 * KIB, 0, true, &b, NULL));
	TRY(iopt_dma_map_page(device, 0x90000010, 0x1000, IOPT_DMA_TO_DEVICE, 0, &b, NULL));
	TRY(iopt_dma_map_sg(device, list, 2, IOPT_DMA_FROM_DEVICE, 0, &b, NULL));
	TRY(iopt_dma_map_sg(device, list, 2, IOPT_DMA_FROM_DEVICE, 0, &b, NULL));
	TRY(iopt_dma_release(b, NULL, NULL));
	TRY(iopt_dma_map_resource(device, 0x1000, 0x1000, IOPT_DMA_TO_DEVICE, 0, &b, NULL));
	TRY(iopt_dma_alloc_pages(device, 0x2000, IOPT_DMA_TO_DEVICE, false, &b, NULL));
	TRY(iopt_dma_alloc_noncontiguous(device, 0x5000, IOPT_DMA_TO_DEVICE, 0, &b, NULL));
	TRY(iopt_dma_pool_create(device, 64, 64, 0, &pool, NULL));
	for (unsigned i = 0; i < 3; i++)
		TRY(iopt_dma_pool_alloc(pool, &iova, &pa, NULL));
	TRY(iopt_dma_pool_free(pool, iova, NULL));
	TRY(iopt_dma_check(m, ignore_finding, NULL));
out:
	return ret;
}

static int behind(enum iopt_smmu_model model)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	struct iopt_config tables_config = IOPT_INIT(struct iopt_config);
	struct iopt_domain *d = NULL, *own = NULL;
	struct iopt_registers *r = NULL;
	struct iopt_smmu *smmu = NULL;
	struct iopt_device *device;
	struct iopt_memory *m;
	int ret;

	config.model = model;
	config.ssid_bits = model == IOPT_SMMU_V3 ? 12 : 0;
	TRY(make_memory(&m));
	TRY(iopt_smmu_create(m, &config, &smmu, NULL));
	TRY(make_device(m, smmu, "dev", &device));
	TRY(buffers(m, device));
	TRY(iopt_domain_new(m, IOPT_DOMAIN_UNMANAGED, &d, NULL));
	TRY(iopt_attach(device, d, NULL));
	TRY(iopt_detach(device, NULL));
	TRY(iopt_domain_create(m, &tables_config, &own, NULL));
	if (model == IOPT_SMMU_V3)
		TRY(iopt_attach_substream(device, 0x801, own, NULL));
	TRY(iopt_registers_create(&r));
	TRY(iopt_streams_registers(smmu, r));
out:
	iopt_registers_destroy(r);
	iopt_domain_destroy(own);
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
	return ret;
}

static int behind_v2(void)
{
	return behind(IOPT_SMMU_V2);
}

static int behind_v3(void)
{
	return behind(IOPT_SMMU_V3);
}

/* Without an SMMU: areas, bounce buffers, reserved memory. */
static int direct(void)
{
	struct iopt_reserved reserved = IOPT_INIT(struct iopt_reserved);
	struct iopt_cma_config cma = IOPT_INIT(struct iopt_cma_config);
	struct iopt_device *device;
	struct iopt_cma *area;
	struct iopt_memory *m;
	int ret;

	reserved.name = "firmware";
	reserved.base = 0x88000000;
	reserved.size = 0x100000;
	cma.name = "area";
	cma.base = 0x8c000000;
	cma.size = 16 * MIB;
	cma.is_default = true;
	TRY(make_memory(&m));
	TRY(iopt_memory_reserve(m, &reserved, NULL));
	TRY(iopt_cma_create(m, &cma, &area, NULL));
	TRY(iopt_memory_set_swiotlb(m, MIB, NULL));
	TRY(make_device(m, NULL, "dev", &device));
	TRY(buffers(m, device));
out:
	iopt_memory_destroy(m);
	return ret;
}

static int build(void)
{
	struct iopt_build_config config = IOPT_INIT(struct iopt_build_config);
	const struct iopt_region regions[] = {
		{.name = "ram", .va = 0x40000000, .pa = 0x80000000, .size = 0x201000, .access = 6},
		{.name = "uart",
		 .va = 0x9000000,
		 .pa = 0x9000000,
		 .size = 0x1000,
		 .memory = "device-nGnRE",
		 .access = 6,
		 .guard = 0x1000},
	};
	struct iopt_plan plan = IOPT_INIT(struct iopt_plan);
	const uint64_t base = 0x50000000;
	struct iopt_domain *d = NULL;
	struct iopt_memory *m = NULL;
	struct iopt_spec *spec = NULL;
	int ret;

	TRY(iopt_spec_make(&config, regions, ARRAY_SIZE(regions), &spec, NULL));
	TRY(iopt_spec_plan(spec, &base, &plan));
	TRY(iopt_spec_build(spec, &base, &m, &d, NULL));
out:
	iopt_domain_destroy(d);
	iopt_memory_destroy(m);
	iopt_spec_free(spec);
	return ret;
}

static int routes(void)
{
	struct iopt_smmu_config config = IOPT_INIT(struct iopt_smmu_config);
	struct iopt_streams streams = IOPT_INIT(struct iopt_streams);
	struct iopt_route_answer answer = IOPT_INIT(struct iopt_route_answer);
	struct iopt_smmu *smmu = NULL;
	struct iopt_route *route = NULL;
	struct iopt_registers *r = NULL;
	struct iopt_device *device;
	struct iopt_buffer *b;
	struct iopt_buffer_info info = IOPT_INIT(struct iopt_buffer_info);
	struct iopt_memory *m;
	int ret;

	config.model = IOPT_SMMU_V3;
	TRY(make_memory(&m));
	TRY(iopt_smmu_create(m, &config, &smmu, NULL));
	TRY(make_device(m, smmu, "dev", &device));
	TRY(iopt_dma_alloc(device, 4 * KIB, 0, false, &b, NULL));
	iopt_buffer_info(b, &info);
	TRY(iopt_registers_create(&r));
	TRY(iopt_streams_registers(smmu, r));
	streams.memory = m;
	streams.registers = r;
	streams.model = IOPT_SMMU_V3;
	TRY(iopt_route_open(&streams, 5, NULL, NULL, &route, NULL));
	TRY(translated(iopt_route_translate(route, info.iova, IOPT_ACCESS_R, false, &answer)));
out:
	iopt_route_close(route);
	iopt_registers_destroy(r);
	iopt_memory_destroy(m);
	return ret;
}

static const struct swept {
	const char *name;
	scenario *run;
	unsigned long at_least; /* allocations */
} scenarios[] = {
	{"tables", tables, 10},	      {"found tables", found, 8},   {"addresses", addresses, 20},
	{"behind v2", behind_v2, 30}, {"behind v3", behind_v3, 30}, {"direct", direct, 20},
	{"firmware", build, 5},	      {"streams", routes, 10},
};

static void test_sweep(void **state)
{
	const struct swept *s = *state;

	sweep(s->run, s->at_least);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(scenarios)] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		tests[i].name = scenarios[i].name;
		tests[i].test_func = test_sweep;
		tests[i].initial_state = (void *)&scenarios[i];
	}
	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
