/* SPDX-License-Identifier: MIT */
/* decode: registers and descriptors taken apart. */
#include "../core/ascii.h"
#include "../core/expr.h"
#include "../core/suggest.h"
#include "handlers.h"

enum { DECODED_WORDS_MAX = 8 };

/* A register, or the words of a structure. */
struct decoded {
	struct iopt_decodable what;
	uint64_t words[DECODED_WORDS_MAX];
	size_t count;
};

static int show_field(void *arg, const struct iopt_field *field)
{
	struct out *o = arg;
	char bits[16];

	if (field->hi == field->lo)
		snprintf(bits, sizeof(bits), "%u", field->hi);
	else
		snprintf(bits, sizeof(bits), "%u:%u", field->hi, field->lo);
	out_begin_object(o, NULL);
	out_str(o, "name", field->name);
	out_str(o, "bits", bits);
	out_bits(o, "value", field->value, field->quiet);
	out_str(o, "meaning", field->meaning);
	out_end(o);
	return 0;
}

struct iopt_field_sink field_list(struct out *o)
{
	return (struct iopt_field_sink){show_field, o};
}

static int list_registers(struct out *o)
{
	struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);
	size_t i;

	for (i = 0; !iopt_decodable(i, &d); i++) {
		out_begin_record(o, "{name:-18}{bits:4}  {title}");
		out_str(o, "name", d.name);
		out_count(o, "bits", d.bits);
		out_str(o, "title", d.title);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

static int fail_unknown(struct session *s, const struct arg *arg, const char *name)
{
	struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);
	struct suggestion near;
	char hint[NAME_BYTES + 32];
	size_t i;

	suggest_begin(&near, name);
	for (i = 0; !iopt_decodable(i, &d); i++)
		suggest_try(&near, d.name, strlen(d.name));
	return fail_usage(s, arg->word, "there is no register '%s' (decode --list)%s", name,
			  suggest_text(&near, hint, sizeof(hint)));
}

static int show_descriptor(struct session *s, const struct args *a, struct out *o,
			   const struct arg *arg, uint64_t value)
{
	const struct arg *format = args_get(a, "--format"), *level = args_get(a, "--level");
	struct iopt_descriptor d = IOPT_INIT(struct iopt_descriptor);
	const struct iopt_field_sink sink = field_list(o);
	int r;

	if (!format || !level)
		return fail_usage(s, arg->word, "desc= needs --format and --level");
	d.format = (enum iopt_format)format->number;
	d.level = (int)level->number - 1;
	d.granule = args_number(a, "--granule", 0);
	d.regime = (enum iopt_regime)args_number(a, "--regime", IOPT_REGIME_EL1);
	d.oa_layout = (enum iopt_oa_layout)args_number(a, "--oa-layout", IOPT_OA_48);
	d.desc = value;
	out_begin_list(o, "fields");
	r = iopt_descriptor_decode(&d, &sink);
	out_end(o);
	if (r == -IOPT_ERANGE)
		return fail_usage(s, arg->word, "a descriptor of %s has 32 bits", format->text);
	if (r)
		return fail_usage(s, level->word,
				  "%s has no such level, granule, regime or oa-layout",
				  format->text);
	out_str(o, "type", iopt_type_name(d.type));
	return 0;
}

static int show_register(struct session *s, struct out *o, const struct arg *arg,
			 const struct decoded *d)
{
	const struct iopt_field_sink sink = field_list(o);
	int r;

	out_str(o, "title", d->what.title);
	out_begin_list(o, "fields");
	r = iopt_decode(d->what.name, d->words, d->count, &sink);
	out_end(o);
	if (r == -IOPT_ERANGE)
		return fail_usage(s, arg->word, "%s has %u bits", d->what.name, d->what.bits);
	if (r == -IOPT_EINVAL && d->what.bits <= 64)
		return fail_usage(s, arg->word, "%s is one word, not %zu", d->what.name, d->count);
	if (r == -IOPT_EINVAL)
		return fail_usage(s, arg->word, "%s has %u words of 64 bits, not %zu", d->what.name,
				  d->what.bits / 64, d->count);
	return r ? fail_library(s, arg->word, r) : 0;
}

/* "V", or for a structure "W0,W1,…" */
static int read_words(struct session *s, const struct arg *arg, const char *text, struct decoded *d)
{
	char word[NAME_BYTES];

	for (d->count = 0;; text++) {
		size_t length = strcspn(text, ",");
		int r = -IOPT_EINVAL;

		if (d->count == DECODED_WORDS_MAX)
			return fail_usage(s, arg->word, "nothing has more than %d words",
					  DECODED_WORDS_MAX);
		if (length < sizeof(word)) {
			memcpy(word, text, length);
			word[length] = '\0';
			r = expr_number(word, &d->words[d->count++]);
		}
		text += length;
		if (r == -IOPT_ERANGE)
			return fail(s, arg->word, IOPT_ERANGE, IOPT_FAILURE_USAGE,
				    "'%s' is below zero or does not fit in 64 bits", word);
		if (r)
			return fail_usage(s, arg->word, "'%.*s' is not a number", (int)length,
					  text - length);
		if (!*text)
			return 0;
	}
}

static void show_words(struct out *o, const struct decoded *d)
{
	size_t i;

	if (d->count == 1) {
		out_hex(o, "value", d->words[0]);
		return;
	}
	out_begin_list(o, "words");
	for (i = 0; i < d->count; i++)
		out_hex(o, NULL, d->words[i]);
	out_end(o);
}

bool find_decodable(const char *name, struct iopt_decodable *d)
{
	size_t i;

	for (i = 0; !iopt_decodable(i, d); i++)
		if (strcmp(d->name, name) == 0)
			return true;
	return false;
}

/* Without a level as domain open has it, EL1's or stage 2's; but AArch32's names come first. */
static bool find_register(struct session *s, const char *name, struct iopt_decodable *d)
{
	static const char *const levels[] = {"_el1", "_el2"};
	struct iopt_decodable other = IOPT_INIT(struct iopt_decodable);
	const bool exact = find_decodable(name, d);
	char full[NAME_BYTES + 8];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		snprintf(full, sizeof(full), "%s%s", name, levels[i]);
		if (!find_decodable(full, &other))
			continue;
		if (exact)
			note(s, "%s is AArch32's; %s is AArch64's", name, full);
		else
			*d = other;
		return true;
	}
	return exact;
}

/* "NAME=VALUE" */
static int decode_one(struct session *s, const struct args *a, struct out *o, const struct arg *arg)
{
	const char *equals = strchr(arg->text, '=');
	size_t length = equals ? (size_t)(equals - arg->text) : 0, i;
	struct decoded d = {.what = IOPT_INIT(struct iopt_decodable)};
	char name[NAME_BYTES];
	int r;

	if (!length || length >= sizeof(name))
		return fail_usage(s, arg->word,
				  "'%s' is not REGISTER=VALUE, such as esr_el1=0x96000007",
				  arg->text);
	for (i = 0; i < length; i++)
		name[i] = (char)ascii_lower(arg->text[i]);
	name[length] = '\0';
	r = read_words(s, arg, equals + 1, &d);
	if (r)
		return r;
	out_str(o, "name", name);
	show_words(o, &d);
	if (strcmp(name, "desc") == 0 && d.count > 1)
		return fail_usage(s, arg->word, "a descriptor is one word, not %zu", d.count);
	if (strcmp(name, "desc") == 0)
		return show_descriptor(s, a, o, arg, d.words[0]);
	if (!find_register(s, name, &d.what))
		return fail_unknown(s, arg, name);
	r = show_register(s, o, arg, &d);
	if (!r && strcmp(name, "event") == 0)
		r = explain_event(s, a, o, arg, d.words);
	return r;
}

int cmd_decode(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *arg;
	size_t i;
	int r;

	if (args_get(a, "--list"))
		return list_registers(o);
	if (!args_get(a, "REGISTER=VALUE"))
		return fail_usage(s, NULL, "decode needs a REGISTER=VALUE, or --list");
	for (i = 0; (arg = args_nth(a, "REGISTER=VALUE", i)) != NULL; i++) {
		out_next_answer(o);
		r = decode_one(s, a, o, arg);
		if (r)
			return r;
		out_answer(o, true);
	}
	return 0;
}
