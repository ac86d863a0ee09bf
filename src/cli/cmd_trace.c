/* SPDX-License-Identifier: MIT */
/* trace on|off: each step of the library as a record, in text indented by its depth. */
#include "handlers.h"

enum { TEMPLATE_MAX = 512, INDENT = 2, INDENT_MAX = 64 };

/* The template of one step; names of functions and arguments are the library's own. */
static void step_template(const struct iopt_trace *t, char *to)
{
	unsigned indent = t->depth < INDENT_MAX / INDENT ? t->depth * INDENT : INDENT_MAX, i;
	size_t used = (size_t)snprintf(to, TEMPLATE_MAX, "%*s%s", (int)indent, "",
				       t->kind == IOPT_TRACE_CALL     ? "{function}("
				       : t->kind == IOPT_TRACE_RETURN ? "= [{result}][-{error}]"
								      : "{text}");

	if (t->kind != IOPT_TRACE_CALL)
		return;
	for (i = 0; i < t->arg_count && used < TEMPLATE_MAX; i++)
		used += (size_t)snprintf(to + used, TEMPLATE_MAX - used, "%s%s={args.%s}",
					 i ? ", " : "", t->args[i].name, t->args[i].name);
	if (used < TEMPLATE_MAX)
		snprintf(to + used, TEMPLATE_MAX - used, ")");
}

static void show_args(struct out *o, const struct iopt_trace *t)
{
	unsigned i;

	out_begin_object(o, "args");
	for (i = 0; i < t->arg_count; i++) {
		if (t->args[i].text)
			out_str(o, t->args[i].name, t->args[i].text);
		else
			out_hex(o, t->args[i].name, t->args[i].value);
	}
	out_end(o);
}

static void show_result(struct out *o, const struct iopt_trace *t)
{
	if (t->result < 0)
		out_str(o, "error", iopt_error_name((int)t->result));
	else if (t->text)
		out_str(o, "result", t->text);
	else
		out_hex(o, "result", (uint64_t)t->result);
}

static void show_record(struct out *o, const struct iopt_trace *t, const char *text_template)
{
	static const char *const kinds[] = {
		[IOPT_TRACE_CALL] = "call",
		[IOPT_TRACE_RETURN] = "return",
		[IOPT_TRACE_NOTE] = "note",
		[IOPT_TRACE_WRITE] = "write",
	};

	out_begin_record(o, text_template);
	out_str(o, "trace", kinds[t->kind]);
	out_count(o, "depth", t->depth);
	if (t->function)
		out_str(o, "function", t->function);
	if (t->kind == IOPT_TRACE_CALL || t->kind == IOPT_TRACE_WRITE)
		show_args(o, t);
	if (t->kind == IOPT_TRACE_RETURN)
		show_result(o, t);
	else if (t->kind != IOPT_TRACE_CALL)
		out_str(o, "text", t->text);
	out_end_record(o);
}

/* Steps are none of the records that the command counts, and never a reason for it to fail. */
static void show_step(void *arg, const struct iopt_trace *t)
{
	struct out *o = arg;
	uint64_t records = o->records, max_records = o->max_records;
	char text_template[TEMPLATE_MAX];

	step_template(t, text_template);
	o->max_records = 0;
	show_record(o, t, text_template);
	o->max_records = max_records;
	o->records = records;
}

void trace_memory(struct session *s, struct iopt_memory *memory)
{
	iopt_memory_on_trace(memory, s->tracing ? show_step : NULL, &s->out);
}

int cmd_trace(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *on = args_get(a, "on|off");
	size_t i;

	s->tracing = on->number == 0;
	for (i = 0; i < s->memory_count; i++)
		trace_memory(s, s->memories[i]->memory);
	out_str(o, "trace", on->text);
	return 0;
}
