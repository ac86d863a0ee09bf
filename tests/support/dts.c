/* SPDX-License-Identifier: MIT */
#include "dts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text dts_compile(const char *body)
{
	char command[512], part[4096];
	const char *path = textfile_write("tree.dts", "/dts-v1/;\n", 10);
	FILE *f = fopen(path, "a");
	struct text blob = {0};
	size_t got;

	assert_non_null(f);
	fputs(body, f);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "dtc -q -f -I dts -O dtb '%s'", path);
	f = popen(command, "r");
	assert_non_null(f);
	while ((got = fread(part, 1, sizeof(part), f)) > 0) {
		blob.data = realloc(blob.data, blob.size + got + 1);
		assert_non_null(blob.data);
		memcpy(blob.data + blob.size, part, got);
		blob.size += got;
	}
	assert_int_equal(pclose(f), 0);
	assert_true(blob.size > 0);
	blob.data[blob.size] = '\0';
	return blob;
}
