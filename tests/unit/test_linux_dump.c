/* SPDX-License-Identifier: MIT */
/*
 * A dump of Linux's own page tables (arm64, 4K, Cortex-A57 in QEMU), both halves, against what the
 * MMU answered for some five thousand addresses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base.h"
#include "iopt.h"

static struct iopt_memory *memory;

static void path_of(char *path, size_t bytes, const char *name)
{
	const char *data = getenv("TESTDATA");

	snprintf(path, bytes, "%s/memory/%s", data ? data : "testdata", name);
}

static struct iopt_domain *open_half(const char *registers_name, uint32_t quirks)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_config config = IOPT_INIT(struct iopt_config);
	struct iopt_registers *registers;
	struct iopt_domain *domain = NULL;
	char path[4096];

	path_of(path, sizeof(path), registers_name);
	config.quirks = quirks;
	assert_int_equal(iopt_registers_create(&registers), 0);
	if (iopt_registers_load(registers, path, &error) < 0 ||
	    iopt_domain_open(memory, &config, registers, &domain, &error) < 0)
		fail_msg("%s: %s", path, error.message);
	iopt_registers_destroy(registers);
	return domain;
}

static uint64_t hex(const json_t *line, const char *key)
{
	return strtoull(json_string_value(json_object_get(line, key)), NULL, 16);
}

/* TCR_EL1.TBI0 and TBI1 are set: the top byte does not count. */
static uint64_t without_tag(uint64_t va)
{
	return va & BIT(55) ? va | BITS(63, 56) : va & ~BITS(63, 56);
}

static void check_line(struct iopt_domain *domain, const json_t *line)
{
	uint64_t va = hex(line, "va"), pa = ~UINT64_C(0);
	const json_t *want = json_object_get(line, "pa");
	int code = iopt_translate(domain, without_tag(va), &pa, NULL);

	if (json_is_null(want) && code != -IOPT_EFAULT)
		fail_msg("0x%llx leads to 0x%llx, want a fault", (unsigned long long)va,
			 (unsigned long long)pa);
	if (!json_is_null(want) && (code || pa != hex(line, "pa")))
		fail_msg("0x%llx: %d, leads to 0x%llx, want 0x%llx", (unsigned long long)va, code,
			 (unsigned long long)pa, (unsigned long long)hex(line, "pa"));
}

/* The lines of one half that were asked while its registers were as they are in the file. */
static void check_half(struct iopt_domain *domain, const char *space, const char *stop)
{
	char path[4096], text[512];
	unsigned count = 0;
	FILE *f;

	path_of(path, sizeof(path), "a57-small.expect.jsonl");
	f = fopen(path, "r");
	if (!f)
		fail_msg("cannot open %s", path);
	while (f && fgets(text, sizeof(text), f)) {
		json_t *line = json_loads(text, 0, NULL);

		assert_non_null(line);
		if (strcmp(json_string_value(json_object_get(line, "space")), space) == 0 &&
		    strcmp(json_string_value(json_object_get(line, "stop")), stop) == 0) {
			check_line(domain, line);
			count++;
		}
		json_decref(line);
	}
	fclose(f);
	assert_true(count > 2000);
}

static void test_user_half(void **state)
{
	struct iopt_domain *domain = open_half("a57-small.ttbr0.json", 0);

	(void)state;
	check_half(domain, "ttbr0", "el0");
	iopt_domain_destroy(domain);
}

static void test_kernel_half(void **state)
{
	struct iopt_domain *domain = open_half("a57-small.ttbr1.json", IOPT_QUIRK_ARM_TTBR1);

	(void)state;
	check_half(domain, "ttbr1", "el1");
	iopt_domain_destroy(domain);
}

static int load_dump(void **state)
{
	char path[4096];

	(void)state;
	path_of(path, sizeof(path), "a57-small.elf");
	return iopt_memory_create(&memory) || iopt_memory_load(memory, path, NULL, NULL);
}

static int drop_dump(void **state)
{
	(void)state;
	iopt_memory_destroy(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user_half),
		cmocka_unit_test(test_kernel_half),
	};

	return cmocka_run_group_tests_name("Linux's own tables", tests, load_dump, drop_dump);
}
