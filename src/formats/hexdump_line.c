/* SPDX-License-Identifier: MIT */
#include "hexdump_line.h"

struct cursor {
	const char *text;
	size_t length, at;
};

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char char_at(const struct cursor *c, size_t at)
{
	return at < c->length ? c->text[at] : '\0';
}

static void skip_prefix(struct cursor *c)
{
	if (char_at(c, c->at) == '0' && (char_at(c, c->at + 1) | 0x20) == 'x')
		c->at += 2;
}

/* Where the digits from 'at' on end. */
static size_t digits_end(const struct cursor *c)
{
	size_t end = c->at;

	while (end < c->length && digit_value(c->text[end]) >= 0)
		end++;
	return end;
}

static void bad(struct hexdump_line *line, const struct cursor *c, const char *what)
{
	line->kind = HEXDUMP_BAD;
	line->column = (unsigned)c->at + 1;
	line->what = what;
}

/* "=> md.l 40000000", "U-Boot> md …", "root# …": the first word ends like a prompt. */
static bool is_prompt(const struct cursor *c)
{
	size_t end = c->at;

	while (end < c->length && !is_blank(c->text[end]))
		end++;
	return end > c->at && strchr(">#$", c->text[end - 1]) != NULL;
}

/* False: there is no address that begins the line. */
static bool parse_address(struct cursor *c, struct hexdump_line *line)
{
	bool named;
	size_t end;

	skip_prefix(c);
	end = digits_end(c);
	if (end == c->at) {
		bad(line, c, "an address in hex digits expected");
		return false;
	}
	for (; c->at < end; c->at++) {
		if (line->address >> 60) {
			bad(line, c, "an address of more than 64 bits");
			return false;
		}
		line->address = line->address << 4 | (uint64_t)digit_value(c->text[c->at]);
	}
	/* gdb: "0x40000000 <name+8>:" */
	named = char_at(c, c->at) == ' ' && char_at(c, c->at + 1) == '<';
	while (named && c->at < c->length && c->text[c->at] != ':')
		c->at++;
	if (char_at(c, c->at) == ':') {
		c->at++;
		return true;
	}
	if (named || (c->at < c->length && !is_blank(c->text[c->at])))
		bad(line, c, "a ':' or a space expected behind the address");
	return line->kind != HEXDUMP_BAD;
}

/* One group; false: it is bad. */
static bool parse_group(struct cursor *c, struct hexdump_line *line)
{
	size_t end, width;

	line->numbers |= char_at(c, c->at) == '0' && (char_at(c, c->at + 1) | 0x20) == 'x';
	skip_prefix(c);
	end = digits_end(c);
	width = (end - c->at) / 2;
	if (end == c->at || (end < c->length && !is_blank(c->text[end]))) {
		c->at = end;
		bad(line, c, "a hex digit expected");
	} else if ((end - c->at) % 2 || width > 8) {
		bad(line, c, "a group of 2, 4, 8 or 16 hex digits expected");
	} else if (line->count + width > HEXDUMP_LINE_BYTES_MAX) {
		bad(line, c, "more than 256 bytes in a line");
	} else if (line->width && (width > line->width || line->count % line->width)) {
		bad(line, c, "a group of another width than the first");
	}
	if (line->kind == HEXDUMP_BAD)
		return false;
	if (!line->width)
		line->width = (unsigned)width;
	for (; c->at < end; c->at += 2)
		line->bytes[line->count++] = (uint8_t)(digit_value(c->text[c->at]) << 4 |
						       digit_value(c->text[c->at + 1]));
	return true;
}

/* hexdump -C and od -z put their characters between these. */
static bool at_chars(const struct cursor *c)
{
	return char_at(c, c->at) == '|' || char_at(c, c->at) == '>';
}

/*
 * The characters that follow: exactly as many as bytes.  What stands there and is not as long is
 * some remark, or was cut off, and says nothing.
 */
static void parse_chars(struct cursor *c, struct hexdump_line *line)
{
	const bool framed = at_chars(c);

	c->at += framed;
	if (line->count && c->length - c->at == line->count + framed)
		line->chars = c->text + c->at;
}

/* Behind a ':' two spaces end the groups; what follows may look like digits, and is none. */
static void parse_groups(struct cursor *c, struct hexdump_line *line, bool colon)
{
	while (c->at < c->length) {
		const size_t from = c->at;
		bool tab = false;

		for (; c->at < c->length && is_blank(c->text[c->at]); c->at++)
			tab |= c->text[c->at] == '\t';
		if (c->at == c->length)
			return;
		if (at_chars(c) || (line->count && colon && !tab && c->at - from >= 2)) {
			parse_chars(c, line);
			return;
		}
		if (!parse_group(c, line))
			return;
	}
}

void hexdump_line_parse(const char *text, size_t length, struct hexdump_line *line)
{
	struct cursor c = {text, length, 0};

	*line = (struct hexdump_line){.kind = HEXDUMP_NOTHING};
	while (c.length && (c.text[c.length - 1] == '\r' || c.text[c.length - 1] == '\n'))
		c.length--;
	while (c.at < c.length && is_blank(c.text[c.at]))
		c.at++;
	if (c.at == c.length || c.text[c.at] == '#' || is_prompt(&c))
		return;
	if (c.text[c.at] == '*' && c.at + 1 == c.length) {
		line->kind = HEXDUMP_REPEAT;
		return;
	}
	line->kind = HEXDUMP_DATA;
	if (!parse_address(&c, line))
		return;
	parse_groups(&c, line, c.text[c.at - 1] == ':');
	/* Numbers stand by themselves; xxd's pairs of bytes have characters two spaces further. */
	line->numbers |= line->width > 2 || !line->chars ||
			 (line->chars - c.text >= 3 && line->chars[-3] == ' ');
}

void hexdump_line_swap(struct hexdump_line *line)
{
	size_t at, i, width;

	for (at = 0; at < line->count; at += width) {
		width = min_u64(line->width, line->count - at);
		for (i = 0; i < width / 2; i++) {
			uint8_t byte = line->bytes[at + i];

			line->bytes[at + i] = line->bytes[at + width - 1 - i];
			line->bytes[at + width - 1 - i] = byte;
		}
	}
}

static bool is_printed(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

/* How far the characters are what the bytes would be printed as. */
static bool chars_match(const struct hexdump_line *line)
{
	size_t i;

	for (i = 0; i < line->count; i++)
		if (line->chars[i] != (is_printed(line->bytes[i]) ? (char)line->bytes[i] : '.'))
			return false;
	return true;
}

int hexdump_line_order(const struct hexdump_line *line)
{
	struct hexdump_line swapped = *line;
	bool as_bytes, as_numbers;

	if (line->width < 2 || !line->chars)
		return 0;
	hexdump_line_swap(&swapped);
	as_bytes = chars_match(line);
	as_numbers = chars_match(&swapped);
	return (int)as_numbers - (int)as_bytes;
}
