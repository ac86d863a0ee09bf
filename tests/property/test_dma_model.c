/* SPDX-License-Identifier: MIT */
/*
 * Random allocations, mappings, pools and their ends on several devices, against what must hold
 * whatever the order: live buffers overlap neither in addresses nor in memory, each byte that is
 * mapped leads to the buffer's own segment, and when everything is given back nothing is missing.
 *
 *     test_dma_model [OPERATIONS [SEED]]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "device.h"
#include "dma_model_devices.h"
#include "fixture.h"

enum { LIVE_MAX = 96, BLOCKS_MAX = 64, SEGMENTS_MAX = 12, CHECK_EACH = 512 };

/* What streaming mappings are made of: never the allocator's. */
#define CALLER_BASE UINT64_C(0x1000000000)

static uint64_t operations = 100000, seed = 1;

struct live {
	struct iopt_buffer *buffer;
	uint64_t size;
};

struct block {
	uint64_t iova, pa;
};

struct model {
	struct iopt_memory *memory;
	struct iopt_smmu *smmus[2];
	struct iopt_device *devices[DEVICES];
	struct iopt_dma_pool *pools[DEVICES];
	struct iopt_cma *areas[2];
	uint64_t reserved[DEVICES]; /* IOVA ranges that are nobody's */
	struct live live[LIVE_MAX];
	unsigned live_count;
	struct block blocks[BLOCKS_MAX];
	unsigned block_pool[BLOCKS_MAX], block_count;
	uint64_t random, next_caller, failed;
};

static uint64_t next_random(struct model *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random;
}

static uint64_t below(struct model *m, uint64_t n)
{
	return next_random(m) % n;
}

/* ---- the machine ---- */

static void open_memory(struct model *m)
{
	struct iopt_cma_config area = IOPT_INIT(struct iopt_cma_config);
	struct iopt_reserved pool = IOPT_INIT(struct iopt_reserved);

	pool.base = 0x70000000;
	pool.size = 0x40000;
	assert_int_equal(iopt_memory_create(&m->memory), 0);
	assert_int_equal(iopt_memory_add_ram(m->memory, 0x70000000, 64 * MIB, NULL), 0);
	assert_int_equal(iopt_memory_reserve(m->memory, &pool, NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		area.name = i ? "own" : "all";
		area.base = 0x72000000 + i * 4 * MIB;
		area.size = 2 * MIB;
		area.is_default = !i;
		assert_int_equal(iopt_cma_create(m->memory, &area, &m->areas[i], NULL), 0);
	}
}

static void model_open(struct model *m)
{
	struct iopt_smmu_config smmu = IOPT_INIT(struct iopt_smmu_config);

	*m = (struct model){.random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1,
			    .next_caller = CALLER_BASE};
	open_memory(m);
	for (unsigned i = 0; i < 2; i++) {
		smmu.model = i ? IOPT_SMMU_V3 : IOPT_SMMU_V2;
		assert_int_equal(iopt_smmu_create(m->memory, &smmu, &m->smmus[i], NULL), 0);
	}
	for (unsigned i = 0; i < DEVICES; i++) {
		struct iopt_device_config config = device_rows[i];
		struct iopt_stream stream = {.id = i};

		config.struct_size = sizeof(config);
		if (i == DIRECT) {
			config.cma = m->areas[1];
		} else {
			config.smmu = m->smmus[i & 1];
			config.streams = &stream;
			config.stream_count = 1;
		}
		assert_int_equal(iopt_device_create(m->memory, &config, &m->devices[i], NULL), 0);
		assert_int_equal(
			iopt_dma_pool_create(m->devices[i], 8 + 40 * i, 8, 0, &m->pools[i], NULL),
			0);
		if (iopt_device_uses_iommu(m->devices[i]))
			m->reserved[i] = iovas_live(iopt_device_domain(m->devices[i]));
	}
	assert_int_equal(iopt_memory_set_swiotlb(m->memory, MIB, NULL), 0);
}

/* ---- what must hold ---- */

static struct iopt_domain *domain_of(const struct iopt_buffer_info *info)
{
	return iopt_device_domain(info->device);
}

static void assert_leads_to(const struct iopt_buffer_info *info, uint64_t iova, uint64_t want)
{
	uint64_t pa;

	if (info->source == IOPT_SOURCE_DEVICE_POOL)
		return;
	if (domain_of(info))
		assert_int_equal(iopt_translate(domain_of(info), iova, &pa, NULL), 0);
	else
		assert_true(device_memory_address(info->device, iova, &pa));
	/* a copy of it lies elsewhere */
	if (!info->bounced)
		assert_int_equal(pa, want);
}

/* First and last byte of each page of it. */
static void check_coherent(const struct iopt_buffer_info *info)
{
	uint64_t iova = info->iova;

	for (size_t i = 0; i < info->segment_count; i++) {
		const struct iopt_segment *s = &info->segments[i];

		for (uint64_t at = 0; at < s->size; at += 4 * KIB) {
			uint64_t last = min_u64(at + 4 * KIB, s->size) - 1;

			assert_leads_to(info, iova + at, s->pa + at);
			assert_leads_to(info, iova + last, s->pa + last);
		}
		iova += s->size;
	}
	if (info->mapped)
		assert_int_equal(iova - info->iova, info->mapped);
	assert_true(iova - info->iova >= info->size);
}

/* The bytes of the device's segments are those of the caller's, in order. */
static void check_list(const struct iopt_buffer_info *info)
{
	const struct iopt_segment *s = info->segments;
	uint64_t used = 0, total = 0;

	for (size_t i = 0; i < info->dma_count; i++) {
		for (uint64_t at = 0; at < info->dma[i].size;) {
			uint64_t n = min_u64(s->size - used, info->dma[i].size - at);

			assert_leads_to(info, info->dma[i].pa + at, s->pa + used);
			assert_leads_to(info, info->dma[i].pa + at + n - 1, s->pa + used + n - 1);
			at += n;
			used += n;
			total += n;
			if (used == s->size) {
				s++;
				used = 0;
			}
		}
	}
	assert_int_equal(total, info->size);
}

static void check_buffer(const struct live *l)
{
	struct iopt_buffer_info info = info_of(l->buffer);

	assert_int_equal(info.size, l->size);
	if (info.kind == IOPT_BUFFER_COHERENT) {
		check_coherent(&info);
	} else if (info.kind == IOPT_BUFFER_SG) {
		check_list(&info);
	} else {
		assert_leads_to(&info, info.iova, info.segments[0].pa);
		assert_leads_to(&info, info.iova + info.size - 1,
				info.segments[0].pa + info.size - 1);
	}
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void assert_disjoint(struct range *ranges, size_t count)
{
	qsort(ranges, count, sizeof(*ranges), compare_ranges);
	for (size_t i = 1; i < count; i++)
		assert_true(ranges[i - 1].last < ranges[i].first);
}

static void check_addresses(const struct model *m, const struct iopt_device *device)
{
	struct range ranges[LIVE_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < m->live_count; i++) {
		struct iopt_buffer_info info = info_of(m->live[i].buffer);

		if (info.device != device || !info.iova_size)
			continue;
		assert_true(info.mapped <= info.iova_size);
		assert_true(range_make(info.iova_first, info.iova_size, &ranges[n++]));
	}
	assert_disjoint(ranges, n);
}

/* None of it is an address that the domain does not hand out. */
static void check_kept(const struct model *m)
{
	struct iopt_domain *d = iopt_device_domain(m->devices[REGIONS]);
	struct iopt_resv_region region;
	uint64_t pa;

	for (unsigned i = 0; i < m->live_count; i++) {
		struct iopt_buffer_info info = info_of(m->live[i].buffer);

		for (unsigned k = 0; info.domain == d && !iopt_domain_resv_region(d, k, &region);
		     k++)
			assert_true(info.iova_first > region.base + (region.size - 1) ||
				    info.iova_first + info.iova_size <= region.base);
	}
	assert_int_equal(iopt_translate(d, regions[0].base + 0x2fff, &pa, NULL), 0);
	assert_int_equal(pa, regions[0].base + 0x2fff);
}

static void check_memory(const struct model *m)
{
	static struct range ranges[1 << 20];
	size_t n = 0;

	for (unsigned i = 0; i < m->live_count; i++) {
		struct iopt_buffer_info info = info_of(m->live[i].buffer);

		for (size_t j = 0; j < info.segment_count; j++) {
			assert_true(n < ARRAY_SIZE(ranges));
			assert_true(range_make(info.segments[j].pa, info.segments[j].size,
					       &ranges[n++]));
		}
	}
	for (unsigned i = 0; i < m->block_count; i++)
		assert_true(range_make(m->blocks[i].pa, 8 + 40 * m->block_pool[i], &ranges[n++]));
	assert_disjoint(ranges, n);
}

static void check_all(const struct model *m)
{
	for (unsigned i = 0; i < m->live_count; i++)
		check_buffer(&m->live[i]);
	for (unsigned i = 0; i < DEVICES; i++)
		check_addresses(m, m->devices[i]);
	check_memory(m);
	check_kept(m);
}

/* ---- operations ---- */

static void keep(struct model *m, int ret, struct iopt_buffer *buffer, uint64_t size)
{
	if (ret) {
		assert_true(ret == -IOPT_ENOMEM || ret == -IOPT_EIO);
		m->failed++;
		return;
	}
	iopt_dma_mapping_error(buffer);
	m->live[m->live_count] = (struct live){buffer, size};
	check_buffer(&m->live[m->live_count++]);
}

static void op_alloc(struct model *m, struct iopt_device *device)
{
	static const unsigned attrs[] = {0, 0, IOPT_DMA_FORCE_CONTIGUOUS,
					 IOPT_DMA_ALLOC_SINGLE_PAGES, IOPT_DMA_PRIVILEGED};
	uint64_t size = 1 + below(m, below(m, 16) ? 12 * 4 * KIB : 3 * MIB);
	struct iopt_buffer *buffer = NULL;
	unsigned attr = attrs[below(m, ARRAY_SIZE(attrs))];
	bool atomic = !below(m, 4);
	int ret = iopt_dma_alloc(device, size, attr, atomic, &buffer, NULL);

	keep(m, ret, buffer, size);
}

static void op_alloc_streaming(struct model *m, struct iopt_device *device)
{
	uint64_t size = 1 + below(m, 12 * 4 * KIB);
	enum iopt_dma_direction direction = (enum iopt_dma_direction)below(m, 3);
	struct iopt_buffer *buffer = NULL;
	int ret;

	if (below(m, 2))
		ret = iopt_dma_alloc_pages(device, size, direction, !below(m, 4), &buffer, NULL);
	else
		ret = iopt_dma_alloc_noncontiguous(device, size, direction, 0, &buffer, NULL);
	keep(m, ret, buffer, size);
}

/* Memory of its own, with gaps; now and then next to the piece before. */
static uint64_t take_caller(struct model *m, uint64_t size)
{
	uint64_t pa = m->next_caller + (below(m, 2) ? 0 : below(m, 3 * 4 * KIB));

	m->next_caller = pa + size;
	return pa;
}

static void op_map_page(struct model *m, struct iopt_device *device)
{
	uint64_t size = 1 + below(m, 8 * 4 * KIB);
	struct iopt_buffer *buffer = NULL;
	int ret = iopt_dma_map_page(device, take_caller(m, size), size,
				    (enum iopt_dma_direction)below(m, 3), 0, &buffer, NULL);

	keep(m, ret, buffer, size);
}

static void op_map_sg(struct model *m, struct iopt_device *device)
{
	struct iopt_segment list[SEGMENTS_MAX];
	size_t count = 1 + below(m, SEGMENTS_MAX);
	struct iopt_buffer *buffer = NULL;
	uint64_t size = 0;
	int ret;

	for (size_t i = 0; i < count; i++) {
		list[i].size = below(m, 2) ? 4 * KIB * (1 + below(m, 4)) : 1 + below(m, 9000);
		list[i].pa = take_caller(m, list[i].size);
		if (below(m, 2)) {
			list[i].pa = align_up(list[i].pa, 4 * KIB);
			m->next_caller = list[i].pa + list[i].size;
		}
		size += list[i].size;
	}
	ret = iopt_dma_map_sg(device, list, count, (enum iopt_dma_direction)below(m, 3), 0, &buffer,
			      NULL);
	keep(m, ret, buffer, size);
}

static void op_release(struct model *m, unsigned at)
{
	struct iopt_buffer_info info = info_of(m->live[at].buffer);
	struct iopt_domain *d = domain_of(&info);
	uint64_t iova = info.iova_first, pa;
	const bool mapped = info.mapped;

	assert_int_equal(iopt_dma_release(m->live[at].buffer, NULL, NULL), 0);
	m->live[at] = m->live[--m->live_count];
	if (mapped)
		assert_int_equal(iopt_translate(d, iova, &pa, NULL), -IOPT_EFAULT);
}

static void op_pool(struct model *m)
{
	unsigned which = (unsigned)below(m, DEVICES);
	struct block *block = &m->blocks[m->block_count];
	unsigned char bytes[8];
	int ret;

	if (m->block_count && (m->block_count == BLOCKS_MAX || below(m, 2))) {
		unsigned at = (unsigned)below(m, m->block_count);

		ret = iopt_dma_pool_free(m->pools[m->block_pool[at]], m->blocks[at].iova, NULL);
		assert_int_equal(ret, 0);
		m->blocks[at] = m->blocks[--m->block_count];
		m->block_pool[at] = m->block_pool[m->block_count];
		return;
	}
	ret = iopt_dma_pool_alloc(m->pools[which], &block->iova, &block->pa, NULL);
	if (ret) {
		assert_int_equal(ret, -IOPT_ENOMEM);
		m->failed++;
		return;
	}
	memset(bytes, 0x33, sizeof(bytes));
	assert_int_equal(iopt_memory_write(m->memory, block->pa, bytes, sizeof(bytes)), 0);
	m->block_pool[m->block_count++] = which;
}

static void op_any(struct model *m)
{
	struct iopt_device *device = m->devices[below(m, DEVICES)];
	const bool poor = !below(m, 16);

	if (!below(m, 64))
		iopt_domain_flush(iopt_device_domain(m->devices[3]));
	if (poor)
		iopt_memory_budget(m->memory, below(m, 12));
	if (!below(m, 5))
		op_pool(m);
	else if (m->live_count && (m->live_count == LIVE_MAX || below(m, 2)))
		op_release(m, (unsigned)below(m, m->live_count));
	else if (below(m, 2))
		op_alloc(m, device);
	else if (!below(m, 4))
		op_alloc_streaming(m, device);
	else if (below(m, 2))
		op_map_page(m, device);
	else
		op_map_sg(m, device);
	if (poor)
		iopt_memory_budget(m->memory, UINT64_MAX);
}

/* ---- the end ---- */

static void model_close(struct model *m)
{
	while (m->live_count)
		op_release(m, m->live_count - 1);
	while (m->block_count) {
		m->block_count--;
		assert_int_equal(iopt_dma_pool_free(m->pools[m->block_pool[m->block_count]],
						    m->blocks[m->block_count].iova, NULL),
				 0);
	}
	for (unsigned i = 0; i < DEVICES; i++) {
		assert_int_equal(iopt_dma_pool_destroy(m->pools[i], NULL), 0);
		if (!iopt_device_uses_iommu(m->devices[i]))
			continue;
		iopt_domain_flush(iopt_device_domain(m->devices[i]));
		assert_int_equal(iovas_live(iopt_device_domain(m->devices[i])), m->reserved[i]);
	}
	for (unsigned i = 0; i < DEVICES; i++)
		assert_int_equal(iopt_device_destroy(m->devices[i], NULL), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct iopt_cma_info area = IOPT_INIT(struct iopt_cma_info);

		iopt_cma_info(m->areas[i], &area);
		assert_int_equal(area.used, 0);
		assert_true(area.pages_taken);
	}
	/* which says that no slot of it is taken */
	assert_int_equal(iopt_memory_set_swiotlb(m->memory, 0, NULL), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(iopt_smmu_destroy(m->smmus[i]), 0);
	assert_int_equal(iopt_memory_allocated(m->memory), 0);
}

static void test_operations(void **state)
{
	static struct model m;

	(void)state;
	print_message("%llu operations, seed %llu\n", (unsigned long long)operations,
		      (unsigned long long)seed);
	model_open(&m);
	for (uint64_t i = 0; i < operations; i++) {
		op_any(&m);
		if (i % CHECK_EACH == 0)
			check_all(&m);
	}
	check_all(&m);
	model_close(&m);
	/* nobody did anything wrong but for what is not there: memory, and the pool's handles */
	assert_int_equal(findings_all(m.memory),
			 findings(m.memory, "X3") + findings(m.memory, "W3") +
				 findings(m.memory, "W4") + findings(m.memory, "W6") +
				 findings(m.memory, "D19") + findings(m.memory, "D20") +
				 findings(m.memory, "D21") + findings(m.memory, "X9"));
	print_message("%llu of them failed for want of memory\n", (unsigned long long)m.failed);
	iopt_memory_destroy(m.memory);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_operations)};

	if (argc > 1)
		operations = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
