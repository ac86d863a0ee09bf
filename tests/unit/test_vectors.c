/* SPDX-License-Identifier: MIT */
/*
 * Every recorded case of Linux's table code, replayed: results, TLB events, registers and tree.
 * Where Linux loses output addresses (splitting of short-descriptor sections) the model says what
 * is right instead.
 */
#include <limits.h>

#include "base.h"
#include "model.h"
#include "vectors.h"

struct replay {
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	struct model model;
	size_t right_from; /* the operation from which on the model decides, not the record */
	size_t index;
	json_t *events;
	size_t walks, pages, all; /* of this operation */
	size_t total_walks, total_pages, total_all;
};

static void add_event(struct replay *r, const struct iopt_tlb_event *event, uint64_t iova)
{
	static const char *const names[] = {"all", "walk", "page"};
	uint64_t numbers[] = {iova, event->size, event->granule};
	json_t *list = json_array();

	json_array_append_new(list, json_string(names[event->kind]));
	for (size_t i = 0; i < ARRAY_SIZE(numbers) && event->kind != IOPT_TLB_ALL; i++) {
		if (event->kind == IOPT_TLB_WALK || i != 1)
			json_array_append_new(
				list, json_sprintf("0x%llx", (unsigned long long)numbers[i]));
	}
	json_array_append_new(r->events, list);
}

static void on_tlb(void *arg, const struct iopt_tlb_event *event)
{
	struct replay *r = arg;

	for (uint64_t i = 0; i < event->count; i++) {
		r->walks += event->kind == IOPT_TLB_WALK;
		r->pages += event->kind == IOPT_TLB_PAGE;
		r->all += event->kind == IOPT_TLB_ALL;
		if (json_array_size(r->events) <= 40)
			add_event(r, event, event->iova + i * event->size);
	}
}

static void check_events(const struct replay *r, const json_t *op)
{
	const json_t *list = json_object_get(op, "tlb"),
		     *counts = json_object_get(op, "tlb_counts");

	if (counts) {
		assert_int_equal(r->walks, vector_int(counts, "flush_walk"));
		assert_int_equal(r->pages, vector_int(counts, "add_page"));
		assert_int_equal(r->all, 0);
	} else if (list && !json_equal(r->events, list)) {
		fail_msg("events are %s, want %s", json_dumps(r->events, JSON_COMPACT),
			 json_dumps(list, JSON_COMPACT));
	} else if (!list &&
		   strncmp(json_string_value(json_object_get(op, "op")), "range", 5) != 0) {
		assert_int_equal(r->walks + r->pages + r->all, 0);
	}
}

static struct iopt_pages op_pages(const json_t *op)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);

	pages.iova = vector_hex(op, "iova");
	pages.page_size = vector_hex(op, "pgsize");
	pages.count = (uint64_t)json_integer_value(json_object_get(op, "pgcount"));
	return pages;
}

static void run_map(struct replay *r, const json_t *op)
{
	struct iopt_pages pages = op_pages(op), right;
	int code, want = vector_int(op, "ret");
	uint64_t done = vector_hex(op, "mapped");

	pages.pa = vector_hex(op, "paddr");
	pages.prot = vector_prot(op);
	right = pages;
	code = iopt_map_pages(r->domain, &pages);
	if (r->right_from < SIZE_MAX) {
		int model_code = model_map_pages(&r->model, &right);

		if (r->index >= r->right_from) {
			want = model_code;
			done = right.done;
		}
	}
	assert_int_equal(code, want);
	assert_int_equal(pages.done, done);
}

static void run_unmap(struct replay *r, const json_t *op)
{
	struct iopt_pages pages = op_pages(op);
	uint64_t done = vector_hex(op, "unmapped"), right;

	pages.queued = json_is_true(json_object_get(op, "queued"));
	iopt_unmap_pages(r->domain, &pages);
	if (r->right_from < SIZE_MAX) {
		right = model_unmap_pages(&r->model, &pages, pages.done);
		if (r->index >= r->right_from)
			done = right;
	}
	assert_int_equal(pages.done, done);
}

static void run_iova_to_phys(struct replay *r, const json_t *op)
{
	uint64_t iova = vector_hex(op, "iova"), want = vector_hex(op, "paddr");

	if (r->index >= r->right_from)
		want = model_translate(&r->model, iova);
	assert_int_equal(iopt_iova_to_phys(r->domain, iova), want);
}

static void run_alloc_budget(struct replay *r, const json_t *op)
{
	int pages = vector_int(op, "pages");

	iopt_memory_budget(r->memory, pages < 0 ? UINT64_MAX : (uint64_t)pages);
}

static void run_range_map(struct replay *r, const json_t *op)
{
	int code = iopt_map(r->domain, vector_hex(op, "iova"), vector_hex(op, "paddr"),
			    vector_hex(op, "size"), vector_prot(op));

	assert_int_equal(code, vector_int(op, "ret"));
}

static void run_range_unmap(struct replay *r, const json_t *op)
{
	uint64_t size = vector_hex(op, "size"), want = vector_hex(op, "unmapped"), unmapped = 1;
	int code = iopt_unmap(r->domain, vector_hex(op, "iova"), size, &unmapped);

	assert_int_equal(unmapped, want);
	if (want == size)
		assert_int_equal(code, 0);
	else if (json_array_size(json_object_get(op, "calls")))
		assert_int_equal(code, -IOPT_ENOENT);
	else
		assert_int_equal(code, -IOPT_EINVAL);
}

static const struct {
	const char *name;
	void (*run)(struct replay *r, const json_t *op);
} OPERATIONS[] = {
	{"map", run_map},
	{"unmap", run_unmap},
	{"iova_to_phys", run_iova_to_phys},
	{"alloc_budget", run_alloc_budget},
	{"range_map", run_range_map},
	{"range_unmap", run_range_unmap},
};

static void run_op(struct replay *r, const json_t *op)
{
	const char *name = json_string_value(json_object_get(op, "op"));
	size_t i = 0;

	while (i < ARRAY_SIZE(OPERATIONS) && strcmp(OPERATIONS[i].name, name) != 0)
		i++;
	assert_int_not_equal(i, ARRAY_SIZE(OPERATIONS));
	json_array_clear(r->events);
	r->walks = r->pages = r->all = 0;
	OPERATIONS[i].run(r, op);
	if (r->index < r->right_from)
		check_events(r, op);
	r->total_walks += r->walks;
	r->total_pages += r->pages;
	r->total_all += r->all;
}

/* Every leaf of the model leads where it should, and so does what lies beside it. */
static void check_model(struct replay *r)
{
	const struct model *m = &r->model;

	for (size_t i = 0; i < m->count; i++) {
		const struct model_leaf *leaf = &m->leaves[i];
		uint64_t last = leaf->iova + (leaf->size - 1), pa = 0;

		assert_int_equal(iopt_iova_to_phys(r->domain, leaf->iova), leaf->pa);
		assert_int_equal(iopt_translate(r->domain, last, &pa, NULL), 0);
		assert_int_equal(pa, leaf->pa + (leaf->size - 1));
		if (last < low_bits(m->ias))
			assert_int_equal(iopt_iova_to_phys(r->domain, last + 1),
					 model_translate(m, last + 1));
	}
}

static void check_end(struct replay *r, const json_t *vector)
{
	const json_t *total = json_object_get(vector, "tlb");

	if (r->right_from < SIZE_MAX) {
		check_model(r);
		return;
	}
	vector_check_tree(vector, r->domain);
	assert_int_equal(r->total_walks, vector_int(total, "flush_walk"));
	assert_int_equal(r->total_pages, vector_int(total, "add_page"));
	assert_int_equal(r->total_all, vector_int(total, "flush_all"));
}

static size_t first_wrong(const json_t *vector)
{
	const json_t *from = json_object_get(vector, "kernel_bug_from_op");

	if (json_object_get(vector, "kernel_bug"))
		return 0;
	return from ? (size_t)json_integer_value(from) : SIZE_MAX;
}

static void replay(struct replay *r, const json_t *vector)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	const json_t *op;

	iopt_domain_on_tlb(r->domain, on_tlb, r);
	vector_check_space(vector, r->domain);
	assert_int_equal(iopt_domain_space(r->domain, 0, &space), 0);
	model_init(&r->model, &space);
	json_array_foreach(json_object_get(vector, "ops"), r->index, op) run_op(r, op);
	check_end(r, vector);
	model_destroy(&r->model);
	iopt_domain_destroy(r->domain);
	assert_int_equal(iopt_memory_allocated(r->memory), 0);
}

static void test_vector(const json_t *vector)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_config config = vector_config(vector);
	struct replay r = {.events = json_array(), .right_from = first_wrong(vector)};
	uint64_t base = 0x80000000;
	int code;

	if (json_object_get(vector, "phys_base"))
		base = vector_hex(vector, "phys_base");
	assert_int_equal(iopt_memory_create(&r.memory), 0);
	assert_int_equal(iopt_memory_add_ram(r.memory, base, UINT64_C(8) << 30, NULL), 0);
	code = iopt_domain_create(r.memory, &config, &r.domain, &error);
	if (json_is_string(json_object_get(vector, "alloc")) &&
	    strcmp(json_string_value(json_object_get(vector, "alloc")), "ok") == 0) {
		assert_int_equal(code, 0);
		replay(&r, vector);
	} else {
		assert_int_equal(code, -IOPT_EINVAL);
		assert_int_equal(error.code, IOPT_EINVAL);
		assert_true(error.message[0]);
	}
	iopt_memory_destroy(r.memory);
	json_decref(r.events);
}

int main(void)
{
	return vectors_run("vectors", "vectors/pgtable", test_vector);
}
