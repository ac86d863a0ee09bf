/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "told.h"

int told_keep(void *arg, const struct iopt_field *field)
{
	struct told *t = arg;
	const unsigned word = field->lo / 64;
	uint64_t bits = BITS(field->hi % 64, field->lo % 64);

	if (t->covered[word] & bits || (t->count && field->hi >= t->last_lo))
		fail_msg("%s overlaps or is out of order", field->name);
	assert_true(field->meaning[0] != '\0');
	t->covered[word] |= bits;
	t->value[word] |= field->value << field->lo % 64;
	t->last_lo = field->lo;
	snprintf(t->texts[t->count++ % ARRAY_SIZE(t->texts)], sizeof(t->texts[0]), "%s=%llu: %s",
		 field->name, (unsigned long long)field->value, field->meaning);
	return 0;
}

void assert_told(const struct told *t, const char *text)
{
	for (unsigned i = 0; i < t->count; i++)
		if (!strcmp(t->texts[i], text))
			return;
	for (unsigned i = 0; i < t->count; i++)
		print_message("  %s\n", t->texts[i]);
	fail_msg("not told: %s", text);
}
