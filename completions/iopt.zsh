#compdef iopt
# SPDX-License-Identifier: MIT
# zsh completion for iopt: the program itself knows what may follow, zsh how it is quoted.
_iopt()
{
	local -a candidates before
	local word=${(Q)PREFIX} home=
	before=("${(@Q)words[1,CURRENT-1]}")
	if [[ $word == '~/'* ]]; then
		home=$HOME/
		word=$home${word#'~/'}
		compset -P '\~/'
	fi
	candidates=("${(@f)$("${before[1]/#\~\//$HOME/}" complete -- "${(@)before[2,-1]}" "$word" 2>/dev/null)}")
	candidates=("${(@)${(@)candidates:#}#$home}")
	compadd -S '' -- "${(@M)candidates:#*[=:/]}"
	compadd -- "${(@)candidates:#*[=:/]}"
}
_iopt "$@"
