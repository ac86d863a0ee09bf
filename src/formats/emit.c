/* SPDX-License-Identifier: MIT */
/* The kinds of output, and what all of them have in common. */
#include "emit.h"

#include "../core/error.h"
#include "../core/space.h"

struct emitter {
	const char *suffix, *what;
	bool sidecar; /* FILE.json goes with it */
	bool links;   /* the base may be a symbol */
	int (*write)(struct emit *e, struct writer *w);
};

static const struct emitter emitters[] = {
	{".bin", "raw image", true, false, emit_image},
	{".json", "table JSON", false, false, emit_json},
	{".c", "C source", false, true, emit_c},
	{".h", "C header", false, true, emit_header},
	{".S", "assembly", false, true, emit_asm},
	{".o", "ELF object", false, true, emit_elf},
	{".hex", "Intel HEX", false, false, emit_ihex},
	{".srec", "Motorola S-records", false, false, emit_srec},
	{".ld", "linker script fragment", false, true, emit_ld},
	{".dts", "device tree", false, false, emit_dts},
	{".svg", "picture", false, true, emit_svg},
};

static const struct emitter *emitter_of(const char *path)
{
	size_t length = strlen(path), i;

	for (i = 0; i < ARRAY_SIZE(emitters); i++) {
		size_t suffix = strlen(emitters[i].suffix);

		if (length > suffix && !strcmp(path + length - suffix, emitters[i].suffix))
			return &emitters[i];
	}
	return NULL;
}

static int output_fill(const struct emitter *from, struct iopt_output *output)
{
	if (output->struct_size < sizeof(*output))
		return -IOPT_EINVAL;
	output->suffix = from->suffix;
	output->what = from->what;
	output->sidecar = from->sidecar;
	output->links = from->links;
	return 0;
}

int iopt_output(size_t i, struct iopt_output *output)
{
	return i < ARRAY_SIZE(emitters) ? output_fill(&emitters[i], output) : -IOPT_ENOENT;
}

int iopt_output_of(const char *path, struct iopt_output *output)
{
	const struct emitter *found = emitter_of(path);

	return found ? output_fill(found, output) : -IOPT_ENOENT;
}

/* ---- what emitters ask ---- */

/* The alignment that place.to has; a root's is at least its own. */
static uint64_t place_align(const struct image_place *place)
{
	return max_u64(place->bytes, IMAGE_ROOT_ALIGN);
}

static uint64_t widest_align(const struct emit *e)
{
	const struct image *im = e->image;
	uint64_t align = IMAGE_ROOT_ALIGN;
	size_t i;

	for (i = 0; i < im->count; i++)
		align = max_u64(align, place_align(&im->places[i]));
	return align;
}

uint64_t emit_align(const struct emit *e)
{
	uint64_t align = widest_align(e);

	/* A small first table may lie less aligned than those that follow it. */
	if (!e->base_symbol && emit_link_base(e))
		align = min_u64(align, emit_link_base(e) & -emit_link_base(e));
	return align;
}

uint64_t emit_link_base(const struct emit *e)
{
	return e->base_symbol ? 0 : e->image->base - e->phys_offset;
}

/* Zeros up to the next table. */
static int emit_gap(const struct emit *e, uint64_t at, uint64_t end,
		    int (*word)(void *arg, const struct emit_word *w), void *arg)
{
	int err = 0;

	for (; !err && at < end; at += BIT(e->word_shift))
		err = word(arg, &(struct emit_word){.at = at});
	return err;
}

/*
 * A descriptor that is wider than an address of the machine goes as two words.  phys_offset has
 * been checked: it carries into the upper one only if that is known beforehand.
 */
static int emit_descriptor(const struct emit *e, struct emit_word w, bool wide,
			   int (*word)(void *arg, const struct emit_word *w), void *arg)
{
	uint64_t low = w.value & low_bits(32), high = w.value >> 32;
	int err;

	if (!wide || e->word_shift == 3) {
		if (w.linked)
			w.value += e->phys_offset;
		if (e->word_shift == 2)
			w.value &= low_bits(32);
		return word(arg, &w);
	}
	if (w.linked) {
		low = (low + e->phys_offset) & low_bits(32);
		if (!(e->phys_offset & low_bits(32)))
			high += e->phys_offset >> 32;
	}
	err = word(arg, &(struct emit_word){w.at, e->big_endian ? high : low,
					    w.linked && !e->big_endian, w.begins});
	if (err)
		return err;
	return word(arg, &(struct emit_word){w.at + 4, e->big_endian ? low : high,
					     w.linked && e->big_endian, NULL});
}

int emit_words(const struct emit *e, int (*word)(void *arg, const struct emit_word *w), void *arg)
{
	const struct image *im = e->image;
	uint64_t done = 0, at;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < im->count; i++) {
		const struct image_place *place = &im->places[i];
		const struct pgtable_format *f = im->domain->spaces[place->space].ops->format;
		uint64_t start = place->to - im->base;

		err = emit_gap(e, done, start, word, arg);
		for (at = 0; !err && at < place->bytes; at += BIT(f->desc_shift)) {
			struct emit_word w = {.at = start + at, .begins = at ? NULL : place};

			w.value = image_word(im, place, at, &w.linked);
			w.linked &= e->base_symbol != NULL;
			err = emit_descriptor(e, w, f->desc_shift == 3, word, arg);
		}
		done = start + place->bytes;
	}
	return err;
}

int emit_bytes(const struct emit *e, const struct iopt_sink *sink)
{
	return image_emit(e->image, sink);
}

/* ---- one output ---- */

static bool is_identifier(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++) {
		bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (!letter && s[i] != '_' && !(digit && i))
			return false;
	}
	return i && i <= EMIT_SYMBOL_MAX;
}

static int refuse(const struct emit *e, int code, const char *why)
{
	return error_set(e->error, IOPT_FAILURE_REQUEST, code, "%s", why);
}

static int check_symbols(const struct emit *e, const struct emitter *kind)
{
	const char *const symbols[] = {e->symbol, e->base_symbol};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (symbols[i] && !is_identifier(symbols[i]))
			return error_set(e->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
					 "'%.64s' is no symbol: letters, digits and _, at most %d",
					 symbols[i], EMIT_SYMBOL_MAX);
	if (e->header && strpbrk(e->header, "\"\\\n\r"))
		return refuse(e, IOPT_EINVAL, "C cannot include a header of this name");
	if (e->base_symbol && !kind->links)
		return error_set(e->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "%s needs a number as base: only a linker knows where '%s' is",
				 kind->what, e->base_symbol);
	return 0;
}

/*
 * On a machine with 32-bit addresses the upper half of a descriptor is not the linker's: what it
 * holds of the address must be known here.
 */
static int check_offset(const struct emit *e)
{
	const uint64_t beyond = BIT(32), align = widest_align(e);

	if (e->base_symbol && e->phys_offset & (align - 1))
		return error_set(e->error, IOPT_FAILURE_REQUEST, IOPT_EINVAL,
				 "the physical offset must be a multiple of %#llx, as the tables",
				 (unsigned long long)align);
	if (!e->base_symbol || !e->aarch32)
		return 0;
	if (e->phys_offset < beyond || -e->phys_offset < beyond)
		return 0;
	if (format_rule(e->image->spaces[0].format)->v7s)
		return refuse(e, IOPT_ERANGE, "short descriptors point no further than 4 GiB");
	if (e->phys_offset & low_bits(32))
		return refuse(e, IOPT_ERANGE,
			      "with a symbol as base the physical offset must be below 4 GiB, or"
			      " a multiple of it");
	if (e->phys_offset >> 40)
		return refuse(e, IOPT_ERANGE, "physical addresses have 40 bits here");
	return 0;
}

static int begin(struct emit *e, const struct emitter *kind, const struct iopt_emit_options *o,
		 struct image *im)
{
	const struct pgtable *t = &e->image->domain->spaces[0];
	const uint64_t zero = 0;
	int err = check_symbols(e, kind);

	e->aarch32 = format_rule(t->format)->aarch32;
	e->big_endian = t->ops->format->big_endian;
	e->word_shift = e->aarch32 && e->base_symbol ? 2 : t->ops->format->desc_shift;
	if (!err)
		err = image_plan(im, im->domain, e->base_symbol ? &zero : o->base, e->error);
	if (!err)
		err = check_offset(e);
	if (!err)
		emit_registers(e);
	return err;
}

static int run(struct emit *e, const struct emitter *kind, const struct iopt_sink *sink)
{
	struct writer w;
	int err, written;

	writer_init(&w, *sink);
	err = kind->write(e, &w);
	written = writer_flush(&w);
	if (!err)
		err = written;
	if (err && (!e->error || !e->error->code))
		error_set(e->error, written ? IOPT_FAILURE_IO : IOPT_FAILURE_LIMIT, -err, "%s",
			  iopt_error_text(err));
	return err;
}

int iopt_emit(struct iopt_domain *domain, const char *name, const struct iopt_emit_options *options,
	      const struct iopt_sink *sink, const struct iopt_sink *sidecar,
	      struct iopt_error *error)
{
	const struct iopt_emit_options defaults = IOPT_INIT(struct iopt_emit_options);
	const struct iopt_emit_options *o = options ? options : &defaults;
	const struct emitter *kind = emitter_of(name);
	struct image im = {.domain = domain};
	struct iopt_error own = IOPT_INIT(struct iopt_error);
	struct emit e = {
		.image = &im,
		.name = name,
		.symbol = o->symbol ? o->symbol : "iopt_tables",
		.base_symbol = o->base_symbol,
		.header = o->header,
		.phys_offset = o->phys_offset,
		.cpu_registers = o->cpu_registers,
		.sidecar = sidecar,
		.error = error ? error : &own,
	};
	int err;

	if (o->struct_size < sizeof(*o))
		return refuse(&e, IOPT_EINVAL, "options of another version of the library");
	if (!kind)
		return refuse(&e, IOPT_EINVAL, "the name does not tell a kind of output");
	if (!domain->space_count)
		return refuse(&e, IOPT_ENODEV, "the domain has no tables before it is attached");
	e.error->code = 0;
	err = begin(&e, kind, o, &im);
	if (!err)
		err = run(&e, kind, sink);
	image_free(&im);
	return err;
}
