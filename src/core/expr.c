/* SPDX-License-Identifier: MIT */
#include "expr.h"

#include "ascii.h"
#include "iopt.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static unsigned take_prefix(const char **text)
{
	int second = **text == '0' ? ascii_lower((*text)[1]) : 0;

	if (second != 'x' && second != 'b')
		return 10;
	*text += 2;
	return second == 'x' ? 16 : 2;
}

/* Digits with single underscores between them. */
static int take_digits(const char **text, unsigned base, uint64_t *value)
{
	const char *p = *text;
	bool fits = true;

	*value = 0;
	if (digit_value(*p) >= (int)base)
		return -IOPT_EINVAL;
	for (;; p++) {
		if (*p == '_' && digit_value(p[1]) < (int)base)
			p++;
		if (digit_value(*p) >= (int)base)
			break;
		fits &= !__builtin_mul_overflow(*value, base, value);
		fits &= !__builtin_add_overflow(*value, (uint64_t)digit_value(*p), value);
	}
	*text = p;
	return fits ? 0 : -IOPT_ERANGE;
}

/* k, kb, kib and so on: the shift that it stands for. */
static unsigned take_suffix(const char **text)
{
	static const char letters[] = "kmgt";
	const char *p = *text;
	const char *found = *p ? strchr(letters, ascii_lower(*p)) : NULL;

	if (!found)
		return 0;
	p++;
	if (ascii_lower(*p) == 'i' && ascii_lower(p[1]) == 'b')
		p += 2;
	else if (ascii_lower(*p) == 'b')
		p++;
	*text = p;
	return 10 * (unsigned)(found - letters + 1);
}

static int take_term(const char **text, uint64_t *value)
{
	unsigned base = take_prefix(text);
	int r = take_digits(text, base, value);
	unsigned shift;

	if (r == -IOPT_EINVAL)
		return r;
	shift = take_suffix(text);
	if (*value > UINT64_MAX >> shift)
		r = -IOPT_ERANGE;
	*value <<= shift;
	return r;
}

int expr_number(const char *text, uint64_t *value)
{
	uint64_t sums[2] = {0, 0}, term;
	bool minus = false, fits = true;

	for (;;) {
		int r = take_term(&text, &term);

		if (r == -IOPT_EINVAL)
			return r;
		fits &= !r && !__builtin_add_overflow(sums[minus], term, &sums[minus]);
		if (!*text)
			break;
		if (*text != '+' && *text != '-')
			return -IOPT_EINVAL;
		minus = *text++ == '-';
	}
	if (!fits || sums[1] > sums[0])
		return -IOPT_ERANGE;
	*value = sums[0] - sums[1];
	return 0;
}

/* The number in text[0..length). */
static int number_part(const char *text, size_t length, uint64_t *value)
{
	char part[256];

	if (length >= sizeof(part))
		return -IOPT_EINVAL;
	memcpy(part, text, length);
	part[length] = '\0';
	return expr_number(part, value);
}

int expr_range(const char *text, struct range *range)
{
	const char *dots = strstr(text, ".."), *colon = strchr(text, ':');
	const char *split = dots ? dots : colon;
	uint64_t first, second;
	int r;

	if (!split)
		return -IOPT_EINVAL;
	r = number_part(text, (size_t)(split - text), &first);
	if (!r)
		r = expr_number(split + (dots ? 2 : 1), &second);
	if (r)
		return r;
	if (dots) {
		*range = (struct range){first, second};
		return first <= second ? 0 : -IOPT_EINVAL;
	}
	if (range_make(first, second, range))
		return 0;
	return second ? -IOPT_ERANGE : -IOPT_EINVAL;
}
