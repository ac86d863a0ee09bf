/* SPDX-License-Identifier: MIT */
/* What an errno means: as strerror() says it in English, in any locale and from any thread. */
#ifndef IOPT_ERRNO_TEXT_H
#define IOPT_ERRNO_TEXT_H

#include <string.h>

static inline const char *errno_text(int number)
{
	const char *text = strerrordesc_np(number);

	return text ? text : "unknown error";
}

#endif
