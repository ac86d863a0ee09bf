/* SPDX-License-Identifier: MIT */
/* Included files that are read line by line: /proc/iomem, and lists of ADDRESS, LENGTH, TYPE,
 * LABEL. */
#include <stdio.h>
#include <stdlib.h>

#include "../core/ascii.h"
#include "../core/expr.h"
#include "spec.h"

enum { TEXT_BYTES = 64 << 20 };

typedef int line_fn(const struct spec_include *in, char *line, unsigned number);

/* Lines without their ends; a carriage return belongs to the end. */
static int each_line(const struct spec_include *in, line_fn *fn)
{
	struct json_input text;
	char *line, *next;
	unsigned number = 0;
	int err = json_input_read(&text, in->path, TEXT_BYTES, in->spec->error);

	if (err)
		return err;
	if (strlen(text.text) < text.size)
		err = spec_include_fail(in, 0, "not a text");
	for (line = text.text; !err && line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		err = fn(in, line, ++number);
	}
	json_input_free(&text);
	return err;
}

/* Without the white space around it. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && ascii_is_space(end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

/* ---- /proc/iomem ---- */

/* "40000000-bfffffff : System RAM"; what is indented lies within the line above. */
static int iomem_line(const struct spec_include *in, char *line, unsigned number)
{
	struct spec_included what = {.line = number, .access = IOPT_ACCESS_R | IOPT_ACCESS_W};
	char *end;

	if (*line == ' ' || !*trim(line))
		return 0;
	what.va.first = strtoull(line, &end, 16);
	if (!ascii_is_xdigit(*line) || *end != '-' || !ascii_is_xdigit(end[1]))
		return spec_include_fail(in, number, "a line of /proc/iomem is FIRST-LAST : NAME");
	what.va.last = strtoull(end + 1, &end, 16);
	if (strncmp(end, " : ", 3) != 0 || what.va.last < what.va.first)
		return spec_include_fail(in, number, "a line of /proc/iomem is FIRST-LAST : NAME");
	if (!what.va.last)
		return spec_include_fail(
			in, number, "all addresses are 0: /proc/iomem shows them to root alone");
	what.name = trim(end + 3);
	what.pa = what.va.first;
	what.memory = "device-nGnRE";
	what.rounding = SPEC_ROUND_OUT;
	if (!strcmp(what.name, "System RAM")) {
		what.memory = "normal-wb";
		what.rounding = SPEC_ROUND_IN;
	}
	return spec_include_region(in, &what);
}

int spec_include_iomem(const struct spec_include *in)
{
	return each_line(in, iomem_line);
}

/* ---- ADDRESS, LENGTH, TYPE, LABEL ---- */

static const struct map_type {
	const char *name, *memory;
	uint8_t access;
} map_types[] = {
	{"DEVICE", "device-nGnRnE", IOPT_ACCESS_R | IOPT_ACCESS_W},
	{"NORMAL", "normal-wb", IOPT_ACCESS_R | IOPT_ACCESS_W},
	{"RW_DATA", "normal-wb", IOPT_ACCESS_R | IOPT_ACCESS_W},
	{"RO_DATA", "normal-wb", IOPT_ACCESS_R},
	{"CODE", "normal-wb", IOPT_ACCESS_R | IOPT_ACCESS_X},
	{"NON_CACHEABLE", "normal-nc", IOPT_ACCESS_R | IOPT_ACCESS_W},
};

static const struct map_type *map_type_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(map_types); i++)
		if (ascii_same(map_types[i].name, word))
			return &map_types[i];
	return NULL;
}

static int map_fields(const struct spec_include *in, char *line, unsigned number,
		      char *fields[static 4])
{
	for (unsigned i = 0; i < 4; i++) {
		char *comma = i < 3 ? strchr(line, ',') : NULL;

		if (i < 3 && !comma)
			return spec_include_fail(in, number,
						 "a line is ADDRESS, LENGTH, TYPE, LABEL");
		if (comma)
			*comma = '\0';
		fields[i] = trim(line);
		line = comma ? comma + 1 : line;
	}
	return 0;
}

static int map_line(const struct spec_include *in, char *line, unsigned number)
{
	struct spec_included what = {.line = number, .rounding = SPEC_ROUND_NOT};
	const struct map_type *type;
	char *fields[4];
	uint64_t size;
	int err;

	line[strcspn(line, "#")] = '\0';
	if (!*trim(line))
		return 0;
	err = map_fields(in, line, number, fields);
	if (err)
		return err;
	if (expr_number(fields[0], &what.pa))
		return spec_include_fail(in, number, "'%.40s' is no address", fields[0]);
	if (expr_number(fields[1], &size) || !range_make(what.pa, size, &what.va))
		return spec_include_fail(in, number, "'%.40s' is no length from there", fields[1]);
	type = map_type_of(fields[2]);
	if (!type)
		return spec_include_fail(in, number,
					 "'%.40s' is no type: DEVICE, NORMAL, RW_DATA, RO_DATA, "
					 "CODE or NON_CACHEABLE",
					 fields[2]);
	what.name = *fields[3] ? fields[3] : fields[2];
	what.memory = type->memory;
	what.access = type->access;
	return spec_include_region(in, &what);
}

int spec_include_map(const struct spec_include *in)
{
	return each_line(in, map_line);
}
