/* SPDX-License-Identifier: MIT */
/*
 * Streams through an SMMU as hardware takes them: by its registers and by what is in memory alone,
 * whoever wrote it.
 */
#ifndef IOPT_API_ROUTE_H
#define IOPT_API_ROUTE_H

#include "smmu.h"
#include "walk.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What iopt_smmu_program() leaves in the registers, by name; those of context bank n as
 * "cb<n>.ttbr0". Registers from a file may have "smmuv3." before their names.  ENOMEM; E2BIG.
 */
IOPT_API int iopt_streams_registers(const struct iopt_smmu *smmu, struct iopt_registers *registers);

/* An SMMU as transactions meet it. */
struct iopt_streams {
	size_t struct_size;
	struct iopt_memory *memory;
	const struct iopt_registers *registers;
	enum iopt_smmu_model model;
};

enum iopt_route_config {
	IOPT_ROUTE_BAD, /* no transaction gets through: 'event' and 'problem' say why */
	IOPT_ROUTE_ABORT,
	IOPT_ROUTE_BYPASS,
	IOPT_ROUTE_S1,
	IOPT_ROUTE_S2,
	IOPT_ROUTE_NESTED,
	IOPT_ROUTE_CONFIG_COUNT,
};

/* "bad", "abort", "bypass", "s1", "s2", "nested"; NULL past the end. */
IOPT_API const char *iopt_route_config_name(enum iopt_route_config config);

/* What the SMMU tells software of a transaction that it terminates. */
struct iopt_event {
	const char *name; /* "F_TRANSLATION"; NULL: there is none */
	unsigned id;
	bool recorded;	   /* not if STE, CD or CR2 say no */
	const char *what;  /* v3: what was on its way: "CD", "TT" (a table), "IN" (the input); or NULL */
	int stage;	   /* that did not translate it; 0: none */
	bool has_ipa;
	uint64_t ipa; /* what stage 2 was asked for */
	uint64_t words[4]; /* v3: the record.  v1, v2: fault status, syndrome, address, IPA */
};

struct iopt_route_info {
	size_t struct_size;
	uint32_t sid, ssid;
	bool has_ssid;
	enum iopt_route_config config;
	enum iopt_route_config wanted; /* what the STE or S2CR says, even if that goes wrong */
	/* v3: STE and CD where they were read; the CD's address is an IPA below a stage 2 */
	bool has_ste, has_cd;
	uint64_t ste_pa, ste[8], cd_pa, cd[8];
	int match, bank; /* v1, v2: stream mapping group and context bank; -1: none */
	unsigned asid, vmid, ssid_bits;
	struct iopt_event event; /* what every transaction of it gives, if it is bad */
	char problem[160];
};

struct iopt_route;

/*
 * Looks a stream up; 'ssid' may be NULL, 'stage2' too: the stage 2 domain of the same stream, where
 * it was opened before.  That, the memory and the registers must outlive this one.  A stream that
 * lets nothing through is opened, too.  EINVAL with the reason: the registers do not say where the
 * streams are.  ENOMEM.
 */
IOPT_API int iopt_route_open(const struct iopt_streams *streams, uint32_t sid, const uint32_t *ssid,
			     struct iopt_domain *stage2, struct iopt_route **route,
			     struct iopt_error *error);
/* With its domains. */
IOPT_API void iopt_route_close(struct iopt_route *route);
IOPT_API void iopt_route_info(const struct iopt_route *route, struct iopt_route_info *info);
/* The tables of stage 1 or 2, the stream's own; NULL: it has none.  Stage 1 is read through 2. */
IOPT_API struct iopt_domain *iopt_route_domain(const struct iopt_route *route, int stage);
/* The same, to keep: closing the stream leaves it.  Stage 2 has to be kept with stage 1. */
IOPT_API struct iopt_domain *iopt_route_take_domain(struct iopt_route *route, int stage);

/* What became of one transaction. */
struct iopt_route_answer {
	size_t struct_size;
	uint64_t pa;
	bool walked; /* through tables: 'walk' tells how */
	struct iopt_walk walk;
	struct iopt_event event;
};

/*
 * One transaction: 'access' as for iopt_walk(), 'privileged' as the device says it is.  EFAULT: it
 * is terminated; answer->event says why, unless the stream aborts in silence.
 */
IOPT_API int iopt_route_translate(struct iopt_route *route, uint64_t iova, unsigned access,
				  bool privileged, struct iopt_route_answer *answer);
/* The domain that answer->walk was through; NULL: none. */
IOPT_API struct iopt_domain *iopt_route_walked(const struct iopt_route *route);
/* The exception level that such a transaction counts as in that domain. */
IOPT_API unsigned iopt_route_level(const struct iopt_route *route, bool privileged);

/* ---- everything that is there ---- */

/* Streams of an SMMUv3 whose entry is valid: one, or all of a second level that was shown before.
 */
struct iopt_stream_found {
	uint32_t sid, last;
	bool again;
	uint32_t same_as; /* the first of those that have the same entries */
};

/*
 * In rising order; what is not 0 ends the visit and is returned.  Bounded by what the memory holds,
 * whatever the registers and descriptors claim.  EINVAL as above; ENOMEM.
 */
IOPT_API int iopt_streams_visit(const struct iopt_streams *streams,
				int (*found)(void *arg, const struct iopt_stream_found *stream),
				void *arg, struct iopt_error *error);
/* SubstreamIDs of valid context descriptors, in rising order, for a stream with more than one. */
IOPT_API int iopt_substreams_visit(const struct iopt_route *route,
				   int (*found)(void *arg, uint32_t ssid), void *arg);

#ifdef __cplusplus
}
#endif

#endif
