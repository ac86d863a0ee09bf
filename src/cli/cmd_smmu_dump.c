/* SPDX-License-Identifier: MIT */
/* smmu dump: what programs an SMMU, for people and for firmware. */
#include "handlers.h"

/* In the order of its usage. */
enum form { TEXT, JSON, C, HEADER, FORM_UNKNOWN };

struct dumping {
	struct session *s;
	struct out *o;
	const struct arg *smmu, *file, *symbol; /* file, symbol: or NULL */
	enum form form;
};

static enum form form_of_suffix(const char *path)
{
	static const char *const suffixes[] = {
		[TEXT] = ".txt", [JSON] = ".json", [C] = ".c", [HEADER] = ".h"};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++)
		if (!strcmp(dot, suffixes[i]))
			return (enum form)i;
	return FORM_UNKNOWN;
}

static int dump_to(struct dumping *d, enum iopt_smmu_dump format, const struct iopt_sink *sink)
{
	return iopt_smmu_dump(d->smmu->smmu->smmu, format, d->smmu->text,
			      d->symbol ? d->symbol->text : NULL, sink, &d->s->error);
}

static const enum iopt_smmu_dump formats[] = {
	[TEXT] = IOPT_SMMU_DUMP_TEXT,
	[JSON] = IOPT_SMMU_DUMP_JSON,
	[C] = IOPT_SMMU_DUMP_C,
	[HEADER] = IOPT_SMMU_DUMP_HEADER,
};

static int dump_to_stdout(struct dumping *d)
{
	struct out_lines lines;
	struct iopt_sink sink;
	int r;

	if (d->form == JSON) {
		sink = out_json_sink(&lines, d->o, true);
		r = dump_to(d, d->o->json ? IOPT_SMMU_DUMP_JSON_1 : IOPT_SMMU_DUMP_JSON, &sink);
	} else {
		sink = out_lines_begin(&lines, d->o, false);
		r = dump_to(d, formats[d->form], &sink);
		out_lines_end(&lines);
	}
	/* the limit is told of all lists alike */
	if (r == -IOPT_E2BIG && d->o->truncated)
		r = forget_error(d->s);
	if (r)
		return fail_library(d->s, d->symbol ? d->symbol->word : NULL, r);
	out_records(d->o);
	return 0;
}

/* A failed write says which file it was; a symbol that is none is not about it. */
static int fail_file(struct dumping *d, int code)
{
	struct iopt_error *e = &d->s->error;

	if (code == -IOPT_EINVAL && d->symbol)
		return fail_library(d->s, d->symbol->word, code);
	if (!e->code || !e->message[0])
		error_set(e, -code, 0, "%s", iopt_error_text(code));
	if (!e->source[0])
		snprintf(e->source, sizeof(e->source), "%s", d->file->text);
	return fail_library(d->s, d->file->word, code);
}

static int dump_to_file(struct dumping *d)
{
	struct outfile file = {.fd = -1};
	struct iopt_sink sink;
	uint64_t bytes;
	int r;

	out_str(d->o, "file", d->file->text);
	r = outfile_open(&file, d->file->text, &d->s->error);
	if (r)
		return fail_file(d, r);
	sink = outfile_sink(&file);
	r = dump_to(d, formats[d->form], &sink);
	bytes = file.bytes;
	if (r)
		outfile_abort(&file);
	else
		r = outfile_commit(&file, 1, &d->s->error);
	if (r)
		return fail_file(d, r);
	out_hex(d->o, "size", bytes);
	return 0;
}

int cmd_smmu_dump(struct session *s, const struct args *a, struct out *o)
{
	const struct arg *form = args_get(a, "-F");
	struct dumping d = {
		.s = s,
		.o = o,
		.smmu = args_get(a, "SMMU"),
		.file = args_get(a, "-o"),
		.symbol = args_get(a, "--symbol"),
	};

	d.form = form ? (enum form)form->number : d.file ? form_of_suffix(d.file->text) : TEXT;
	if (d.form == FORM_UNKNOWN)
		return fail_usage(s, d.file->word, "the name '%s' does not tell a format: give -F",
				  d.file->text);
	return d.file ? dump_to_file(&d) : dump_to_stdout(&d);
}
