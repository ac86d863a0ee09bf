/* SPDX-License-Identifier: MIT */
/* Any file of registers: it is bad input, or it is read. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/core/iopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_registers *registers;
	char path[64];
	int fd = memfd_create("registers", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || iopt_registers_create(&registers))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (iopt_registers_load(registers, path, &error) && error.failure != IOPT_FAILURE_INPUT)
		abort();
	iopt_registers_destroy(registers);
	close(fd);
	return 0;
}
