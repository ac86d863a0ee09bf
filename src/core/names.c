/* SPDX-License-Identifier: MIT */
/* The words for everything that has a number. */
#include "domain.h"
#include "space.h"

#ifndef IOPT_VERSION
#error "the build names the version"
#endif

const char *iopt_version(void)
{
	return IOPT_VERSION;
}

const char *iopt_format_name(enum iopt_format format)
{
	return (unsigned)format < IOPT_FORMAT_COUNT ? format_rule(format)->name : NULL;
}

const char *iopt_regime_name(enum iopt_regime regime)
{
	static const char *const names[] = {"el1", "el2", "el3", "stage2"};

	return (unsigned)regime < ARRAY_SIZE(names) ? names[regime] : NULL;
}

const char *iopt_presence_name(enum iopt_presence presence)
{
	static const char *const names[] = {"present", "absent", "excluded", "unreadable"};

	return (unsigned)presence < ARRAY_SIZE(names) ? names[presence] : NULL;
}

const char *iopt_arch_name(enum iopt_arch arch)
{
	static const char *const names[] = {"aarch64", "arm", "aarch32-lpae", "aarch32-v7s"};

	return (unsigned)arch < ARRAY_SIZE(names) ? names[arch] : NULL;
}

/* The name of the one bit that is set in 'flag'. */
static const char *flag_name(const char *const *names, unsigned count, unsigned flag)
{
	return is_power_of_two(flag) && flag < 1u << count ? names[__builtin_ctz(flag)] : NULL;
}

const char *iopt_quirk_name(enum iopt_quirk quirk)
{
	static const char *const names[IOPT_QUIRK_COUNT] = {
		"arm-ns",	    "no-perms",	 "arm-mtk-ext",
		"arm-mtk-ttbr-ext", "arm-ttbr1", "arm-outer-wbwa",
	};

	return flag_name(names, IOPT_QUIRK_COUNT, quirk);
}

const char *iopt_prot_name(enum iopt_prot prot)
{
	static const char *const names[IOPT_PROT_COUNT] = {
		"read", "write", "cache", "noexec", "mmio", "priv",
	};

	return flag_name(names, IOPT_PROT_COUNT, prot);
}

const char *iopt_oa_layout_name(enum iopt_oa_layout layout)
{
	static const char *const names[] = {"48", "lpa", "lpa2"};

	return (unsigned)layout < ARRAY_SIZE(names) ? names[layout] : NULL;
}

const char *iopt_fault_name(enum iopt_fault_type type)
{
	static const char *const names[] = {NULL,	  "translation", "address-size", "access",
					    "permission", "domain",	 "external"};

	return (unsigned)type < ARRAY_SIZE(names) ? names[type] : NULL;
}

const char *iopt_type_name(enum iopt_type type)
{
	static const char *const names[] = {"invalid", "reserved", "table",	   "block",
					    "page",    "section",  "supersection", "large"};

	return (unsigned)type < ARRAY_SIZE(names) ? names[type] : NULL;
}

const char *domain_register_name(const char *name)
{
	static const char *const names[] = {
		"ttbr", "tcr", "mair", "vttbr", "vtcr", "prrr", "nmrr", "sctlr", "hcr", "scr",
		"dacr", "ips", "ps",   "tg",	"sh",	"orgn", "irgn", "sl",	 "tsz",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return names[i];
	return NULL;
}

const char *iopt_dma_attr_name(enum iopt_dma_attr attr)
{
	static const char *const names[] = {
		NULL,
		"weak-ordering",
		"write-combine",
		NULL,
		"no-kernel-mapping",
		"skip-cpu-sync",
		"force-contiguous",
		"alloc-single-pages",
		"no-warn",
		"privileged",
	};

	return flag_name(names, ARRAY_SIZE(names), attr);
}

const char *iopt_dma_direction_name(enum iopt_dma_direction direction)
{
	static const char *const names[] = {"bidirectional", "to-device", "from-device"};

	return (unsigned)direction < ARRAY_SIZE(names) ? names[direction] : NULL;
}

const char *iopt_buffer_source_name(enum iopt_buffer_source source)
{
	static const char *const names[] = {"device-pool", "iommu",  "contiguous",
					    "atomic-pool", "direct", "caller"};

	return (unsigned)source < ARRAY_SIZE(names) ? names[source] : NULL;
}
