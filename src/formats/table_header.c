/* SPDX-License-Identifier: MIT */
#include "table_header.h"

#include "../core/error.h"
#include "emit.h"

static const char *format_word(unsigned i)
{
	return iopt_format_name((enum iopt_format)i);
}

static const char *regime_word(unsigned i)
{
	return iopt_regime_name((enum iopt_regime)i);
}

static const char *half_word(unsigned i)
{
	static const char *const words[] = {"lower", "upper"};

	return i < ARRAY_SIZE(words) ? words[i] : NULL;
}

static const char *oa_layout_word(unsigned i)
{
	return iopt_oa_layout_name((enum iopt_oa_layout)i);
}

static const char *quirk_word(unsigned i)
{
	return i < IOPT_QUIRK_COUNT ? iopt_quirk_name((enum iopt_quirk)BIT(i)) : NULL;
}

static const char *endian_word(unsigned i)
{
	static const char *const words[] = {"little", "big", NULL};

	return words[i];
}

const char *table_space_name(unsigned i)
{
	static const char *const names[] = {"ttbr0", "ttbr1"};

	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

static void write_name(struct writer *w, const char *name)
{
	writer_json_string(w, name);
	writer_char(w, ':');
}

static void write_register(struct writer *w, const struct iopt_register *r)
{
	unsigned i;

	write_name(w, r->name);
	writer_str(w, "{\"value\":\"");
	writer_hex(w, r->value);
	writer_str(w, "\",\"fields\":{");
	for (i = 0; i < r->field_count; i++) {
		if (i)
			writer_char(w, ',');
		write_name(w, r->fields[i].name);
		writer_dec(w, r->fields[i].value);
	}
	writer_str(w, "}}");
}

static void write_page_sizes(struct writer *w, uint64_t sizes)
{
	writer_str(w, ",\"page_sizes\":[");
	while (sizes) {
		writer_char(w, '"');
		writer_hex(w, sizes & -sizes);
		sizes &= sizes - 1;
		writer_str(w, sizes ? "\"," : "\"");
	}
	writer_char(w, ']');
}

static void write_quirks(struct writer *w, uint32_t quirks)
{
	const char *comma = "";
	unsigned i;

	writer_str(w, ",\"quirks\":[");
	for (i = 0; quirk_word(i); i++) {
		if (!(quirks & BIT(i)))
			continue;
		writer_str(w, comma);
		writer_json_string(w, quirk_word(i));
		comma = ",";
	}
	writer_char(w, ']');
}

void table_header_write(struct writer *w, const struct space_desc *desc, bool with_root)
{
	unsigned i;

	writer_str(w, "\"format\":\"");
	writer_str(w, iopt_format_name(desc->format));
	writer_str(w, "\",\"regime\":\"");
	writer_str(w, iopt_regime_name(desc->regime));
	writer_str(w, "\",\"ias\":");
	writer_dec(w, desc->ias);
	writer_str(w, ",\"oas\":");
	writer_dec(w, desc->oas);
	writer_str(w, ",\"granule\":\"");
	writer_hex(w, desc->granule);
	writer_char(w, '"');
	write_page_sizes(w, desc->page_sizes);
	write_quirks(w, desc->quirks);
	writer_str(w, ",\"coherent_walk\":");
	writer_str(w, desc->non_coherent_walk ? "false" : "true");
	writer_str(w, ",\"endian\":\"");
	writer_str(w, endian_word(desc->big_endian));
	writer_str(w, "\",\"oa_layout\":\"");
	writer_str(w, iopt_oa_layout_name(desc->oa_layout));
	if (desc->upper)
		writer_str(w, "\",\"half\":\"upper");
	writer_str(w, "\",\"start_level\":");
	writer_signed(w, desc->start_level);
	if (with_root) {
		writer_str(w, ",\"root\":\"");
		writer_hex(w, desc->root);
		writer_char(w, '"');
	}
	writer_str(w, ",\"registers\":{");
	for (i = 0; i < desc->register_count; i++) {
		writer_str(w, i ? "," : "");
		write_register(w, &desc->registers[i]);
	}
	writer_char(w, '}');
}

static int read_fields(const struct json_part *part, const json_t *fields, struct iopt_register *r)
{
	const char *key;
	json_t *value;
	int64_t number;
	int err;

	json_object_foreach((json_t *)fields, key, value)
	{
		const char *name = domain_register_name(key);

		if (!name)
			continue;
		if (r->field_count == IOPT_FIELDS_MAX)
			return json_fail(json_member(part, fields, key), "too many fields");
		err = json_take_number(json_member(part, fields, key), 0, UINT32_MAX, &number);
		if (err)
			return err;
		r->fields[r->field_count].name = name;
		r->fields[r->field_count++].value = (unsigned)number;
	}
	return 0;
}

static int read_register(const struct json_part *part, struct json_ref ref, struct iopt_register *r)
{
	const json_t *object, *fields;
	int err = json_take_object(ref, &object);

	if (err)
		return err;
	err = json_take_hex(json_member(part, object, "value"), &r->value);
	if (err || !json_object_get(object, "fields"))
		return err;
	err = json_take_object(json_member(part, object, "fields"), &fields);
	return err ? err : read_fields(part, fields, r);
}

/* Of that name, or a new one; NULL: no room. */
static struct iopt_register *register_for(struct space_desc *desc, const char *name)
{
	unsigned i;

	for (i = 0; i < desc->register_count; i++)
		if (!strcmp(desc->registers[i].name, name))
			return &desc->registers[i];
	if (desc->register_count == IOPT_REGISTERS_MAX)
		return NULL;
	desc->registers[desc->register_count] = (struct iopt_register){.name = name};
	return &desc->registers[desc->register_count++];
}

/* By Linux's name, or the CPU's, which may be of a part of it (MAIR0, MAIR1). */
static int read_registers(const struct json_part *part, const json_t *object,
			  struct space_desc *desc)
{
	const json_t *registers;
	const char *key;
	json_t *value;
	int err = json_take_object(json_member(part, object, "registers"), &registers);

	if (err)
		return err;
	json_object_foreach((json_t *)registers, key, value)
	{
		struct json_ref ref = json_member(part, registers, key);
		struct iopt_register r = {.name = domain_register_name(key)}, *to;
		unsigned shift = 0;

		if (!r.name)
			r.name = emit_register_own(key, &shift);
		if (!r.name)
			continue;
		to = register_for(desc, r.name);
		if (!to)
			return json_fail(ref, "too many registers");
		err = read_register(part, ref, &r);
		if (err)
			return err;
		r.value = r.value << shift | to->value;
		*to = r;
	}
	return 0;
}

static int read_page_sizes(const struct json_part *part, const json_t *object,
			   struct space_desc *desc)
{
	const json_t *sizes;
	size_t i;
	int err = json_take_array(json_member(part, object, "page_sizes"), &sizes);

	for (i = 0; !err && i < json_array_size(sizes); i++) {
		struct json_ref ref = json_element(part, sizes, i);
		uint64_t size;

		err = json_take_hex(ref, &size);
		if (!err && (!is_power_of_two(size) || size < desc->granule))
			err = json_fail(ref,
					"a page size must be a power of two and no smaller than"
					" the granule");
		if (!err)
			desc->page_sizes |= size;
	}
	return err;
}

static int read_quirks(const struct json_part *part, const json_t *object, struct space_desc *desc)
{
	const json_t *quirks;
	unsigned quirk;
	size_t i;
	int err = json_take_array(json_member(part, object, "quirks"), &quirks);

	for (i = 0; !err && i < json_array_size(quirks); i++) {
		err = json_take_word(json_element(part, quirks, i), quirk_word, &quirk);
		if (!err)
			desc->quirks |= (uint32_t)BIT(quirk);
	}
	return err;
}

static int read_words(const struct json_part *part, const json_t *object, struct space_desc *desc)
{
	unsigned format, regime, oa_layout, endian, half = 0;
	bool coherent, stage2;
	int err = json_take_word(json_member(part, object, "format"), format_word, &format);

	if (!err)
		err = json_take_word(json_member(part, object, "regime"), regime_word, &regime);
	if (!err)
		err = json_take_word(json_member(part, object, "oa_layout"), oa_layout_word,
				     &oa_layout);
	if (!err)
		err = json_take_word(json_member(part, object, "endian"), endian_word, &endian);
	if (!err)
		err = json_take_bool(json_member(part, object, "coherent_walk"), &coherent);
	if (!err && json_object_get(object, "half"))
		err = json_take_word(json_member(part, object, "half"), half_word, &half);
	if (err)
		return err;
	stage2 = format == IOPT_ARM_64_LPAE_S2 || format == IOPT_ARM_32_LPAE_S2;
	if (stage2 != (regime == IOPT_REGIME_STAGE2))
		return json_fail(json_member(part, object, "regime"),
				 "\"regime\" does not go with \"format\"");
	desc->format = (enum iopt_format)format;
	desc->regime = (enum iopt_regime)regime;
	desc->oa_layout = (enum iopt_oa_layout)oa_layout;
	desc->big_endian = endian;
	desc->upper = half;
	desc->non_coherent_walk = !coherent;
	return 0;
}

static int read_numbers(const struct json_part *part, const json_t *object, struct space_desc *desc)
{
	int64_t ias, oas, level;
	int err = json_take_number(json_member(part, object, "ias"), 1, 64, &ias);

	if (!err)
		err = json_take_number(json_member(part, object, "oas"), 1, 64, &oas);
	if (!err)
		err = json_take_number(json_member(part, object, "start_level"), PGTABLE_LEVEL_MIN,
				       PGTABLE_LEVEL_MAX, &level);
	if (!err)
		err = json_take_hex(json_member(part, object, "root"), &desc->root);
	if (!err)
		err = json_take_hex(json_member(part, object, "granule"), &desc->granule);
	if (err)
		return err;
	if (!is_power_of_two(desc->granule) ||
	    !iopt_granule_page_sizes(desc->format, desc->granule))
		return json_fail(json_member(part, object, "granule"),
				 "the format has no granule of this size");
	desc->ias = (unsigned)ias;
	desc->oas = (unsigned)oas;
	desc->start_level = (int)level;
	return 0;
}

int table_header_read(const struct json_part *part, const json_t *object, struct space_desc *desc)
{
	int err;

	*desc = (struct space_desc){0};
	err = read_words(part, object, desc);
	if (!err)
		err = read_numbers(part, object, desc);
	if (!err)
		err = read_page_sizes(part, object, desc);
	if (!err)
		err = read_quirks(part, object, desc);
	if (!err)
		err = read_registers(part, object, desc);
	return err;
}

int table_check_schema(const struct json_part *part, const json_t *object, const char *wanted)
{
	struct json_ref ref = json_member(part, object, "schema");
	const char *schema;
	int err;

	if (!json_object_get(object, "schema"))
		return json_fail(ref,
				 "\"schema\" is missing: \"%s\" (registers: domain open"
				 " --registers; a spec: build)",
				 wanted);
	err = json_take_string(ref, &schema);
	if (!err && strcmp(schema, "iopt.image/1") == 0 && strcmp(schema, wanted) != 0)
		return json_fail(ref,
				 "the sidecar of an image: load the image, which is beside it");
	if (!err && strcmp(schema, wanted) != 0)
		err = json_fail(ref, "\"schema\" must be \"%s\", not \"%s\"", wanted, schema);
	return err;
}

/* The registers of a space go with it as a whole, and are kept as they are; but do they fit? */
static const char *doubt(const struct space_desc *desc)
{
	struct space_desc moved = *desc;
	unsigned i, k;

	if (domain_move_root(&moved, desc->root))
		return NULL;
	for (i = 0; i < desc->register_count; i++) {
		const struct iopt_register *r = &desc->registers[i];

		if (moved.registers[i].value != r->value)
			return "the table base register does not hold the address of the root";
		for (k = 0; k < r->field_count; k++)
			if (strcmp(r->fields[k].name, "tsz") == 0 &&
			    r->fields[k].value + desc->ias != 64)
				return "the size field (tsz) of the registers does not go with ias";
	}
	return NULL;
}

static bool is_upper(const struct space_desc *desc)
{
	return desc->upper || desc->quirks & IOPT_QUIRK_ARM_TTBR1;
}

int table_adopt(const struct json_input *in, size_t at, struct iopt_memory *memory,
		const struct space_desc *spaces, unsigned count, struct iopt_domain **domain)
{
	struct iopt_error why = IOPT_INIT(struct iopt_error);
	unsigned i;
	int err;

	if (count == 2 && (is_upper(&spaces[0]) || !is_upper(&spaces[1])))
		return json_input_fail(in, at, "of two spaces the second alone is the upper half");
	err = domain_adopt(memory, spaces, count, domain, &why);
	if (err == -IOPT_EINVAL)
		return json_input_fail(in, at, "%s", why.message);
	if (err)
		return error_set(in->error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err));
	for (i = 0; i < count; i++)
		if (!(*domain)->spaces[i].warning)
			(*domain)->spaces[i].warning = doubt(&spaces[i]);
	return 0;
}
