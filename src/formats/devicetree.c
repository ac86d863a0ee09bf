/* SPDX-License-Identifier: MIT */
/*
 * One pass checks the structure block and makes an index of it: a record for each node and each
 * property, so that what comes later follows no offset of the blob any more.  A node takes at
 * least 12 bytes of the blob and a property 12, so that the index is bounded by its size.
 */
#include "devicetree.h"

#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/errno_text.h"
#include "spool.h"

enum {
	NAME_BYTES_MAX = 256, /* the specification has 31; looking names up must not take long */
	SCAN_BELOW = 16,      /* properties of a node, that need no order to be found */
	FILE_BYTES_MAX = 2 << 20, /* Linux's MAX_FDT_SIZE on arm64 */
};

#define SOURCE "/dts-v1/"

struct node {
	const char *name;
	int parent, first_child, last_child, next;
	uint32_t first_property, property_count; /* by name where they are many */
};

struct phandle {
	uint32_t value;
	int node;
};

struct devicetree {
	unsigned char *blob; /* with a word of zeros behind it */
	size_t bytes;
	char *source;
	struct node *nodes;
	struct dt_property *properties;
	struct phandle *phandles; /* rising */
	size_t node_count, node_room, property_count, property_room, phandle_count, reserve_count;
};

/* ---- what is wrong ---- */

static int bad(const struct devicetree *t, struct iopt_error *error, int code, const char *text)
{
	const struct error_place place = {.source = t->source};

	return error_at(error, place, IOPT_FAILURE_INPUT, code, "%s", text);
}

static int out_of_memory(struct iopt_error *error)
{
	return error_set(error, IOPT_FAILURE_LIMIT, IOPT_ENOMEM, "out of memory");
}

int dt_bad_tree(const struct devicetree *t, struct iopt_error *error, int code, const char *format,
		...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return bad(t, error, code, text);
}

int dt_bad(const struct devicetree *t, int node, const char *property, struct iopt_error *error,
	   int code, const char *format, ...)
{
	char path[DT_PATH_BYTES], text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return dt_bad_tree(t, error, code, "%s: %s%s%s", dt_path(t, node, path),
			   property ? property : "", property ? ": " : "", text);
}

static int bad_at(const struct devicetree *t, struct iopt_error *error, size_t at, const char *what)
{
	return dt_bad_tree(t, error, IOPT_ENOEXEC, "structure block, byte 0x%zx: %s", at, what);
}

/* ---- the index is made ---- */

/* Room for one more element; false: out of memory. */
static bool grow(void *array, size_t count, size_t *room, size_t bytes)
{
	void **p = array;
	void *larger;

	if (count < *room)
		return true;
	larger = realloc(*p, (*room ? 2 * *room : 64) * bytes);
	if (!larger)
		return false;
	*p = larger;
	*room = *room ? 2 * *room : 64;
	return true;
}

/* Where the pass is: a part [at, end) of the structure block, and the node that is open. */
struct scan {
	struct devicetree *tree;
	const unsigned char *block, *strings;
	size_t at, end, string_bytes;
	int open;
	unsigned depth;
	struct iopt_error *error;
};

static int node_begin(struct scan *s)
{
	struct devicetree *t = s->tree;
	const char *name = (const char *)s->block + s->at;
	const char *end = memchr(name, '\0', s->end - s->at);
	const int number = (int)t->node_count;
	struct node *parent;

	if (!end || end - name > NAME_BYTES_MAX)
		return bad_at(t, s->error, s->at, "a node's name does not end");
	if (s->depth == DT_DEPTH_MAX)
		return bad_at(t, s->error, s->at, "nodes are nested more than 64 deep");
	if (s->open == DT_NONE && (number || *name))
		return bad_at(t, s->error, s->at, number ? "a second root" : "the root has a name");
	if (!grow(&t->nodes, t->node_count, &t->node_room, sizeof(*t->nodes)))
		return out_of_memory(s->error);
	t->nodes[t->node_count++] = (struct node){
		name, s->open, DT_NONE, DT_NONE, DT_NONE, (uint32_t)t->property_count, 0};
	if (s->open != DT_NONE) {
		parent = &t->nodes[s->open];
		*(parent->last_child == DT_NONE ? &parent->first_child
						: &t->nodes[parent->last_child].next) = number;
		parent->last_child = number;
	}
	s->open = number;
	s->depth++;
	s->at = align_up(s->at + (size_t)(end - name) + 1, 4);
	return 0;
}

static int node_property(struct scan *s)
{
	struct devicetree *t = s->tree;
	struct node *node = s->open == DT_NONE ? NULL : &t->nodes[s->open];
	struct dt_property *p;
	size_t bytes, name, room;

	if (!node)
		return bad_at(t, s->error, s->at, "a property outside of the root");
	if (node->first_child != DT_NONE)
		return bad_at(t, s->error, s->at, "a property behind a child node");
	if (s->end - s->at < 8)
		return bad_at(t, s->error, s->at, "a property is cut off");
	bytes = load_be32(s->block + s->at);
	name = load_be32(s->block + s->at + 4);
	s->at += 8;
	if (bytes > s->end - s->at)
		return bad_at(t, s->error, s->at, "a property is longer than what is left");
	room = name < s->string_bytes ? min_u64(s->string_bytes - name, NAME_BYTES_MAX) : 0;
	if (!room || !memchr(s->strings + name, '\0', room))
		return bad_at(t, s->error, s->at, "a property's name is not in the strings block");
	if (!grow(&t->properties, t->property_count, &t->property_room, sizeof(*t->properties)))
		return out_of_memory(s->error);
	p = &t->properties[t->property_count++];
	*p = (struct dt_property){(const char *)s->strings + name, s->block + s->at, bytes};
	node->property_count++;
	s->at = align_up(s->at + bytes, 4);
	return 0;
}

/* Of equal names the one that stands first is first. */
static int compare_properties(const void *a, const void *b)
{
	const struct dt_property *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->data > y->data) - (x->data < y->data);
}

static int node_end(struct scan *s)
{
	const struct node *node;

	if (s->open == DT_NONE)
		return bad_at(s->tree, s->error, s->at, "a node ends that has not begun");
	node = &s->tree->nodes[s->open];
	if (node->property_count >= SCAN_BELOW)
		qsort(s->tree->properties + node->first_property, node->property_count,
		      sizeof(struct dt_property), compare_properties);
	s->open = node->parent;
	s->depth--;
	return 0;
}

static int scan_nodes(struct scan *s)
{
	int ret = 0;

	while (!ret && s->at + 4 <= s->end) {
		const uint32_t tag = load_be32(s->block + s->at);

		s->at += 4;
		switch (tag) {
		case FDT_BEGIN_NODE:
			ret = node_begin(s);
			break;
		case FDT_PROP:
			ret = node_property(s);
			break;
		case FDT_END_NODE:
			ret = node_end(s);
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			if (s->open != DT_NONE || !s->tree->node_count)
				return bad_at(s->tree, s->error, s->at - 4,
					      "ends within a node, or without one");
			return 0;
		default:
			return bad_at(s->tree, s->error, s->at - 4, "no tag");
		}
		if (!ret && s->at > s->end)
			break;
	}
	return ret ? ret : bad_at(s->tree, s->error, s->end, "the block has no end");
}

static int compare_phandles(const void *a, const void *b)
{
	const struct phandle *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->node - y->node;
}

static int index_phandles(struct devicetree *t, struct iopt_error *error)
{
	struct dt_property p;
	size_t i;

	t->phandles = malloc(t->node_count * sizeof(*t->phandles));
	if (!t->phandles)
		return out_of_memory(error);
	for (i = 0; i < t->node_count; i++) {
		if (!dt_property(t, (int)i, "phandle", &p) &&
		    !dt_property(t, (int)i, "linux,phandle", &p))
			continue;
		if (p.bytes == 4)
			t->phandles[t->phandle_count++] = (struct phandle){dt_cell(&p, 0), (int)i};
	}
	qsort(t->phandles, t->phandle_count, sizeof(*t->phandles), compare_phandles);
	return 0;
}

/* ---- header ---- */

/* That the blocks lie within the blob is libfdt's part. */
static int check_header(const struct devicetree *t, struct iopt_error *error)
{
	int wrong;

	if (t->bytes >= strlen(SOURCE) && memcmp(t->blob, SOURCE, strlen(SOURCE)) == 0)
		return bad(t, error, IOPT_ENOEXEC, "is a device tree's source: dtc compiles it");
	if (t->bytes < sizeof(struct fdt_header))
		return bad(t, error, IOPT_ENOEXEC, "is shorter than a device tree's header");
	if (fdt_magic(t->blob) != FDT_MAGIC)
		return bad(t, error, IOPT_ENOEXEC,
			   "is no device tree: it begins with another word");
	if (fdt_totalsize(t->blob) > t->bytes)
		return dt_bad_tree(t, error, IOPT_ENOEXEC,
				   "says that it has 0x%x bytes, but has 0x%zx: it is cut off",
				   fdt_totalsize(t->blob), t->bytes);
	if (fdt_version(t->blob) < 16)
		return dt_bad_tree(t, error, IOPT_ENOEXEC, "version %u, which is before 16",
				   fdt_version(t->blob));
	wrong = fdt_check_header(t->blob);
	if (wrong)
		return dt_bad_tree(t, error, IOPT_ENOEXEC, "the header is wrong: %s",
				   fdt_strerror(wrong));
	if (fdt_off_dt_struct(t->blob) % 4 || fdt_off_mem_rsvmap(t->blob) % 8)
		return bad(t, error, IOPT_ENOEXEC, "a block begins at an odd place");
	return 0;
}

static int read_tree(struct devicetree *t, struct iopt_error *error)
{
	struct scan s = {.tree = t, .open = DT_NONE, .error = error};
	size_t start;
	int ret = check_header(t, error), reserve_count;

	if (ret)
		return ret;
	reserve_count = fdt_num_mem_rsv(t->blob);
	if (reserve_count < 0)
		return bad(t, error, IOPT_ENOEXEC, "the memory reservation block has no end");
	t->reserve_count = (size_t)reserve_count;
	start = fdt_off_dt_struct(t->blob);
	s.block = t->blob + start;
	/* Version 16 does not say how long the block is. */
	s.end = fdt_version(t->blob) < 17 ? fdt_totalsize(t->blob) - start
					  : fdt_size_dt_struct(t->blob);
	s.strings = t->blob + fdt_off_dt_strings(t->blob);
	s.string_bytes = fdt_size_dt_strings(t->blob);
	ret = scan_nodes(&s);
	return ret ? ret : index_phandles(t, error);
}

int devicetree_open(const void *blob, size_t bytes, const char *source, struct devicetree **tree,
		    struct iopt_error *error)
{
	struct devicetree *t = calloc(1, sizeof(*t));
	int ret;

	*tree = NULL;
	if (t) {
		t->blob = calloc(1, align_up(bytes, 8) + 8);
		t->source = strdup(source);
	}
	if (!t || !t->blob || !t->source) {
		devicetree_destroy(t);
		return out_of_memory(error);
	}
	memcpy(t->blob, blob, bytes);
	t->bytes = bytes;
	ret = read_tree(t, error);
	if (ret)
		devicetree_destroy(t);
	else
		*tree = t;
	return ret;
}

void devicetree_destroy(struct devicetree *t)
{
	if (!t)
		return;
	free(t->blob);
	free(t->source);
	free(t->nodes);
	free(t->properties);
	free(t->phandles);
	free(t);
}

/* ---- file ---- */

static int io_error(const char *path, int number, struct iopt_error *error)
{
	return error_at(error, (struct error_place){.source = path}, IOPT_FAILURE_IO,
			iopt_error_of_errno(number), "%s", errno_text(number));
}

/* A pipe is read to its end, a file as it is: up to one byte more than there may be. */
static int read_all(int fd, const char *path, unsigned char **data, size_t *bytes,
		    struct iopt_error *error)
{
	size_t room = 0;
	ssize_t got = 1;

	for (*bytes = 0; got > 0; *bytes += (size_t)(got > 0 ? got : 0)) {
		if (*bytes > FILE_BYTES_MAX)
			return error_at(error, (struct error_place){.source = path},
					IOPT_FAILURE_INPUT, IOPT_E2BIG,
					"is over 2 MiB: Linux takes no larger device tree");
		while (room - *bytes < 4096)
			if (!grow(data, room, &room, 1))
				return out_of_memory(error);
		do
			got = read(fd, *data + *bytes, room - *bytes);
		while (got < 0 && errno == EINTR);
	}
	return got < 0 ? io_error(path, errno, error) : 0;
}

int devicetree_load(const char *path, struct devicetree **tree, struct iopt_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), ret;
	unsigned char *data = NULL;
	size_t bytes;

	*tree = NULL;
	if (fd < 0)
		return io_error(path, errno, error);
	ret = read_all(fd, path, &data, &bytes, error);
	if (!ret)
		ret = devicetree_open(data, bytes, path, tree, error);
	free(data);
	close(fd);
	return ret;
}

/* ---- the index is read ---- */

int dt_node_count(const struct devicetree *t)
{
	return (int)t->node_count;
}

int dt_parent(const struct devicetree *t, int node)
{
	return t->nodes[node].parent;
}

int dt_next_child(const struct devicetree *t, int parent, int previous)
{
	return previous == DT_NONE ? t->nodes[parent].first_child : t->nodes[previous].next;
}

const char *dt_name(const struct devicetree *t, int node)
{
	return t->nodes[node].name;
}

int dt_by_phandle(const struct devicetree *t, uint32_t phandle)
{
	size_t low = 0, high = t->phandle_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->phandles[middle].value < phandle)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->phandle_count && t->phandles[low].value == phandle ? t->phandles[low].node
									   : DT_NONE;
}

static bool find_sorted(const struct dt_property *list, size_t count, const char *name, size_t *at)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(list[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < count && strcmp(list[low].name, name) == 0;
}

bool dt_property(const struct devicetree *t, int node, const char *name,
		 struct dt_property *property)
{
	const struct node *n = &t->nodes[node];
	const struct dt_property *list =
		n->property_count ? &t->properties[n->first_property] : NULL;
	size_t i = n->property_count;

	if (n->property_count < SCAN_BELOW)
		for (i = 0; i < n->property_count && strcmp(list[i].name, name) != 0;)
			i++;
	else if (!find_sorted(list, n->property_count, name, &i))
		i = n->property_count;
	*property = i < n->property_count ? list[i] : (struct dt_property){.name = name};
	return i < n->property_count;
}

bool dt_memreserve(const struct devicetree *t, size_t i, uint64_t *base, uint64_t *size)
{
	return i < t->reserve_count && fdt_get_mem_rsv(t->blob, (int)i, base, size) == 0;
}
