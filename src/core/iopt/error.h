/* SPDX-License-Identifier: MIT */
/* What everything else is declared with, and how failures are told. */
#ifndef IOPT_API_ERROR_H
#define IOPT_API_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IOPT_API	__attribute__((visibility("default")))
#define IOPT_INIT(type) ((type){.struct_size = sizeof(type)})

IOPT_API const char *iopt_version(void); /* "1.2.3" */

/* Linux's errno values, so that -EEXIST of map_pages() reads the same here and there. */
enum iopt_code {
	IOPT_EPERM = 1,
	IOPT_ENOENT = 2,
	IOPT_EINTR = 4,
	IOPT_EIO = 5,
	IOPT_ENXIO = 6,
	IOPT_E2BIG = 7,
	IOPT_ENOEXEC = 8,
	IOPT_ENOMEM = 12,
	IOPT_EACCES = 13,
	IOPT_EFAULT = 14,
	IOPT_EBUSY = 16,
	IOPT_EEXIST = 17,
	IOPT_ENODEV = 19,
	IOPT_ENOTDIR = 20,
	IOPT_EISDIR = 21,
	IOPT_EINVAL = 22,
	IOPT_EMFILE = 24,
	IOPT_EFBIG = 27,
	IOPT_ENOSPC = 28,
	IOPT_EROFS = 30,
	IOPT_EPIPE = 32,
	IOPT_ERANGE = 34,
	IOPT_ENAMETOOLONG = 36,
	IOPT_ELOOP = 40,
	IOPT_EOPNOTSUPP = 95,
};

/* What a failure means for whoever asked: the program's exit status. */
enum iopt_failure {
	IOPT_FAILURE_REQUEST = 1, /* a well-formed request that cannot be done */
	IOPT_FAILURE_USAGE = 2,
	IOPT_FAILURE_INPUT = 3, /* a file's content is bad */
	IOPT_FAILURE_LIMIT = 4,
	IOPT_FAILURE_IO = 5,
};

/*
 * Why something failed, for people.  'source' names a file (or nothing, ""), line and column count
 * from 1 and are 0 where there is none.  Text from files stands in it as it was: escape it.
 */
struct iopt_error {
	size_t struct_size;
	int code; /* positive; 0: no error */
	enum iopt_failure failure;
	unsigned line, column;
	char message[256];
	char source[256];
};

/* "EEXIST" for IOPT_EEXIST, of either sign; "EUNKNOWN" for what is none. */
IOPT_API const char *iopt_error_name(int code);
IOPT_API const char *iopt_error_text(int code);
/* The code of the same name for the C library's errno; EIO for one that is not above. */
IOPT_API int iopt_error_of_errno(int number);

#ifdef __cplusplus
}
#endif

#endif
