/* SPDX-License-Identifier: MIT */
/* Coherent buffers: running out of memory at every step, lazy domains, the path as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "board.h"
#include "fixture.h"

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
			must_free(buffer);
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
	must_free(buffer);
	assert_false(translates(b.domain, first));
	/* not to be had again before the TLB is flushed */
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, first - 0x1000);
	iopt_domain_flush(b.domain);
	must_free(buffer);
	buffer = must_alloc(b.device, 1, 0, false);
	assert_int_equal(info_of(buffer).iova, first);
	must_free(buffer);
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

	if (step->kind == IOPT_TRACE_NOTE || step->kind == IOPT_TRACE_WRITE) {
		told->notes++;
		assert_int_equal(step->depth, (unsigned)told->depth);
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
	must_free(buffer);
	iopt_memory_on_trace(b.memory, NULL, NULL);
	assert_string_equal(told.functions,
			    "dma_alloc_attrs iommu_dma_alloc __iommu_dma_alloc_pages "
			    "alloc_iova_fast iommu_map_sg map_pages dma_free_attrs "
			    "__iommu_dma_unmap unmap_pages ");
	assert_int_equal(told.depth, 0);
	assert_true(told.notes > 3);
	board_close(&b);
}

/* ---- what was written into tables ---- */

struct written {
	unsigned count, made, freed;
	uint64_t entries;
	char level[8];
	struct iopt_trace_arg last[8];
};

static void tell_write(void *arg, const struct iopt_trace *step)
{
	struct written *w = arg;

	if (step->kind == IOPT_TRACE_NOTE) {
		w->made += strstr(step->text, " is new") != NULL;
		w->freed += strstr(step->text, " is freed") != NULL;
	}
	if (step->kind != IOPT_TRACE_WRITE)
		return;
	assert_int_equal(step->arg_count, 8);
	assert_string_equal(step->args[3].name, "count");
	w->count++;
	w->entries += step->args[3].value;
	memcpy(w->last, step->args, sizeof(w->last));
	/* its text goes with the step */
	snprintf(w->level, sizeof(w->level), "%s", step->args[1].text);
}

static void assert_write(const struct written *w, const char *level, uint64_t index, uint64_t count,
			 const uint64_t sides[4])
{
	assert_string_equal(w->level, level);
	assert_int_equal(w->last[2].value, index);
	assert_int_equal(w->last[3].value, count);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(w->last[4 + i].value, sides[i]);
}

static void test_writes(void **state)
{
	struct written w = {0};
	struct iopt_buffer *buffer;
	uint64_t pa, unmapped;
	struct board b;

	(void)state;
	board_open_plain(&b);
	iopt_memory_on_trace(b.memory, tell_write, &w);
	/* three tables down, and five descriptors at the end of the way */
	buffer = must_alloc(b.device, 0x5000, 0, false);
	pa = info_of(buffer).segments[0].pa;
	assert_int_equal(w.made, 3);
	assert_int_equal(w.count, 4);
	assert_int_equal(w.entries, 3 + 5);
	assert_write(&w, "3", 0x1f8, 5, (uint64_t[]){0, 0, pa | 0xe43, 0x1000});
	w = (struct written){0};
	must_free(buffer);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.made + w.freed, 0);
	assert_write(&w, "3", 0x1f8, 5, (uint64_t[]){pa | 0xe43, 0x1000, 0, 0});
	/* a block is split, and a block takes the place of a table */
	assert_int_equal(iopt_map(b.domain, 0x200000, 0x400000, 0x200000, IOPT_READ), 0);
	w = (struct written){0};
	assert_int_equal(iopt_unmap(b.domain, 0x201000, 0x1000, &unmapped), 0);
	assert_int_equal(w.made, 1);
	assert_int_equal(w.count, 1 + 2);
	assert_int_equal(w.entries, 1 + 511);
	assert_write(&w, "3", 2, 510, (uint64_t[]){0, 0, 0x402ec3, 0x1000});
	w = (struct written){0};
	assert_int_equal(iopt_unmap(b.domain, 0x200000, 0x200000, &unmapped), 0);
	assert_int_equal(w.freed, 1);
	assert_int_equal(w.entries, 1);
	iopt_memory_on_trace(b.memory, NULL, NULL);
	board_close(&b);
}

/* The last page of the space, where a range ends at all ones. */
static void test_writes_at_the_end(void **state)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct written w = {0};
	struct fixture f;

	(void)state;
	config.quirks = IOPT_QUIRK_ARM_TTBR1;
	fixture_open(&f, config);
	iopt_memory_on_trace(f.memory, tell_write, &w);
	assert_int_equal(iopt_map(f.domain, UINT64_MAX - 0xfff, 0x1000, 0x1000, IOPT_READ), 0);
	assert_int_equal(w.entries, 4);
	assert_write(&w, "3", 511, 1, (uint64_t[]){0, 0, 0x1ec3, 0});
	iopt_memory_on_trace(f.memory, NULL, NULL);
	fixture_close(&f);
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
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_writes_at_the_end),
		cmocka_unit_test(test_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
