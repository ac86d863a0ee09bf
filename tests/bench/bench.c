/* SPDX-License-Identifier: MIT */
/*
 * How fast tables are written and read, through the public library.
 *
 *     iopt-bench [WORK...]         a JSON line for each work: ns per item, and the ratio of that to
 *                                  one step of a dependent xorshift64 chain, which machines and
 *                                  their noise change far less than the nanoseconds
 *     iopt-bench --once WORK       one pass, for counting instructions in timed_pass(): the number
 *                                  of calls in it
 *
 * An item is a page (a leaf).  Medians of 7 passes, each over a range whose tables are there and
 * were touched before, but for the 'cold' work.  The 'iova' works take and give back single pages
 * of an IOVA space, all of which live at once: "last_to_first" is what the last tenth of them cost,
 * over the first.  The 'dma' works allocate and free a coherent buffer: "full_to_empty" is what
 * that costs among 100,000 live ones, over the same in an empty domain.  The 'build' works make
 * tables for firmware: 64 GiB as pages, "to_memset": over a first-touch memset of as many bytes as
 * the tables have; and a million separate regions, "to_few": one of them over one of 32,768.
 * The works 'many', 'each' and 'visit' read 2^20 pages, and "to_loop" is their time over that of a
 * plain C loop over the same bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_ask.h"
#include "bench_build.h"
#include "bench_dma.h"
#include "bench_iova.h"
#include "iopt.h"

enum { PASSES = 7, STEPS = 4 << 20, ONCE_DIVISOR = 16, EXIT_USAGE = 2 };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define K	      UINT64_C(1024)
#define M	      (1024 * K)

enum kind { MAP, UNMAP, TRANSLATE, IOVA_ALLOC, IOVA_FREE, DMA_ALLOC, BUILD, ASK };

static const struct work {
	const char *name;
	enum iopt_format format;
	enum kind kind;
	uint64_t page_size, per_call, items;
	bool cold;
} WORKS[] = {
	/* first: what another work has freed would be warm memory for the small one of two */
	{.name = "build-64g-4k", .kind = BUILD},
	{.name = "build-1m-regions", .kind = BUILD, .items = M},
	{"lpae-map-4k-1", IOPT_ARM_64_LPAE_S1, MAP, 4 * K, 1, M, false},
	{"lpae-unmap-4k-1", IOPT_ARM_64_LPAE_S1, UNMAP, 4 * K, 1, M, false},
	{"lpae-map-4k-16", IOPT_ARM_64_LPAE_S1, MAP, 4 * K, 16, M, false},
	{"lpae-unmap-4k-16", IOPT_ARM_64_LPAE_S1, UNMAP, 4 * K, 16, M, false},
	{"lpae-map-4k-512", IOPT_ARM_64_LPAE_S1, MAP, 4 * K, 512, M, false},
	{"lpae-unmap-4k-512", IOPT_ARM_64_LPAE_S1, UNMAP, 4 * K, 512, M, false},
	{"lpae-map-2m-1", IOPT_ARM_64_LPAE_S1, MAP, 2 * M, 1, M, false},
	{"lpae-unmap-2m-1", IOPT_ARM_64_LPAE_S1, UNMAP, 2 * M, 1, M, false},
	{"lpae-map-4k-1-cold", IOPT_ARM_64_LPAE_S1, MAP, 4 * K, 1, M, true},
	{"lpae-translate-seq", IOPT_ARM_64_LPAE_S1, TRANSLATE, 4 * K, 1, M, false},
	{"v7s-map-4k-1", IOPT_ARM_V7S, MAP, 4 * K, 1, M, false},
	{"v7s-unmap-4k-1", IOPT_ARM_V7S, UNMAP, 4 * K, 1, M, false},
	{"v7s-map-4k-256", IOPT_ARM_V7S, MAP, 4 * K, 256, M, false},
	{"v7s-unmap-4k-256", IOPT_ARM_V7S, UNMAP, 4 * K, 256, M, false},
	{"v7s-map-64k-1", IOPT_ARM_V7S, MAP, 64 * K, 1, 64 * K, false},
	{.name = "iova-alloc-1", .kind = IOVA_ALLOC, .items = M},
	{.name = "iova-free-1", .kind = IOVA_FREE, .items = M},
	{.name = "dma-alloc-4k", .kind = DMA_ALLOC, .page_size = 4 * K},
	{.name = "dma-alloc-1m", .kind = DMA_ALLOC, .page_size = M},
	{.name = "lpae-many-dense", .kind = ASK},
	{.name = "lpae-many-dense-dump", .kind = ASK},
	{.name = "lpae-each-dense", .kind = ASK},
	{.name = "lpae-visit-dense", .kind = ASK},
	{.name = "lpae-many-sparse", .kind = ASK},
	{.name = "lpae-many-sparse-dump", .kind = ASK},
	{.name = "lpae-each-sparse", .kind = ASK},
	{.name = "lpae-visit-sparse", .kind = ASK},
	{.name = "v7s-many", .kind = ASK},
	{.name = "v7s-many-dump", .kind = ASK},
	{.name = "v7s-each", .kind = ASK},
};

struct bench {
	const struct work *work;
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	uint64_t items, events;
};

static void die(const char *what)
{
	fprintf(stderr, "iopt-bench: %s\n", what);
	exit(1);
}

static void on_tlb(void *arg, const struct iopt_tlb_event *event)
{
	struct bench *b = arg;

	b->events += event->count;
}

static void open_domain(struct bench *b)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);

	config.format = b->work->format;
	if (iopt_domain_create(b->memory, &config, &b->domain, NULL) < 0)
		die("no domain");
	iopt_domain_on_tlb(b->domain, on_tlb, b);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Each step needs the one before. */
static uint64_t xorshift_chain(uint64_t x, unsigned steps)
{
	while (steps--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

static double step_ns(void)
{
	static volatile uint64_t state = 88172645463325252;
	double start = now();

	state = xorshift_chain(state, STEPS);
	return (now() - start) / STEPS;
}

static void pass_map(const struct bench *b, uint64_t per_call)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);
	uint64_t bytes = b->work->page_size * per_call, end = b->items * b->work->page_size;

	pages.page_size = b->work->page_size;
	pages.prot = IOPT_READ | IOPT_WRITE | IOPT_CACHE;
	for (uint64_t iova = 0; iova < end; iova += bytes) {
		pages.iova = iova;
		pages.pa = iova;
		pages.count = per_call;
		if (iopt_map_pages(b->domain, &pages) < 0 || pages.done != bytes)
			die("a map failed");
	}
}

static void pass_unmap(const struct bench *b, uint64_t per_call)
{
	struct iopt_pages pages = IOPT_INIT(struct iopt_pages);
	uint64_t bytes = b->work->page_size * per_call, end = b->items * b->work->page_size;

	pages.page_size = b->work->page_size;
	for (uint64_t iova = 0; iova < end; iova += bytes) {
		pages.iova = iova;
		pages.count = per_call;
		iopt_unmap_pages(b->domain, &pages);
		if (pages.done != bytes)
			die("an unmap fell short");
	}
}

static void pass_translate(const struct bench *b)
{
	uint64_t end = b->items * b->work->page_size, pa;

	for (uint64_t iova = 0; iova < end; iova += b->work->page_size) {
		if (iopt_translate(b->domain, iova, &pa, NULL) < 0 || pa != iova)
			die("a translation is wrong");
	}
}

/* Kept apart under its name: instruction counters look for it. */
static __attribute__((noinline)) void timed_pass(const struct bench *b)
{
	switch (b->work->kind) {
	case MAP:
		pass_map(b, b->work->per_call);
		break;
	case UNMAP:
		pass_unmap(b, b->work->per_call);
		break;
	case TRANSLATE:
		pass_translate(b);
		break;
	default:
		break;
	}
}

/* All that fits into one table, so that tables stay: the quickest way there and back. */
static uint64_t bulk(const struct work *work)
{
	return work->format != IOPT_ARM_V7S ? 512 : work->page_size == 4 * K ? 256 : 16;
}

/* After one pass, makes ready for the next: what it did is undone. */
static void prepare(struct bench *b)
{
	if (b->work->cold) {
		iopt_domain_destroy(b->domain);
		open_domain(b);
	} else if (b->work->kind == MAP) {
		pass_unmap(b, bulk(b->work));
	} else if (b->work->kind == UNMAP) {
		pass_map(b, bulk(b->work));
	}
}

static void bench_open(struct bench *b, const struct work *work, uint64_t divisor)
{
	*b = (struct bench){.work = work, .items = work->items / divisor};
	if (iopt_memory_create(&b->memory) < 0)
		die("no memory");
	open_domain(b);
	pass_map(b, bulk(work));
	if (work->kind == MAP)
		prepare(b);
}

static void bench_close(struct bench *b)
{
	iopt_domain_destroy(b->domain);
	iopt_memory_destroy(b->memory);
}

static int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double *numbers, size_t count)
{
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	return numbers[count / 2];
}

static double median(double *numbers)
{
	return median_of(numbers, PASSES);
}

static void run_iova(const struct work *work)
{
	double ns[BENCH_IOVA_PASSES], ratios[BENCH_IOVA_PASSES], growth[BENCH_IOVA_PASSES];

	for (int i = 0; i < BENCH_IOVA_PASSES; i++) {
		double step = step_ns();
		struct bench_iova b;

		if (!bench_iova_pass(work->kind == IOVA_FREE, work->items, &b))
			die("an IOVA is missing");
		ns[i] = b.ns;
		ratios[i] = b.ns / step;
		growth[i] = b.last_to_first;
	}
	printf("{\"work\":\"%s\",\"ns\":%.2f,\"ratio\":%.2f,\"last_to_first\":%.2f}\n", work->name,
	       median_of(ns, BENCH_IOVA_PASSES), median_of(ratios, BENCH_IOVA_PASSES),
	       median_of(growth, BENCH_IOVA_PASSES));
	fflush(stdout);
}

static void run_dma(const struct work *work)
{
	double ns[BENCH_DMA_PASSES], ratios[BENCH_DMA_PASSES], growth[BENCH_DMA_PASSES];

	for (int i = 0; i < BENCH_DMA_PASSES; i++) {
		double step = step_ns();
		struct bench_dma b;

		if (!bench_dma_pass(work->page_size, &b))
			die("a buffer is missing");
		ns[i] = b.ns;
		ratios[i] = b.ns / step;
		growth[i] = b.full_to_empty;
	}
	printf("{\"work\":\"%s\",\"ns\":%.2f,\"ratio\":%.2f,\"full_to_empty\":%.2f}\n", work->name,
	       median_of(ns, BENCH_DMA_PASSES), median_of(ratios, BENCH_DMA_PASSES),
	       median_of(growth, BENCH_DMA_PASSES));
	fflush(stdout);
}

static void run_build(const struct work *work)
{
	double ns[BENCH_BUILD_PASSES], ratios[BENCH_BUILD_PASSES], compared[BENCH_BUILD_PASSES];

	for (int i = 0; i < BENCH_BUILD_PASSES; i++) {
		double step = step_ns();
		struct bench_build b;

		if (!bench_build_pass(work->items, &b))
			die("no tables");
		ns[i] = b.ns;
		ratios[i] = b.ns / step;
		compared[i] = b.compare;
	}
	printf("{\"work\":\"%s\",\"ns\":%.2f,\"ratio\":%.2f,\"%s\":%.2f}\n", work->name,
	       median_of(ns, BENCH_BUILD_PASSES), median_of(ratios, BENCH_BUILD_PASSES),
	       work->items ? "to_few" : "to_memset", median_of(compared, BENCH_BUILD_PASSES));
	fflush(stdout);
}

static void run_ask(const struct work *work)
{
	double step = step_ns(), ns;
	struct bench_ask b;

	if (!bench_ask_run(work->name, &b))
		die("an answer is wrong");
	ns = median_of(b.ns, BENCH_ASK_PASSES);
	printf("{\"work\":\"%s\",\"ns\":%.2f,\"ratio\":%.2f,\"to_loop\":%.2f}\n", work->name, ns,
	       ns / step, median_of(b.to_loop, BENCH_ASK_PASSES));
	fflush(stdout);
}

static void run(const struct work *work)
{
	double ns[PASSES], ratios[PASSES];
	struct bench b;

	if (work->kind == BUILD) {
		run_build(work);
		return;
	}
	if (work->kind == ASK) {
		run_ask(work);
		return;
	}
	if (work->kind == DMA_ALLOC) {
		run_dma(work);
		return;
	}
	if (work->kind >= IOVA_ALLOC) {
		run_iova(work);
		return;
	}
	bench_open(&b, work, 1);
	for (int i = 0; i < PASSES; i++) {
		double start, step;

		if (i)
			prepare(&b);
		step = step_ns();
		start = now();
		timed_pass(&b);
		ns[i] = (now() - start) / (double)b.items;
		ratios[i] = ns[i] / step;
	}
	if (work->kind == UNMAP && b.events < b.items)
		die("events are missing");
	bench_close(&b);
	printf("{\"work\":\"%s\",\"ns\":%.2f,\"ratio\":%.2f}\n", work->name, median(ns),
	       median(ratios));
	fflush(stdout);
}

static const struct work *find_work(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(WORKS); i++) {
		if (strcmp(WORKS[i].name, name) == 0)
			return &WORKS[i];
	}
	fprintf(stderr, "iopt-bench: no work '%s'; there are:", name);
	for (size_t i = 0; i < ARRAY_SIZE(WORKS); i++)
		fprintf(stderr, " %s", WORKS[i].name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static void run_once(const struct work *work)
{
	struct bench b;

	if (work->kind >= IOVA_ALLOC)
		die("only tables have calls to count");
	bench_open(&b, work, ONCE_DIVISOR);
	timed_pass(&b);
	printf("{\"work\":\"%s\",\"calls\":%llu}\n", work->name,
	       (unsigned long long)(b.items / work->per_call));
	bench_close(&b);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--once") == 0) {
		run_once(find_work(argv[2]));
		return 0;
	}
	for (int i = 1; i < argc; i++)
		find_work(argv[i]);
	for (int i = 1; i < argc; i++)
		run(find_work(argv[i]));
	for (size_t i = 0; argc == 1 && i < ARRAY_SIZE(WORKS); i++)
		run(&WORKS[i]);
	return 0;
}
