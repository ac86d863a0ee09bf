/* SPDX-License-Identifier: MIT */
/*
 * Arguments by a command's usage string, which is a list of
 *
 *     IOVA  IOVA...  [IOVA]  [IOVA...]     positional: one, one or more, optional, any number
 *     [-d DOMAIN]  [--quirk QUIRK]...      options with a value, once or any number of times
 *     [--queued]                           options without
 *
 * The placeholder says what a value must be (arg_types.c); "text|json" is a choice of words.
 */
#ifndef IOPT_CLI_ARGS_H
#define IOPT_CLI_ARGS_H

#include "session.h"

struct arg_type;
struct command;

/* One of the parts above; strings are slices of the usage. */
struct arg_spec {
	const char *name; /* "--granule", "IOVA" */
	size_t name_length;
	const char *value; /* placeholder or choices; NULL: an option without a value */
	size_t value_length;
	const struct arg_type *type; /* NULL: choices */
	bool option, optional, repeated;
};

enum { ARG_SPECS_MAX = 32 };

struct args_spec {
	struct arg_spec list[ARG_SPECS_MAX];
	size_t count;
	bool has_options; /* else words that begin with '-' are like any other */
};

/* A value, in the member that its type fills in. */
struct arg {
	const struct arg_spec *spec;
	const struct word *word;
	const char *text; /* as written; the path of FILE[@ADDR] */
	uint64_t number;  /* also the index of a choice */
	struct range range;
	bool has_number; /* FILE@ADDR; SID.SSID */
	struct named_domain *domain;
	struct named_memory *memory;
	struct named_iova *iova;
	struct named_smmu *smmu;
	struct named_device *device;
	struct named_pool *pool;
	struct named_buffer *buffer;
	struct iopt_stream stream; /* 'mask' of SID.SSID: the SSID */
	struct iopt_segment segment;
	struct iopt_dma_range dma_range;
	struct iopt_resv_region region;
	struct named_cma *cma;
	char *owned;
};

struct args {
	const struct command *command;
	struct args_spec spec;
	struct arg *list;
	size_t count, room;
};

/* False: the usage string is malformed, or names a type that there is not. */
bool args_spec_parse(const char *usage, struct args_spec *spec);

/* Reads the words after a command's name; an exit status, with s->error. */
int args_parse(struct session *s, const struct command *command, const struct word *words,
	       size_t count, struct args *a);
void args_destroy(struct args *a);

/* The nth value of a name; NULL: not given. */
const struct arg *args_nth(const struct args *a, const char *name, size_t n);
const struct arg *args_get(const struct args *a, const char *name);
uint64_t args_number(const struct args *a, const char *name, uint64_t otherwise);

/* The -d DOMAIN of a command, or the current one; NULL with s->error. */
struct named_domain *args_domain(struct session *s, const struct args *a);

/* Types (arg_types.c). */
const struct arg_type *arg_type_find(const char *placeholder, size_t length);
int arg_parse(struct session *s, struct arg *arg);

/* The i-th name that a value may be, its length in *length; NULL past the end. */
const char *arg_value_name(const struct session *s, const struct arg_spec *spec, size_t i,
			   size_t *length);
/* Has each type something to complete it by, or is it known that there is nothing? */
const char *arg_types_check(void);

/* Words that are options, unless they are a lone '-'. */
const struct arg_spec *args_find_option(const struct args_spec *spec, const char *word);
/* The positional argument at or after list[*at] that takes the next word; NULL: none. */
const struct arg_spec *args_next_positional(const struct args_spec *spec, size_t *at);
/* How many words the positional arguments behind list[at] need. */
size_t args_needed_after(const struct args_spec *spec, size_t at);

#endif
