/* SPDX-License-Identifier: MIT */
/* From words to bits and back: of every pattern of bits, and of every combination of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "attrs.h"
#include "build.h"

static const struct row {
	const char *name;
	enum iopt_format format;
	enum iopt_regime regime;
	uint64_t granule;
	unsigned oas;
} ROWS[] = {
	{"el1", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 48},
	{"el1 16k", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 14, 48},
	{"el1 64k lpa", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 16, 52},
	{"el1 lpa2", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 52},
	{"el2", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL2, 1 << 12, 40},
	{"el3", IOPT_ARM_64_LPAE_S1, IOPT_REGIME_EL3, 1 << 16, 40},
	{"stage 2", IOPT_ARM_64_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 12, 40},
	{"aarch32 lpae", IOPT_ARM_32_LPAE_S1, IOPT_REGIME_EL1, 1 << 12, 40},
	{"aarch32 stage 2", IOPT_ARM_32_LPAE_S2, IOPT_REGIME_STAGE2, 1 << 12, 40},
	{"v7s", IOPT_ARM_V7S, IOPT_REGIME_EL1, 1 << 12, 32},
};

#define MAIR UINT64_C(0xf0bb44ff0c080400)

static void open_row(const struct row *row, struct pgtable *t)
{
	struct build_config config = {
		.format = row->format,
		.regime = row->regime,
		.granule = row->granule,
		.oas = row->oas,
		.mair = MAIR,
		.halves = {{.there = true}},
	};
	struct space_desc spaces[2];
	const char *member;
	unsigned count;

	assert_int_equal(build_describe(&config, spaces, &count, &member, NULL), 0);
	assert_int_equal(count, 1);
	assert_int_equal(space_init(t, NULL, &spaces[0], NULL), 0);
}

static struct iopt_attrs decode(const struct pgtable *t, struct attrs_code code, int level,
				bool run)
{
	const struct pgtable_format *f = t->ops->format;
	struct iopt_attrs a;
	uint64_t attrs = f->place_attrs(code.leaf, level, run);

	space_attrs(t, f->make_leaf(0, level, run, attrs), level,
		    level == f->last_level ? code.table : 0, &a);
	return a;
}

static void assert_means(const struct pgtable *t, const struct attrs_wish *w,
			 struct attrs_code code)
{
	const struct pgtable_format *f = t->ops->format;
	const bool el0 = t->regime == IOPT_REGIME_EL1;

	for (int level = f->first_leaf_level; level <= f->last_level; level++) {
		for (unsigned run = 0; run <= (f->run_shift != 0); run++) {
			struct iopt_attrs a = decode(t, code, level, run);

			assert_int_equal(a.access[0].access, w->access);
			if (a.level_count > 1)
				assert_int_equal(a.access[1].access, w->el0);
			assert_string_equal(a.memory, w->memory);
			assert_int_equal(a.share, attrs_share(w->memory, w->share));
			assert_true(a.af);
			assert_int_equal(a.ns, w->ns);
			assert_int_equal(a.ng, el0 && !w->global);
		}
	}
}

static void wish_of(const struct iopt_attrs *a, struct attrs_wish *w)
{
	*w = (struct attrs_wish){
		.access = a->access[0].access,
		.el0 = a->level_count > 1 ? a->access[1].access : 0,
		.share = a->share,
		.ns = a->ns,
		.global = !a->ng,
	};
	memcpy(w->memory, a->memory, sizeof(w->memory));
}

/* Whatever the bits mean can be asked for, and is then what they meant. */
static void test_every_pattern(void **state)
{
	struct pgtable t;
	struct attrs_choice c;
	unsigned meant = 0;

	open_row(*state, &t);
	if (t.format == IOPT_ARM_V7S)
		attrs_v7s_choice(&t, &c);
	else
		attrs_lpae_choice(&t, &c);
	for (uint64_t bits = c.access | c.memory | c.ns.leaf | c.global.leaf, n = bits;;
	     n = (n - 1) & bits) {
		for (unsigned share = 0; share < 4; share++) {
			struct attrs_code code = {n | c.share[share] | c.fixed, 0}, again;
			struct attrs_wish w;
			struct iopt_attrs a;
			const char *member;

			if (n & c.ns.leaf)
				code.table |= c.ns.table;
			a = decode(&t, code, t.ops->format->last_level, false);
			if (share == IOPT_SHARE_RESERVED || !strcmp(a.memory, "reserved"))
				continue;
			wish_of(&a, &w);
			assert_int_equal(attrs_encode(&t, &w, &again, &member, NULL), 0);
			assert_means(&t, &w, again);
			meant++;
		}
		if (!n)
			break;
	}
	assert_true(meant > 100);
}

static bool encodes(const struct pgtable *t, const struct attrs_wish *w, const char **member)
{
	struct attrs_code code;

	if (attrs_encode(t, w, &code, member, NULL))
		return false;
	assert_means(t, w, code);
	return true;
}

/* Every combination of words means what it says, or names the word that cannot be had. */
static void test_every_word(void **state)
{
	static const char *const memories[] = {"device-nGnRnE", "device-nGnRE", "device-nGRE",
					       "device-GRE",	"normal-nc",	"normal-wt",
					       "normal-wb",	"normal-tagged"};
	const struct row *row = *state;
	const bool short_descriptors = row->format == IOPT_ARM_V7S;
	struct attrs_wish w;
	struct pgtable t;
	const char *member;

	open_row(row, &t);
	for (unsigned access = 0; access < 64; access++) {
		for (unsigned m = 0; m < 8; m++) {
			w = (struct attrs_wish){
				.access = access & 7,
				.el0 = access >> 3,
				.share = IOPT_SHARE_INNER,
				.global = m & 1,
			};
			strcpy(w.memory, memories[m]);
			if (encodes(&t, &w, &member) || !strcmp(member, "access"))
				continue;
			assert_string_equal(member, "memory");
			if (short_descriptors)
				assert_true(m == 2 || m == 3 || m == 7);
			else
				assert_true(m == 7 && row->regime == IOPT_REGIME_STAGE2);
		}
	}
	/* what every regime must have */
	w = (struct attrs_wish){.access = 6, .share = IOPT_SHARE_INNER, .global = true};
	w.el0 = row->regime == IOPT_REGIME_STAGE2 ? 6 : 0;
	strcpy(w.memory, "normal-wb");
	assert_true(encodes(&t, &w, &member));
	w.access = 5;
	w.el0 = row->regime == IOPT_REGIME_STAGE2 ? 5 : 0;
	strcpy(w.memory, "normal-nc");
	assert_true(encodes(&t, &w, &member));
}

int main(void)
{
	struct CMUnitTest tests[2 * (sizeof(ROWS) / sizeof(ROWS[0]))] = {0};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		tests[count++] = (struct CMUnitTest){.name = ROWS[i].name,
						     .test_func = test_every_pattern,
						     .initial_state = (void *)&ROWS[i]};
		tests[count++] = (struct CMUnitTest){.name = ROWS[i].name,
						     .test_func = test_every_word,
						     .initial_state = (void *)&ROWS[i]};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
