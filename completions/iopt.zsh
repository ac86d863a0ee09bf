#compdef iopt
# SPDX-License-Identifier: MIT
# zsh completion for iopt: the program itself knows what may follow.
_iopt()
{
	local -a candidates
	candidates=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	candidates=("${(@)candidates:#}")
	if (( ${#candidates} )); then
		compadd -a candidates
	else
		_files
	fi
}
_iopt "$@"
