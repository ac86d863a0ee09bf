/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(iopt_error_name(IOPT_EEXIST), "EEXIST");
	assert_string_equal(iopt_error_name(-IOPT_EEXIST), "EEXIST");
	assert_string_equal(iopt_error_name(-IOPT_EOPNOTSUPP), "EOPNOTSUPP");
	assert_string_equal(iopt_error_name(0), "EUNKNOWN");
	assert_int_equal(iopt_error_of_errno(EACCES), IOPT_EACCES);
	assert_int_equal(iopt_error_of_errno(EDQUOT), IOPT_ENOSPC);
	assert_int_equal(iopt_error_of_errno(EDOM), IOPT_EIO);
	assert_string_equal(iopt_error_name(INT32_MIN), "EUNKNOWN");
	assert_string_equal(iopt_error_text(-IOPT_ENOMEM), "out of memory");
	assert_string_equal(iopt_error_text(12345), "unknown error");
}

static void test_set(void **state)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);

	(void)state;
	e.line = 7;
	strcpy(e.source, "old");
	assert_int_equal(error_set(&e, IOPT_FAILURE_USAGE, IOPT_EINVAL, "%s: %d", e.source, 42),
			 -IOPT_EINVAL);
	assert_int_equal(e.code, IOPT_EINVAL);
	assert_int_equal(e.failure, IOPT_FAILURE_USAGE);
	assert_string_equal(e.message, "old: 42");
	assert_string_equal(e.source, "");
	assert_int_equal(e.line, 0);
	assert_int_equal(e.struct_size, sizeof(e));
	/* A message may quote the one before it. */
	error_set(&e, IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "in a table: %s", e.message);
	assert_string_equal(e.message, "in a table: old: 42");
	assert_int_equal(error_set(NULL, IOPT_FAILURE_IO, IOPT_EIO, "nobody asks"), -IOPT_EIO);
}

static void test_place(void **state)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	struct error_place place = {"a.json", 3, 14};

	(void)state;
	assert_int_equal(error_at(&e, place, IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "wrong"),
			 -IOPT_ENOEXEC);
	assert_string_equal(e.source, "a.json");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.column, 14);
	error_add_place(&e, (struct error_place){e.source, 4, 1});
	assert_string_equal(e.source, "a.json");
	assert_int_equal(e.line, 4);
	assert_string_equal(e.message, "wrong");
	error_add_place(NULL, place);
	assert_int_equal(error_at(NULL, place, IOPT_FAILURE_IO, IOPT_EIO, "x"), -IOPT_EIO);
}

/* A long text of one character, moved byte by byte: it must end between two characters. */
static void check_cut(const char *character)
{
	size_t width = strlen(character), shift, i, kept;
	char text[600];

	for (shift = 0; shift < 5; shift++) {
		struct iopt_error e = IOPT_INIT(struct iopt_error);

		memset(text, 'x', shift);
		text[shift] = '\0';
		for (i = 0; i < 120; i++)
			strcat(text, character);
		error_at(&e, (struct error_place){.source = text}, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
			 "%s", text);
		kept = strlen(e.message);
		assert_true(kept < sizeof(e.message));
		if (strlen(text) >= sizeof(e.message))
			assert_true(kept + width >= sizeof(e.message));
		assert_memory_equal(e.message, text, kept);
		assert_int_equal((kept - shift) % width, 0);
		assert_string_equal(e.source, e.message);
	}
}

static void test_cut(void **state)
{
	(void)state;
	check_cut("a");
	check_cut("\xc3\xa4");
	check_cut("\xe2\x82\xac");
	check_cut("\xf0\x9f\x98\x80");
}

/* What is no UTF-8 is cut somewhere, and nothing else happens. */
static void test_cut_of_garbage(void **state)
{
	struct iopt_error e = IOPT_INIT(struct iopt_error);
	char text[400];

	(void)state;
	memset(text, 0x80, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&e, IOPT_FAILURE_INPUT, IOPT_ENOEXEC, "%s", text);
	assert_true(strlen(e.message) >= 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_set),
		cmocka_unit_test(test_place),	       cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_of_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
