/* SPDX-License-Identifier: MIT */
/* Words of arguments that have a language of their own: lists, questions, assertions. */
#include <inttypes.h>
#include <stdio.h>

#include "../core/ascii.h"
#include "candidates.h"
#include "handlers.h"

static void add_texts(struct candidates *c, const char *const *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		candidate_add_text(c, texts[i]);
}

/* ---- lists ---- */

static bool is_in_list(const char *list, size_t bytes, const char *name, size_t length)
{
	const char *end = list + bytes, *p, *next;

	for (p = list; p < end; p = next + 1) {
		next = memchr(p, ',', (size_t)(end - p));
		next = next ? next : end;
		if ((size_t)(next - p) == length && memcmp(p, name, length) == 0)
			return true;
	}
	return false;
}

/* It stands alone. */
static bool is_none(const char *name)
{
	return strcmp(name, "none") == 0;
}

void complete_list(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *list = candidate_typed(c), *name;
	size_t bytes, length, i;

	candidate_part(c, ",");
	bytes = (size_t)(candidate_typed(c) - list);
	for (i = 0; (name = arg_value_name(s, spec, i, &length)) != NULL; i++)
		if (!is_in_list(list, bytes, name, length) && !(bytes && is_none(name)))
			candidate_add(c, name, length);
}

/* ---- NAME=VALUE,... ---- */

/* Those that tables are opened by; below, what else a regime may have. */
static const char *const registers[] = {
	"arch", "ttbr0", "ttbr1", "tcr",    "mair",	   "sctlr",	      "vttbr",
	"vtcr", "ttbcr", "prrr",  "nmrr",   "mair0",	   "mair1",	      "dacr",
	"ttbr", "ias",	 "oas",	  "quirks", "strtab_base", "strtab_base_cfg", "id_aa64mmfr1",
};
static const char *const levelled[] = {"ttbr0", "ttbr1", "tcr", "mair", "sctlr",
				       "vttbr", "vtcr",	 "hcr", "scr"};

static void add_registers(struct candidates *c)
{
	struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);
	char text[NAME_BYTES];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		snprintf(text, sizeof(text), "%s=", registers[i]);
		candidate_add_text(c, text);
	}
	for (i = 0; i < 3 * ARRAY_SIZE(levelled); i++) {
		snprintf(text, sizeof(text), "%s_el%zu", levelled[i / 3], i % 3 + 1);
		if (!find_decodable(text, &d))
			continue;
		strcat(text, "=");
		candidate_add_text(c, text);
	}
}

void complete_pairs(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *typed, *name;
	unsigned i;

	(void)s;
	(void)spec;
	candidate_part(c, ",");
	typed = candidate_typed(c);
	if (!strchr(typed, '=')) {
		add_registers(c);
		return;
	}
	candidate_part(c, "=+");
	if (strncmp(typed, "arch=", strlen("arch=")) == 0)
		for (i = 0; (name = iopt_arch_name((enum iopt_arch)i)) != NULL; i++)
			candidate_add_text(c, name);
	if (strncmp(typed, "quirks=", strlen("quirks=")) == 0)
		for (i = 0; i < IOPT_QUIRK_COUNT; i++)
			candidate_add_text(c, iopt_quirk_name((enum iopt_quirk)(1u << i)));
}

/* ---- find's questions ---- */

/* The word before the last one, blanks and comparisons left out; how long it is. */
static size_t word_before(const char *from, const char *end, const char **word)
{
	const char *p = end;

	while (p > from && strchr(" =!<>", p[-1]))
		p--;
	end = p;
	while (p > from && (ascii_is_alnum(p[-1]) || strchr("._", p[-1])))
		p--;
	*word = p;
	return (size_t)(end - p);
}

/* Is a comparison the last thing before 'end'? */
static bool compares(const char *from, const char *end)
{
	while (end > from && end[-1] == ' ')
		end--;
	return end > from && strchr("=<>", end[-1]);
}

void complete_question(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *from = candidate_typed(c), *before, *word;
	size_t length;
	unsigned i;

	(void)s;
	(void)spec;
	candidate_part(c, " !&|()=<>");
	length = word_before(from, candidate_typed(c), &before);
	for (i = 0; (word = iopt_query_word(i)) != NULL; i++) {
		const char *name = iopt_query_word_of(i);
		bool fits =
			compares(from, candidate_typed(c))
				? name && strlen(name) == length && !memcmp(name, before, length)
				: !name;

		if (fits)
			candidate_add_text(c, word);
	}
}

/* ---- assertions ---- */

void complete_assertion(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const char *from = candidate_typed(c), *before;
	size_t length, i;
	const char *word;

	(void)s;
	(void)spec;
	candidate_part(c, " ");
	length = word_before(from, candidate_typed(c), &before);
	for (i = 0; (word = assertion_word(before, length, i)) != NULL; i++)
		candidate_add_text(c, word);
}

/* ---- what another word decides ---- */

void complete_setting(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	static const char *const pages[] = {"4k", "16k", "64k"}, *const states[] = {"on", "off"};
	const char *setting = c->count ? c->words[0].text : "", *name;
	unsigned i;

	(void)s;
	(void)spec;
	if (strcmp(c->command->name, "set") != 0)
		return;
	if (strcmp(setting, "cpu-page-size") == 0)
		add_texts(c, pages, ARRAY_SIZE(pages));
	if (strcmp(setting, "json") == 0 || strcmp(setting, "verbose") == 0)
		add_texts(c, states, ARRAY_SIZE(states));
	if (strcmp(setting, "profile") == 0)
		for (i = 0; (name = iopt_profile_name((enum iopt_profile)i)) != NULL; i++)
			candidate_add_text(c, name);
}

void complete_region_type(const struct session *s, const struct arg_spec *spec,
			  struct candidates *c)
{
	char text[NAME_BYTES];
	unsigned type;

	(void)s;
	(void)spec;
	for (type = IOPT_RESV_DIRECT; type < IOPT_RESV_SW_MSI; type++) {
		snprintf(text, sizeof(text), "%s:", iopt_resv_type_name((enum iopt_resv_type)type));
		candidate_add_text(c, text);
	}
}

void complete_stream(const struct session *s, const struct arg_spec *spec, struct candidates *c)
{
	const struct named *n;
	char text[NAME_BYTES];
	size_t i;

	(void)spec;
	for (n = s->objects.devices.oldest; n; n = n->newer) {
		struct iopt_device_config config = IOPT_INIT(struct iopt_device_config);

		iopt_device_info(((const struct named_device *)n)->device, &config);
		for (i = 0; i < config.stream_count; i++) {
			snprintf(text, sizeof(text), "0x%" PRIx32, config.streams[i].id);
			candidate_add_text(c, text);
		}
	}
	/* what smmu decode has found is called sid32, sid32.ssid5, sid32.s2 */
	for (i = 0; i < s->domain_count; i++)
		if (s->domains[i]->of_decode && !strchr(s->domains[i]->name, '.'))
			candidate_add_text(c, s->domains[i]->name + strlen("sid"));
}
