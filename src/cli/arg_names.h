/* SPDX-License-Identifier: MIT */
/* Names that arguments may be: of the session, of the library, of the program; NULL past the end.
 */
#ifndef IOPT_CLI_ARG_NAMES_H
#define IOPT_CLI_ARG_NAMES_H

#include <stddef.h>

struct session;

const char *domain_name(const struct session *s, size_t i);
const char *memory_name(const struct session *s, size_t i);
const char *iova_name(const struct session *s, size_t i);
const char *format_name(const struct session *s, size_t i);
const char *regime_name(const struct session *s, size_t i);
const char *quirk_name(const struct session *s, size_t i);
const char *prot_name(const struct session *s, size_t i);
const char *granule_name(const struct session *s, size_t i);
const char *register_name(const struct session *s, size_t i);
const char *setting_name(const struct session *s, size_t i);
const char *size_name(const struct session *s, size_t i);
const char *stage_name(const struct session *s, size_t i);
const char *off_name(const struct session *s, size_t i);
const char *variable_name(const struct session *s, size_t i);
const char *lint_rule_name(const struct session *s, size_t i);
const char *command_name(const struct session *s, size_t i);

#endif
