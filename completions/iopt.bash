# SPDX-License-Identifier: MIT
# bash completion for iopt: the program itself knows what may follow.
_iopt()
{
	local candidate
	COMPREPLY=()
	while IFS= read -r candidate; do
		COMPREPLY+=("$(printf '%q' "$candidate")")
	done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	if [ "${#COMPREPLY[@]}" -eq 0 ]; then
		compopt -o default
	fi
}
complete -F _iopt iopt
