/* SPDX-License-Identifier: MIT */
/* Names, paths, strings, cells and phandles of a device tree that was checked. */
#include <stdio.h>

#include "devicetree.h"

/* ---- nodes ---- */

int dt_child(const struct devicetree *t, int parent, const char *name)
{
	const size_t length = strlen(name);
	int node = DT_NONE;

	while ((node = dt_next_child(t, parent, node)) != DT_NONE) {
		const char *n = dt_name(t, node);

		if (strncmp(n, name, length) == 0 && (!n[length] || n[length] == '@'))
			break;
	}
	return node;
}

const char *dt_path(const struct devicetree *t, int node, char to[static DT_PATH_BYTES])
{
	char *p = to + DT_PATH_BYTES - 1;

	*p = '\0';
	if (node == DT_ROOT)
		*--p = '/';
	for (; node != DT_ROOT; node = dt_parent(t, node)) {
		const char *name = dt_name(t, node);
		const size_t length = strlen(name);

		if (length + 1 > (size_t)(p - to) - strlen("…")) {
			p -= strlen("…");
			memcpy(p, "…", strlen("…"));
			break;
		}
		p -= length;
		memcpy(p, name, length);
		*--p = '/';
	}
	return memmove(to, p, strlen(p) + 1);
}

bool dt_is_available(const struct devicetree *t, int node)
{
	struct dt_property p;
	const char *status;

	if (!dt_property(t, node, "status", &p))
		return true;
	status = dt_string(&p, 0);
	return status && (strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0);
}

/* ---- properties ---- */

bool dt_has(const struct devicetree *t, int node, const char *name)
{
	struct dt_property p;

	return dt_property(t, node, name, &p);
}

const char *dt_string(const struct dt_property *p, size_t i)
{
	size_t at = 0;

	while (at < p->bytes) {
		const unsigned char *end = memchr(p->data + at, '\0', p->bytes - at);

		if (!end)
			break;
		if (!i--)
			return (const char *)p->data + at;
		at = (size_t)(end - p->data) + 1;
	}
	return NULL;
}

int dt_string_index(const struct devicetree *t, int node, const char *name, const char *text)
{
	const size_t length = strlen(text) + 1;
	struct dt_property p;
	size_t at = 0;
	int i;

	dt_property(t, node, name, &p);
	for (i = 0; at < p.bytes; i++) {
		const unsigned char *end = memchr(p.data + at, '\0', p.bytes - at);

		if (!end)
			break;
		if ((size_t)(end - p.data) + 1 - at == length &&
		    memcmp(p.data + at, text, length) == 0)
			return i;
		at = (size_t)(end - p.data) + 1;
	}
	return -1;
}

int dt_u32(const struct devicetree *t, int node, const char *name, uint32_t *value,
	   struct iopt_error *error)
{
	struct dt_property p;

	if (!dt_property(t, node, name, &p))
		return -IOPT_ENOENT;
	if (p.bytes != 4)
		return dt_bad(t, node, name, error, IOPT_EINVAL, "%zu bytes are not one cell",
			      p.bytes);
	*value = dt_cell(&p, 0);
	return 0;
}

int dt_list(const struct devicetree *t, int node, const char *name, unsigned cells,
	    struct dt_property *p, size_t *count, struct iopt_error *error)
{
	*count = 0;
	if (!dt_property(t, node, name, p))
		return 0;
	if (p->bytes % (4 * cells))
		return dt_bad(t, node, name, error, IOPT_EINVAL,
			      "%zu bytes are no multiple of %u cells", p->bytes, cells);
	*count = p->bytes / (4 * cells);
	return 0;
}

/* ---- phandles ---- */

int dt_next_reference(const struct devicetree *t, int node, const char *name,
		      const char *cells_name, size_t *at, struct dt_reference *r,
		      struct iopt_error *error)
{
	struct dt_property p;
	size_t cells;
	int ret = dt_list(t, node, name, 1, &p, &cells, error);

	if (ret || *at >= cells)
		return ret ? ret : -IOPT_ENOENT;
	*r = (struct dt_reference){.target = dt_by_phandle(t, dt_cell(&p, *at))};
	if (r->target == DT_NONE)
		return dt_bad(t, node, name, error, IOPT_ENODEV, "no node has the phandle 0x%x",
			      dt_cell(&p, *at));
	++*at;
	if (!cells_name)
		return 0;
	ret = dt_u32(t, r->target, cells_name, &r->arg_count, error);
	if (ret == -IOPT_ENOENT)
		return dt_bad(t, node, name, error, IOPT_EINVAL, "%s, which it names, has no %s",
			      dt_name(t, r->target), cells_name);
	if (ret)
		return ret;
	if (r->arg_count > DT_ARGS_MAX)
		return dt_bad(t, r->target, cells_name, error, IOPT_EINVAL,
			      "%u cells are more than %d", r->arg_count, DT_ARGS_MAX);
	if (r->arg_count > cells - *at)
		return dt_bad(t, node, name, error, IOPT_EINVAL,
			      "ends within an entry: %s has a %s of %u", dt_name(t, r->target),
			      cells_name, r->arg_count);
	for (unsigned i = 0; i < r->arg_count; i++)
		r->args[i] = dt_cell(&p, (*at)++);
	return 0;
}
