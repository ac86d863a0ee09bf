/* SPDX-License-Identifier: MIT */
/* iopt_load(): tables from a file into a memory of their own. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../core/errno_text.h"
#include "../core/error.h"
#include "image.h"
#include "table_load.h"

#define TEXT_BYTES ((size_t)2 << 30)

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The bytes of a mark before UTF-8 are stepped over, too: no text begins with them otherwise. */
static int next_character(FILE *file)
{
	int c;

	do
		c = getc(file);
	while (is_space(c) || c == 0xef || c == 0xbb || c == 0xbf);
	return c;
}

/* Whatever its content is: to say what is wrong with it. */
static bool is_named_json(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0);
}

/* Table JSON begins with a brace and a quote, which no table does that means anything. */
static bool looks_like_json(FILE *file)
{
	int first = next_character(file), second = next_character(file);

	return first == '{' && (second == '"' || second == '}' || second == EOF);
}

static int recognise(const char *path, enum iopt_load *format, struct iopt_error *error)
{
	struct error_place place = {.source = path};
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file)
		return error_at(error, place, IOPT_FAILURE_IO, iopt_error_of_errno(errno), "%s",
				errno_text(errno));
	*format = IOPT_LOAD_JSON;
	/* A pipe can be read once only, and has no sidecar beside it. */
	if (!is_named_json(path) && !fstat(fileno(file), &st) && S_ISREG(st.st_mode) &&
	    !looks_like_json(file))
		*format = IOPT_LOAD_RAW;
	fclose(file);
	return 0;
}

static int load_json(const char *path, struct iopt_memory *memory, struct iopt_domain **domain,
		     struct iopt_error *error)
{
	struct json_input in;
	int err = json_input_read_watched(&in, path, TEXT_BYTES, &memory->progress, error);

	if (err)
		return err;
	err = table_load(&in, memory, domain);
	json_input_free(&in);
	return err;
}

/* Replaces both by their copy at 'base'. */
static int move_to(uint64_t base, struct iopt_memory **memory, struct iopt_domain **domain,
		   struct iopt_error *error)
{
	struct iopt_memory *to;
	struct iopt_domain *moved;
	int err = iopt_memory_create(&to);

	if (err)
		return error_set(error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	to->progress = (*memory)->progress;
	err = image_relocate(*domain, base, to, &moved, error);
	if (err) {
		iopt_memory_destroy(to);
		return err;
	}
	iopt_domain_destroy(*domain);
	iopt_memory_destroy(*memory);
	*memory = to;
	*domain = moved;
	return 0;
}

int iopt_load_watched(const char *path, enum iopt_load format, const uint64_t *base,
		      const struct iopt_progress *progress, struct iopt_memory **memory,
		      struct iopt_domain **domain, struct iopt_error *error)
{
	int err = format == IOPT_LOAD_AUTO ? recognise(path, &format, error) : 0;

	if (err)
		return err;
	*domain = NULL;
	err = iopt_memory_create(memory);
	if (err)
		return error_set(error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	iopt_memory_on_progress(*memory, progress);
	err = format == IOPT_LOAD_RAW ? image_load(path, *memory, domain, error)
				      : load_json(path, *memory, domain, error);
	if (!err && base) {
		err = move_to(*base, memory, domain, error);
		if (err)
			iopt_domain_destroy(*domain);
	}
	if (err) {
		iopt_memory_destroy(*memory);
		*memory = NULL;
		*domain = NULL;
	}
	return err;
}

int iopt_load(const char *path, enum iopt_load format, const uint64_t *base,
	      struct iopt_memory **memory, struct iopt_domain **domain, struct iopt_error *error)
{
	return iopt_load_watched(path, format, base, NULL, memory, domain, error);
}
