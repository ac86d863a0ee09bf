/* SPDX-License-Identifier: MIT */
/* Commands that run commands. */
#include <inttypes.h>

#include "../core/expr.h"
#include "handlers.h"
#include "interrupt.h"
#include "script.h"

/* The commands have answered for themselves; the one that ran them says where they stopped. */
static int conclude(struct session *s, const struct args *a, int status, const char *why)
{
	struct iopt_error last = s->error;

	out_begin_result(&s->out, a->command->name, a->command->text);
	s->error = IOPT_INIT(struct iopt_error);
	if (!status)
		return 0;
	return fail(s, NULL, last.code ? last.code : IOPT_EINVAL, (enum iopt_failure)status, "%s",
		    why);
}

int cmd_source(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *file = args_get(a, "FILE");
	int status = 0, r = script_run_file(s, file->text, &status);
	char why[200];

	if (r)
		return fail_library(s, file->word, r);
	snprintf(why, sizeof(why), "a command of %.150s failed", file->text);
	status = conclude(s, a, status, why);
	out_str(o, "file", file->text);
	return status;
}

/* What a loop goes through: one word after the other, and what a range stands for. */
struct loop {
	const struct args *a;
	size_t at; /* of the words */
	bool in_range;
	uint64_t next, last, step;
};

/* "0..0x7000/4k": from the first number to the last. */
static bool begin_range(struct loop *loop, const char *text)
{
	const char *dots = strstr(text, ".."), *slash = strchr(text, '/');
	char first_and_last[128];
	struct range range;

	if (!dots || (slash && slash < dots) || strlen(text) >= sizeof(first_and_last))
		return false;
	snprintf(first_and_last, sizeof(first_and_last), "%.*s",
		 (int)(slash ? slash - text : (long)strlen(text)), text);
	loop->step = 1;
	if (expr_range(first_and_last, &range) || (slash && expr_number(slash + 1, &loop->step)) ||
	    !loop->step)
		return false;
	loop->in_range = true;
	loop->next = range.first;
	loop->last = range.last;
	return true;
}

/* "5..1" would stand for itself. */
static int check_ranges(struct session *s, const struct args *a)
{
	const struct arg *value;
	struct loop loop;
	size_t i;

	for (i = 0; (value = args_nth(a, "VALUE", i)) != NULL; i++) {
		const char *dots = strstr(value->text, "..");
		char first[VARIABLE_VALUE_MAX + 1];
		uint64_t number;

		loop = (struct loop){.a = a};
		if (!dots || strlen(value->text) >= sizeof(first) ||
		    begin_range(&loop, value->text))
			continue;
		snprintf(first, sizeof(first), "%.*s", (int)(dots - value->text), value->text);
		if (!expr_number(first, &number))
			return fail_usage(
				s, value->word,
				"'%s' is no range: FIRST..LAST or FIRST..LAST/STEP, upwards",
				value->text);
	}
	return 0;
}

/* The next value, in 'text'; false: there is none. */
static bool next_value(struct loop *loop, char *text, size_t room)
{
	const struct arg *value = args_nth(loop->a, "VALUE", loop->at);

	if (!loop->in_range && value && !begin_range(loop, value->text)) {
		loop->at++;
		snprintf(text, room, "%s", value->text);
		return true;
	}
	if (!loop->in_range)
		return false;
	snprintf(text, room, "0x%" PRIx64, loop->next);
	if (loop->last - loop->next < loop->step) {
		loop->in_range = false;
		loop->at++;
	}
	loop->next += loop->step;
	return true;
}

int cmd_foreach(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *name = args_get(a, "VARIABLE"), *body = args_get(a, "COMMANDS");
	struct loop loop = {.a = a};
	char value[VARIABLE_VALUE_MAX + 1] = "", why[96];
	int status = 0, now = 0, r;
	uint64_t count = 0;

	r = check_ranges(s, a);
	if (r)
		return r;
	if (strcmp(args_get(a, "VALUE")->text, "in") == 0)
		note(s, "'in' is the first value: foreach has no such word");
	while ((!status || s->keep_going) && !s->quit && !s->out.w.error && !interrupted() &&
	       next_value(&loop, value, sizeof(value))) {
		r = set_variable(s, name->text, value);
		if (r == -IOPT_EINVAL)
			return fail_variable_name(s, name);
		if (!r)
			r = script_run_text(s, "foreach", body->text, &now);
		if (r)
			return fail_library(s, body->word, r);
		if (now > status)
			status = now;
		count++;
	}
	snprintf(why, sizeof(why), "a command failed, $%.20s is %.30s", name->text, value);
	status = conclude(s, a, status, why);
	out_count(o, "count", count);
	return status;
}
