/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "tree.h"

uint64_t vector_hex(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	char *end;
	uint64_t value;

	if (!text) {
		fail_msg("no string '%s'", key);
		return 0;
	}
	value = strtoull(text, &end, 16);
	if (*end)
		fail_msg("'%s' is not a number: %s", key, text);
	return value;
}

int vector_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("no number '%s'", key);
	return (int)json_integer_value(value);
}

/* A mask of words, each the name of one bit. */
static unsigned words_mask(const json_t *words, const char *(*name)(unsigned bit), unsigned count)
{
	unsigned mask = 0;
	size_t i;
	json_t *word;

	json_array_foreach(words, i, word)
	{
		unsigned bit = 0;

		while (bit < count && strcmp(name(1u << bit), json_string_value(word)) != 0)
			bit++;
		if (bit == count)
			fail_msg("unknown word '%s'", json_string_value(word));
		mask |= 1u << bit;
	}
	return mask;
}

static const char *prot_name(unsigned bit)
{
	return iopt_prot_name((enum iopt_prot)bit);
}

static const char *quirk_name(unsigned bit)
{
	return iopt_quirk_name((enum iopt_quirk)bit);
}

unsigned vector_prot(const json_t *op)
{
	return words_mask(json_object_get(op, "prot"), prot_name, IOPT_PROT_COUNT);
}

struct iopt_config vector_config(const json_t *vector)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	const char *format = json_string_value(json_object_get(vector, "format"));
	unsigned i = 0;

	while (i < IOPT_FORMAT_COUNT && strcmp(iopt_format_name((enum iopt_format)i), format) != 0)
		i++;
	assert_int_not_equal(i, IOPT_FORMAT_COUNT);
	config.format = (enum iopt_format)i;
	config.ias = (unsigned)vector_int(vector, "ias");
	config.oas = (unsigned)vector_int(vector, "oas");
	config.page_sizes = vector_hex(vector, "pgsize_bitmap");
	config.cpu_page_size = (uint64_t)vector_int(vector, "cpu_page_size");
	config.quirks = words_mask(json_object_get(vector, "quirks"), quirk_name, IOPT_QUIRK_COUNT);
	config.non_coherent_walk = json_is_false(json_object_get(vector, "coherent_walk"));
	return config;
}

static const struct iopt_register *find_register(const struct iopt_space *space, const char *name)
{
	for (unsigned i = 0; i < space->register_count; i++) {
		if (strcmp(space->registers[i].name, name) == 0)
			return &space->registers[i];
	}
	fail_msg("no register '%s'", name);
	return NULL;
}

static unsigned find_field(const struct iopt_register *r, const char *name)
{
	for (unsigned i = 0; i < r->field_count; i++) {
		if (strcmp(r->fields[i].name, name) == 0)
			return r->fields[i].value;
	}
	fail_msg("no field '%s.%s'", r->name, name);
	return 0;
}

/* The fields where the regime's register has them. */
static uint64_t pack_register(const struct iopt_space *space, const struct iopt_register *r)
{
	bool stage2 = strcmp(r->name, "vtcr") == 0, upper = space->quirks & IOPT_QUIRK_ARM_TTBR1;
	uint64_t value = find_field(r, "irgn") << 8 | find_field(r, "orgn") << 10 |
			 find_field(r, "sh") << 12;
	uint64_t tsz = find_field(r, "tsz");

	if (space->format == IOPT_ARM_32_LPAE_S1)
		return value | (32 - space->ias) << 0 | BIT(23) | BIT(31);
	if (space->format == IOPT_ARM_32_LPAE_S2)
		return value | ((32 - space->ias) & 0x1f) | find_field(r, "sl") << 6 | BIT(31);
	value |= tsz | find_field(r, "tg") << 14;
	if (stage2)
		return value | find_field(r, "sl") << 6 | find_field(r, "ps") << 16 | BIT(31);
	value = upper ? value << 16 | BIT(7) : value | BIT(23);
	return value | (uint64_t)find_field(r, "ips") << 32;
}

static void check_register(const struct iopt_space *space, const char *name, const json_t *want)
{
	const struct iopt_register *r = find_register(space, name);
	const char *field;
	json_t *value;
	uint64_t number;

	if (json_is_object(want)) {
		json_object_foreach((json_t *)want, field, value)
			assert_int_equal(find_field(r, field), json_integer_value(value));
		assert_int_equal(r->value, pack_register(space, r));
		return;
	}
	number = strtoull(json_string_value(want), NULL, 16);
	if (strcmp(name, "mair") == 0) /* the sign extension is an accident of Linux */
		number &= UINT32_MAX;
	if (strstr(name, "ttbr")) /* BADDR[51:48] is in bits 5:2 */
		number = (number & BITS(47, 0)) | (number >> 46 & BITS(5, 2));
	assert_int_equal(r->value, number);
}

struct first_table {
	uint64_t slots, bytes;
	int level;
};

static int keep_first_table(void *arg, const struct iopt_table *table)
{
	*(struct first_table *)arg = (struct first_table){table->slots, table->bytes, table->level};
	return 1;
}

static void check_geometry(const json_t *geometry, const struct iopt_domain *domain)
{
	struct iopt_visitor visitor = IOPT_INIT(struct iopt_visitor);
	struct first_table first = {0};

	visitor.last = UINT64_MAX;
	visitor.table = keep_first_table;
	visitor.arg = &first;
	assert_int_equal(iopt_domain_visit((struct iopt_domain *)domain, 0, &visitor), 1);
	assert_int_equal(first.level, vector_int(geometry, "start_level"));
	assert_int_equal(first.slots, vector_int(geometry, "pgd_entries"));
	assert_int_equal(first.bytes, vector_int(geometry, "pgd_bytes"));
}

void vector_check_space(const json_t *vector, const struct iopt_domain *domain)
{
	struct iopt_space space = IOPT_INIT(struct iopt_space);
	const json_t *geometry = json_object_get(vector, "geometry");
	const char *name;
	json_t *value;

	assert_int_equal(iopt_domain_space(domain, 0, &space), 0);
	json_object_foreach(json_object_get(vector, "cfg"), name, value)
		check_register(&space, name, value);
	assert_int_equal(space.page_sizes, vector_hex(vector, "pgsize_bitmap_effective"));
	assert_int_equal(space.ias, vector_int(vector, "ias_effective"));
	assert_int_equal(space.oas, vector_int(vector, "oas_effective"));
	assert_int_equal(space.start_level, vector_int(geometry, "start_level"));
	check_geometry(geometry, domain);
}

void vector_check_tree(const json_t *vector, struct iopt_domain *domain)
{
	size_t tables, entries, same = 0;
	char *have = tree_text(domain, &tables, &entries), hash[65];
	char *want = json_dumps(json_object_get(vector, "tables"), JSON_COMPACT);
	size_t want_bytes = strlen(want) - 1; /* without the last bracket: it may be a prefix */

	while (same < want_bytes && have[same] == want[same])
		same++;
	if (same < want_bytes)
		fail_msg("the tree differs: have %.60s, want %.60s", have + same, want + same);
	assert_int_equal(tables, vector_int(vector, "tables_count"));
	assert_int_equal(entries, vector_int(vector, "entries_count"));
	sha256_hex(have, strlen(have), hash);
	assert_string_equal(hash, json_string_value(json_object_get(vector, "tables_sha256")));
	free(want);
	free(have);
}

static void (*run_vector)(const json_t *vector);

static void run_file(void **state)
{
	json_error_t error;
	json_t *vector = json_load_file(*state, JSON_REJECT_DUPLICATES, &error);

	if (!vector)
		fail_msg("%s:%d: %s", (const char *)*state, error.line, error.text);
	run_vector(vector);
	json_decref(vector);
}

int vectors_run(const char *group, const char *folder, void (*test)(const json_t *vector))
{
	const char *data = getenv("TESTDATA");
	struct CMUnitTest *tests;
	char pattern[4096];
	glob_t files;
	int failed;

	snprintf(pattern, sizeof(pattern), "%s/%s/*.json", data ? data : "testdata", folder);
	if (glob(pattern, 0, NULL, &files) != 0) {
		fprintf(stderr, "no files: %s (set TESTDATA)\n", pattern);
		return 1;
	}
	tests = calloc(files.gl_pathc, sizeof(*tests));
	for (size_t i = 0; tests && i < files.gl_pathc; i++) {
		tests[i].name = strrchr(files.gl_pathv[i], '/') + 1;
		tests[i].test_func = run_file;
		tests[i].initial_state = files.gl_pathv[i];
	}
	run_vector = test;
	failed = tests ? _cmocka_run_group_tests(group, tests, files.gl_pathc, NULL, NULL) : 1;
	free(tests);
	globfree(&files);
	return failed;
}
