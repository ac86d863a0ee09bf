/* SPDX-License-Identifier: MIT */
/* Names of files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "../formats/writer.h"
#include "candidates.h"

struct directory {
	struct candidates *c;
	DIR *dir;
	const char *path;  /* as it is typed, with the '/' at its end; "": the one we are in */
	const char *begin; /* what a name has to begin with */
};

/* Will it stand on a line as it is? */
static bool is_printable(const char *name)
{
	while (*name) {
		uint32_t c = utf8_next(&name);

		if (c == 0xfffd || utf8_is_unsafe(c))
			return false;
	}
	return true;
}

static bool has_suffix(const char *name, const char *suffixes)
{
	size_t length, bytes = strlen(name);
	const char *p;

	for (p = suffixes; *p; p += length + (p[length] == ' ')) {
		length = strcspn(p, " ");
		if (bytes >= length && strncmp(name + bytes - length, p, length) == 0)
			return true;
	}
	return !*suffixes;
}

static bool is_directory(const struct directory *d, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type == DT_DIR)
		return true;
	return (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) &&
	       !fstatat(dirfd(d->dir), entry->d_name, &st, 0) && S_ISDIR(st.st_mode);
}

static bool is_wanted(const struct directory *d, const char *name)
{
	if (*name == '.' && *d->begin != '.')
		return false;
	return strncmp(name, d->begin, strlen(d->begin)) == 0 && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && is_printable(name);
}

static void add_name(const struct directory *d, const char *name, const char *end)
{
	const char *here = !*d->path && *name == '-' ? "./" : "";
	char *text;
	int length = asprintf(&text, "%s%s%s%s", here, d->path, name, end);

	if (length < 0)
		return;
	candidate_add(d->c, text, (size_t)length);
	free(text);
}

/* Files that fit, or directories; false: there is none. */
static bool add_names(const struct directory *d, bool directories, const char *suffixes)
{
	const struct dirent *entry;
	bool found = false;

	rewinddir(d->dir);
	while ((entry = readdir(d->dir)) != NULL) {
		if (!is_wanted(d, entry->d_name) || !has_suffix(entry->d_name, suffixes) ||
		    is_directory(d, entry) != directories)
			continue;
		add_name(d, entry->d_name, directories ? "/" : "");
		found = true;
	}
	return found;
}

void candidate_add_files(struct candidates *c, const char *suffixes)
{
	const char *typed = candidate_typed(c), *slash = strrchr(typed, '/');
	char *path = slash ? strndup(typed, (size_t)(slash - typed) + 1) : strdup("");
	struct directory d = {.c = c, .path = path, .begin = slash ? slash + 1 : typed};

	c->files = true;
	d.dir = path ? opendir(*path ? path : ".") : NULL;
	if (d.dir) {
		if (!add_names(&d, false, suffixes))
			add_names(&d, false, "");
		add_names(&d, true, "");
		closedir(d.dir);
	}
	free(path);
}
