import type { CommandNode } from '../shared/command-tree.ts';
import { everyCommand, type Offer, offerFor, singleQuoted } from '../shared/completion-offers.ts';

/** The completion of these programs for bash 4.4 and newer, with or without the package bash-completion. */
export function bashCompletion(programs: readonly CommandNode[]): string {
	const nodes = programs.flatMap(everyCommand);
	const names = programs.map(({ path }) => path.join(' ')).join(' ');
	return `# Completion of ${names} for bash. Made by: pingmachine completion bash

# Sets \`commands\` and \`options\`: what can follow the command $1.
_pingmachine_command() {
	commands=() options=()
	case $1 in
${nodes.map(commandCase).join('\n')}
	esac
}

# Sets \`offer\`: what can be the value of $2, an option or \`argument N\` of the command $1. Empty: it has none.
_pingmachine_offer() {
	offer=()
	case "$1 $2" in
${nodes.flatMap(offerCases).join('\n')}
	esac
}

${machinery}
complete -F _pingmachine ${names}
`;
}

function commandCase({ path, commands, options }: CommandNode): string {
	const words = (names: readonly string[]) => names.map(singleQuoted).join(' ');
	const below = words(commands.map((command) => command.path.at(-1) ?? ''));
	return `\t${singleQuoted(path.join(' '))}) commands=(${below}) options=(${words(options.flatMap(({ names }) => names))}) ;;`;
}

function offerCases({ path, options, parameters }: CommandNode): readonly string[] {
	const key = (what: string) => singleQuoted(`${path.join(' ')} ${what}`);
	const ofOptions = options.flatMap(({ names, value }) =>
		value === null ? [] : [`\t${names.map(key).join(' | ')}) offer=(${offerWords(offerFor(value))}) ;;`],
	);
	const ofParameters = parameters.map((parameter, index) => {
		const rest = parameter.isRepeated ? '*' : String(index + 1);
		return `\t${key('argument ')}${rest}) offer=(${offerWords(offerFor(parameter))}) ;;`;
	});
	return [...ofOptions, ...ofParameters];
}

function offerWords(offer: Offer): string {
	if (offer === null) return 'nothing';
	return offer.kind === 'words' ? ['words', ...offer.words.map(singleQuoted)].join(' ') : offer.kind;
}

const machinery = `# Sets \`plain\`: what the program would get for the word $1 of the line. Runs nothing that is written there.
_pingmachine_plain() {
	local rest=$1 quote='' char
	plain=
	case $rest in '~' | '~/'*) plain=$HOME rest=\${rest:1} ;; esac
	while [[ $rest ]]; do
		char=\${rest:0:1} rest=\${rest:1}
		if [[ $quote == \\' ]]; then
			if [[ $char == \\' ]]; then quote=; else plain+=$char; fi
		elif [[ $char == \\\\ ]]; then
			if [[ $quote && \${rest:0:1} != [\\"\\\\\\$\\\`] ]]; then plain+=$char; fi
			plain+=\${rest:0:1} rest=\${rest:1}
		elif [[ $char == \\" ]]; then
			if [[ $quote ]]; then quote=; else quote=$char; fi
		elif [[ $char == \\' && ! $quote ]]; then
			quote=$char
		elif [[ $char == \\$ && $rest =~ ^(\\{([A-Za-z_][A-Za-z_0-9]*)\\}|([A-Za-z_][A-Za-z_0-9]*)) ]]; then
			char=\${BASH_REMATCH[2]}\${BASH_REMATCH[3]} rest=\${rest:\${#BASH_REMATCH[0]}}
			plain+=\${!char-}
		else
			plain+=$char
		fi
	done
}

# Sets \`words\`, up to the cursor, and \`before\`: what of the last one is no part of readline's word, which begins after
# each of COMP_WORDBREAKS, such as = and the : of an IPv6 address. That must not be given back.
_pingmachine_words() {
	local line=\${COMP_LINE:0:COMP_POINT} index word
	words=() before=
	for ((index = 0; index <= COMP_CWORD; index++)); do
		word=\${COMP_WORDS[index]}
		if [[ $index == 0 || ! $line || $line == [[:blank:]]* ]]; then
			line=\${line#"\${line%%[![:blank:]]*}"}
			words+=('') before=
		else
			before=\${words[-1]}
		fi
		[[ $line == "$word"* ]] || word=$line
		words[-1]+=$word
		line=\${line:\${#word}}
	done
	if [[ $word && ! \${word//[=:]/} ]]; then before=\${words[-1]}; fi
}

# Quotes COMPREPLY as the word that was begun, and leaves out what of it stands before readline's word.
_pingmachine_quote() {
	local index word quote=\${words[-1]:\${#before}:1}
	_pingmachine_plain "$1"
	for index in "\${!COMPREPLY[@]}"; do
		word=\${COMPREPLY[index]:\${#plain}}
		if [[ $quote == \\' ]]; then
			word=\${word//"'"/"'\\\\''"}
		elif [[ $quote == \\" ]]; then
			word=\${word//"\\\\"/"\\\\\\\\"}
			word=\${word//'"'/'\\"'}
			word=\${word//'$'/'\\$'}
			word=\${word//'\`'/'\\\`'}
		elif [[ $word ]]; then
			printf -v word %q "$word"
		fi
		COMPREPLY[index]=$word
	done
}

_pingmachine() {
	local commands options offer words before plain word path index argument=0 literal='' basedir='' probe='' lead=''
	_pingmachine_words
	local last=$((\${#words[@]} - 1))
	local current=\${words[last]}
	COMPREPLY=()
	path=\${words[0]##*/}
	for ((index = 1; index < last; index++)); do
		word=\${words[index]}
		if [[ ! $literal && $word == -- ]]; then
			literal=yes
		elif [[ ! $literal && $word == --*=* ]]; then
			if [[ $word == --basedir=* ]]; then basedir=\${word#*=}; fi
			if [[ $word == --probe=* ]]; then probe=\${word#*=}; fi
		elif [[ ! $literal && $word == -?* ]]; then
			_pingmachine_offer "$path" "$word"
			if [[ ! \${offer-} ]]; then continue; fi
			index=$((index + 1))
			if [[ $word == --basedir ]]; then basedir=\${words[index]}; fi
			if [[ $word == --probe ]]; then probe=\${words[index]}; fi
		else
			_pingmachine_command "$path"
			if [[ " \${commands[*]} " == *" $word "* ]]; then path+=" $word"; else argument=$((argument + 1)); fi
		fi
	done
	if ((index > last)); then
		: # The value of the option before the cursor, whose offer is made already.
	elif [[ ! $literal && $current == --*=* ]]; then
		lead=\${current%%=*}=
		_pingmachine_offer "$path" "\${current%%=*}"
		current=\${current#*=}
	elif [[ ! $literal && $current == -* ]]; then
		_pingmachine_command "$path"
		offer=(words "\${options[@]}")
	else
		_pingmachine_command "$path"
		if ((\${#commands[@]} > 0)); then offer=(words "\${commands[@]}"); else _pingmachine_offer "$path" "argument $((argument + 1))"; fi
	fi

	_pingmachine_plain "$basedir"
	basedir=$plain
	_pingmachine_plain "$current"
	case \${offer-} in
		files) compopt -o default; return ;;
		folders) compopt -o dirnames; return ;;
		accounts) mapfile -t COMPREPLY < <(compgen -u -- "$plain") ;;
		hosts) mapfile -t COMPREPLY < <(compgen -A hostname -- "$plain") ;;
		words)
			for word in "\${offer[@]:1}"; do
				if [[ $word == "$plain"* ]]; then COMPREPLY+=("$word"); fi
			done
			;;
		orders | results | users | probes | options)
			mapfile -t COMPREPLY < <(pingmachine complete "$offer" "$basedir" "$plain" "$probe" 2>/dev/null)
			;;
	esac
	if [[ $lead && ! $before ]]; then
		# Somebody has taken the = out of COMP_WORDBREAKS.
		COMPREPLY=("\${COMPREPLY[@]/#/"$lead"}")
		lead=
	fi
	_pingmachine_quote "\${before#"$lead"}"
	if [[ \${#COMPREPLY[@]} == 1 && $COMPREPLY == *[/=] ]]; then compopt -o nospace; fi
}
`;
