/* SPDX-License-Identifier: MIT */
/* Any text: it is refused, or what it loads as is dumped and loads as the same again. */
#include <stdlib.h>

#include "../../src/formats/table_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct kept {
	char *data;
	size_t size;
};

static int keep(void *arg, const void *data, size_t bytes)
{
	struct kept *k = arg;
	char *grown = realloc(k->data, k->size + bytes + 1);

	if (!grown)
		abort();
	memcpy(grown + k->size, data, bytes);
	k->data = grown;
	k->size += bytes;
	grown[k->size] = '\0';
	return 0;
}

static struct kept dump(struct iopt_domain *domain)
{
	struct kept k = {NULL, 0};
	struct iopt_sink sink = {keep, &k};

	if (iopt_dump(domain, IOPT_DUMP_JSON, NULL, &sink, NULL))
		abort();
	return k;
}

/* Loads the text; true: *again is its dump. */
static bool load(const struct kept *text, struct kept *again)
{
	struct iopt_error error = IOPT_INIT(struct iopt_error);
	struct json_input in = {"fuzz", &error, text->data, text->size};
	struct iopt_memory *memory;
	struct iopt_domain *domain = NULL;
	int err;

	if (iopt_memory_create(&memory))
		abort();
	err = table_load(&in, memory, &domain);
	if (err && error.failure != IOPT_FAILURE_INPUT && error.failure != IOPT_FAILURE_LIMIT)
		abort();
	if (!err)
		*again = dump(domain);
	iopt_domain_destroy(domain);
	iopt_memory_destroy(memory);
	return !err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kept text = {NULL, 0}, one, two;

	keep(&text, data, size);
	if (load(&text, &one)) {
		if (!load(&one, &two) || one.size != two.size ||
		    memcmp(one.data, two.data, one.size) != 0)
			abort();
		free(one.data);
		free(two.data);
	}
	free(text.data);
	return 0;
}
