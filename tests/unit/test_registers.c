/* SPDX-License-Identifier: MIT */
/* The bag of register values, and the JSON that fills it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iopt.h"
#include "textfile.h"

static struct iopt_registers *new_bag(void)
{
	struct iopt_registers *r;

	assert_int_equal(iopt_registers_create(&r), 0);
	return r;
}

static void test_bag(void **state)
{
	static const char name63[] =
		"a23456789b123456789c123456789d123456789e123456789f123456789g123";
	static const char name64[] =
		"a23456789b123456789c123456789d123456789e123456789f123456789g1234";
	struct iopt_registers *r = new_bag();
	uint64_t value;

	(void)state;
	assert_int_equal(iopt_registers_get(r, "ttbr", &value), -IOPT_ENOENT);
	assert_int_equal(iopt_registers_set(r, "ttbr", 1), 0);
	assert_int_equal(iopt_registers_set(r, "ttbr", UINT64_MAX), 0);
	assert_int_equal(iopt_registers_get(r, "ttbr", &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(iopt_registers_set(r, name63, 7), 0);
	assert_int_equal(iopt_registers_get(r, name63, &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(iopt_registers_set(r, name64, 7), -IOPT_EINVAL);
	assert_int_equal(iopt_registers_set(r, "", 7), -IOPT_EINVAL);
	iopt_registers_destroy(r);
	iopt_registers_destroy(NULL);
}

static void test_limit(void **state)
{
	struct iopt_registers *r = new_bag();
	char name[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 4096; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		assert_int_equal(iopt_registers_set(r, name, i), 0);
	}
	assert_int_equal(iopt_registers_set(r, "more", 1), -IOPT_E2BIG);
	assert_int_equal(iopt_registers_set(r, "r4095", 1), 0);
	iopt_registers_destroy(r);
}

static int load(struct iopt_registers *r, const char *text, struct iopt_error *error)
{
	*error = IOPT_INIT(struct iopt_error);
	return iopt_registers_load(r, textfile_write("r.json", text, strlen(text)), error);
}

static void assert_value(const struct iopt_registers *r, const char *name, uint64_t want)
{
	uint64_t value;

	if (iopt_registers_get(r, name, &value))
		fail_msg("%s is not there", name);
	assert_int_equal(value, want);
}

static void test_shapes(void **state)
{
	struct iopt_registers *r = new_bag();
	struct iopt_error error;
	uint64_t value;

	(void)state;
	assert_int_equal(
		load(r,
		     "{\"ttbr\":\"0x80000000\",\"tcr\":{\"tsz\":16,\"tg\":\"0x2\"},\"ias\":48,"
		     "\"oas\":\"0x28\",\"quirks\":[\"arm-ns\",\"arm-ttbr1\"],"
		     "\"registers\":{\"mair\":{\"value\":\"0xf404ff44\"},"
		     "\"vtcr\":{\"value\":7,\"fields\":{\"sl\":1}}},"
		     "\"comment\":\"no number\",\"list\":[1,\"x\"],\"nothing\":null,\"half\":0.5,"
		     "\"debt\":-4,\"deep\":{\"er\":{\"still\":1}},\"command\":true}",
		     &error),
		0);
	assert_value(r, "ttbr", 0x80000000);
	assert_value(r, "tcr.tsz", 16);
	assert_value(r, "tcr.tg", 2);
	assert_value(r, "ias", 48);
	assert_value(r, "oas", 40);
	assert_value(r, "quirks", IOPT_QUIRK_ARM_NS | IOPT_QUIRK_ARM_TTBR1);
	assert_value(r, "mair", 0xf404ff44);
	assert_value(r, "vtcr", 7);
	assert_value(r, "vtcr.sl", 1);
	assert_int_equal(iopt_registers_get(r, "comment", &value), -IOPT_ENOENT);
	assert_int_equal(iopt_registers_get(r, "debt", &value), -IOPT_ENOENT);
	assert_int_equal(iopt_registers_get(r, "tcr", &value), -IOPT_ENOENT);
	iopt_registers_destroy(r);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
	} cases[] = {
		{"", 1, 1},
		{"[]", 1, 1},
		{"{\"ttbr\":\"0x80000000\"", 1, 20},
		{"{\"ttbr\":\"0x1\",\n \"ttbr\":\"0x2\"}", 2, 7},
		{"{\n\"ttbr\": \"0x1ffffffffffffffff\"}", 2, 9},
		{"{\"ttbr\":\"80000000\"}", 1, 9},
		{"{\"ttbr\":-1}", 1, 9},
		{"{\"a\":{},\"mair\":null}", 1, 16},
		{"{\"a\":null,\"mair\":null}", 1, 18},
		{"{\"ias\":48.0}", 1, 8},
		{"{\"quirks\":[\"arm-ns\",\n\"arm-nt\"]}", 2, 1},
		{"{\"quirks\":3}", 1, 11},
		{"{\"tcr\":{\"tsz\":\"wide\"}}", 1, 15},
		{"{\"tcr\":{\"value\":[]}}", 1, 17},
		{"{\"tcr\":{\"value\":1,\"fields\":3}}", 1, 28},
		{"{\"registers\":{\"tcr\":\"\\u00e4\"}}", 1, 21},
		{"{\"\xc3\xa4\":1,\"ttbr\":true}", 1, 15},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct iopt_registers *r = new_bag();
		struct iopt_error error;
		int err = load(r, cases[i].text, &error);

		if (err != -IOPT_ENOEXEC || error.failure != IOPT_FAILURE_INPUT ||
		    error.line != cases[i].line || error.column != cases[i].column)
			fail_msg("case %zu: %d at %u:%u: %s", i, err, error.line, error.column,
				 error.message);
		iopt_registers_destroy(r);
	}
}

static void test_missing(void **state)
{
	struct iopt_registers *r = new_bag();
	struct iopt_error error = IOPT_INIT(struct iopt_error);

	(void)state;
	assert_int_equal(iopt_registers_load(r, textfile_path("none"), &error), -IOPT_ENOENT);
	assert_int_equal(error.failure, IOPT_FAILURE_IO);
	assert_non_null(strstr(error.source, "none"));
	iopt_registers_destroy(r);
}

static void test_damaged(void **state)
{
	static const char from[] =
		"{\"ttbr\":\"0x80000000\",\"tcr\":{\"value\":\"0x1\",\"fields\":{\"tsz\":16}},"
		"\"ias\":48,\"quirks\":[\"arm-ns\"],\"registers\":{\"mair\":255}}";
	uint64_t random = 2463534242;
	unsigned i, read = 0;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct iopt_registers *r = new_bag();
		struct iopt_error error;
		struct text text;
		struct iopt_sink sink = text_sink(&text);

		sink.write(sink.arg, from, strlen(from));
		text_damage(&text, &random);
		if (!load(r, text.data, &error))
			read++;
		else
			assert_int_equal(error.failure, IOPT_FAILURE_INPUT);
		text_free(&text);
		iopt_registers_destroy(r);
	}
	assert_true(read > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bag),	cmocka_unit_test(test_limit),
		cmocka_unit_test(test_shapes),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_missing), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests_name("registers", tests, textfile_set_up, textfile_tear_down);
}
