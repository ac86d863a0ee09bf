/* SPDX-License-Identifier: MIT */
/* The C decoder behind the protocol of README.md, for compare.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "space.h"

static struct pgtable space;

static void die(const char *what, const char *word)
{
	fprintf(stderr, "decode_driver: %s '%s'\n", what, word);
	exit(2);
}

/* The position of a word in a list that ends with NULL. */
static int position(const char *const *list, const char *word)
{
	for (int i = 0; list[i]; i++)
		if (!strcmp(list[i], word))
			return i;
	die("unknown word", word);
	return -1;
}

static void set_control(struct pgtable_controls *c, const char *key, uint64_t value)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"wxn", &c->wxn}, {"ha", &c->ha},	  {"hd", &c->hd},     {"hpd", &c->hpd},
		{"afe", &c->afe}, {"tre", &c->tre},	  {"uwxn", &c->uwxn}, {"fwb", &c->fwb},
		{"xnx", &c->xnx}, {"ns", &c->non_secure},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!strcmp(flags[i].name, key)) {
			*flags[i].flag = value;
			return;
		}
	}
	if (!strcmp(key, "mair"))
		c->mair = value;
	else if (!strcmp(key, "prrr"))
		c->prrr = (uint32_t)value;
	else if (!strcmp(key, "nmrr"))
		c->nmrr = (uint32_t)value;
	else if (!strcmp(key, "dacr"))
		c->dacr = (uint32_t)value;
	else if (!strcmp(key, "sh"))
		c->sh = (uint8_t)value;
	else
		die("unknown key", key);
}

static const char *next_word(void)
{
	const char *word = strtok(NULL, " \n");

	return word ? word : "";
}

static uint64_t next_number(void)
{
	return strtoull(next_word(), NULL, 0);
}

static void setting(void)
{
	static const char *const formats[] = {"a64-4k",	  "a64-16k", "a64-64k",
					      "a32-lpae", "v7s",     NULL};
	static const char *const regimes[] = {"el1", "el2", "el3", "stage2", "el2e2h", NULL};
	static const char *const layouts[] = {"48", "lpa", "lpa2", NULL};
	static const uint8_t shifts[] = {12, 14, 16, 12, 12};
	int format = position(formats, next_word()), regime = position(regimes, next_word());
	const bool e2h = regime == 4, stage2 = regime == IOPT_REGIME_STAGE2;
	struct space_desc d = {
		.format = format == 4	? IOPT_ARM_V7S
			  : format == 3 ? (stage2 ? IOPT_ARM_32_LPAE_S2 : IOPT_ARM_32_LPAE_S1)
			  : stage2	? IOPT_ARM_64_LPAE_S2
					: IOPT_ARM_64_LPAE_S1,
		.regime = e2h ? IOPT_REGIME_EL2 : (enum iopt_regime)regime,
		.oa_layout = (enum iopt_oa_layout)position(layouts, next_word()),
		.granule = BIT(shifts[format]),
	};
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	const char *word;

	d.big_endian = !strcmp(next_word(), "big");
	d.ias = (unsigned)next_number();
	d.oas = (unsigned)next_number();
	d.start_level = space_start_level(d.format, d.granule, d.ias);
	if (space_init(&space, NULL, &d, &error))
		die("no such space:", error.message);
	space.controls = (struct pgtable_controls){
		.xnx = true, .e2h = e2h, .has_mair = true, .has_prrr = true, .has_dacr = true};
	while (*(word = next_word())) {
		char *value = strchr(word, '=');

		if (!value)
			die("no value in", word);
		*value = '\0';
		set_control(&space.controls, word, strtoull(value + 1, NULL, 0));
	}
	space.controls.hd &= space.controls.ha;
	space.access_flag = !space.controls.ha && (d.format != IOPT_ARM_V7S || space.controls.afe);
}

static void print_access(const struct iopt_attrs *a)
{
	fputs(" access=", stdout);
	for (unsigned i = 0; i < a->level_count; i++) {
		uint8_t access = a->access[i].access;

		printf("%sel%u:%c%c%c", i ? "," : "", a->access[i].el,
		       access & IOPT_ACCESS_R ? 'r' : '-', access & IOPT_ACCESS_W ? 'w' : '-',
		       access & IOPT_ACCESS_X ? 'x' : '-');
	}
}

static void print_flags(const struct iopt_attrs *a)
{
	const struct {
		const char *name;
		bool set;
	} flags[] = {{"ns", a->ns},
		     {"ng", a->ng},
		     {"contiguous", a->contiguous},
		     {"dbm", a->dbm},
		     {"gp", a->gp}};
	const char *separator = " flags=";

	for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!flags[i].set)
			continue;
		printf("%s%s", separator, flags[i].name);
		separator = ",";
	}
	if (*separator == ' ')
		fputs(" flags=-", stdout);
}

static void print_leaf(uint64_t desc, int level, uint64_t above)
{
	static const char *const shares[] = {"none", "reserved", "outer", "inner"};
	const struct pgtable_format *f = space.ops->format;
	const bool run = f->is_run(desc, level);
	const uint64_t size = BIT(block_shift(f, level) + (run ? f->run_shift : 0));
	const uint64_t oa = f->leaf_oa(desc, level);
	struct iopt_attrs a;

	space_attrs(&space, desc, level, above, &a);
	printf(" oa=0x%llx size=0x%llx fault=%s", (unsigned long long)(oa & ~(size - 1)),
	       (unsigned long long)size,
	       (oa & ~(size - 1)) & space.oa_beyond		? "address-size"
	       : space.access_flag && !f->accessed(desc, level) ? "access"
								: "none");
	print_access(&a);
	printf(" memory=%s share=%s", a.memory, shares[a.share]);
	print_flags(&a);
	printf(" software=0x%x\n", a.software);
}

static void decode(void)
{
	const struct pgtable_format *f = space.ops->format;
	int level = (int)strtol(next_word(), NULL, 10);
	uint64_t above = next_number(), desc = next_number();
	enum iopt_type type = pgtable_type(f, desc, level);

	if (f->run_shift && level == 2)
		above = f->inherit(above);
	printf("type=%s", iopt_type_name(type));
	switch (type) {
	case IOPT_TYPE_INVALID:
	case IOPT_TYPE_RESERVED:
		putchar('\n');
		break;
	case IOPT_TYPE_TABLE:
		printf(" next=0x%llx limits=0x%llx\n", (unsigned long long)f->next_table(desc),
		       (unsigned long long)space_limits(&space, desc));
		break;
	default:
		print_leaf(desc, level, above);
		break;
	}
}

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		const char *what = strtok(line, " \n");

		if (what && *what == 'S')
			setting();
		else if (what && *what == 'D')
			decode();
	}
	return 0;
}
