/* SPDX-License-Identifier: MIT */
/*
 * VMCOREINFO: lines of KEY=VALUE by which Linux tells tools about itself.  Of interest is where the
 * kernel's own tables are, and how large their input addresses.
 */
#include <stdlib.h>

#include "../core/domain.h"
#include "../core/error.h"
#include "../core/memory.h"

#define TCR_EPD0  BIT(7)
#define TCR_DS	  BIT(59)
#define TCR_T1SZ  BITS(21, 16)
#define TCR_TG1	  BITS(31, 30)
#define TCR_IPS	  BITS(34, 32)
#define TTBCR_EAE BIT(31)

enum {
	IPS_48 = 5,
	IPS_52 = 6,
	/* Of a kernel for 52 bits where the CPU has 48, 64K pages: its tables begin further on. */
	PGD_SKIPPED_64K = (1 << (52 - 42)) - (1 << (48 - 42)),
};

struct vmcoreinfo {
	const char *text;
	struct iopt_registers *to;
	struct iopt_error *error;
};

/* ---- lines ---- */

/* The value of 'key', up to its line's end; NULL: there is no such line. */
static const char *find(const struct vmcoreinfo *v, const char *key)
{
	const size_t length = strlen(key);
	const char *line = v->text;

	while (line) {
		if (!strncmp(line, key, length) && line[length] == '=')
			return line + length + 1;
		line = strchr(line, '\n');
		line += line != NULL;
	}
	return NULL;
}

static bool has(const struct vmcoreinfo *v, const char *key)
{
	return find(v, key) != NULL;
}

static int missing(const struct vmcoreinfo *v, const char *key)
{
	return error_set(v->error, IOPT_FAILURE_INPUT, IOPT_ENOENT,
			 "the dump's VMCOREINFO has no %s", key);
}

static int bad(const struct vmcoreinfo *v, const char *key, const char *why)
{
	const char *value = find(v, key);

	return error_set(v->error, IOPT_FAILURE_INPUT, IOPT_ENOEXEC,
			 "the dump's VMCOREINFO: %s=%.*s %s", key,
			 (int)min_u64(strcspn(value, "\n"), 40), value, why);
}

/* SYMBOL(…) in hex without 0x, NUMBER(…) and the rest with 0x or decimal, perhaps negative. */
static bool parse(const char *text, int base, uint64_t *value)
{
	const bool negative = *text == '-';
	char *end;

	text += negative;
	if (!strncmp(text, "0x", 2))
		base = 16;
	if (strspn(text, "0123456789abcdefABCDEFx") == 0)
		return false;
	*value = strtoull(text, &end, base);
	if (negative)
		*value = -*value;
	return end != text && (*end == '\n' || *end == '\r' || !*end);
}

static int number(const struct vmcoreinfo *v, const char *key, int base, uint64_t *value)
{
	const char *text = find(v, key);

	if (!text)
		return missing(v, key);
	return parse(text, base, value) ? 0 : bad(v, key, "is no number");
}

static int set(const struct vmcoreinfo *v, const char *name, uint64_t value)
{
	int err = iopt_registers_set(v->to, name, value);

	return err ? error_set(v->error, IOPT_FAILURE_LIMIT, -err, "%s", iopt_error_text(err)) : 0;
}

/* ---- AArch64 ---- */

static int page_shift(const struct vmcoreinfo *v, unsigned *shift)
{
	uint64_t size;
	int err = number(v, "PAGESIZE", 10, &size);

	if (err)
		return err;
	if (size != BIT(12) && size != BIT(14) && size != BIT(16))
		return bad(v, "PAGESIZE", "is none of 4096, 16384 and 65536");
	*shift = (unsigned)__builtin_ctzll(size);
	return 0;
}

/* By the register where the note has it, since a kernel may use less than it was built for. */
static int read_t1sz(const struct vmcoreinfo *v, uint64_t *t1sz)
{
	const bool direct = has(v, "NUMBER(TCR_EL1_T1SZ)");
	const char *key = direct ? "NUMBER(TCR_EL1_T1SZ)" : "NUMBER(VA_BITS)";
	uint64_t value;
	int err = number(v, key, 10, &value);

	if (err)
		return err;
	*t1sz = direct ? value : 64 - value;
	return *t1sz < 12 || *t1sz > 48 ? bad(v, key, "is out of range") : 0;
}

static uint64_t tcr_of(unsigned shift, uint64_t t1sz)
{
	static const uint8_t tg1[] = {[12] = 2, [14] = 1, [16] = 3};
	const bool ds = t1sz < 16 && shift != 16;

	return TCR_EPD0 | field_put(TCR_T1SZ, t1sz) | field_put(TCR_TG1, tg1[shift]) |
	       field_put(TCR_IPS, ds || shift == 16 ? IPS_52 : IPS_48) | (ds ? TCR_DS : 0);
}

/*
 * kimage_voffset leads from the kernel image's addresses to physical ones; the linear map's
 * PHYS_OFFSET may be negative, and is not needed.
 */
static int open_aarch64(const struct vmcoreinfo *v, uint64_t swapper)
{
	uint64_t voffset, t1sz, va_bits = 0;
	unsigned shift = 0;
	int err = number(v, "NUMBER(kimage_voffset)", 16, &voffset);

	if (!err)
		err = page_shift(v, &shift);
	if (!err)
		err = read_t1sz(v, &t1sz);
	if (!err && has(v, "NUMBER(VA_BITS)"))
		err = number(v, "NUMBER(VA_BITS)", 10, &va_bits);
	if (err)
		return err;
	swapper -= voffset;
	if (swapper >> 52)
		return bad(v, "NUMBER(kimage_voffset)", "does not lead to a physical address");
	if (shift == 16 && va_bits == 52 && t1sz == 16)
		swapper += PGD_SKIPPED_64K * sizeof(uint64_t);
	err = set(v, "arch", IOPT_ARCH_AARCH64);
	if (!err)
		err = set(v, "ttbr1_el1", (swapper & BITS(47, 0)) | swapper >> 48 << 2);
	return err ? err : set(v, "tcr_el1", tcr_of(shift, t1sz));
}

/* ---- AArch32 ---- */

/* The linear map begins at a multiple of 256 MiB, and the tables are in its first. */
static int open_arm(const struct vmcoreinfo *v, uint64_t swapper)
{
	const bool lpae = has(v, "CONFIG_ARM_LPAE");
	uint64_t phys;
	int err = number(v, "NUMBER(PHYS_OFFSET)", 16, &phys);

	if (err)
		return err;
	swapper = (swapper & BITS(27, 0)) + phys;
	if (swapper >> (lpae ? 40 : 32))
		return bad(v, "NUMBER(PHYS_OFFSET)", "does not lead to a physical address");
	err = set(v, "arch", lpae ? IOPT_ARCH_AARCH32_LPAE : IOPT_ARCH_AARCH32_V7S);
	if (!err)
		err = set(v, "ttbr0", swapper);
	return err ? err : set(v, "ttbcr", lpae ? TTBCR_EAE : 0);
}

int iopt_registers_vmcoreinfo(struct iopt_registers *registers, const struct iopt_memory *memory,
			      struct iopt_error *error)
{
	struct vmcoreinfo v = {.text = memory->vmcoreinfo, .to = registers, .error = error};
	uint64_t swapper;
	int err;

	if (!v.text)
		return error_set(error, IOPT_FAILURE_REQUEST, IOPT_ENOENT,
				 "no dump in this memory has a VMCOREINFO note");
	err = number(&v, "SYMBOL(swapper_pg_dir)", 16, &swapper);
	if (err)
		return err;
	return swapper >> 32 ? open_aarch64(&v, swapper) : open_arm(&v, swapper);
}
