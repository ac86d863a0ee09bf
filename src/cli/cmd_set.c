/* SPDX-License-Identifier: MIT */
/* set: what of the session can be chosen. */
#include <inttypes.h>

#include "../core/expr.h"
#include "arg_names.h"
#include "handlers.h"

static int set_cpu_page_size(struct session *s, const struct arg *value)
{
	uint64_t size;
	int r = expr_number(value->text, &size);

	if (r || (size != 1 << 12 && size != 1 << 14 && size != 1 << 16))
		return fail_usage(s, value->word, "'%s' is not 4k, 16k or 64k", value->text);
	s->settings.cpu_page_size = size;
	return 0;
}

static int set_profile(struct session *s, const struct arg *value)
{
	const char *name, *doubt;
	unsigned i;

	for (i = 0; (name = iopt_profile_name((enum iopt_profile)i)) != NULL; i++)
		if (strcmp(value->text, name) == 0)
			break;
	if (!name)
		return fail_usage(s, value->word,
				  "'%s' is no profile: linux-6.1, linux-4.9 or mainline",
				  value->text);
	s->settings.profile = (enum iopt_profile)i;
	for (i = 0; i < s->memory_count; i++)
		iopt_memory_set_profile(s->memories[i]->memory, s->settings.profile);
	doubt = iopt_profile_doubt(s->settings.profile);
	if (doubt)
		warn(s, "%s: %s", name, doubt);
	return 0;
}

static int set_max_records(struct session *s, const struct arg *value)
{
	uint64_t count;

	if (expr_number(value->text, &count))
		return fail_usage(s, value->word, "'%s' is not a number", value->text);
	s->out.max_records = count;
	return 0;
}

static int read_switch(struct session *s, const struct arg *value, bool *to)
{
	const bool on = strcmp(value->text, "on") == 0;

	if (!on && strcmp(value->text, "off") != 0)
		return fail_usage(s, value->word, "'%s' is neither on nor off", value->text);
	*to = on;
	return 0;
}

/* From this command's own result on. */
static int set_json(struct session *s, const struct arg *value)
{
	return read_switch(s, value, &s->out.json);
}

static int set_verbose(struct session *s, const struct arg *value)
{
	return read_switch(s, value, &s->verbose);
}

static void get_cpu_page_size(const struct session *s, char *text, size_t room)
{
	snprintf(text, room, "%uk", (unsigned)(s->settings.cpu_page_size >> 10));
}

static void get_profile(const struct session *s, char *text, size_t room)
{
	snprintf(text, room, "%s", iopt_profile_name(s->settings.profile));
}

static void get_max_records(const struct session *s, char *text, size_t room)
{
	snprintf(text, room, "%" PRIu64, s->out.max_records);
}

static void get_json(const struct session *s, char *text, size_t room)
{
	snprintf(text, room, "%s", s->out.json ? "on" : "off");
}

static void get_verbose(const struct session *s, char *text, size_t room)
{
	snprintf(text, room, "%s", s->verbose ? "on" : "off");
}

/* In the order of the type SETTING. */
static const struct {
	int (*set)(struct session *s, const struct arg *value);
	void (*get)(const struct session *s, char *text, size_t room);
} settings[] = {{set_cpu_page_size, get_cpu_page_size},
		{set_profile, get_profile},
		{set_max_records, get_max_records},
		{set_json, get_json},
		{set_verbose, get_verbose}};

static int list_settings(const struct session *s, struct out *o, const struct arg *only)
{
	char text[NAME_BYTES];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (only && only->number != i)
			continue;
		settings[i].get(s, text, sizeof(text));
		out_begin_record(o, "{name:-14} {value}");
		out_str(o, "name", setting_name(s, i));
		out_str(o, "value", text);
		out_end_record(o);
	}
	out_records(o);
	return 0;
}

int cmd_set(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *setting = args_get(a, "SETTING"), *value = args_get(a, "VALUE");
	int r;

	if (!value)
		return list_settings(s, o, setting);
	r = settings[setting->number].set(s, value);
	out_str(o, "name", setting->text);
	out_str(o, "value", value->text);
	return r;
}
