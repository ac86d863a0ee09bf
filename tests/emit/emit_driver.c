/* SPDX-License-Identifier: MIT */
/*
 * Writes tables in every form that is asked for, through the library alone:
 *     emit_driver TABLE [base=N] [base_symbol=S] [symbol=S] [phys_offset=N] [header=H] FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iopt.h"

static int put(void *arg, const void *data, size_t bytes)
{
	return fwrite(data, 1, bytes, arg) == bytes ? 0 : -IOPT_EIO;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int write_file(struct iopt_domain *domain, const struct iopt_emit_options *options,
		      const char *path)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	char beside[4096];
	FILE *file = fopen(path, "wb"), *sidecar;
	struct iopt_sink sink = {put, file}, sidecar_sink = {put, NULL};
	struct iopt_output output = IOPT_INIT(struct iopt_output);
	bool has;
	int err;

	has = !iopt_output_of(path, &output) && output.sidecar;
	snprintf(beside, sizeof(beside), "%s.json", path);
	sidecar = has ? fopen(beside, "wb") : NULL;
	sidecar_sink.arg = sidecar;
	if (!file || (has && !sidecar)) {
		perror(path);
		return 2;
	}
	err = iopt_emit(domain, base_name(path), options, &sink, has ? &sidecar_sink : NULL,
			&error);
	if (err)
		fprintf(stderr, "%s: %s\n", iopt_error_name(err), error.message);
	fclose(file);
	if (sidecar)
		fclose(sidecar);
	return err ? 1 : 0;
}

/* NAME=VALUE into an option; false: it is none. */
static bool take_option(const char *word, struct iopt_emit_options *o, uint64_t *base)
{
	const char *value = strchr(word, '=');
	const struct {
		const char *name;
		const char **to;
	} words[] = {{"base_symbol=", &o->base_symbol},
		     {"symbol=", &o->symbol},
		     {"header=", &o->header}};
	size_t i;

	if (!value)
		return false;
	value++;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(word, words[i].name, strlen(words[i].name)))
			*words[i].to = value;
	if (!strncmp(word, "base=", 5)) {
		*base = strtoull(value, NULL, 0);
		o->base = base;
	}
	if (!strncmp(word, "phys_offset=", 12))
		o->phys_offset = strtoull(value, NULL, 0);
	return true;
}

int main(int argc, char **argv)
{
	struct iopt_emit_options options = IOPT_INIT(struct iopt_emit_options);
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_memory *memory;
	struct iopt_domain *domain;
	uint64_t base;
	int i, status = 0;

	options.cpu_registers = true;
	if (argc < 2 || iopt_load(argv[1], IOPT_LOAD_AUTO, NULL, &memory, &domain, &error)) {
		fprintf(stderr, "%s\n", error.message);
		return 2;
	}
	for (i = 2; !status && i < argc; i++)
		if (!take_option(argv[i], &options, &base))
			status = write_file(domain, &options, argv[i]);
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
	return status;
}
