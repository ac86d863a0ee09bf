/* SPDX-License-Identifier: MIT */
/*
 * Any text as a question about mappings: it is refused, with a column inside it, or asked of a
 * mapping that the first bytes describe.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/core/iopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct iopt_extent extent = {.count = 1, .type = IOPT_TYPE_PAGE, .level = 3};
	struct iopt_attrs attrs = IOPT_INIT(struct iopt_attrs);
	struct iopt_query *query;
	char *text;

	if (size < 4)
		return 0;
	extent.iova = (uint64_t)data[0] << 12;
	extent.pa = (uint64_t)data[1] << 40;
	extent.size = UINT64_C(1) << data[2] % 64;
	extent.count = data[3];
	text = strndup((const char *)data + 4, size - 4);
	if (!text)
		return 0;
	if (!iopt_query_parse(text, &query, &error)) {
		bool yes = iopt_query_matches(query, &extent, &attrs);

		if (yes != iopt_query_matches(query, &extent, &attrs))
			abort();
		iopt_query_destroy(query);
	} else if (!error.message[0] || error.column > strlen(text) + 1) {
		abort();
	}
	free(text);
	return 0;
}
