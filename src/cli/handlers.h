/* SPDX-License-Identifier: MIT */
/* The commands' functions, for the table, and what they share. */
#ifndef IOPT_CLI_HANDLERS_H
#define IOPT_CLI_HANDLERS_H

#include "command.h"
#include "outfile.h"

#define HANDLER(name) int name(struct session *s, const struct args *a, struct out *o)

HANDLER(cmd_mem_new);
HANDLER(cmd_mem_use);
HANDLER(cmd_mem_list);
HANDLER(cmd_mem_add);
HANDLER(cmd_mem_load);
HANDLER(cmd_mem_save);
HANDLER(cmd_mem_read);
HANDLER(cmd_mem_write);
HANDLER(cmd_mem_budget);
HANDLER(cmd_domain_create);
HANDLER(cmd_domain_open);
HANDLER(cmd_domain_list);
HANDLER(cmd_domain_show);
HANDLER(cmd_domain_use);
HANDLER(cmd_domain_delete);
HANDLER(cmd_map);
HANDLER(cmd_unmap);
HANDLER(cmd_map_pages);
HANDLER(cmd_unmap_pages);
HANDLER(cmd_translate);
HANDLER(cmd_iova_to_phys);
HANDLER(cmd_dump);
HANDLER(cmd_load);
HANDLER(cmd_let);
HANDLER(cmd_set);
HANDLER(cmd_echo);
HANDLER(cmd_help);
HANDLER(cmd_complete);
HANDLER(cmd_version);
HANDLER(cmd_quit);

/* {"name":…,"memory":…, geometry and registers of the first half, "ttbr1":{…}} (cmd_domain.c) */
void show_domain(struct out *o, const char *name, const struct named_domain *d);
/* What the library has to say about a domain that is new. */
void warn_domain(struct session *s, const struct named_domain *d);

/* cmd_mappings.c: a record for each; an exit status. */
int show_mappings(struct session *s, struct out *o, struct named_domain *d, bool expand);

/* help.c */
int show_manual(struct out *o);

#endif
