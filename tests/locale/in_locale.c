// SPDX-License-Identifier: MIT
/*
 * Preloaded into iopt: it enters the locale of $IOPT_TEST_LOCALE, as if the library were used by a
 * program that has called setlocale(), which iopt itself does not.  Other programs of a test are
 * left alone.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void enter(void)
{
	const char *name = getenv("IOPT_TEST_LOCALE");

	if (!name || strcmp(program_invocation_short_name, "iopt"))
		return;
	if (!setlocale(LC_ALL, name)) {
		fprintf(stderr, "in_locale: there is no locale %s\n", name);
		_Exit(99);
	}
}
