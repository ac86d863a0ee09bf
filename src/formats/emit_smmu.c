/* SPDX-License-Identifier: MIT */
/* The accesses that program an SMMU, as text and JSON. */
#include "emit_smmu.h"

#include <stdio.h>

#include "../core/error.h"

static const char *const kinds[] = {
	[IOPT_SMMU_WRITE] = "write",
	[IOPT_SMMU_UPDATE] = "update",
	[IOPT_SMMU_TRIGGER] = "trigger",
	[IOPT_SMMU_WAIT] = "wait",
};

static bool has_mask(const struct iopt_smmu_step *step)
{
	return step->kind == IOPT_SMMU_UPDATE || step->kind == IOPT_SMMU_WAIT;
}

static void put_padded(struct writer *w, const char *text, size_t width)
{
	writer_str(w, text);
	for (size_t have = strlen(text); have < width; have++)
		writer_char(w, ' ');
}

/* ---- text ---- */

static int text_step(void *arg, const struct iopt_smmu_step *step)
{
	struct smmu_dump *d = arg;
	struct writer *w = &d->w;
	char name[sizeof(step->name) + 16];

	if (step->bank < 0)
		snprintf(name, sizeof(name), "%s", step->name);
	else
		snprintf(name, sizeof(name), "cb%d.%s", step->bank, step->name);
	put_padded(w, kinds[step->kind], 8);
	writer_bytes(w, "0x", 2);
	writer_digits(w, step->offset, 6);
	writer_str(w, step->bytes == 8 ? " 8 " : " 4 ");
	put_padded(w, name, 16);
	writer_hex(w, step->value);
	if (has_mask(step)) {
		writer_str(w, " mask ");
		writer_hex(w, step->mask);
	}
	writer_char(w, '\n');
	return w->error;
}

static int dump_text(struct smmu_dump *d)
{
	const struct iopt_smmu_step_sink sink = {text_step, d};

	return iopt_smmu_program(d->smmu, &sink);
}

/* ---- JSON ---- */

static void json_hex(struct writer *w, const char *name, uint64_t value)
{
	writer_str(w, name);
	writer_char(w, '"');
	writer_hex(w, value);
	writer_char(w, '"');
}

static void json_step(struct smmu_dump *d, const struct iopt_smmu_step *step)
{
	struct writer *w = &d->w;

	writer_str(w, "{\"op\":\"");
	writer_str(w, kinds[step->kind]);
	writer_str(w, "\",\"register\":\"");
	writer_str(w, step->name);
	writer_str(w, "\",\"bank\":");
	if (step->bank < 0)
		writer_str(w, "null");
	else
		writer_dec(w, (unsigned)step->bank);
	json_hex(w, ",\"offset\":", step->offset);
	writer_str(w, ",\"width\":");
	writer_dec(w, step->bytes);
	json_hex(w, ",\"value\":", step->value);
	if (has_mask(step))
		json_hex(w, ",\"mask\":", step->mask);
	writer_char(w, '}');
}

static int json_line(void *arg, const struct iopt_smmu_step *step)
{
	struct smmu_dump *d = arg;

	writer_str(&d->w, d->told++ ? ",\n" : "\n");
	json_step(d, step);
	return d->w.error;
}

static int json_inline(void *arg, const struct iopt_smmu_step *step)
{
	struct smmu_dump *d = arg;

	if (d->told++)
		writer_char(&d->w, ',');
	json_step(d, step);
	return d->w.error;
}

static int dump_json(struct smmu_dump *d, int (*step)(void *arg, const struct iopt_smmu_step *step))
{
	const struct iopt_smmu_step_sink sink = {step, d};
	struct writer *w = &d->w;
	int ret;

	writer_str(w, "{\"schema\":\"iopt.smmu/1\",\"name\":");
	writer_json_string(w, d->name);
	writer_str(w, ",\"model\":");
	writer_json_string(w, iopt_smmu_model_name(d->config.model));
	json_hex(w, ",\"base\":", d->config.base);
	writer_str(w, ",\"steps\":[");
	ret = iopt_smmu_program(d->smmu, &sink);
	writer_str(w, step == json_line ? "\n]}\n" : "]}\n");
	return ret;
}

/* ---- all ---- */

static int count_step(void *arg, const struct iopt_smmu_step *step)
{
	(void)step;
	++*(size_t *)arg;
	return 0;
}

static bool is_symbol_char(char c)
{
	return (ascii_upper(c) >= 'A' && ascii_upper(c) <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* 'given', or the name with '_' for what C does not take. */
static int choose_symbol(struct smmu_dump *d, const char *given, struct iopt_error *error)
{
	const char *from = given ? given : d->name;
	bool good = *from;
	size_t i = 0;

	if (*from >= '0' && *from <= '9')
		d->symbol[i++] = '_';
	good &= !given || !i;
	for (; *from && i < SMMU_SYMBOL_MAX - 1; from++) {
		good &= !given || is_symbol_char(*from);
		d->symbol[i++] = is_symbol_char(*from) ? *from : '_';
	}
	if (*from || !good)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "'%.64s' is no symbol: letters, digits and _, at most %d",
				 given ? given : d->name, SMMU_SYMBOL_MAX - 1);
	for (i = 0; d->symbol[i]; i++)
		d->upper[i] = ascii_upper(d->symbol[i]);
	return 0;
}

static int write_dump(struct smmu_dump *d, enum iopt_smmu_dump format)
{
	switch (format) {
	case IOPT_SMMU_DUMP_TEXT:
		return dump_text(d);
	case IOPT_SMMU_DUMP_JSON:
		return dump_json(d, json_line);
	case IOPT_SMMU_DUMP_JSON_1:
		return dump_json(d, json_inline);
	case IOPT_SMMU_DUMP_C:
		return smmu_dump_c(d);
	case IOPT_SMMU_DUMP_HEADER:
		return smmu_dump_header(d);
	}
	return -IOPT_EINVAL;
}

int iopt_smmu_dump(const struct iopt_smmu *smmu, enum iopt_smmu_dump format, const char *name,
		   const char *symbol, const struct iopt_sink *sink, struct iopt_error *error)
{
	struct smmu_dump d = {
		.smmu = smmu, .name = name, .config = IOPT_INIT(struct iopt_smmu_config)};
	const struct iopt_smmu_step_sink count = {count_step, &d.steps};
	int ret = choose_symbol(&d, symbol, error), flushed;

	if (ret)
		return ret;
	iopt_smmu_info(smmu, &d.config);
	writer_init(&d.w, *sink);
	ret = iopt_smmu_program(smmu, &count);
	if (!ret)
		ret = write_dump(&d, format);
	flushed = writer_flush(&d.w);
	return ret ? ret : flushed;
}
