/* SPDX-License-Identifier: MIT */
/* Outputs for firmware: what each kind says, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fixture.h"
#include "textfile.h"

static struct iopt_emit_options at(const uint64_t *base)
{
	struct iopt_emit_options o = IOPT_INIT(struct iopt_emit_options);

	o.base = base;
	o.cpu_registers = true;
	return o;
}

static int try_emit(struct fixture *f, const char *name, const struct iopt_emit_options *o,
		    struct text *text, struct iopt_error *error)
{
	struct iopt_sink sink = text_sink(text);

	*error = IOPT_INIT(struct iopt_error);
	return iopt_emit(f->domain, name, o, &sink, NULL, error);
}

static struct text emit(struct fixture *f, const char *name, const struct iopt_emit_options *o)
{
	struct iopt_error error;
	struct text text;

	if (try_emit(f, name, o, &text, &error))
		fail_msg("%s: %s", name, error.message);
	return text;
}

static void open_small(struct fixture *f, enum iopt_format format)
{
	struct iopt_config config = IOPT_INIT(struct iopt_config);

	config.format = format;
	config.ias = 32;
	fixture_open(f, config);
	assert_int_equal(iopt_map(f->domain, 0x1000, 0x123000, 0x1000, IOPT_READ), 0);
}

/* ---- Intel HEX and S-records, read back ---- */

static unsigned hex_byte(const char *p)
{
	const char two[] = {p[0], p[1], 0};

	return (unsigned)strtoul(two, NULL, 16);
}

/* Its bytes; all of them together have the sum 'sum'. */
static unsigned read_line(const char *p, uint8_t *bytes, uint8_t sum)
{
	size_t length = strcspn(p, "\n");
	unsigned count = 0;

	assert_int_equal(length % 2, 0);
	for (; count < length / 2; count++) {
		bytes[count] = (uint8_t)hex_byte(p + (size_t)2 * count);
		sum = (uint8_t)(sum - bytes[count]);
	}
	assert_int_equal(sum, 0);
	return count;
}

static void put(struct text *image, uint64_t base, uint64_t address, const uint8_t *bytes,
		unsigned count)
{
	assert_true(address >= base && address - base + count <= image->size);
	memcpy(image->data + (address - base), bytes, count);
}

static void ihex_read(const char *p, uint64_t base, struct text *image)
{
	uint8_t b[256];
	uint64_t upper = 0;
	bool end = false;

	for (; *p; p = strchr(p, '\n') + 1) {
		unsigned count;

		assert_false(end);
		assert_int_equal(*p, ':');
		count = read_line(p + 1, b, 0);
		assert_int_equal(count, b[0] + 5u);
		if (b[3] == 4)
			upper = (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16;
		else if (b[3] == 0)
			put(image, base, upper + (b[1] << 8 | b[2]), b + 4, b[0]);
		else
			end = b[3] == 1;
	}
	assert_true(end);
}

static void srec_read(const char *p, uint64_t base, struct text *image)
{
	uint8_t b[256];

	for (; *p; p = strchr(p, '\n') + 1) {
		unsigned count;

		assert_int_equal(*p, 'S');
		count = read_line(p + 2, b, 0xff);
		assert_int_equal(count, b[0] + 1u);
		if (p[1] == '3')
			put(image, base, load_be32(b + 1), b + 5, count - 6);
	}
}

static void test_text_forms(void **state)
{
	static const uint64_t bases[] = {0x80000000, 0x7fffe040, 0x0, 0xffffd000};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		const struct iopt_emit_options o = at(&bases[i]);
		struct text bin, hex, srec, image;
		struct fixture f;

		open_small(&f, IOPT_ARM_64_LPAE_S1);
		bin = emit(&f, "t.bin", &o);
		hex = emit(&f, "t.hex", &o);
		srec = emit(&f, "t.srec", &o);
		for (k = 0; k < 2; k++) {
			image.size = bin.size;
			image.data = malloc(bin.size);
			memset(image.data, 0xaa, bin.size);
			(k ? srec_read : ihex_read)((k ? srec : hex).data, bases[i], &image);
			assert_memory_equal(image.data, bin.data, bin.size);
			free(image.data);
		}
		text_free(&bin);
		text_free(&hex);
		text_free(&srec);
		fixture_close(&f);
	}
}

static void test_refused(void **state)
{
	static const uint64_t high = 0xffffe000, odd = 0x80000008;
	static const struct {
		const char *name, *symbol, *base_symbol;
		const uint64_t *base;
		int code;
		const char *message;
		uint64_t phys_offset;
		const char *header;
	} cases[] = {
		{"t.o", NULL, "there", NULL, -IOPT_EINVAL, "multiple", 0x800, NULL},
		{"t.c", NULL, NULL, NULL, -IOPT_EINVAL, "include", 0, "a\"b.h"},
		{"t.hex", NULL, NULL, &high, -IOPT_ERANGE, "4 GiB", 0, NULL},
		{"t.srec", NULL, NULL, &high, -IOPT_ERANGE, "4 GiB", 0, NULL},
		{"t.bin", NULL, NULL, &odd, -IOPT_EINVAL, "multiple", 0, NULL},
		{"t.bin", NULL, "there", NULL, -IOPT_EINVAL, "number", 0, NULL},
		{"t.bin", "no-symbol", NULL, NULL, -IOPT_EINVAL, "symbol", 0, NULL},
		{"t.bin", "", NULL, NULL, -IOPT_EINVAL, "symbol", 0, NULL},
		{"t.bin", "7up", NULL, NULL, -IOPT_EINVAL, "symbol", 0, NULL},
		{"t.exe", NULL, NULL, NULL, -IOPT_EINVAL, "kind", 0, NULL},
		{".bin", NULL, NULL, NULL, -IOPT_EINVAL, "kind", 0, NULL},
	};
	struct fixture f;
	size_t i;

	(void)state;
	open_small(&f, IOPT_ARM_64_LPAE_S1);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopt_emit_options o = at(cases[i].base);
		struct iopt_error error;
		struct text text;

		o.symbol = cases[i].symbol;
		o.base_symbol = cases[i].base_symbol;
		o.phys_offset = cases[i].phys_offset;
		o.header = cases[i].header;
		assert_int_equal(try_emit(&f, cases[i].name, &o, &text, &error), cases[i].code);
		assert_int_equal(error.failure, IOPT_FAILURE_REQUEST);
		if (!strstr(error.message, cases[i].message))
			fail_msg("case %zu: %s", i, error.message);
		text_free(&text);
	}
	fixture_close(&f);
}

/* The sidecar has the names of the CPU's registers, and loads. */
static void test_register_names(void **state)
{
	static const struct {
		enum iopt_format format;
		const char *names[4];
	} cases[] = {
		{IOPT_ARM_64_LPAE_S1, {"ttbr0_el1", "tcr_el1", "mair_el1"}},
		{IOPT_ARM_64_LPAE_S2, {"vttbr_el2", "vtcr_el2"}},
		{IOPT_ARM_32_LPAE_S1, {"ttbr0", "ttbcr", "mair0", "mair1"}},
		{IOPT_ARM_V7S, {"ttbr0", "ttbcr", "prrr", "nmrr"}},
	};
	const uint64_t base = 0x90000000;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iopt_emit_options o = at(&base);
		struct text image = {0}, sidecar = {0};
		struct iopt_sink to = text_sink(&image), beside = text_sink(&sidecar);
		struct iopt_error error = IOPT_INIT(struct iopt_error);
		struct fixture f, g;

		open_small(&f, cases[i].format);
		assert_int_equal(iopt_emit(f.domain, "r.bin", &o, &to, &beside, &error), 0);
		for (k = 0; k < ARRAY_SIZE(cases[i].names) && cases[i].names[k]; k++) {
			char want[32];

			snprintf(want, sizeof(want), "\"%s\":{\"value\"", cases[i].names[k]);
			assert_non_null(strstr(sidecar.data, want));
		}
		textfile_write("r.bin.json", sidecar.data, sidecar.size);
		if (iopt_load(textfile_write("r.bin", image.data, image.size), IOPT_LOAD_RAW, NULL,
			      &g.memory, &g.domain, &error))
			fail_msg("%s", error.message);
		g.space = f.space;
		assert_int_equal(iopt_domain_space(g.domain, 0, &g.space), 0);
		assert_int_equal(g.space.register_count, f.space.register_count);
		for (k = 1; k < f.space.register_count; k++)
			assert_int_equal(g.space.registers[k].value, f.space.registers[k].value);
		assert_leads(&g, 0x1234, 0x123234);
		text_free(&image);
		text_free(&sidecar);
		textfile_unload(g.memory, g.domain);
		fixture_close(&f);
	}
}

static void test_kinds(void **state)
{
	struct iopt_output o = IOPT_INIT(struct iopt_output), same = o;
	size_t i;

	(void)state;
	for (i = 0; !iopt_output(i, &o); i++) {
		char name[32];

		snprintf(name, sizeof(name), "dir.d/x%s", o.suffix);
		assert_int_equal(iopt_output_of(name, &same), 0);
		assert_ptr_equal(same.suffix, o.suffix);
	}
	assert_true(i > 3);
	assert_int_equal(iopt_output_of("x", &o), -IOPT_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_register_names),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests_name("emit", tests, textfile_set_up, textfile_tear_down);
}
