/* SPDX-License-Identifier: MIT */
/* The words of a spec: numbers, access, memory types; and objects member by member. */
#include <stdio.h>
#include <stdlib.h>

#include "../core/error.h"
#include "../core/expr.h"
#include "../core/suggest.h"
#include "spec.h"

int spec_out_of_memory(const struct iopt_spec *spec)
{
	return error_set(spec->error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

int spec_members(struct iopt_spec *spec, const json_t *object, const struct spec_member *table,
		 void *to)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		const struct spec_member *m = table;
		struct suggestion near;
		char hint[64];
		int err;

		suggest_begin(&near, key);
		for (; m->name && strcmp(m->name, key) != 0; m++)
			suggest_try(&near, m->name, strlen(m->name));
		if (!m->name)
			return json_fail_name(json_member(&spec->part, object, key),
					      "nothing here is called \"%.40s\"%s", key,
					      suggest_text(&near, hint, sizeof(hint)));
		err = m->read(spec, json_member(&spec->part, object, key), to);
		if (err)
			return err;
	}
	return 0;
}

int spec_word(struct json_ref ref, const char *const *words, unsigned count, unsigned *i)
{
	struct suggestion near;
	const char *word;
	char hint[64];
	int err = json_take_string(ref, &word);

	if (err)
		return err;
	suggest_begin(&near, word);
	for (*i = 0; *i < count; ++*i) {
		if (!words[*i])
			continue;
		if (!strcmp(words[*i], word))
			return 0;
		suggest_try(&near, words[*i], strlen(words[*i]));
	}
	return json_fail(ref, "\"%.40s\" is none of the words of \"%s\"%s", word, ref.key,
			 suggest_text(&near, hint, sizeof(hint)));
}

/* ---- numbers ---- */

static int compare_symbol(const void *key, const void *element)
{
	return strcmp(key, ((const struct spec_symbol *)element)->name);
}

/* NULL: there is none. */
static const struct spec_symbol *find_symbol(const struct iopt_spec *spec, const char *name)
{
	if (!spec->symbol_count)
		return NULL;
	return bsearch(name, spec->symbols, spec->symbol_count, sizeof(*spec->symbols),
		       compare_symbol);
}

/* Equal ones are there once: a neighbour of the same name has another value. */
static bool is_ambiguous(const struct iopt_spec *spec, const struct spec_symbol *symbol)
{
	const struct spec_symbol *end = spec->symbols + spec->symbol_count;

	return (symbol > spec->symbols && !strcmp(symbol[-1].name, symbol->name)) ||
	       (symbol + 1 < end && !strcmp(symbol[1].name, symbol->name));
}

/* "sym:NAME" up to a sign, to its value in 'to'. */
static int put_symbol(const struct iopt_spec *spec, struct json_ref ref, const char **text,
		      char *to, size_t room)
{
	const struct spec_symbol *symbol;
	size_t length = strcspn(*text, "+-");
	char name[SPEC_NAME_BYTES];

	snprintf(name, sizeof(name), "%.*s", (int)min_u64(length, SPEC_NAME_BYTES - 1), *text);
	symbol = find_symbol(spec, name);
	if (!symbol)
		return json_fail(ref, "no ELF file that is included has a symbol \"%.80s\"", name);
	if (is_ambiguous(spec, symbol))
		return json_fail(ref, "there are several symbols \"%.80s\"", name);
	*text += length;
	snprintf(to, room, "0x%llx", (unsigned long long)symbol->value);
	return 0;
}

/* Symbols become numbers, the rest stays. */
static int replace_symbols(const struct iopt_spec *spec, struct json_ref ref, const char *text,
			   char *to, size_t room)
{
	static const char mark[] = "sym:";
	size_t used = 0;
	int err;

	while (*text && used + 1 < room) {
		if (strncmp(text, mark, sizeof(mark) - 1) != 0) {
			to[used++] = *text++;
			continue;
		}
		text += sizeof(mark) - 1;
		err = put_symbol(spec, ref, &text, to + used, room - used);
		if (err)
			return err;
		used += strlen(to + used);
	}
	to[used] = '\0';
	return *text ? json_fail(ref, "\"%s\" is too long", ref.key) : 0;
}

int spec_number(const struct iopt_spec *spec, struct json_ref ref, uint64_t *value)
{
	char plain[256];
	const char *text;
	int err;

	if (!json_is_string(json_value(ref)))
		return json_fail(ref, "\"%s\" must be a string such as \"0x40000000\" or \"2m\"",
				 ref.key);
	text = json_string_value(json_value(ref));
	err = replace_symbols(spec, ref, text, plain, sizeof(plain));
	if (err)
		return err;
	err = expr_number(plain, value);
	if (err == -IOPT_ERANGE)
		return json_fail(ref, "\"%s\": \"%.40s\" is below zero or does not fit in 64 bits",
				 ref.key, text);
	if (err)
		return json_fail(ref, "\"%s\": \"%.40s\" is not a number", ref.key, text);
	return 0;
}

/* ---- attributes ---- */

int spec_access(struct json_ref ref, uint8_t *access)
{
	static const char letters[] = "rwx";
	const char *word;
	int err = json_take_string(ref, &word);

	if (err)
		return err;
	*access = 0;
	for (unsigned i = 0; i < 3; i++) {
		if (word[i] == letters[i])
			*access |= (uint8_t)(IOPT_ACCESS_R >> i);
		else if (word[i] != '-')
			return json_fail(ref,
					 "\"%s\" must be three letters of \"rwx\", with '-' for "
					 "what is not allowed",
					 ref.key);
	}
	return word[3] ? json_fail(ref, "\"%s\": \"%.20s\" is longer than \"rwx\"", ref.key, word)
		       : 0;
}

int spec_memory(struct json_ref ref, char to[static 20])
{
	static const char *const words[] = {"device-nGnRnE", "device-nGnRE", "device-nGRE",
					    "device-GRE",    "normal-nc",    "normal-wt",
					    "normal-wb",     "normal-tagged"};
	const char *word = json_string_value(json_value(ref));
	unsigned i;
	uint8_t mair;
	int err;

	/* a byte that has a name is that name */
	if (word && strlen(word) < 20 && attrs_mair_of(word, &mair)) {
		memcpy(to, word, strlen(word) + 1);
		return 0;
	}
	err = spec_word(ref, words, ARRAY_SIZE(words), &i);
	if (!err)
		memcpy(to, words[i], strlen(words[i]) + 1);
	return err;
}

int spec_share(struct json_ref ref, enum iopt_share *share)
{
	static const char *const words[] = {
		[IOPT_SHARE_NONE] = "none",
		[IOPT_SHARE_OUTER] = "outer",
		[IOPT_SHARE_INNER] = "inner",
	};
	unsigned i;
	int err = spec_word(ref, words, ARRAY_SIZE(words), &i);

	*share = (enum iopt_share)i;
	return err;
}
