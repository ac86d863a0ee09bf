/* SPDX-License-Identifier: MIT */
/* FILE|K=V,..., or both, of domain open. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/ascii.h"
#include "../core/expr.h"
#include "handlers.h"

/* "arm-ns+arm-ttbr1" */
static bool read_quirks(const char *text, uint64_t *mask)
{
	*mask = 0;
	while (*text) {
		size_t length = strcspn(text, "+");
		unsigned i;

		for (i = 0; i < IOPT_QUIRK_COUNT; i++) {
			const char *name = iopt_quirk_name((enum iopt_quirk)(1u << i));

			if (strlen(name) == length && strncmp(name, text, length) == 0)
				break;
		}
		if (i == IOPT_QUIRK_COUNT)
			return false;
		*mask |= 1u << i;
		text += length;
		text += *text == '+';
	}
	return true;
}

static bool read_arch(const char *text, uint64_t *arch)
{
	const char *name;

	for (*arch = 0; (name = iopt_arch_name((enum iopt_arch) * arch)) != NULL; ++*arch)
		if (strcmp(name, text) == 0)
			return true;
	return false;
}

static bool read_regime(const char *text, uint64_t *regime)
{
	for (*regime = 0; *regime < IOPT_REGIME_COUNT; ++*regime)
		if (strcmp(iopt_regime_name((enum iopt_regime) * regime), text) == 0)
			return true;
	return false;
}

/* One "K=V". */
static int read_pair(struct session *s, const struct word *word, char *pair,
		     struct iopt_registers *registers)
{
	char *value = strchr(pair, '=');
	uint64_t number;
	int r;

	if (!value || value == pair)
		return fail_usage(s, word, "'%s' is not NAME=VALUE", pair);
	*value++ = '\0';
	if (strcmp(pair, "regime") == 0)
		r = read_regime(value, &number) ? 0 : -IOPT_EINVAL;
	else if (strcmp(pair, "quirks") == 0)
		r = read_quirks(value, &number) ? 0 : -IOPT_EINVAL;
	else if (strcmp(pair, "arch") == 0)
		r = read_arch(value, &number) ? 0 : -IOPT_EINVAL;
	else
		r = expr_number(value, &number);
	if (r == -IOPT_ERANGE)
		return fail(s, word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
			    "'%s' of %s does not fit in 64 bits", value, pair);
	if (r)
		return fail_usage(s, word, "'%s' is no value for %s", value, pair);
	if (strcmp(pair, "regime") != 0 && !iopt_register_is_known(pair))
		warn(s, "'%s' is no register that anything here is made of", pair);
	r = iopt_registers_set(registers, pair, number);
	return r ? fail_library(s, word, r) : 0;
}

static int read_pairs(struct session *s, const struct arg *arg, const char *p,
		      struct iopt_registers *registers)
{
	char pair[2 * NAME_BYTES];
	int r = 0;

	while (*p && !r) {
		size_t length = strcspn(p, ",");

		if (length >= sizeof(pair))
			return fail_usage(s, arg->word, "a register of more than %zu characters",
					  sizeof(pair) - 1);
		memcpy(pair, p, length);
		pair[length] = '\0';
		r = read_pair(s, arg->word, pair, registers);
		p += length;
		p += *p == ',';
	}
	return r;
}

/* An object, behind blanks.  What is no plain file cannot be looked at again. */
static bool begins_as_json(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char c = '{';

	if (fd < 0)
		return true;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		do
			if (read(fd, &c, 1) != 1)
				break;
		while (ascii_is_space(c));
	close(fd);
	return c == '{';
}

static int read_file(struct session *s, const struct arg *arg, const char *path,
		     struct iopt_registers *registers)
{
	int r = iopt_registers_load(registers, path, &s->error);

	if (r == -IOPT_ENOEXEC && !begins_as_json(path))
		return fail(
			s, arg->word, IOPT_ENOEXEC, IOPT_FAILURE_INPUT,
			"%s is not JSON, as registers are; a memory dump goes to mem load, or -m",
			path);
	return r ? fail_library(s, arg->word, r) : 0;
}

/* "FILE", "K=V,…", or "FILE,K=V,…": what follows a file counts instead of what is in it. */
int read_registers(struct session *s, const struct arg *arg, struct iopt_registers *registers)
{
	const size_t length = strcspn(arg->text, ",=");
	char *path;
	int r;

	if (!strchr(arg->text, '=') || !access(arg->text, F_OK))
		return read_file(s, arg, arg->text, registers);
	if (arg->text[length] == '=')
		return read_pairs(s, arg, arg->text, registers);
	path = strndup(arg->text, length);
	if (!path)
		return fail_library(s, arg->word, IOPT_ENOMEM);
	r = read_file(s, arg, path, registers);
	free(path);
	return r ? r : read_pairs(s, arg, arg->text + length + 1, registers);
}
