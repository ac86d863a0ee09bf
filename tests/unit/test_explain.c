/* SPDX-License-Identifier: MIT */
/* The list of fields: every bit of every set, and what is told of registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "fields.h"
#include "told.h"

static bool is_reserved(const struct field_row *row)
{
	return row->kind == FIELD_RES0 || row->kind == FIELD_RES1 || row->kind == FIELD_UNUSED;
}

static unsigned width_of(const struct field_row *row)
{
	return row->hi - row->lo + 1u;
}

static size_t count_words(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == '|';
	return count;
}

/* ---- each set by itself ---- */

static void check_row(const struct field_set *set, const struct field_row *row)
{
	uint64_t words[TOLD_WORDS] = {0};
	uint64_t *word = &words[row->lo / 64];

	if (row->hi < row->lo || row->hi >= set->bits || row->hi / 64 != row->lo / 64)
		fail_msg("%s.%s has impossible bits", set->name, row->name);
	*word = UINT64_MAX;
	assert_true(field_value(row, words) == low_bits(width_of(row)));
	for (unsigned bit = row->lo / 64 * 64, n = 0; n < 64; bit++, n++) {
		bool inside = bit >= row->lo && bit <= row->hi;

		*word = BIT(n);
		assert_true(field_value(row, words) == (inside ? BIT(bit - row->lo) : 0));
	}
	if (row->kind == FIELD_WORDS && count_words(row->text) != BIT(width_of(row)))
		fail_msg("%s.%s has %zu words", set->name, row->name, count_words(row->text));
	if (row->kind == FIELD_STAGE2 && count_words(row->text) != 2 * BIT(width_of(row)))
		fail_msg("%s.%s has %zu words", set->name, row->name, count_words(row->text));
	if (strstr(row->text, "||") || *row->text == '|' || !*row->name)
		fail_msg("%s.%s has an empty word", set->name, row->name);
	if (row->kind == FIELD_MEMORY)
		assert_int_equal(width_of(row), 8);
	if (row->kind == FIELD_INDEX)
		assert_int_equal(width_of(row), 3);
}

static void check_set(const struct field_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct field_row *row = &set->rows[i];

		check_row(set, row);
		if (i && row->hi >= set->rows[i - 1].lo)
			fail_msg("%s.%s is not below the one before", set->name, row->name);
		for (size_t k = 0; k < i && !is_reserved(row); k++)
			if (!strcmp(set->rows[k].name, row->name))
				fail_msg("%s has %s twice", set->name, row->name);
	}
}

static void test_sets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FIELD_SET_COUNT; i++)
		check_set(field_set((enum field_set_id)i));
}

/* ---- registers ---- */

static bool has_form(const struct field_register *r, const char *name, const uint64_t *words)
{
	return !strcmp(r->name, name) && (words[0] & r->mask) == r->match;
}

/* What was not told of a word is reserved, and as it should be. */
static void check_untold(const struct field_set *set, const struct told *told,
			 const uint64_t *words, unsigned word)
{
	uint64_t all = told->covered[word];

	for (size_t i = 0; i < set->count; i++) {
		const struct field_row *row = &set->rows[i];
		uint64_t want = row->kind == FIELD_RES1 ? low_bits(width_of(row)) : 0;
		uint64_t bits = BITS(row->hi % 64, row->lo % 64);

		if (row->lo / 64 != word || all & bits)
			continue;
		assert_true(is_reserved(row) && field_value(row, words) == want);
		all |= bits;
	}
	assert_true(all == low_bits(set->bits < 64 ? set->bits : 64));
}

static void check_words(const char *name, const uint64_t *words, unsigned bits)
{
	struct told told = {0};
	const struct iopt_field_sink sink = {told_keep, &told};
	const unsigned count = (bits + 63) / 64;

	assert_int_equal(iopt_decode(name, words, count, &sink), 0);
	for (size_t i = 0; i < field_register_count; i++) {
		if (!has_form(&field_registers[i], name, words))
			continue;
		for (unsigned word = 0; word < count; word++) {
			assert_true(told.value[word] == (words[word] & told.covered[word]));
			check_untold(field_set(field_registers[i].set), &told, words, word);
		}
		return;
	}
	fail_msg("%s has no form", name);
}

/* All bits of a word as given, but for those above the register's. */
static void fill_words(uint64_t *words, unsigned bits, uint64_t value)
{
	for (unsigned i = 0; i < TOLD_WORDS; i++)
		words[i] = 64 * i < bits ? value : 0;
	if (bits < 64)
		words[0] &= low_bits(bits);
}

static void test_registers(void **state)
{
	struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);
	uint64_t words[TOLD_WORDS];
	size_t i;

	(void)state;
	for (i = 0; !iopt_decodable(i, &d); i++) {
		assert_true(d.bits == 32 || (d.bits % 64 == 0 && d.bits / 64 <= TOLD_WORDS));
		assert_non_null(d.title);
		assert_true(iopt_register_is_known(d.name));
		fill_words(words, d.bits, 0);
		check_words(d.name, words, d.bits);
		for (unsigned bit = 0; bit < d.bits; bit++) {
			words[bit / 64] ^= BIT(bit % 64);
			check_words(d.name, words, d.bits);
			words[bit / 64] ^= BIT(bit % 64);
		}
		fill_words(words, d.bits, UINT64_MAX);
		check_words(d.name, words, d.bits);
		for (unsigned bit = 0; bit < d.bits; bit++) {
			words[bit / 64] ^= BIT(bit % 64);
			check_words(d.name, words, d.bits);
			words[bit / 64] ^= BIT(bit % 64);
		}
	}
	assert_true(i > 30);
}

/* Every value has a form: the forms' bits in all their combinations. */
static void test_forms(void **state)
{
	uint64_t random = 88172645463325252, words[TOLD_WORDS];

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		for (size_t i = n % 8; !iopt_decodable(i, &d); i += 8) {
			fill_words(words, d.bits, random);
			check_words(d.name, words, d.bits);
		}
	}
}

static struct told told_words(const char *name, const uint64_t *words, size_t count)
{
	struct told told = {0};
	const struct iopt_field_sink sink = {told_keep, &told};

	assert_int_equal(iopt_decode(name, words, count, &sink), 0);
	return told;
}

static struct told told_of(const char *name, uint64_t value)
{
	return told_words(name, &value, 1);
}

static void test_meanings(void **state)
{
	struct told t;

	(void)state;
	t = told_of("tcr_el1", 0x5b5193519);
	assert_told(&t, "T0SZ=25: 39-bit input addresses");
	assert_told(&t, "TG1=2: 4KB granule");
	assert_told(&t, "IPS=5: 48-bit output addresses");
	t = told_of("mair_el1", 0xf404ff44aa4ff000);
	assert_told(&t,
		    "Attr7=244: normal: outer write-back read-write-allocate, inner non-cacheable");
	assert_told(&t, "Attr6=4: device-nGnRE");
	assert_told(&t, "Attr1=240: normal-tagged");
	assert_told(&t, "Attr0=0: device-nGnRnE");
	t = told_of("esr_el1", 0x96000046);
	assert_told(&t, "EC=37: data abort from the same level");
	assert_told(&t, "DFSC=6: translation fault, level 2");
	t = told_of("esr_el2", 0x8200002b);
	assert_told(&t, "IFSC=43: translation fault, level -1");
	t = told_of("esr_el1", 0x5600beef);
	assert_told(&t, "EC=21: SVC of AArch64");
	assert_told(&t, "ISS=48879: by exception class");
	t = told_of("vtcr", 0x80000018);
	assert_told(&t, "S:T0SZ=24: 40-bit input addresses");
	t = told_of("ttbcr", 3);
	assert_told(&t, "N=3: 29-bit input addresses");
	t = told_of("ttbcr", 0x80020001);
	assert_told(&t, "T1SZ=2: 30-bit input addresses");
	t = told_of("dacr", 0x80000001);
	assert_told(&t, "D15=2: reserved");
	assert_told(&t, "D0=1: client: permissions count");
	t = told_of("par_el1", 0xff00000080001380);
	assert_told(&t, "PA=524289: 0x80001000");
}

static void test_reserved(void **state)
{
	struct told t;

	(void)state;
	t = told_of("tcr_el2", 0);
	assert_told(&t, "RES1=0: must be one");
	t = told_of("tcr_el2", BIT(31) | BIT(23) | BIT(19));
	assert_told(&t, "RES0=1: must be zero");
	t = told_of("dfsr", 0x405);
	assert_told(&t, "FS[4]=1: 1");
	t = told_of("dfsr", 0x5);
	assert_told(&t, "FS[3:0]=5: translation fault, level 1");
	t = told_of("dfsr", 0x20f);
	assert_told(&t, "STATUS=15: permission fault, level 3");
	t = told_of("fsr", 0x80000402);
	assert_told(&t, "FORMAT=2: AArch64");
	assert_told(&t, "TF=1: translation fault");
}

static void test_structures(void **state)
{
	static const uint64_t ste[8] = {0x28000000048ac04b, 0xd6, 0x044d355800000001, 0x48ab0000};
	static const uint64_t cd[8] = {0x0001e205c0003510, 0x48ab0000, 0, 0xf404ff44};
	static const uint64_t event[4] = {0x2000005810, 0x0000020800000000, 0xfff000, 0x80001000};
	struct told t;

	(void)state;
	t = told_words("ste", ste, 8);
	assert_told(&t, "V=1: valid");
	assert_told(&t, "Config=5: stage 1");
	assert_told(&t, "S1Fmt=0: linear");
	assert_told(&t, "S1CDMax=5: log2 of context descriptors");
	assert_told(&t, "S1ContextPtr=1190657: 0x48ac040: the context descriptor, or their table");
	assert_told(&t, "S1DSS=2: without a SubstreamID: context descriptor 0");
	assert_told(&t, "S2T0SZ=24: 40-bit input addresses");
	assert_told(&t, "S2VMID=1: virtual machine");
	assert_told(&t, "S2TTB=76197888: 0x48ab0000: the first table of stage 2");
	t = told_words("cd", cd, 8);
	assert_told(&t, "ASID=1: address space");
	assert_told(&t, "T0SZ=16: 48-bit input addresses");
	assert_told(&t, "EPD1=1: TTB1 is not walked: a translation fault");
	assert_told(&t, "TTB0=76197888: 0x48ab0000: the first table of the lower half");
	assert_told(&t, "Attr2=4: device-nGnRE");
	t = told_words("event", event, 4);
	assert_told(&t, "Event=16: F_TRANSLATION: nothing is mapped there");
	assert_told(&t, "StreamID=32: who it was");
	assert_told(&t, "SubstreamID=5: which address space, if SSV");
	assert_told(&t, "RnW=1: read");
	assert_told(&t, "CLASS=2: the input address itself");
	assert_told(&t, "IPA=524289: 0x80001000: in stage 2: what it was asked for");
	t = told_of("strtab_base_cfg", 0x10210);
	assert_told(&t, "FMT=1: 2 levels");
	assert_told(&t, "SPLIT=8: StreamID bits of the second level: 6, 8 or 10");
	assert_told(&t, "LOG2SIZE=16: StreamID bits of the whole table");
}

static int stop(void *arg, const struct iopt_field *field)
{
	(void)field;
	return --*(int *)arg ? 0 : -IOPT_EINTR;
}

static void test_refused(void **state)
{
	struct iopt_decodable d = {0};
	uint64_t words[2] = {0, 0};
	int left = 3;
	struct told told = {0};
	const struct iopt_field_sink sink = {told_keep, &told}, stopper = {stop, &left};

	(void)state;
	assert_int_equal(iopt_decode("tcr_el4", words, 1, &sink), -IOPT_ENOENT);
	assert_int_equal(iopt_decode("", words, 1, &sink), -IOPT_ENOENT);
	assert_int_equal(iopt_decode("tcr_el1", words, 2, &sink), -IOPT_EINVAL);
	assert_int_equal(iopt_decode("tcr_el1", words, 0, &sink), -IOPT_EINVAL);
	words[0] = BIT(32);
	assert_int_equal(iopt_decode("dacr", words, 1, &sink), -IOPT_ERANGE);
	assert_int_equal(told.count, 0);
	assert_int_equal(iopt_decode("tcr_el1", words, 1, &stopper), -IOPT_EINTR);
	assert_int_equal(left, 0);
	assert_int_equal(iopt_decodable(0, &d), -IOPT_EINVAL);
	d.struct_size = sizeof(d);
	assert_int_equal(iopt_decodable(100000, &d), -IOPT_ENOENT);
}

static void test_known_names(void **state)
{
	static const char *const known[] = {"ttbr",	 "tcr.tsz", "ttbr0_el2", "ttbr1_el1",
					    "vtcr",	 "vttbr",   "mair1",	 "dacr",
					    "sctlr_el3", "hcr_el2", "scr_el3",	 "id_aa64mmfr1",
					    "arch",	 "quirks",  "ias",	 "esr_el1"};
	static const char *const unknown[] = {
		"",	    "tcr_el4", "tcr_el0", "_el1", "ttbr0_el",
		"tcr.nose", "tcr.",    ".tsz",	  "name", "a_name_that_is_longer_than_any.tsz"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!iopt_register_is_known(known[i]))
			fail_msg("%s is not known", known[i]);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		if (iopt_register_is_known(unknown[i]))
			fail_msg("%s is known", unknown[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),	   cmocka_unit_test(test_registers),
		cmocka_unit_test(test_forms),	   cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_structures), cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_known_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
