/* SPDX-License-Identifier: MIT */
/*
 * lint's findings for code scanners: SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange
 * Format"), written as they come.
 */

#include "../core/ascii.h"
#include "../core/iopt.h"
#include "writer.h"

struct sarif {
	struct writer w;
	const struct iopt_sarif_options *options;
	uint64_t findings;
};

static void put_member(struct writer *w, const char *name, const char *value)
{
	writer_json_string(w, name);
	writer_char(w, ':');
	writer_json_string(w, value);
}

static void put_text(struct writer *w, const char *name, const char *text)
{
	writer_json_string(w, name);
	writer_str(w, ":{");
	put_member(w, "text", text);
	writer_char(w, '}');
}

static void put_hex(struct writer *w, const char *name, uint64_t value)
{
	writer_json_string(w, name);
	writer_str(w, ":\"");
	writer_hex(w, value);
	writer_char(w, '"');
}

/* Between members of the long lists: lines for people, none where a line is a record. */
static void put_break(struct sarif *s)
{
	if (!s->options->one_line)
		writer_char(&s->w, '\n');
}

/* A file's name as a relative reference: what a URI does not have is escaped. */
static void put_uri(struct writer *w, const char *path)
{
	writer_char(w, '"');
	for (; *path; path++) {
		const unsigned char c = (unsigned char)*path;

		if (ascii_is_alnum(c) || strchr("/._-~", c)) {
			writer_char(w, (char)c);
		} else {
			writer_char(w, '%');
			writer_digits(w, c, 2);
		}
	}
	writer_char(w, '"');
}

static void put_rule(struct sarif *s, const struct iopt_lint_rule *rule)
{
	struct writer *w = &s->w;

	writer_char(w, '{');
	put_member(w, "id", rule->id);
	writer_char(w, ',');
	put_text(w, "shortDescription", rule->title);
	writer_char(w, ',');
	put_text(w, "fullDescription", rule->explanation);
	writer_str(w, ",\"defaultConfiguration\":{");
	put_member(w, "level", iopt_severity_name(rule->severity));
	writer_str(w, "}}");
}

static void put_head(struct sarif *s)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);
	struct writer *w = &s->w;

	writer_str(w, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
		      "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"iopt\",");
	put_member(w, "version", iopt_version());
	writer_str(w, ",\"rules\":[");
	for (unsigned i = 0; !iopt_lint_rule(i, &rule); i++) {
		if (i)
			writer_char(w, ',');
		put_break(s);
		put_rule(s, &rule);
	}
	writer_str(w, "]}},\"results\":[");
}

static unsigned rule_index(const char *id)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);
	unsigned i = 0;

	while (!iopt_lint_rule(i, &rule) && strcmp(rule.id, id) != 0)
		i++;
	return i;
}

/* The file, and the addresses in it by name; numbers of 64 bits are strings, as everywhere. */
static void put_location(struct sarif *s, const struct iopt_lint_finding *f)
{
	struct writer *w = &s->w;

	writer_str(w, "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
	put_uri(w, s->options->artifact);
	writer_str(w, "}},\"logicalLocations\":[{\"kind\":\"object\",\"fullyQualifiedName\":\"");
	writer_hex(w, f->iova);
	writer_str(w, "..");
	writer_hex(w, f->iova + (f->size ? f->size - 1 : UINT64_MAX));
	writer_str(w, "\"}]}]");
}

static int put_finding(void *arg, const struct iopt_lint_finding *f)
{
	struct sarif *s = arg;
	struct writer *w = &s->w;

	if (s->options->cancelled && s->options->cancelled(s->options->arg))
		return -IOPT_EINTR;
	if (s->findings++)
		writer_char(w, ',');
	put_break(s);
	writer_char(w, '{');
	put_member(w, "ruleId", f->rule);
	writer_str(w, ",\"ruleIndex\":");
	writer_dec(w, rule_index(f->rule));
	writer_char(w, ',');
	put_member(w, "level", iopt_severity_name(f->severity));
	writer_char(w, ',');
	put_text(w, "message", f->message);
	writer_char(w, ',');
	put_location(s, f);
	writer_str(w, ",\"properties\":{");
	put_hex(w, "iova", f->iova);
	writer_char(w, ',');
	put_hex(w, "size", f->size);
	writer_str(w, ",\"count\":");
	writer_dec(w, f->count);
	writer_char(w, ',');
	put_hex(w, "table", f->table);
	writer_str(w, ",\"level\":");
	writer_signed(w, f->level);
	writer_str(w, ",\"index\":");
	writer_dec(w, f->index);
	writer_str(w, "}}");
	return w->error;
}

int iopt_lint_sarif(struct iopt_domain *domain, const struct iopt_lint_options *lint,
		    const struct iopt_sarif_options *options, const struct iopt_sink *sink,
		    uint64_t *findings)
{
	struct sarif s = {.options = options};
	int ret, written;

	*findings = 0;
	if (options->struct_size < sizeof(*options))
		return -IOPT_EINVAL;
	writer_init(&s.w, *sink);
	put_head(&s);
	ret = iopt_lint(domain, lint, put_finding, &s);
	put_break(&s);
	writer_str(&s.w, "],\"columnKind\":\"unicodeCodePoints\"}]}\n");
	written = writer_flush(&s.w);
	*findings = s.findings;
	return ret ? ret : written;
}
