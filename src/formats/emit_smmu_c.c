/* SPDX-License-Identifier: MIT */
/* The accesses that program an SMMU as C, for firmware. */
#include "emit_smmu.h"

/* What the array is of, and how it is taken; the same in both files, which may come together. */
static const char c_runtime[] =
	"#include <stddef.h>\n"
	"#include <stdint.h>\n"
	"\n"
	"#ifndef IOPT_SMMU_STEPS\n"
	"#define IOPT_SMMU_STEPS\n"
	"\n"
	"#ifndef IOPT_SMMU_POLLS\n"
	"#define IOPT_SMMU_POLLS 1000000 /* reads until a wait is given up */\n"
	"#endif\n"
	"\n"
	"enum {\n"
	"\tIOPT_STEP_WRITE,\t/* value */\n"
	"\tIOPT_STEP_UPDATE, /* value in the bits of mask, the others as they are */\n"
	"\tIOPT_STEP_WAIT,\t/* until the bits of mask are those of value */\n"
	"};\n"
	"\n"
	"struct iopt_step {\n"
	"\tuint32_t offset; /* from the SMMU's base */\n"
	"\tuint8_t width;\t/* bytes: 4 or 8 */\n"
	"\tuint8_t op;\n"
	"\tuint64_t value, mask;\n"
	"};\n"
	"\n"
	"/* In two halves, the upper one first, where the CPU has no wider access. */\n"
	"static inline void iopt_step_write(volatile char *at, unsigned width, uint64_t value)\n"
	"{\n"
	"\tif (width == 4) {\n"
	"\t\t*(volatile uint32_t *)at = (uint32_t)value;\n"
	"\t} else if (sizeof(void *) < 8) {\n"
	"\t\t*(volatile uint32_t *)(at + 4) = (uint32_t)(value >> 32);\n"
	"\t\t*(volatile uint32_t *)at = (uint32_t)value;\n"
	"\t} else {\n"
	"\t\t*(volatile uint64_t *)at = value;\n"
	"\t}\n"
	"}\n"
	"\n"
	"static inline uint64_t iopt_step_read(volatile char *at, unsigned width)\n"
	"{\n"
	"\tuint64_t value = *(volatile uint32_t *)at;\n"
	"\n"
	"\tif (width == 8)\n"
	"\t\tvalue |= (uint64_t)*(volatile uint32_t *)(at + 4) << 32;\n"
	"\treturn value;\n"
	"}\n"
	"\n"
	"/*\n"
	" * Takes the steps in order; how many were taken: fewer than 'count' if the SMMU did not answer\n"
	" * a wait.  Tables and descriptors must be in memory, where the SMMU sees them, before.\n"
	" */\n"
	"static inline size_t iopt_steps_take(volatile void *base, const struct iopt_step *steps,\n"
	"\t\t\t\t     size_t count)\n"
	"{\n"
	"\tsize_t i;\n"
	"\n"
	"\tfor (i = 0; i < count; i++) {\n"
	"\t\tvolatile char *at = (volatile char *)base + steps[i].offset;\n"
	"\t\tuint64_t mask = steps[i].mask, value = steps[i].value;\n"
	"\t\tunsigned long polls = 0;\n"
	"\n"
	"\t\tif (steps[i].op == IOPT_STEP_WAIT) {\n"
	"\t\t\twhile ((iopt_step_read(at, steps[i].width) & mask) != value)\n"
	"\t\t\t\tif (++polls == IOPT_SMMU_POLLS)\n"
	"\t\t\t\t\treturn i;\n"
	"\t\t\tcontinue;\n"
	"\t\t}\n"
	"\t\tif (steps[i].op == IOPT_STEP_UPDATE)\n"
	"\t\t\tvalue |= iopt_step_read(at, steps[i].width) & ~mask;\n"
	"\t\tiopt_step_write(at, steps[i].width, value);\n"
	"\t}\n"
	"\treturn count;\n"
	"}\n"
	"\n"
	"#endif\n"
	"\n";

static void put_macro(struct smmu_dump *d, const char *begin, const char *name)
{
	writer_str(&d->w, begin);
	writer_str(&d->w, d->upper);
	writer_str(&d->w, name);
}

static void put_number(struct writer *w, unsigned bytes, uint64_t value)
{
	writer_str(w, bytes == 8 ? "UINT64_C(" : "UINT32_C(");
	writer_hex(w, value);
	writer_char(w, ')');
}

static void put_title(struct smmu_dump *d, const char *what)
{
	struct writer *w = &d->w;

	writer_str(w, "/* SMMU ");
	writer_escape(w, d->name, "*/"); /* it stands in a comment */
	writer_str(w, " (");
	writer_str(w, iopt_smmu_model_name(d->config.model));
	writer_str(w, ") at ");
	writer_hex(w, d->config.base);
	writer_str(w, what);
}

/* "const struct iopt_step s0_steps[103]" */
static void put_array(struct smmu_dump *d, const char *end)
{
	struct writer *w = &d->w;

	writer_str(w, "const struct iopt_step ");
	writer_str(w, d->symbol);
	writer_str(w, "_steps[");
	writer_dec(w, d->steps);
	writer_str(w, end);
}

static void put_function(struct smmu_dump *d, const char *end)
{
	struct writer *w = &d->w;

	writer_str(w, "size_t ");
	writer_str(w, d->symbol);
	writer_str(w, "_program(volatile void *base)");
	writer_str(w, end);
}

static int c_step(void *arg, const struct iopt_smmu_step *step)
{
	static const char *const ops[] = {
		[IOPT_SMMU_WRITE] = "IOPT_STEP_WRITE",
		[IOPT_SMMU_UPDATE] = "IOPT_STEP_UPDATE",
		[IOPT_SMMU_TRIGGER] = "IOPT_STEP_WRITE",
		[IOPT_SMMU_WAIT] = "IOPT_STEP_WAIT",
	};
	struct smmu_dump *d = arg;
	struct writer *w = &d->w;

	writer_str(w, "\t{");
	writer_hex(w, step->offset);
	writer_str(w, step->bytes == 8 ? ", 8, " : ", 4, ");
	writer_str(w, ops[step->kind]);
	writer_str(w, ", ");
	put_number(w, step->bytes, step->value);
	writer_str(w, ", ");
	put_number(w, step->bytes, step->mask);
	writer_str(w, "}, /* ");
	if (step->bank >= 0) {
		writer_str(w, "bank ");
		writer_dec(w, (unsigned)step->bank);
		writer_str(w, ": ");
	}
	writer_str(w, step->name);
	writer_str(w, " */\n");
	return w->error;
}

int smmu_dump_c(struct smmu_dump *d)
{
	const struct iopt_smmu_step_sink sink = {c_step, d};
	struct writer *w = &d->w;
	int ret;

	put_title(d, ": what Linux's driver writes, in its order.  Made by iopt. */\n");
	writer_str(w, c_runtime);
	writer_str(w, "extern ");
	put_array(d, "];\n");
	put_function(d, ";\n\n");
	put_array(d, "] = {\n");
	ret = iopt_smmu_program(d->smmu, &sink);
	writer_str(w, "};\n\n");
	put_function(d, "\n{\n\treturn iopt_steps_take(base, ");
	writer_str(w, d->symbol);
	writer_str(w, "_steps, ");
	writer_dec(w, d->steps);
	writer_str(w, ");\n}\n");
	return ret;
}

static void define(struct smmu_dump *d, const struct iopt_smmu_step *step, const char *suffix,
		   unsigned bytes, uint64_t value)
{
	struct writer *w = &d->w;

	put_macro(d, "#define ", step->bank < 0 ? "_" : "_CB");
	if (step->bank >= 0) {
		writer_dec(w, (unsigned)step->bank);
		writer_char(w, '_');
	}
	for (const char *p = step->name; *p; p++)
		writer_char(w, ascii_upper(*p));
	writer_str(w, suffix);
	writer_char(w, ' ');
	put_number(w, bytes, value);
	writer_char(w, '\n');
}

static int header_register(void *arg, const struct iopt_smmu_step *step)
{
	struct smmu_dump *d = arg;

	if (step->idle)
		return 0;
	define(d, step, "_OFFSET", 4, step->offset);
	define(d, step, "", step->bytes, step->value);
	if (step->kind == IOPT_SMMU_UPDATE)
		define(d, step, "_MASK", step->bytes, step->mask);
	return d->w.error;
}

int smmu_dump_header(struct smmu_dump *d)
{
	const struct iopt_smmu_step_sink sink = {header_register, d};
	struct writer *w = &d->w;
	int ret;

	put_title(d, ", as Linux's driver has it.  Made by iopt. */\n");
	put_macro(d, "#ifndef ", "_SMMU_H\n");
	put_macro(d, "#define ", "_SMMU_H\n\n");
	writer_str(w, c_runtime);
	put_macro(d, "#define ", "_BASE ");
	put_number(w, 8, d->config.base);
	put_macro(d, "\n#define ", "_STEP_COUNT ");
	writer_dec(w, d->steps);
	writer_str(w, "\n\n/* In the order of the driver, for iopt_steps_take(). */\nextern ");
	put_array(d, "];\n/* All of them; how many were taken. */\n");
	put_function(d, ";\n\n/* What registers hold after it; of a _MASK, only its bits. */\n");
	ret = iopt_smmu_registers(d->smmu, &sink);
	writer_str(w, "\n#endif\n");
	return ret;
}
