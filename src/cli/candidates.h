/* SPDX-License-Identifier: MIT */
/* What a word that is being typed may become: where candidates come from, and how they are kept. */
#ifndef IOPT_CLI_CANDIDATES_H
#define IOPT_CLI_CANDIDATES_H

#include "args.h"

struct candidates {
	const char *typed;
	size_t lead; /* bytes of 'typed' that stay: "--format=", "read," */
	void (*add)(void *arg, const char *name, size_t length);
	void *arg;
	bool files;  /* out: among them are names of files */
	size_t kept; /* out: 'lead' of the last one */
	bool literal; /* a '$' in it is no variable */
	/* what stands before the word */
	const struct command *command;
	const struct word *words; /* behind its name */
	size_t count;
};

/* Of the word, what a candidate has to begin with. */
const char *candidate_typed(const struct candidates *c);
/* If it begins so. */
void candidate_add(struct candidates *c, const char *name, size_t length);
void candidate_add_text(struct candidates *c, const char *name);
/* What comes behind the last of these characters of the word is completed by itself. */
void candidate_part(struct candidates *c, const char *separators);

/*
 * Files whose names end in one of 'suffixes' (".json .bin"; "": any), all files if there is none,
 * and directories, with a '/'.  Names that do not fit on a line are left out; one that begins with
 * '-' gets "./".
 */
void candidate_add_files(struct candidates *c, const char *suffixes);

/* Completers of types (arg_types.c). */
typedef void completer_fn(const struct session *s, const struct arg_spec *spec,
			  struct candidates *c);
completer_fn complete_list;	   /* names joined by commas, each once */
completer_fn complete_pairs;	   /* registers: NAME=VALUE,... */
completer_fn complete_question;	   /* of find */
completer_fn complete_assertion;   /* of assert */
completer_fn complete_setting;	   /* the value of one */
completer_fn complete_script;	   /* commands */
completer_fn complete_stream;	   /* stream IDs that somebody has */
completer_fn complete_region_type; /* "direct:" */

/* The values of an argument. */
void arg_candidates(const struct session *s, const struct arg_spec *spec, struct candidates *c);
/* What may follow c->words behind c->command. */
void args_candidates(const struct session *s, struct candidates *c);
/* What the last $ in the word may name (variables.c). */
void variable_candidates(const struct session *s, struct candidates *c);

#endif
