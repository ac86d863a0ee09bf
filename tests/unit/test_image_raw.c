/* SPDX-License-Identifier: MIT */
/* Raw images and their sidecars: bytes, moving, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base.h"
#include "fixture.h"
#include "textfile.h"

struct image_texts {
	struct text image, sidecar;
};

static int write_image(struct iopt_domain *domain, const uint64_t *base, struct image_texts *t,
		       struct iopt_error *error)
{
	struct iopt_sink image = text_sink(&t->image), sidecar = text_sink(&t->sidecar);

	*error = IOPT_INIT(struct iopt_error);
	return iopt_image_write(domain, base, "t.bin", &image, &sidecar, error);
}

static struct image_texts image_of(struct iopt_domain *domain, const uint64_t *base)
{
	struct iopt_error error;
	struct image_texts t;

	if (write_image(domain, base, &t, &error))
		fail_msg("%s", error.message);
	return t;
}

static void image_free(struct image_texts *t)
{
	text_free(&t->image);
	text_free(&t->sidecar);
}

static int load_image(const struct image_texts *t, const uint64_t *base, struct fixture *f,
		      struct iopt_error *error)
{
	*error = IOPT_INIT(struct iopt_error);
	textfile_write("t.bin.json", t->sidecar.data, t->sidecar.size);
	return iopt_load(textfile_write("t.bin", t->image.data, t->image.size), IOPT_LOAD_AUTO,
			 base, &f->memory, &f->domain, error);
}

static void load_good(const struct image_texts *t, const uint64_t *base, struct fixture *f)
{
	struct iopt_error error;

	if (load_image(t, base, f, &error))
		fail_msg("%s:%u:%u: %s", error.source, error.line, error.column, error.message);
}

static void assert_same_image(const struct image_texts *a, const struct image_texts *b)
{
	assert_int_equal(a->image.size, b->image.size);
	assert_memory_equal(a->image.data, b->image.data, a->image.size);
	assert_string_equal(a->sidecar.data, b->sidecar.data);
}

static void open_small(struct fixture *f)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);

	config.ias = 32; /* four entries in the first table */
	fixture_open(f, config);
	assert_int_equal(iopt_map(f->domain, 0x40000000, 0x80000000, GIB, IOPT_READ), 0);
	assert_int_equal(iopt_map(f->domain, 0x1000, 0x123000, 0x1000, IOPT_READ), 0);
}

static uint64_t word_at(const struct text *image, size_t offset)
{
	assert_true(offset + 8 <= image->size);
	return load_le64(image->data + offset);
}

static void test_bytes(void **state)
{
	static const char sidecar[] =
		"{\"schema\":\"iopt.image/1\",\"file\":\"t.bin\",\"base\":\"0x900000040\","
		"\"size\":\"0x2fc0\",\"root\":\"0x900000040\",\"sha256\":\"%.64s\","
		"\"format\":\"arm-64-lpae-s1\",\"regime\":\"el1\",\"ias\":32,\"oas\":48,"
		"\"granule\":\"0x1000\",\"page_sizes\":[\"0x1000\",\"0x200000\",\"0x40000000\"],"
		"\"quirks\":[],\"coherent_walk\":true,\"endian\":\"little\",\"oa_layout\":\"48\","
		"\"start_level\":1,\"registers\":{\"ttbr\":{\"value\":\"0x900000040\",\"fields\":{}},";
	const uint64_t base = 0x900000040;
	struct image_texts t;
	struct fixture f;
	char want[1024];

	(void)state;
	open_small(&f);
	t = image_of(f.domain, &base);
	/* the first table, then each of the others at the next multiple of its size */
	assert_int_equal(t.image.size, 0x2fc0);
	assert_int_equal(word_at(&t.image, 0), 0x900001003);
	assert_int_equal(word_at(&t.image, 8) & ~BITS(11, 0), 0x80000000);
	assert_int_equal(word_at(&t.image, 0x1000 - 0x40), 0x900002003);
	assert_int_equal(word_at(&t.image, 0x2008 - 0x40) & ~BITS(11, 0), 0x123000);
	snprintf(want, sizeof(want), sidecar,
		 strstr(t.sidecar.data, "\"sha256\":\"") + strlen("\"sha256\":\""));
	assert_int_equal(strncmp(t.sidecar.data, want, strlen(want)), 0);
	image_free(&t);
	fixture_close(&f);
}

/* Base A and then moved to B is what base B gives at once, and back again. */
static void test_moving(void **state)
{
	static const uint64_t bases[] = {0x80000000, 0x40000040, 0xfffff0001000, 0x0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct image_texts home, direct, moved, back;
		struct fixture f, g, h;
		uint64_t pa;

		open_small(&f);
		home = image_of(f.domain, NULL);
		direct = image_of(f.domain, &bases[i]);
		load_good(&home, &bases[i], &g);
		moved = image_of(g.domain, NULL);
		assert_same_image(&direct, &moved);
		assert_int_equal(iopt_translate(g.domain, 0x1abc, &pa, NULL), 0);
		assert_int_equal(pa, 0x123abc);
		load_good(&moved, NULL, &h);
		back = image_of(h.domain, &f.space.root);
		assert_same_image(&home, &back);
		image_free(&home);
		image_free(&direct);
		image_free(&moved);
		image_free(&back);
		textfile_unload(g.memory, g.domain);
		textfile_unload(h.memory, h.domain);
		fixture_close(&f);
	}
}

static void test_bases_refused(void **state)
{
	static const struct {
		uint64_t base;
		int code;
	} cases[] = {
		{0x80000020, -IOPT_EINVAL},
		{0xfffffffff000, -IOPT_ERANGE},
		{0x1000000000000, -IOPT_ERANGE},
		{0xffffffffffffffc0, -IOPT_ERANGE},
	};
	struct iopt_error error;
	struct image_texts t;
	struct fixture f, g;
	size_t i;

	(void)state;
	open_small(&f);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(write_image(f.domain, &cases[i].base, &t, &error), cases[i].code);
		assert_int_equal(error.failure, IOPT_FAILURE_REQUEST);
		image_free(&t);
	}
	t = image_of(f.domain, NULL);
	assert_int_equal(load_image(&t, &cases[0].base, &g, &error), -IOPT_EINVAL);
	assert_null(g.memory);
	assert_null(g.domain);
	image_free(&t);
	fixture_close(&f);
}

/* Raw, JSON, raw: the same bytes; here with a page that is the table of each level. */
static void test_self_reference(void **state)
{
	static const char json[] =
		"{\"schema\":\"iopt.table/1\",\"format\":\"arm-64-lpae-s1\",\"regime\":\"el1\","
		"\"ias\":39,\"oas\":48,\"granule\":\"0x1000\",\"page_sizes\":[\"0x1000\"],"
		"\"quirks\":[],\"coherent_walk\":true,\"endian\":\"little\",\"oa_layout\":\"48\","
		"\"start_level\":1,\"root\":\"0x80000000\",\"registers\":{},\"tables\":["
		"{\"pa\":\"0x80000000\",\"level\":1,\"iova\":\"0x0\",\"runs\":["
		"[0,1,\"table\",\"0x80000003\",\"0x0\"],[7,1,\"table\",\"0xdead000003\",\"0x0\"]]},"
		"{\"pa\":\"0x80000000\",\"level\":2,\"iova\":\"0x0\",\"runs\":["
		"[0,1,\"table\",\"0x80000003\",\"0x0\"],[7,1,\"table\",\"0xdead000003\",\"0x0\"]]},"
		"{\"pa\":\"0x80000000\",\"level\":3,\"iova\":\"0x0\",\"runs\":["
		"[0,1,\"page\",\"0x80000003\",\"0x0\"],[7,1,\"page\",\"0xdead000003\",\"0x0\"]]}]}";
	const uint64_t base = 0x70000000;
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct image_texts t, u;
	struct fixture f, g, h;
	struct text text;

	(void)state;
	assert_int_equal(textfile_load("s.json", json, strlen(json), &f.memory, &f.domain, &error),
			 0);
	t = image_of(f.domain, &base);
	assert_int_equal(t.image.size, 0x1000);
	assert_int_equal(word_at(&t.image, 0), 0x70000003);
	assert_int_equal(word_at(&t.image, 56), 0xdead000003);
	load_good(&t, NULL, &g);
	text = text_dump(g.domain, IOPT_DUMP_JSON);
	assert_int_equal(
		textfile_load("s.json", text.data, text.size, &h.memory, &h.domain, &error), 0);
	u = image_of(h.domain, NULL);
	assert_same_image(&t, &u);
	image_free(&t);
	image_free(&u);
	text_free(&text);
	textfile_unload(f.memory, f.domain);
	textfile_unload(g.memory, g.domain);
	textfile_unload(h.memory, h.domain);
}

#define SPACE(name, quirks, root, pa, iova)                                                 \
	"{\"name\":\"" name "\",\"schema\":\"iopt.table/1\",\"format\":\"arm-64-lpae-s1\"," \
	"\"regime\":\"el1\",\"ias\":39,\"oas\":48,\"granule\":\"0x1000\",\"page_sizes\":["  \
	"\"0x1000\"],\"quirks\":[" quirks "],\"coherent_walk\":true,\"endian\":\"little\"," \
	"\"oa_layout\":\"48\",\"start_level\":1,\"root\":\"" root                           \
	"\",\"registers\":{\"ttbr\":{\"value\":\"" root "\",\"fields\":{}}},\"tables\":["   \
	"{\"pa\":\"" root "\",\"level\":1,\"iova\":\"" iova "\",\"runs\":["                 \
	"[0,1,\"table\",\"" pa "003\",\"0x0\"]]},{\"pa\":\"" pa                             \
	"000\",\"level\":2,\"iova\":\"" iova                                                \
	"\",\"runs\":[[1,1,\"block\",\"0x40000401\",\"0x0\"]]}]}"

/* The second space points to a table of the first: it is there once. */
static void test_two_spaces(void **state)
{
	static const char json[] = "{\"schema\":\"iopt.tables/1\",\"spaces\":[" SPACE(
		"ttbr0", "", "0x80000000", "0x80005", "0x0") "," SPACE("ttbr1", "\"arm-ttbr1\"",
								       "0x80003000", "0x80005",
								       "0xffffff8000000000") "]}";
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct image_texts t, u;
	struct fixture f, g;
	uint64_t pa;

	(void)state;
	if (textfile_load("two.json", json, strlen(json), &f.memory, &f.domain, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
	t = image_of(f.domain, NULL);
	assert_int_equal(t.image.size, 0x3000);
	assert_int_equal(word_at(&t.image, 0), 0x80001003);
	assert_int_equal(word_at(&t.image, 0x2000), 0x80001003);
	assert_non_null(strstr(t.sidecar.data, "iopt.images/1"));
	load_good(&t, NULL, &g);
	assert_int_equal(iopt_translate(g.domain, 0xffffff8000200000, &pa, NULL), 0);
	assert_int_equal(pa, 0x40000000);
	u = image_of(g.domain, NULL);
	assert_same_image(&t, &u);
	image_free(&t);
	image_free(&u);
	textfile_unload(f.memory, f.domain);
	textfile_unload(g.memory, g.domain);
}

static void test_refused(void **state)
{
	static const struct {
		const char *old, *new, *message;
	} cases[] = {
		{"iopt.image/1", "iopt.image/2", "schema"},
		{"\"size\":\"0x3000\"", "\"size\":\"0x2000\"", "longer"},
		{"\"size\":\"0x3000\"", "\"size\":\"0x4000\"", "shorter"},
		{"\"size\":\"0x3000\"", "\"size\":\"0xffffffffffffffff\"", "size"},
		{"\"size\":\"0x3000\"", "\"size\":\"0x0\"", "size"},
		{"\"size\":\"0x3000\"", "\"size\":\"0x10000000000\"", "size"},
		{"\"base\":\"0x80000000\"", "\"base\":\"0xfffffffffffff000\"", "size"},
		{"\"base\":\"0x80000000\"", "\"base\":\"0x80001000\"", "not in the image"},
		{"\"root\":\"0x80000000\"", "\"root\":\"0x80003000\"", "not in the image"},
		{"\"root\":\"0x80000000\"", "\"root\":\"0x80000008\"", "aligned"},
		{"\"ias\":32", "\"ias\":31,\"ias\":32", "duplicate"},
		{"\"start_level\":1", "\"start_level\":3", "start"},
		{"\"sha256\":\"", "\"sha256\":\"0", "SHA-256"},
		{"\"sha256\":", "\"md5\":", "missing"},
	};
	struct image_texts t;
	struct fixture f;
	size_t i;

	(void)state;
	open_small(&f);
	t = image_of(f.domain, NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = strstr(t.sidecar.data, cases[i].old);
		struct image_texts bad = {.image = t.image};
		struct iopt_error error;
		struct fixture g;
		int n, err;

		assert_non_null(at);
		n = asprintf(&bad.sidecar.data, "%.*s%s%s", (int)(at - t.sidecar.data),
			     t.sidecar.data, cases[i].new, at + strlen(cases[i].old));
		bad.sidecar.size = (size_t)n;
		err = load_image(&bad, NULL, &g, &error);
		if (err != -IOPT_ENOEXEC || error.failure != IOPT_FAILURE_INPUT ||
		    !strstr(error.message, cases[i].message) || error.line != 1)
			fail_msg("case %zu: %d %s:%u:%u: %s", i, err, error.source, error.line,
				 error.column, error.message);
		free(bad.sidecar.data);
	}
	image_free(&t);
	fixture_close(&f);
}

static void test_damaged(void **state)
{
	uint64_t random = 88172645463325252;
	struct image_texts t;
	struct fixture f;
	unsigned i;

	(void)state;
	open_small(&f);
	t = image_of(f.domain, NULL);
	for (i = 0; i < 1500; i++) {
		struct image_texts bad = {.image = t.image};
		struct iopt_sink sink = text_sink(&bad.sidecar);
		struct iopt_error error;
		struct fixture g;

		sink.write(sink.arg, t.sidecar.data, t.sidecar.size);
		text_damage(&bad.sidecar, &random);
		if (!load_image(&bad, NULL, &g, &error))
			textfile_unload(g.memory, g.domain);
		else
			assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
		text_free(&bad.sidecar);
	}
	t.image.data[8] ^= 1;
	for (i = 0; i < 2; i++) {
		struct iopt_error error;
		struct fixture g;

		assert_int_equal(load_image(&t, NULL, &g, &error), -IOPT_ENOEXEC);
		assert_non_null(strstr(error.source, "t.bin.json"));
		t.image.size = 0;
	}
	image_free(&t);
	fixture_close(&f);
}

static void test_no_sidecar(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *memory;
	struct iopt_domain *domain;

	(void)state;
	assert_int_equal(textfile_load("lonely", "junk", 4, &memory, &domain, &error),
			 -IOPT_ENOEXEC);
	assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
	assert_non_null(strstr(error.message, "lonely.json"));
}

static int fail_late(void *arg, const void *data, size_t bytes)
{
	unsigned *left = arg;

	(void)data, (void)bytes;
	return (*left)-- ? 0 : -IOPT_ENOSPC;
}

static void test_full(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct fixture f;
	unsigned n;

	(void)state;
	open_small(&f);
	for (n = 0; n < 2; n++) {
		unsigned image_left = n ? 100 : 0, sidecar_left = 0;
		struct iopt_sink image = {fail_late, &image_left};
		struct iopt_sink sidecar = {fail_late, &sidecar_left};

		assert_int_equal(iopt_image_write(f.domain, NULL, "t", &image, &sidecar, &error),
				 -IOPT_ENOSPC);
		assert_int_equal(error.failure, IOPT_FAILURE_IO);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),	      cmocka_unit_test(test_moving),
		cmocka_unit_test(test_bases_refused), cmocka_unit_test(test_self_reference),
		cmocka_unit_test(test_two_spaces),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_damaged),	      cmocka_unit_test(test_no_sidecar),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("image_raw", tests, textfile_set_up, textfile_tear_down);
}
