/* SPDX-License-Identifier: MIT */
#include "arg_names.h"

#include <stdio.h>

#include "command.h"

const char *domain_name(const struct session *s, size_t i)
{
	return i < s->domain_count ? s->domains[i]->name : NULL;
}

const char *memory_name(const struct session *s, size_t i)
{
	return i < s->memory_count ? s->memories[i]->name : NULL;
}

const char *iova_name(const struct session *s, size_t i)
{
	return i < s->iova_count ? s->iovas[i]->name : NULL;
}

const char *format_name(const struct session *s, size_t i)
{
	(void)s;
	return i < IOPT_FORMAT_COUNT ? iopt_format_name((enum iopt_format)i) : NULL;
}

const char *regime_name(const struct session *s, size_t i)
{
	(void)s;
	return i < IOPT_REGIME_COUNT ? iopt_regime_name((enum iopt_regime)i) : NULL;
}

const char *quirk_name(const struct session *s, size_t i)
{
	(void)s;
	return i < IOPT_QUIRK_COUNT ? iopt_quirk_name((enum iopt_quirk)(1u << i)) : NULL;
}

const char *prot_name(const struct session *s, size_t i)
{
	(void)s;
	if (i == IOPT_PROT_COUNT)
		return "none";
	return i < IOPT_PROT_COUNT ? iopt_prot_name((enum iopt_prot)(1u << i)) : NULL;
}

const char *granule_name(const struct session *s, size_t i)
{
	static const char *const names[] = {"4k", "16k", "64k"};

	(void)s;
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

/* "tcr_el1=": what is typed goes on. */
const char *register_name(const struct session *s, size_t i)
{
	static char name[NAME_BYTES];
	struct iopt_decodable d = IOPT_INIT(struct iopt_decodable);
	bool past = iopt_decodable(i, &d) != 0;

	(void)s;
	if (past && iopt_decodable(i - 1, &d))
		return NULL;
	snprintf(name, sizeof(name), "%s=", past ? "desc" : d.name);
	return name;
}

const char *setting_name(const struct session *s, size_t i)
{
	static const char *const names[] = {"cpu-page-size", "profile", "max-records", "json",
					    "verbose"};

	(void)s;
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

const char *size_name(const struct session *s, size_t i)
{
	static const char *const names[] = {"4k",  "16k", "64k",  "1m", "2m",
					    "16m", "32m", "512m", "1g"};

	(void)s;
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

const char *stage_name(const struct session *s, size_t i)
{
	static const char *const names[] = {"1", "2"};

	(void)s;
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

const char *off_name(const struct session *s, size_t i)
{
	(void)s;
	return i ? NULL : "off";
}

const char *variable_name(const struct session *s, size_t i)
{
	return i < s->variable_count ? s->variables[i].name : NULL;
}

const char *lint_rule_name(const struct session *s, size_t i)
{
	struct iopt_lint_rule rule = IOPT_INIT(struct iopt_lint_rule);

	(void)s;
	return iopt_lint_rule((unsigned)i, &rule) ? NULL : rule.id;
}

const char *command_name(const struct session *s, size_t i)
{
	(void)s;
	return i < command_count ? commands[i].name : NULL;
}
