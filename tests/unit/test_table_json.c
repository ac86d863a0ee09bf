/* SPDX-License-Identifier: MIT */
/* Table JSON: its exact text, what comes back from it, and what is refused where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "domain.h"
#include "fixture.h"
#include "textfile.h"

#define HEAD                                                                                               \
	"\"format\":\"arm-64-lpae-s1\",\"regime\":\"el1\",\"ias\":39,\"oas\":48,"                          \
	"\"granule\":\"0x1000\",\"page_sizes\":[\"0x1000\",\"0x200000\",\"0x40000000\"],"                  \
	"\"quirks\":[],\"coherent_walk\":true,\"endian\":\"little\",\"oa_layout\":\"48\","                 \
	"\"start_level\":1,\"root\":\"0x80000000\",\"registers\":{\"ttbr\":{\"value\":"                    \
	"\"0x80000000\",\"fields\":{}},\"tcr\":{\"value\":\"0x500803519\",\"fields\":{\"ips\":5,\"tg\":0," \
	"\"sh\":3,\"orgn\":1,\"irgn\":1,\"tsz\":25}},\"mair\":{\"value\":\"0xf404ff44\",\"fields\":{}}}"
#define SCHEMA "\"schema\":\"iopt.table/1\","
#define ROOT                                                             \
	"{\"pa\":\"0x80000000\",\"level\":1,\"iova\":\"0x0\",\"runs\":[" \
	"[0,1,\"table\",\"0x80001003\",\"0x0\"],[2,2,\"block\",\"0x40000f45\",\"0x40000000\"]]}"
#define MIDDLE                                                           \
	"{\"pa\":\"0x80001000\",\"level\":2,\"iova\":\"0x0\",\"runs\":[" \
	"[0,1,\"table\",\"0x80002003\",\"0x0\"]]}"
#define BOTTOM                                                           \
	"{\"pa\":\"0x80002000\",\"level\":3,\"iova\":\"0x0\",\"runs\":[" \
	"[1,2,\"page\",\"0x123000e43\",\"0x1000\"],[3,1,\"page\",\"0x200000e43\",\"0x0\"]]}"
#define DOCUMENT "{" SCHEMA HEAD ",\"tables\":[\n" ROOT ",\n" MIDDLE ",\n" BOTTOM "\n]}\n"

static struct iopt_config small_config(void)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);

	config.ias = 39;
	return config;
}

static void open_small(struct fixture *f)
{
	fixture_open(f, small_config());
	assert_int_equal(iopt_map(f->domain, 0x80000000, 0x40000000, 2 * GIB,
				  IOPT_READ | IOPT_WRITE | IOPT_CACHE),
			 0);
	assert_int_equal(iopt_map(f->domain, 0x1000, 0x123000, 0x2000, IOPT_READ | IOPT_WRITE), 0);
	assert_int_equal(iopt_map(f->domain, 0x3000, 0x200000, 0x1000, IOPT_READ | IOPT_WRITE), 0);
}

static void assert_dump(struct iopt_domain *domain, enum iopt_dump format, const char *want)
{
	struct text text = text_dump(domain, format);

	assert_string_equal(text.data, want);
	text_free(&text);
}

static void test_text(void **state)
{
	struct fixture f;

	(void)state;
	open_small(&f);
	assert_int_equal(iopt_unmap(f.domain, 0x1000, 0x3000, &(uint64_t){0}), 0);
	assert_int_equal(iopt_map(f.domain, 0x1000, 0x123000000, 0x2000, IOPT_READ | IOPT_WRITE),
			 0);
	assert_int_equal(iopt_map(f.domain, 0x3000, 0x200000000, 0x1000, IOPT_READ | IOPT_WRITE),
			 0);
	/* two blocks from 0x40000000 on are one run only since they follow each other */
	assert_dump(f.domain, IOPT_DUMP_JSON,
		    "{" SCHEMA HEAD ",\"tables\":[\n" ROOT ",\n" MIDDLE ",\n"
		    "{\"pa\":\"0x80002000\",\"level\":3,\"iova\":\"0x0\",\"runs\":["
		    "[1,2,\"page\",\"0x123000e43\",\"0x1000\"],"
		    "[3,1,\"page\",\"0x200000e43\",\"0x0\"]]}\n]}\n");
	fixture_close(&f);
}

static void load_text(const char *text, struct fixture *f)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	int err = textfile_load("t.json", text, strlen(text), &f->memory, &f->domain, &error);

	if (err)
		fail_msg("%u:%u: %s", error.line, error.column, error.message);
}

static void test_layouts(void **state)
{
	static const char *const same[] = {
		DOCUMENT,
		"{" SCHEMA HEAD ",\"tables\":[" ROOT "," MIDDLE "," BOTTOM "]}",
		"{" SCHEMA HEAD "}\n" ROOT "\n" MIDDLE "\n" BOTTOM "\n",
		"\n {\"tables\" : [" ROOT "\t,\n" MIDDLE "," BOTTOM
		"], \"more\":[1,{}],\n" SCHEMA HEAD "} ",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct fixture f;
		uint64_t pa;

		load_text(same[i], &f);
		assert_dump(f.domain, IOPT_DUMP_JSON, DOCUMENT);
		assert_dump(f.domain, IOPT_DUMP_JSON_1,
			    "{" SCHEMA HEAD ",\"tables\":[" ROOT "," MIDDLE "," BOTTOM "]}\n");
		assert_dump(f.domain, IOPT_DUMP_JSONL,
			    "{" SCHEMA HEAD "}\n" ROOT "\n" MIDDLE "\n" BOTTOM "\n");
		assert_int_equal(iopt_translate(f.domain, 0x2010, &pa, NULL), 0);
		assert_int_equal(pa, 0x123001000 - 0x1000 + 0x1010);
		textfile_unload(f.memory, f.domain);
	}
}

/* Registers keep the order of the file, everything else has its own. */
static void test_sorted_and_indented(void **state)
{
	json_t *document = json_loads(DOCUMENT, 0, NULL), *again;
	char *text = json_dumps(document, JSON_INDENT(3) | JSON_SORT_KEYS);
	struct text dump;
	struct fixture f;

	(void)state;
	load_text(text, &f);
	dump = text_dump(f.domain, IOPT_DUMP_JSON);
	again = json_loads(dump.data, 0, NULL);
	assert_true(json_equal(document, again));
	textfile_unload(f.memory, f.domain);
	text_free(&dump);
	free(text);
	json_decref(again);
	json_decref(document);
}

#define UPPER_ROOT                                                                      \
	"{\"pa\":\"0x90000000\",\"level\":1,\"iova\":\"0xffffff8000000000\",\"runs\":[" \
	"[511,1,\"block\",\"0x40000f45\",\"0x0\"]]}"
#define BOTH(newline, upper_quirks)                                                              \
	"{\"schema\":\"iopt.tables/1\",\"spaces\":[" newline "{\"name\":\"ttbr0\"," SCHEMA HEAD  \
	",\"tables\":[" newline ROOT "," newline MIDDLE "," newline BOTTOM newline "]}," newline \
	"{\"name\":\"ttbr1\"," SCHEMA                                                            \
	"\"format\":\"arm-64-lpae-s1\",\"regime\":\"el1\",\"ias\":39,\"oas\":48,"                \
	"\"granule\":\"0x1000\",\"page_sizes\":[\"0x1000\"],\"quirks\":[" upper_quirks           \
	"],\"coherent_walk\":false,\"endian\":\"big\",\"oa_layout\":\"48\",\"start_level\":1,"   \
	"\"root\":\"0x90000000\",\"registers\":{},\"tables\":[" newline UPPER_ROOT newline       \
	"]}" newline "]}\n"

static void test_two_spaces(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct fixture f, g;
	struct text lines;
	uint64_t pa;

	(void)state;
	load_text(BOTH("", "\"arm-ttbr1\""), &f);
	assert_dump(f.domain, IOPT_DUMP_JSON, BOTH("\n", "\"arm-ttbr1\""));
	assert_dump(f.domain, IOPT_DUMP_JSON_1, BOTH("", "\"arm-ttbr1\""));
	assert_int_equal(iopt_translate(f.domain, 0xffffffffffffffff, &pa, NULL), 0);
	assert_int_equal(pa, 0x7fffffff);
	lines = text_dump(f.domain, IOPT_DUMP_JSONL);
	load_text(lines.data, &g);
	assert_dump(g.domain, IOPT_DUMP_JSON, BOTH("\n", "\"arm-ttbr1\""));
	text_free(&lines);
	textfile_unload(g.memory, g.domain);
	textfile_unload(f.memory, f.domain);
	assert_int_equal(textfile_load("t.json", BOTH("\n", ""), strlen(BOTH("\n", "")), &f.memory,
				       &f.domain, &error),
			 -IOPT_ENOEXEC);
}

/* One page that is the table of every level. */
static void test_self_reference(void **state)
{
	static const char want[] =
		"{" SCHEMA HEAD ",\"tables\":[\n"
		"{\"pa\":\"0x80000000\",\"level\":1,\"iova\":\"0x0\",\"runs\":["
		"[0,2,\"table\",\"0x80000003\",\"0x0\"]]},\n"
		"{\"pa\":\"0x80000000\",\"level\":2,\"iova\":\"0x0\",\"runs\":["
		"[0,2,\"table\",\"0x80000003\",\"0x0\"]]},\n"
		"{\"pa\":\"0x80000000\",\"level\":3,\"iova\":\"0x0\",\"runs\":["
		"[0,2,\"page\",\"0x80000003\",\"0x0\"]]},\n"
		"{\"pa\":\"0x80000000\",\"level\":3,\"iova\":\"0x200000\",\"same_as\":\"0x0\"},\n"
		"{\"pa\":\"0x80000000\",\"level\":2,\"iova\":\"0x40000000\",\"same_as\":\"0x0\"}\n"
		"]}\n";
	struct fixture f;

	(void)state;
	load_text(want, &f);
	assert_dump(f.domain, IOPT_DUMP_JSON, want);
	textfile_unload(f.memory, f.domain);
}

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void map_at_random(struct iopt_domain *domain, unsigned ias, uint64_t granule,
			  uint64_t *random)
{
	unsigned i;

	for (i = 0; i < 60; i++) {
		uint64_t iova = next(random) & low_bits(ias) & ~(granule - 1);
		uint64_t pa = next(random) & low_bits(32) & ~(granule - 1);
		uint64_t size = granule << next(random) % 14;

		if (next(random) % 2)
			iova &= ~BITS(20, 0), pa &= ~BITS(20, 0);
		/* A collision is as good as a mapping. */
		iopt_map(domain, iova, pa, size, (unsigned)(next(random) % 63 + 1));
	}
}

static void test_lossless(void **state)
{
	static const struct {
		enum iopt_format format;
		unsigned ias;
		uint64_t granule;
		uint32_t quirks;
		bool big, non_coherent;
	} rows[] = {
		{IOPT_ARM_64_LPAE_S1, 48, 0x1000, 0, false, false},
		{IOPT_ARM_64_LPAE_S1, 48, 0x4000, IOPT_QUIRK_ARM_NS, false, true},
		{IOPT_ARM_64_LPAE_S1, 42, 0x10000, 0, true, false},
		{IOPT_ARM_64_LPAE_S1, 39, 0x1000, IOPT_QUIRK_ARM_TTBR1, false, false},
		{IOPT_ARM_64_LPAE_S2, 42, 0x1000, 0, false, false},
		{IOPT_ARM_32_LPAE_S1, 32, 0x1000, 0, false, false},
		{IOPT_ARM_V7S, 32, 0x1000, 0, false, false},
		{IOPT_ARM_V7S, 30, 0x1000, IOPT_QUIRK_ARM_NS, true, false},
	};
	uint64_t random = 88172645463325252;
	size_t i;

	(void)state;
	for (i = 0; i < 4 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct iopt_config config = IOPT_INIT(struct iopt_config);
		struct fixture f, g;
		struct text one, lines;

		config.format = rows[i / 4].format;
		config.ias = rows[i / 4].ias;
		config.page_sizes = iopt_granule_page_sizes(config.format, rows[i / 4].granule);
		config.quirks = rows[i / 4].quirks;
		config.big_endian = rows[i / 4].big;
		config.non_coherent_walk = rows[i / 4].non_coherent;
		fixture_open(&f, config);
		map_at_random(f.domain, config.ias, rows[i / 4].granule, &random);
		one = text_dump(f.domain, IOPT_DUMP_JSON);
		load_text(one.data, &g);
		assert_dump(g.domain, IOPT_DUMP_JSON, one.data);
		lines = text_dump(g.domain, IOPT_DUMP_JSONL);
		textfile_unload(g.memory, g.domain);
		load_text(lines.data, &g);
		assert_dump(g.domain, IOPT_DUMP_JSON, one.data);
		textfile_unload(g.memory, g.domain);
		text_free(&one);
		text_free(&lines);
		fixture_close(&f);
	}
}

/* DOCUMENT with the first 'old' replaced. */
static char *with(const char *old, const char *new)
{
	const char *at = strstr(DOCUMENT, old);
	char *text;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - DOCUMENT), DOCUMENT, new,
			     at + strlen(old)) > 0);
	return text;
}

static const struct {
	const char *old, *new;
	unsigned line;
	const char *at; /* where on the line, in the damaged text */
	const char *message;
} refused[] = {
	{"table/1", "table/2", 1, "\"iopt.table/2\"", "schema"},
	{"\"schema\":", "\"schema\":\"x\",\"schema\":", 1, "\"schema\":\"iopt", "twice"},
	{"\"ias\":39", "\"ias\":39,\"ias\":39", 1, NULL, "duplicate"},
	{"arm-64-lpae-s1", "arm-65-lpae-s1", 1, "\"arm-65", "unknown word"},
	{"\"el1\"", "\"el9\"", 1, "\"el9\"", "unknown word"},
	{"\"el1\"", "\"stage2\"", 1, "\"stage2\"", "does not go"},
	{"\"quirks\":[]", "\"quirks\":[\"arm-ns\",\"fast\"]", 1, "\"fast\"", "unknown word"},
	{"\"ias\":39", "\"ias\":65", 1, "65", "from 1 to 64"},
	{"\"ias\":39", "\"ias\":-1", 1, "-1", "from 1 to 64"},
	{"\"ias\":39,", "", 1, "{", "missing"},
	{"\"oas\":48", "\"oas\":\"48\"", 1, "\"48\",\"gr", "number"},
	{"\"0x1000\",\"page", "\"0x2000\",\"page", 1, "\"0x2000\"", "granule"},
	{"[\"0x1000\",\"0x2", "[\"0x1001\",\"0x2", 1, "\"0x1001\"", "page size"},
	{"\"coherent_walk\":true", "\"coherent_walk\":1", 1, "1,\"endian", "true or false"},
	{"\"start_level\":1", "\"start_level\":2", 1, "{", "start"},
	{"\"root\":\"0x80000000\"", "\"root\":\"0x80000800\"", 1, "{", "aligned"},
	{"\"root\":\"0x80000000\"", "\"root\":\"0x80003000\"", 2, "\"0x80000000\"", "root"},
	{"\"root\":\"0x80000000\"", "\"root\":\"80000000\"", 1, "\"80000000\"", "0x"},
	{"\"value\":\"0x80000000\"", "\"value\":\"0x1ffffffffffffffff\"", 1, "\"0x1ffff",
	 "64 bits"},
	{"\"ips\":5", "\"ips\":-5", 1, "-5", "number"},
	{ROOT ",\n", "", 1, "{", "no table at the root"},
	{"{\"pa\":\"0x80001000\"", "{\"pa\":\"0x80001008\"", 3, "\"0x80001008\"", "point"},
	{"{\"pa\":\"0x80001000\"", "{\"pa\":\"0xfffffffffffff000\"", 3, "\"0xffff", "point"},
	{"{\"pa\":\"0x80002000\"", "{\"pa\":\"0x80001000\"", 3, "{", "overlaps"},
	{"0x80001000\",\"level\":2", "0x80001000\",\"level\":4", 3, "4", "from 1 to 3"},
	{"0x80001000\",\"level\":2", "0x80001000\",\"level\":1", 3, "\"0x80001000\"", "root"},
	{"\"level\":2,\"iova\":\"0x0\"", "\"level\":2,\"iova\":\"0x1000\"", 3, "\"0x1000\"",
	 "begins"},
	{"\"level\":2,\"iova\":\"0x0\"", "\"level\":2,\"iova\":\"0x8000000000\"", 3, "\"0x80000000",
	 "translate"},
	{"[0,1,\"table\",\"0x80001003\"", "[512,1,\"table\",\"0x80001003\"", 2, "512",
	 "512 entries"},
	{"[2,2,\"block\"", "[2,511,\"block\"", 2, "2,511", "512 entries"},
	{"[2,2,\"block\"", "[0,2,\"block\"", 2, "0,2,", "before"},
	{"[2,2,\"block\"", "[2,0,\"block\"", 2, "0,\"block", "from 1"},
	{"[2,2,\"block\"", "[2,2,\"page\"", 2, "\"0x40000f45\"", "type block"},
	{"[2,2,\"block\"", "[2,2,\"brick\"", 2, "\"brick\"", "unknown word"},
	{"\"0x40000f45\"", "\"0x0\"", 2, "\"0x0\",\"0x4", "zero"},
	{"\"0x40000f45\",\"0x40000000\"", "\"0xffffffffffffff41\",\"0x100\"", 2, "\"0xfff", "fit"},
	{"\"0x40000f45\",\"0x40000000\"", "\"0x40000f45\",\"-\"", 2, "\"-\"", "0x"},
	{"\"0x40000f45\",\"0x40000000\"", "\"0x40000f45\"", 2, "[2,2", "five"},
	{"\"runs\":[[0,1,\"table\",\"0x80001003\"", "\"nuns\":[[0,1,\"table\",\"0x80001003\"", 2,
	 "{", "missing"},
	{MIDDLE, MIDDLE ",\n" MIDDLE, 4, "{", "twice"},
	{MIDDLE, "7", 3, "7", "expected"},
	{MIDDLE ",", MIDDLE, 4, "{", "expected"},
	{MIDDLE, MIDDLE ",", 3, NULL, "missing"},
	{BOTTOM, "{\"pa\":\"0x80002000\",\"level\":3,\"iova\":\"0x0\",\"same_as\":\"0x0\"}", 4, "{",
	 "repeats"},
	{BOTTOM,
	 BOTTOM ",\n{\"pa\":\"0x80002000\",\"level\":3,\"iova\":\"0x200000\",\"same_as\":"
		"\"0x1000\"}",
	 5, "{", "first at"},
	{"\n]}\n", "\n]}\n{}", 6, "{", "follow"},
	{"\n]}\n", "\n", 5, NULL, "early"},
};

static void test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		char *text = with(refused[i].old, refused[i].new), *line = text;
		struct iopt_memory *memory;
		struct iopt_domain *domain;
		unsigned n;
		int err = textfile_load("bad.json", text, strlen(text), &memory, &domain, &error);

		if (err != -IOPT_ENOEXEC || error.failure != IOPT_FAILURE_INPUT ||
		    !strstr(error.message, refused[i].message) || error.line != refused[i].line ||
		    !strstr(error.source, "bad.json"))
			fail_msg("case %zu (%s): %d %s:%u:%u: %s", i, refused[i].new, err,
				 error.source, error.line, error.column, error.message);
		for (n = 1; n < error.line; n++) {
			line = strchr(line, '\n');
			assert_non_null(line);
			line++;
		}
		if (refused[i].at &&
		    strncmp(line + error.column - 1, refused[i].at, strlen(refused[i].at)) != 0)
			fail_msg("case %zu (%s): column %u is at %.20s", i, refused[i].new,
				 error.column, line + error.column - 1);
		free(text);
	}
}

/* The same once more in JSON Lines, and an empty file. */
static void test_refused_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
	} cases[] = {
		{"{" SCHEMA HEAD "}\n" ROOT "\n" MIDDLE "\n{\"pa\":7}\n", 4, 7},
		{"{" SCHEMA HEAD "}\n" ROOT "\n" MIDDLE "\n[1]\n", 4, 1},
		{ROOT "\n", 1, 1},
		{"{", 1, 2},
		{"{}", 1, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_memory *memory;
		struct iopt_domain *domain;

		assert_int_equal(textfile_load("bad.jsonl", cases[i].text, strlen(cases[i].text),
					       &memory, &domain, &error),
				 -IOPT_ENOEXEC);
		if (error.line != cases[i].line || error.column != cases[i].column)
			fail_msg("case %zu: %u:%u: %s", i, error.line, error.column, error.message);
	}
}

/* Thousands of damaged texts: bad input, or a load whose dump loads again. */
static void test_damaged(void **state)
{
	uint64_t random = 2463534242;
	unsigned i, loaded = 0;

	(void)state;
	for (i = 0; i < 6000; i++) {
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct iopt_memory *memory;
		struct iopt_domain *domain;
		struct fixture f;
		struct text text;
		struct iopt_sink sink = text_sink(&text);
		const char *from = i % 2 ? DOCUMENT : BOTH("\n", "\"arm-ttbr1\"");
		int err;

		sink.write(sink.arg, from, strlen(from));
		text_damage(&text, &random);
		if (i % 3 == 0)
			text_damage(&text, &random);
		err = iopt_load(textfile_write("d.json", text.data, text.size), IOPT_LOAD_JSON,
				NULL, &memory, &domain, &error);
		text_free(&text);
		if (err) {
			assert_int_equal(err, -IOPT_ENOEXEC);
			assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
			assert_true(error.line > 0 && error.column > 0);
			assert_null(memory);
			continue;
		}
		loaded++;
		text = text_dump(domain, IOPT_DUMP_JSON);
		textfile_unload(memory, domain);
		load_text(text.data, &f);
		assert_dump(f.domain, IOPT_DUMP_JSON, text.data);
		textfile_unload(f.memory, f.domain);
		text_free(&text);
	}
	assert_true(loaded > 0);
}

static int count_down(void *arg)
{
	unsigned *left = arg;

	return (*left)-- ? 0 : -IOPT_EINTR;
}

static int full_sink(void *arg, const void *data, size_t bytes)
{
	(void)arg, (void)data, (void)bytes;
	return -IOPT_ENOSPC;
}

static void test_ends_early(void **state)
{
	static const struct iopt_sink full = {full_sink, NULL};
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_dump_options options = IOPT_INIT(struct iopt_dump_options);
	enum iopt_dump format;
	struct fixture f;
	struct text text;
	struct iopt_sink sink;

	(void)state;
	open_small(&f);
	for (format = IOPT_DUMP_TEXT; format <= IOPT_DUMP_JSONL; format++) {
		unsigned left = 1;

		options.cancelled = count_down;
		options.arg = &left;
		sink = text_sink(&text);
		assert_int_equal(iopt_dump(f.domain, format, &options, &sink, &error), -IOPT_EINTR);
		assert_int_equal(error.code, IOPT_EINTR);
		text_free(&text);
		assert_int_equal(iopt_dump(f.domain, format, NULL, &full, &error), -IOPT_ENOSPC);
		assert_int_equal(error.failure, IOPT_FAILURE_IO);
	}
	fixture_close(&f);
}

static void test_missing_file(void **state)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *memory;
	struct iopt_domain *domain;

	(void)state;
	assert_int_equal(
		iopt_load(textfile_path("none"), IOPT_LOAD_AUTO, NULL, &memory, &domain, &error),
		-IOPT_ENOENT);
	assert_int_equal(error.failure, IOPT_FAILURE_IO);
	assert_int_equal(iopt_load("/", IOPT_LOAD_JSON, NULL, &memory, &domain, &error),
			 -IOPT_EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_sorted_and_indented),
		cmocka_unit_test(test_two_spaces),
		cmocka_unit_test(test_self_reference),
		cmocka_unit_test(test_lossless),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_lines),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_ends_early),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests_name("table_json", tests, textfile_set_up,
					   textfile_tear_down);
}
