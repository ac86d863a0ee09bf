/* SPDX-License-Identifier: MIT */
/*
 * Any text as a spec: it is bad input, or it is planned, and what is planned small is built as
 * planned.  Files that it includes are not there: its folder is empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/core/iopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MAX = 4 << 20 };

static void build(const struct iopt_spec *spec)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_plan plan = IOPT_INIT(struct iopt_plan);
	struct iopt_memory *memory;
	struct iopt_domain *domain;

	if (iopt_spec_plan(spec, NULL, &plan) || plan.bytes > BYTES_MAX)
		return;
	if (iopt_spec_build(spec, NULL, &memory, &domain, &error)) {
		if (!error.message[0])
			abort();
		return;
	}
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_spec *spec;
	char path[64];
	int fd = memfd_create("spec", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!iopt_spec_load(path, &spec, &error)) {
		build(spec);
		iopt_spec_free(spec);
	} else if (!error.message[0]) {
		abort();
	}
	close(fd);
	return 0;
}
