# SPDX-License-Identifier: MIT
# bash completion for iopt: the program itself knows what may follow.

# REPLY: what is meant by a word as it is typed; quote: the quote that it leaves open.
_iopt_unquote()
{
	local i c
	REPLY='' quote=''
	for ((i = 0; i < ${#1}; i++)); do
		c=${1:i:1}
		if [[ $c == \\ && $quote != \' ]]; then
			((++i))
			REPLY+=${1:i:1}
		elif [[ $c == "$quote" ]]; then
			quote=''
		elif [[ -z $quote && $c == [\'\"] ]]; then
			quote=$c
		else
			REPLY+=$c
		fi
	done
}

# REPLY: how it is typed where that quote is open.
_iopt_quote()
{
	case $quote in
	\') REPLY=${1//\'/\'\\\'\'} ;;
	\") printf -v REPLY '%s' "$(sed 's/["$`\\]/\\&/g' <<<"$1")" ;;
	*) printf -v REPLY '%q' "$1" ;;
	esac
}

_iopt()
{
	local rest=${COMP_LINE:0:COMP_POINT} words=() last=0 i REPLY quote prefix candidate

	# bash cuts at '=' and ':', too: a word goes on to the next blank
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if [[ $i -eq 0 || $rest == [[:space:]]* ]]; then
			words+=('')
		fi
		rest=${rest#"${rest%%[![:space:]]*}"}
		prefix=${words[-1]}
		if [[ $i -eq $COMP_CWORD ]]; then
			words[-1]+=$rest
		else
			words[-1]+=${COMP_WORDS[i]}
			rest=${rest#"${COMP_WORDS[i]}"}
		fi
	done
	if [[ $rest == [=:] ]]; then
		prefix+=$rest
	fi
	for i in "${!words[@]}"; do
		_iopt_unquote "${words[i]}"
		words[i]=${REPLY/#\~\//~/}
	done
	COMPREPLY=()
	while IFS= read -r candidate; do
		_iopt_quote "$candidate"
		COMPREPLY+=("${REPLY#"$prefix"}")
	done < <("${words[@]:0:1}" complete -- "${words[@]:1}" 2>/dev/null)
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:/] ]]; then
		compopt -o nospace
	fi
}
complete -F _iopt iopt
