/* SPDX-License-Identifier: MIT */
/*
 * Reading tables against a plain C loop over the same bytes: random translations, in groups and one
 * by one, over RAM and over a file; and enumerating everything.  Pages follow each other by input
 * address and are scattered by output address, so that nothing is joined.
 */
#include "bench_ask.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "iopt.h"

#define PAGES	   (UINT64_C(1) << 20)
#define BLOCK_SIZE UINT64_C(0x200000)

enum bench_image { BENCH_DENSE, BENCH_SPARSE, BENCH_SHORT };
enum bench_question { BENCH_MANY, BENCH_MANY_DUMP, BENCH_EACH, BENCH_VISIT };

static const struct {
	const char *name;
	enum bench_image image;
	enum bench_question question;
} questions[] = {
	{"lpae-many-dense", BENCH_DENSE, BENCH_MANY},
	{"lpae-many-dense-dump", BENCH_DENSE, BENCH_MANY_DUMP},
	{"lpae-each-dense", BENCH_DENSE, BENCH_EACH},
	{"lpae-visit-dense", BENCH_DENSE, BENCH_VISIT},
	{"lpae-many-sparse", BENCH_SPARSE, BENCH_MANY},
	{"lpae-many-sparse-dump", BENCH_SPARSE, BENCH_MANY_DUMP},
	{"lpae-each-sparse", BENCH_SPARSE, BENCH_EACH},
	{"lpae-visit-sparse", BENCH_SPARSE, BENCH_VISIT},
	{"v7s-many", BENCH_SHORT, BENCH_MANY},
	{"v7s-many-dump", BENCH_SHORT, BENCH_MANY_DUMP},
	{"v7s-each", BENCH_SHORT, BENCH_EACH},
};

enum { RUN_PAGES = 64, SPARSE_BITS = 40 };

struct image {
	enum bench_image kind;
	struct iopt_memory *memory, *dump;
	struct iopt_domain *domain, *opened;
	char *bytes; /* the tables, packed from 'root' on */
	size_t size, room;
	uint64_t root;
	uint64_t *iova, *pa, *want;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* ---- plain loops ---- */

static uint64_t loop_lpae(const struct image *m, uint64_t iova)
{
	uint64_t table = 0, desc;

	for (unsigned shift = 39;; shift -= 9) {
		memcpy(&desc, m->bytes + table + (iova >> shift & 511) * 8, sizeof(desc));
		if (!(desc & 1))
			return UINT64_MAX;
		if (shift == 12 || !(desc & 2)) {
			uint64_t mask = (UINT64_C(1) << shift) - 1;

			return (desc & 0xfffffffff000 & ~mask) | (iova & mask);
		}
		table = (desc & 0xfffffffff000) - m->root;
	}
}

static uint64_t loop_short(const struct image *m, uint64_t iova)
{
	uint32_t desc;

	memcpy(&desc, m->bytes + (iova >> 20) * 4, sizeof(desc));
	if ((desc & 3) != 1)
		return UINT64_MAX;
	memcpy(&desc, m->bytes + ((desc & ~UINT32_C(0x3ff)) - m->root) + (iova >> 12 & 255) * 4,
	       sizeof(desc));
	return desc & 2 ? (desc & ~UINT32_C(0xfff)) | (iova & 0xfff) : UINT64_MAX;
}

static void loop_many(struct image *m)
{
	if (m->kind == BENCH_SHORT)
		for (uint64_t i = 0; i < PAGES; i++)
			m->want[i] = loop_short(m, m->iova[i]);
	else
		for (uint64_t i = 0; i < PAGES; i++)
			m->want[i] = loop_lpae(m, m->iova[i]);
}

/* Counts what is mapped, and adds the addresses up. */
static uint64_t loop_visit(const struct image *m, uint64_t table, unsigned shift, uint64_t *sum)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < 512; i++) {
		uint64_t desc;

		memcpy(&desc, m->bytes + table + i * 8, sizeof(desc));
		if (!(desc & 1))
			continue;
		if (shift == 12 || !(desc & 2)) {
			*sum += desc & 0xfffffffff000;
			count++;
		} else {
			count += loop_visit(m, (desc & 0xfffffffff000) - m->root, shift - 9, sum);
		}
	}
	return count;
}

/* ---- images ---- */

static int keep_bytes(void *arg, const void *data, size_t bytes)
{
	struct image *m = arg;

	if (m->size + bytes > m->room) {
		size_t room = 2 * (m->size + bytes);
		char *grown = realloc(m->bytes, room);

		if (!grown)
			return -IOPT_ENOMEM;
		m->bytes = grown;
		m->room = room;
	}
	memcpy(m->bytes + m->size, data, bytes);
	m->size += bytes;
	return 0;
}

static int drop_bytes(void *arg, const void *data, size_t bytes)
{
	(void)arg, (void)data, (void)bytes;
	return 0;
}

/* Where run number 'i' of 'runs' begins: no two share a last table. */
static uint64_t run_start(const struct image *m, uint64_t i, uint64_t *seed)
{
	const uint64_t places = (UINT64_C(1) << SPARSE_BITS) / BLOCK_SIZE;
	const uint64_t stride = places / (PAGES / RUN_PAGES);

	if (m->kind != BENCH_SPARSE)
		return i * RUN_PAGES << 12;
	return (i * stride + next_random(seed) % stride) * BLOCK_SIZE;
}

static bool map_all(struct image *m)
{
	struct iopt_pages p = IOPT_INIT(struct iopt_pages);
	uint64_t seed = 88172645463325252;

	p.page_size = 0x1000;
	p.count = 1;
	p.prot = IOPT_READ | IOPT_WRITE;
	for (uint64_t i = 0; i < PAGES; i++) {
		if (i % RUN_PAGES == 0)
			p.iova = run_start(m, i / RUN_PAGES, &seed);
		p.pa = (i * 0x9e375 & (PAGES - 1)) << 12; /* an odd factor: a permutation */
		if (iopt_map_pages(m->domain, &p) || p.done != 0x1000)
			return false;
		m->iova[i] = p.iova + (i & 0xfff);
		p.iova += 0x1000;
	}
	for (uint64_t i = PAGES - 1; i; i--) {
		uint64_t j = next_random(&seed) % (i + 1), t = m->iova[i];

		m->iova[i] = m->iova[j];
		m->iova[j] = t;
	}
	return true;
}

static bool make_image(struct image *m)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_sink keep = {keep_bytes, m}, drop = {drop_bytes, NULL};

	config.format = m->kind == BENCH_SHORT ? IOPT_ARM_V7S : IOPT_ARM_64_LPAE_S1;
	m->iova = malloc(PAGES * sizeof(*m->iova));
	m->pa = malloc(PAGES * sizeof(*m->pa));
	m->want = malloc(PAGES * sizeof(*m->want));
	if (!m->iova || !m->pa || !m->want || iopt_memory_create(&m->memory) ||
	    iopt_domain_create(m->memory, &config, &m->domain, NULL) || !map_all(m) ||
	    iopt_domain_space(m->domain, 0, &space))
		return false;
	m->root = space.root;
	return !iopt_image_write(m->domain, NULL, "bench", &keep, &drop, NULL);
}

/* The same bytes as a file's, at the same place, and the same registers. */
static bool open_dump(struct image *m)
{
	char path[] = "/tmp/iopt-bench-XXXXXX";
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	struct iopt_registers *registers;
	int fd = mkstemp(path);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, m->bytes, m->size) == (ssize_t)m->size && !iopt_memory_create(&m->dump) &&
	     !iopt_memory_load(m->dump, path, &m->root, NULL);
	close(fd);
	unlink(path);
	if (!ok || iopt_domain_space(m->domain, 0, &space) || iopt_registers_create(&registers))
		return false;
	config.format = space.format;
	config.ias = space.ias;
	config.oas = space.oas;
	for (unsigned i = 0; i < space.register_count; i++)
		iopt_registers_set(registers, space.registers[i].name, space.registers[i].value);
	ok = !iopt_domain_open(m->dump, &config, registers, &m->opened, NULL);
	iopt_registers_destroy(registers);
	return ok;
}

static void close_image(struct image *m)
{
	iopt_domain_destroy(m->opened);
	iopt_domain_destroy(m->domain);
	iopt_memory_destroy(m->dump);
	iopt_memory_destroy(m->memory);
	free(m->bytes);
	free(m->iova);
	free(m->pa);
	free(m->want);
}

/* ---- questions ---- */

struct visited {
	uint64_t count, sum;
};

static int visit_extent(void *arg, const struct iopt_extent *e)
{
	struct visited *v = arg;

	v->count += e->count;
	v->sum += e->pa;
	return 0;
}

static bool ask(struct image *m, enum bench_question question, struct visited *visited)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	bool ok = true;

	switch (question) {
	case BENCH_MANY:
		return iopt_translate_many(m->domain, m->iova, PAGES, m->pa) == PAGES;
	case BENCH_MANY_DUMP:
		return iopt_translate_many(m->opened, m->iova, PAGES, m->pa) == PAGES;
	case BENCH_EACH:
		for (uint64_t i = 0; i < PAGES; i++)
			ok &= !iopt_translate(m->domain, m->iova[i], &m->pa[i], NULL);
		return ok;
	case BENCH_VISIT:
		visitor.extent = visit_extent;
		visitor.arg = visited;
		return !iopt_domain_visit(m->domain, 0, &visitor);
	}
	return false;
}

static bool pass(struct image *m, enum bench_question question, double *ns, double *to_loop)
{
	struct visited visited = {0, 0}, plain = {0, 0};
	double start = now(), loop;
	bool ok;

	if (question == BENCH_VISIT)
		plain.count = loop_visit(m, 0, 39, &plain.sum);
	else
		loop_many(m);
	loop = now() - start;
	start = now();
	ok = ask(m, question, &visited);
	*ns = now() - start;
	*to_loop = *ns / loop;
	*ns /= (double)PAGES;
	if (question == BENCH_VISIT)
		return ok && visited.count == plain.count && visited.sum == plain.sum;
	return ok && memcmp(m->pa, m->want, PAGES * sizeof(*m->pa)) == 0;
}

bool bench_ask_run(const char *name, struct bench_ask *result)
{
	const size_t count = sizeof(questions) / sizeof(questions[0]);
	struct image m = {.size = 0};
	enum bench_question question;
	double ns, to_loop;
	size_t q = 0;
	bool ok;

	while (q < count && strcmp(questions[q].name, name) != 0)
		q++;
	if (q == count)
		return false;
	m.kind = questions[q].image;
	question = questions[q].question;
	ok = make_image(&m) && (question != BENCH_MANY_DUMP || open_dump(&m)) &&
	     pass(&m, question, &ns, &to_loop); /* the first touches everything */
	for (int i = 0; ok && i < BENCH_ASK_PASSES; i++)
		ok = pass(&m, question, &result->ns[i], &result->to_loop[i]);
	close_image(&m);
	return ok;
}
