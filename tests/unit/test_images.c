/* SPDX-License-Identifier: MIT */
/*
 * Table memory that Linux's code wrote, word by word, opened by nothing but its registers: every
 * recorded translation agrees, and so does the tree.  Files lose nothing on the way round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "roundtrip.h"
#include "vectors.h"

/* RAM for the pages that the tables lie in, and the words in it. */
static void write_image(struct iopt_memory *memory, const json_t *image)
{
	const json_t *pages = json_object_get(image, "table_pages"), *item;
	size_t i, width = (size_t)vector_int(image, "word_bytes");

	json_array_foreach(pages, i, item)
	{
		uint64_t pa = strtoull(json_string_value(json_array_get(item, 0)), NULL, 16);
		uint64_t bytes = (uint64_t)json_integer_value(json_array_get(item, 2));
		uint64_t first = align_down(pa, 4096);
		int code = iopt_memory_add_ram(memory, first, align_up(pa - first + bytes, 4096),
					       NULL);

		/* Second-level tables of the short format share their page. */
		assert_true(code == 0 || code == -IOPT_EEXIST);
	}
	json_array_foreach(json_object_get(image, "words"), i, item)
	{
		uint64_t pa = strtoull(json_string_value(json_array_get(item, 0)), NULL, 16);
		uint64_t value = strtoull(json_string_value(json_array_get(item, 1)), NULL, 16);
		uint8_t bytes[8];

		store_le64(bytes, value);
		assert_int_equal(iopt_memory_write(memory, pa, bytes, width), 0);
	}
}

static void set_registers(struct iopt_registers *registers, const json_t *cfg)
{
	const char *name, *field;
	json_t *value, *number;
	char path[64];

	json_object_foreach((json_t *)cfg, name, value)
	{
		uint64_t whole;

		if (json_is_object(value)) {
			json_object_foreach(value, field, number)
			{
				snprintf(path, sizeof(path), "%s.%s", name, field);
				assert_int_equal(
					iopt_registers_set(registers, path,
							   (uint64_t)json_integer_value(number)),
					0);
			}
			continue;
		}
		whole = vector_hex(cfg, name);
		if (strstr(name, "ttbr")) /* BADDR[51:48] is in bits 5:2 */
			whole = (whole & BITS(47, 0)) | (whole >> 46 & BITS(5, 2));
		assert_int_equal(iopt_registers_set(registers, name, whole), 0);
	}
}

static struct iopt_domain *open_image(struct iopt_memory *memory, const json_t *vector)
{
	struct iopt_config asked = vector_config(vector), config = IOPT_INIT(struct iopt_config);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_registers *registers;
	struct iopt_domain *domain = NULL;

	config.format = asked.format;
	config.quirks = asked.quirks;
	assert_int_equal(iopt_registers_create(&registers), 0);
	iopt_registers_set(registers, "ias", (uint64_t)vector_int(vector, "ias_effective"));
	iopt_registers_set(registers, "oas", (uint64_t)vector_int(vector, "oas_effective"));
	set_registers(registers, json_object_get(vector, "cfg"));
	if (iopt_domain_open(memory, &config, registers, &domain, &error) < 0)
		fail_msg("%s", error.message);
	iopt_registers_destroy(registers);
	return domain;
}

static bool changes(const json_t *op)
{
	const char *name = json_string_value(json_object_get(op, "op"));

	return strstr(name, "map") != NULL;
}

/* Only what was asked after the last change speaks of the memory as it is recorded. */
static void check_translations(const json_t *ops, struct iopt_domain *domain)
{
	size_t count = json_array_size(ops), first = count, asked = 0;

	while (first && !changes(json_array_get(ops, first - 1)))
		first--;
	for (size_t i = first; i < count; i++) {
		const json_t *op = json_array_get(ops, i);

		if (strcmp(json_string_value(json_object_get(op, "op")), "iova_to_phys") != 0)
			continue;
		assert_int_equal(iopt_iova_to_phys(domain, vector_hex(op, "iova")),
				 vector_hex(op, "paddr"));
		asked++;
	}
	assert_true(asked > 0);
}

static void test_image(const json_t *vector)
{
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	char why[512];

	assert_int_equal(iopt_memory_create(&memory), 0);
	write_image(memory, json_object_get(vector, "image"));
	domain = open_image(memory, vector);
	check_translations(json_object_get(vector, "ops"), domain);
	vector_check_tree(vector, domain);
	if (roundtrip(domain, why, sizeof(why)) < 0)
		fail_msg("%s", why);
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
}

int main(void)
{
	return vectors_run("images", "vectors/images", test_image);
}
