/* SPDX-License-Identifier: MIT */
/* What lives from one command to the next: memories, domains, variables, settings. */
#ifndef IOPT_CLI_SESSION_H
#define IOPT_CLI_SESSION_H

#include "objects.h"
#include "out.h"
#include "progress.h"
#include "report.h"
#include "words.h"

struct named_memory {
	char name[NAME_BYTES];
	struct iopt_memory *memory;
	struct iopt_board *board; /* that was loaded into it, or NULL */
	bool of_load;		  /* made for one loaded domain, and goes with it */
};

struct named_domain {
	char name[NAME_BYTES];
	struct iopt_domain *domain;
	struct named_memory *memory;
	struct named_domain *stage2; /* below it, or NULL */
	bool of_decode;		     /* opened by smmu decode, which may replace it */
	bool of_group;	     /* the default domain of a group of devices, and goes with it */
	bool told_of_change; /* that its tables are a dump's */
	int group;
};

struct named_iova {
	char name[NAME_BYTES];
	struct iopt_iova *iova;
	enum iopt_profile profile;
	uint64_t granule;
};

struct variable {
	char name[NAME_BYTES];
	char *value;
};

struct script;

struct settings {
	uint64_t cpu_page_size;
	enum iopt_profile profile;
};

struct session {
	struct out out;
	struct report report;
	struct progress progress; /* of the command that runs */
	bool verbose, keep_going;
	bool interactive; /* the shell: SIGINT cancels a command */
	bool at_terminal; /* the command line, typed where stderr is seen */
	bool flush_each;  /* someone waits for each answer */
	bool quit;
	struct settings settings;
	uint64_t shut; /* mappings that were shown and let nobody in */

	struct named_memory **memories;
	size_t memory_count;
	struct named_memory *memory; /* in use */
	struct named_domain **domains;
	size_t domain_count;
	struct named_domain *domain; /* current, or NULL */
	struct named_iova **iovas;
	size_t iova_count;
	struct objects objects;
	/* the SMMU of a dump that smmu decode read last; registers NULL: none */
	struct iopt_registers *decoded;
	struct named_memory *decoded_memory;
	bool tracing; /* every memory tells its steps */
	struct variable *variables;
	size_t variable_count;

	/* the command that is running */
	struct script *script; /* innermost; NULL: the shell, or the command line */
	struct source *source;
	const struct word *word;  /* its name */
	const struct word *blame; /* which word an error is about; NULL: its name */
	struct iopt_error error;
};

/* ENOMEM. */
int session_init(struct session *s, struct iopt_sink sink, bool json);
void session_destroy(struct session *s);

/*
 * Reports why a command fails and returns its exit status.  'blame' (may be NULL) is the word that
 * the caret is put under.
 */
int fail(struct session *s, const struct word *blame, int code, enum iopt_failure failure,
	 const char *format, ...) PRINTF_LIKE(5, 6);
int fail_usage(struct session *s, const struct word *blame, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* A library function has returned 'code' and may have filled s->error. */
int fail_library(struct session *s, const struct word *blame, int code);

/* What a library function said is no failure after all: 0. */
int forget_error(struct session *s);

/* All that was printed is seen before what is said next on stderr. */
void show_so_far(struct session *s);

/* On stderr, and in the result. */
void warn(struct session *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* On stderr: what a program sees in the result anyway. */
void note(struct session *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* On stderr, to who sits at a terminal: what a script takes for granted. */
void tell(struct session *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* Letters, digits, '_', '-', '.' and '@'; short enough. */
bool name_is_valid(const char *name);

struct named_memory *find_memory(const struct session *s, const char *name);
struct named_domain *find_domain(const struct session *s, const char *name);
struct named_iova *find_iova(const struct session *s, const char *name);

/* Take over what they name; NULL: out of memory, and it is destroyed. */
struct named_memory *add_memory(struct session *s, const char *name, struct iopt_memory *memory);
struct named_domain *add_domain(struct session *s, const char *name, struct iopt_domain *domain,
				struct named_memory *memory);
struct named_iova *add_iova(struct session *s, const char *name, struct iopt_iova *iova);
void delete_iova(struct session *s, struct named_iova *v);
/* No domain is in it, and it is not the one in use. */
void delete_memory(struct session *s, struct named_memory *m);
/* As session.tracing says (cmd_trace.c). */
void trace_memory(struct session *s, struct iopt_memory *memory);

/* As the session is set: the profile, progress, trace. */
void attend_memory(struct session *s, struct iopt_memory *memory);
/* Only the name: its group is gone, and the domain with it. */
void forget_domain(struct session *s, struct named_domain *d);
/* With the memory that only it was loaded into. */
void delete_domain(struct session *s, struct named_domain *d);

enum { VARIABLE_VALUE_MAX = 4000 };

/* EINVAL: no name of a variable; ENOMEM. */
int set_variable(struct session *s, const char *name, const char *value);

/* A variable's value, or a field of a domain; struct variables' look_up. */
int look_up_variable(void *session, const char *name, char *to, size_t room,
		     struct iopt_error *error);

#endif
