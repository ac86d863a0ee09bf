/* SPDX-License-Identifier: MIT */
/* Results as text: by a template, or field by field. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "out.h"
#include "out_color.h"

enum {
	CELL_MAX = 1024,
	PROSE_INDENT = 2,
	EXAMPLE_INDENT = 8,
	PROSE_WIDTH = 78,
	PROSE_WIDTH_MIN = 30
};

/* One field of a line, which must be complete before it can be padded. */
struct cell {
	char text[CELL_MAX];
	size_t used;
};

static int cell_write(void *arg, const void *data, size_t bytes)
{
	struct cell *c = arg;
	size_t left = sizeof(c->text) - c->used;

	if (bytes > left)
		bytes = left;
	memcpy(c->text + c->used, data, bytes);
	c->used += bytes;
	return 0;
}

static size_t node_next(const struct out *o, size_t i)
{
	const struct out_node *n = &o->nodes[i];

	return n->kind == OUT_OBJECT || n->kind == OUT_LIST ? n->value : i + 1;
}

static void pad(struct writer *w, size_t count)
{
	while (count--)
		writer_char(w, ' ');
}

void out_measure(struct out *o)
{
	struct winsize size;

	o->prose_width = PROSE_WIDTH;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || size.ws_col > PROSE_WIDTH)
		return;
	o->prose_width = size.ws_col > PROSE_WIDTH_MIN ? size.ws_col - 1u : PROSE_WIDTH_MIN;
}

/* One line of prose, cut between words. */
static void show_wrapped(struct writer *w, const char *p, size_t length, size_t width)
{
	size_t column = 0;

	while (length) {
		size_t word = strcspn(p, " \n");

		if (column && column + 1 + word > width) {
			writer_char(w, '\n');
			column = 0;
		}
		pad(w, column ? 1 : PROSE_INDENT);
		writer_bytes(w, p, word);
		column += word + (column ? 1 : PROSE_INDENT);
		p += word;
		length -= word;
		while (length && *p == ' ') {
			p++;
			length--;
		}
	}
}

static void show_prose(struct writer *w, const char *p, size_t width)
{
	for (;;) {
		size_t length = strcspn(p, "\n");

		if (*p == '\t') {
			pad(w, EXAMPLE_INDENT);
			writer_bytes(w, p + 1, length - 1);
		} else {
			show_wrapped(w, p, length, width);
		}
		p += length;
		if (!*p)
			return;
		writer_char(w, *p++);
	}
}

static void show_hexdump_line(struct writer *w, uint64_t address, const char *hex)
{
	char ascii[17];
	size_t i, have = strlen(hex) / 2 < 16 ? strlen(hex) / 2 : 16;

	writer_str(w, "0x");
	writer_digits(w, address, 16);
	writer_str(w, "  ");
	for (i = 0; i < 16; i++) {
		char byte[3] = {' ', ' ', '\0'};
		unsigned long c;

		if (i < have)
			memcpy(byte, hex + 2 * i, 2);
		writer_str(w, byte);
		writer_str(w, i == 7 ? "  " : " ");
		c = byte[0] == '.' ? 0 : strtoul(byte, NULL, 16);
		ascii[i] = (char)(c >= 0x20 && c < 0x7f ? c : '.');
	}
	ascii[have] = '\0';
	writer_str(w, " |");
	writer_str(w, ascii);
	writer_char(w, '|');
}

static void show_hexdump(struct writer *w, const struct out *o, const struct out_node *n)
{
	const char *hex = o->text + n->value;
	size_t length = strlen(hex), i;

	for (i = 0; i < length; i += 32) {
		char line[33];
		size_t part = length - i < 32 ? length - i : 32;

		memcpy(line, hex + i, part);
		line[part] = '\0';
		if (i)
			writer_char(w, '\n');
		show_hexdump_line(w, n->address + i / 2, line);
	}
}

/* In the largest unit that it is a multiple of, as sizes are typed. */
static void show_size(struct writer *w, uint64_t bytes)
{
	static const char units[] = "kmgt";
	unsigned shift = 0;

	while (bytes && shift < 40 && !(bytes & ((UINT64_C(1) << (shift + 10)) - 1)))
		shift += 10;
	if (!shift) {
		writer_hex(w, bytes);
		return;
	}
	writer_dec(w, bytes >> shift);
	writer_char(w, units[shift / 10 - 1]);
}

static void show_scalar(struct writer *w, const struct out *o, const struct out_node *n)
{
	switch (n->kind) {
	case OUT_HEX:
	case OUT_BITS:
	case OUT_QUIET:
		writer_hex(w, n->value);
		break;
	case OUT_SIZE:
		show_size(w, n->value);
		break;
	case OUT_COUNT:
		writer_dec(w, n->value);
		break;
	case OUT_SIGNED:
		writer_signed(w, (int64_t)n->value);
		break;
	case OUT_TRUE:
		writer_str(w, n->name ? n->name : "true");
		break;
	case OUT_NULL:
		writer_str(w, "none");
		break;
	case OUT_PROSE:
		show_prose(w, o->text + n->value, o->prose_width ? o->prose_width : PROSE_WIDTH);
		break;
	case OUT_DATA:
		show_hexdump(w, o, n);
		break;
	case OUT_STRING:
		writer_text(w, o->text + n->value);
		break;
	default:
		break;
	}
}

/* On one line: a list's members joined by commas, an object's by blanks with their names. */
static void show_inline(struct writer *w, const struct out *o, size_t i)
{
	const struct out_node *n = &o->nodes[i];
	size_t k, shown = 0;

	if (n->kind != OUT_OBJECT && n->kind != OUT_LIST) {
		show_scalar(w, o, n);
		return;
	}
	for (k = i + 1; k < n->value; k = node_next(o, k)) {
		const struct out_node *member = &o->nodes[k];

		if (member->kind == OUT_FALSE)
			continue;
		if (shown++)
			writer_char(w,
				    n->kind == OUT_LIST && member->kind < OUT_OBJECT ? ',' : ' ');
		if (member->name && member->kind != OUT_TRUE) {
			writer_str(w, member->name);
			writer_char(w, ' ');
		}
		show_inline(w, o, k);
	}
}

/* The field at a dotted path of 'length' characters, the first if there are none; 'end': no such.
 */
static size_t find_path(const struct out *o, size_t first, size_t end, const char *path,
			size_t length)
{
	const char *dot = memchr(path, '.', length);
	size_t part = dot ? (size_t)(dot - path) : length;
	size_t i;

	if (!length)
		return first;
	for (i = first; i < end; i = node_next(o, i)) {
		const struct out_node *n = &o->nodes[i];

		/* the first character alone settles most of them */
		if (!n->name || *n->name != *path || strncmp(n->name, path, part) != 0 ||
		    n->name[part])
			continue;
		if (!dot)
			return i;
		if (n->kind != OUT_OBJECT)
			return end;
		i = find_path(o, i + 1, n->value, dot + 1, length - part - 1);
		return i < n->value ? i : end;
	}
	return end;
}

static size_t display_width(const char *text, size_t bytes)
{
	size_t i, width = 0;

	for (i = 0; i < bytes; i++)
		width += (text[i] & 0xc0) != 0x80;
	return width;
}

/* A field as a template names it. */
struct place_in_text {
	const char *path;
	size_t path_length;
	long width; /* right-aligned, or left with a minus; 0: as wide as it is */
};

static void show_padded(struct out *o, struct writer *w, size_t i, const struct place_in_text *at)
{
	static struct writer cell_writer; /* too large for the stack of each field */
	const char *color = NULL;
	struct cell cell;
	size_t have, want = (size_t)labs(at->width);

	/* what has no width may be longer than a cell */
	if (!at->width && (!o->color || o->nodes[i].kind == OUT_PROSE)) {
		show_inline(w, o, i);
		return;
	}
	cell.used = 0;
	writer_init(&cell_writer, (struct iopt_sink){cell_write, &cell});
	show_inline(&cell_writer, o, i);
	writer_flush(&cell_writer);
	if (o->color)
		color = out_color_of(at->path, at->path_length, cell.text, cell.used);
	if (!at->width && !color) {
		show_inline(w, o, i);
		return;
	}
	have = display_width(cell.text, cell.used);
	if (at->width > 0 && have < want)
		pad(w, want - have);
	writer_str(w, color ? color : "");
	writer_bytes(w, cell.text, cell.used);
	writer_str(w, color ? COLOR_OFF : "");
	if (at->width < 0 && have < want)
		pad(w, want - have);
}

struct scope {
	struct out *out;
	size_t first, end;
	const char *name; /* of the member that a loop is at; NULL: none */
};

/* "{@:width}" */
static void show_name(const struct scope *s, const char *colon, struct writer *w)
{
	const long width = colon ? strtol(colon + 1, NULL, 10) : 0;
	const size_t have = strlen(s->name), want = (size_t)labs(width);

	if (width > 0 && have < want)
		pad(w, want - have);
	writer_str(w, s->name);
	if (width < 0 && have < want)
		pad(w, want - have);
}

/* "{path:width}" at p; where it ends.  'shown': is there something to show? */
static const char *template_field(const struct scope *s, const char *p, struct writer *w,
				  bool *shown)
{
	const char *close = strchr(p, '}'), *colon = memchr(p, ':', (size_t)(close - p));
	const char *stop = colon ? colon : close;
	size_t i = find_path(s->out, s->first, s->end, p + 1, (size_t)(stop - p) - 1);
	enum out_kind kind = i < s->end ? s->out->nodes[i].kind : OUT_NULL;
	const struct place_in_text at = {p + 1, (size_t)(stop - p) - 1,
					 colon ? strtol(colon + 1, NULL, 10) : 0};

	if (p[1] == '@') {
		*shown = s->name;
		if (w && *shown)
			show_name(s, colon, w);
		return close + 1;
	}
	*shown = kind != OUT_NULL && kind != OUT_FALSE && kind != OUT_QUIET &&
		 !(kind == OUT_STRING && !s->out->text[s->out->nodes[i].value]);
	if (w && *shown)
		show_padded(s->out, w, i, &at);
	else if (w && i < s->end && kind == OUT_NULL)
		writer_str(w, "none");
	else if (w && colon)
		pad(w, (size_t)labs(at.width));
	return close + 1;
}

/* Are all fields of the optional part at p there? */
static bool optional_shown(const struct scope *s, const char *p)
{
	bool all = true, shown;

	while (*p != ']') {
		if (*p != '{') {
			p++;
			continue;
		}
		p = template_field(s, p, NULL, &shown);
		all &= shown;
	}
	return all;
}

/* Past the ">>" that ends the loop at p. */
static const char *loop_end(const char *p)
{
	unsigned depth = 0;

	do {
		if (strncmp(p, "<<", 2) == 0)
			depth++;
		else if (strncmp(p, ">>", 2) == 0)
			depth--;
		else
			p--;
		p += 2;
	} while (depth);
	return p;
}

static void show_part(const struct scope *s, const char *p, const char *end);

/* "<<path template>>" at p; where it ends. */
static const char *show_loop(const struct scope *s, const char *p)
{
	const char *body = strchr(p, ' ') + 1, *end = loop_end(p);
	struct out *o = s->out;
	size_t list = find_path(o, s->first, s->end, p + 2, (size_t)(body - p) - 3), i;

	if (list == s->end ||
	    (o->nodes[list].kind != OUT_LIST && o->nodes[list].kind != OUT_OBJECT))
		return end;
	for (i = list + 1; i < o->nodes[list].value; i = node_next(o, i)) {
		bool object = o->nodes[i].kind == OUT_OBJECT;
		const struct scope member = {o, i + object, node_next(o, i), o->nodes[i].name};

		show_part(&member, body, end - 2);
	}
	return end;
}

static void show_part(const struct scope *s, const char *p, const char *end)
{
	bool shown;

	while (p < end) {
		if (*p == '{') {
			p = template_field(s, p, &s->out->w, &shown);
		} else if (strncmp(p, "<<", 2) == 0) {
			p = show_loop(s, p);
		} else if (*p == '[' && !optional_shown(s, p + 1)) {
			p = strchr(p, ']') + 1;
		} else if (*p == '[' || *p == ']') {
			p++;
		} else {
			writer_char(&s->out->w, *p++);
		}
	}
}

static void show_template(const struct scope *s, const char *p)
{
	show_part(s, p, p + strlen(p));
	writer_char(&s->out->w, '\n');
}

/* Does an object or list hold objects or lists of its own? */
static bool is_deep(const struct out *o, size_t i)
{
	size_t k;

	for (k = i + 1; k < o->nodes[i].value; k = node_next(o, k))
		if (o->nodes[k].kind >= OUT_OBJECT)
			return true;
	return false;
}

static void show_fields(struct out *o, size_t first, size_t end, unsigned indent)
{
	struct writer *w = &o->w;
	size_t i;

	for (i = first; i < end; i = node_next(o, i)) {
		const struct out_node *n = &o->nodes[i];
		bool deep = n->kind >= OUT_OBJECT && is_deep(o, i);

		if (n->kind >= OUT_OBJECT && n->value == i + 1)
			continue;
		pad(w, indent);
		writer_str(w, n->name ? n->name : "-");
		if (n->name)
			writer_char(w, ':');
		if (deep) {
			writer_char(w, '\n');
			show_fields(o, i + 1, n->value, indent + 2);
			continue;
		}
		writer_char(w, ' ');
		if (n->kind == OUT_TRUE || n->kind == OUT_FALSE)
			writer_str(w, n->kind == OUT_TRUE ? "yes" : "no");
		else
			show_inline(w, o, i);
		writer_char(w, '\n');
	}
}

void out_text_show(struct out *o, size_t first, size_t end, const char *text_template)
{
	struct scope scope = {o, first, end, NULL};

	if (!text_template)
		show_fields(o, first, end, 0);
	else if (*text_template && first < end)
		show_template(&scope, text_template);
}
