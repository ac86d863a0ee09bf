/* SPDX-License-Identifier: MIT */
/* Coherent buffers: running out of memory at every step, lazy domains, the path as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

static void release(struct iopt_buffer *buffer)
{
	assert_int_equal(iopt_dma_release(buffer, NULL, NULL), 0);
}

static bool translates(struct iopt_domain *d, uint64_t iova)
{
	uint64_t pa;

	return !iopt_translate(d, iova, &pa, NULL);
}

/* ---- out of memory at every step ---- */

static void budget_each(struct iopt_device_config config, uint64_t size, unsigned attrs,
			bool atomic)
{
	struct iopt_buffer *buffer;
	int ret = -1;

	for (uint64_t n = 0; ret; n++) {
		uint64_t tables, allocated;
		struct board b;

		board_open(&b, (struct iopt_smmu_config){0}, config);
		allocated = iopt_memory_allocated(b.memory);
		iopt_memory_budget(b.memory, n);
		ret = iopt_dma_alloc(b.device, size, attrs, atomic, &buffer, NULL);
		iopt_memory_budget(b.memory, UINT64_MAX);
		if (ret) {
			assert_int_equal(ret, -IOPT_ENOMEM);
			assert_int_equal(iovas_live(b.domain), 0);
			/* empty tables and the atomic pool stay, as in Linux; no page does */
			tables = iopt_memory_allocated(b.memory) - allocated;
			assert_true(tables <= 3 * 4 * KIB + (atomic ? 512 * KIB : 0));
			assert_false(translates(b.domain, 0xfffff000));
		} else {
			release(buffer);
		}
		board_close(&b);
		assert_true(n < 100);
	}
}

static void test_budget(void **state)
{
	(void)state;
	budget_each((struct iopt_device_config){0}, 0x5000, 0, false);
	budget_each((struct iopt_device_config){0}, 0x203000, 0, false);
	budget_each((struct iopt_device_config){0}, 0x5000, 0, true);
	budget_each((struct iopt_device_config){.coherent = true}, 0x5000, 0, true);
	budget_each((struct iopt_device_config){0}, 0x5000, IOPT_DMA_FORCE_CONTIGUOUS, false);
}

/* ---- the flush queue of lazy domains ---- */

static void test_lazy(void **state)
{
	struct iopt_device_config config = {.default_domain = IOPT_DEFAULT_LAZY};
	struct iopt_buffer *buffer;
	uint64_t first;
	struct board b;

	(void)state;
	board_open(&b, (struct iopt_smmu_config){0}, config);
	assert_int_equal(iopt_domain_type(b.domain), IOPT_DOMAIN_DMA_FQ);
	buffer = must_alloc(b.device, 1, 0, false);
	first = info_of(buffer).iova;
	release(buffer);
	assert_false(translates(b.domain, first));
	/* not to be had again before the TLB is flushed */
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, first - 0x1000);
	iopt_domain_flush(b.domain);
	release(buffer);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, first);
	release(buffer);
	board_close(&b);
}

/* ---- trace ---- */

struct told {
	char functions[1024];
	unsigned notes;
	int depth;
};

static void tell(void *arg, const struct iopt_trace *step)
{
	struct told *told = arg;

	if (step->kind == IOPT_TRACE_NOTE) {
		told->notes++;
		return;
	}
	assert_int_equal(step->depth, (unsigned)(told->depth - (step->kind == IOPT_TRACE_RETURN)));
	told->depth += step->kind == IOPT_TRACE_CALL ? 1 : -1;
	if (step->kind == IOPT_TRACE_RETURN)
		return;
	assert_true(strlen(told->functions) + strlen(step->function) + 2 < sizeof(told->functions));
	strcat(told->functions, step->function);
	strcat(told->functions, " ");
}

static void test_trace(void **state)
{
	struct iopt_buffer *buffer;
	struct told told = {0};
	struct board b;

	(void)state;
	board_open_plain(&b);
	iopt_memory_on_trace(b.memory, tell, &told);
	buffer = must_alloc(b.device, 0x5000, 0, false);
	release(buffer);
	iopt_memory_on_trace(b.memory, NULL, NULL);
	assert_string_equal(told.functions,
			    "dma_alloc_attrs iommu_dma_alloc __iommu_dma_alloc_pages "
			    "alloc_iova_fast iommu_map_sg map_pages dma_free_attrs "
			    "__iommu_dma_unmap unmap_pages ");
	assert_int_equal(told.depth, 0);
	assert_true(told.notes > 3);
	board_close(&b);
}

/* A memory goes with everything that its callers left in it. */
static void test_left_behind(void **state)
{
	struct iopt_dma_pool *pool;
	uint64_t iova, pa;
	struct board b;

	(void)state;
	board_open_plain(&b);
	must_alloc(b.device, 0x5000, 0, false);
	assert_int_equal(iopt_dma_pool_create(b.device, 64, 0, 0, &pool, NULL), 0);
	assert_int_equal(iopt_dma_pool_alloc(pool, &iova, &pa, NULL), 0);
	assert_int_equal(iopt_device_destroy(b.device, NULL), -IOPT_EBUSY);
	assert_int_equal(iopt_smmu_destroy(b.smmu), -IOPT_EBUSY);
	iopt_memory_destroy(b.memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
