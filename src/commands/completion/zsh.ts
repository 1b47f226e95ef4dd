import type { CommandNode, OptionNode, ParameterNode } from '../shared/command-tree.ts';
import { everyCommand, type Offer, offerFor, singleQuoted } from '../shared/completion-offers.ts';

/** The completion of these programs for zsh: a file of `fpath`, or a text to be sourced. */
export function zshCompletion(programs: readonly CommandNode[]): string {
	const names = programs.map(({ path }) => path.join(' ')).join(' ');
	return `#compdef ${names}
# Completion for zsh. Made by: pingmachine completion zsh

${machinery}
${programs.flatMap(everyCommand).map(commandFunction).join('\n')}
_pingmachine_programs() {
	case $service in
${programs.map((program) => `\t\t${program.path.join(' ')}) ${functionName(program)} "$@" ;;`).join('\n')}
	esac
}

# The file is run by the first completion, or sourced.
if [[ $funcstack[1] == _pingmachine ]]; then
	_pingmachine_programs "$@"
else
	compdef _pingmachine_programs ${names}
fi
`;
}

/** \`_pingmachine__order__add\`. */
function functionName({ path }: CommandNode): string {
	return `_${path.map((name) => name.replaceAll(/\W/g, '_')).join('__')}${path.length === 1 ? '__' : ''}`;
}

function commandFunction(node: CommandNode): string {
	const specs = [...node.options.flatMap(optionSpecs), ...parameterSpecs(node)].map(singleQuoted);
	const context = 'local curcontext=$curcontext state state_descr line\n\tlocal -A opt_args';
	const lines = `\t${context}\n\t_arguments -C -s -S : \\\n${specs.map((spec) => `\t\t${spec}`).join(' \\\n')}`;
	return `${functionName(node)}() {\n${lines}${node.commands.length === 0 ? '' : rest(node)}\n}\n`;
}

function optionSpecs({ names, plainDescription, value, isRepeated }: OptionNode): readonly string[] {
	const exclusion = isRepeated ? '*' : `(${names.join(' ')})`;
	const description = `[${plainDescription.replaceAll(/[\\[\]]/g, '\\$&')}]`;
	return names.map((name) => {
		if (value === null) return `${exclusion}${name}${description}`;
		const equals = name.startsWith('--') ? '=' : '';
		return `${exclusion}${name}${equals}${description}:${value.placeholder}:${action(offerFor(value))}`;
	});
}

function parameterSpecs({ commands, parameters }: CommandNode): readonly string[] {
	if (commands.length > 0) return ['1: :->command', '*:: :->rest'];
	return parameters.map((parameter: ParameterNode, index) => {
		const place = parameter.isRepeated ? '*' : String(index + 1);
		return `${place}:${parameter.placeholder}:${action(offerFor(parameter))}`;
	});
}

function action(offer: Offer): string {
	if (offer === null) return ' ';
	if (offer.kind === 'words') return `(${offer.words.join(' ')})`;
	return { files: '_files', folders: '_files -/', accounts: '_users', hosts: '_hosts', ...live }[offer.kind];
}

const live = {
	orders: '_pingmachine_live orders',
	results: '_pingmachine_live results',
	users: '_pingmachine_live users',
	probes: '_pingmachine_live probes',
	options: '_pingmachine_live options',
	rules: '_pingmachine_live rules',
} as const;

/** Goes on with the commands below. */
function rest({ commands }: CommandNode): string {
	const below = commands.map((command) => ({ name: command.path.at(-1) ?? '', command }));
	const described = below.map(({ name, command }) => `\t\t\t\t${singleQuoted(`${name}:${command.summary}`)}`);
	const cases = below.map(({ name, command }) => `\t\t\t\t${name}) ${functionName(command)} ;;`);
	return ` && return
	case $state in
		command)
			local -a commands=(
${described.join('\n')}
			)
			_describe -t commands command commands
			;;
		rest)
			case $line[1] in
${cases.join('\n')}
			esac
			;;
	esac`;
}

const machinery = `# Offers what \`pingmachine complete\` tells of the kind that the last argument names; the others are for compadd.
_pingmachine_live() {
	local basedir=\${opt_args[--basedir]-}
	local -a found
	# What is written there is not run: only $NAME, \${NAME} and ~ are replaced.
	if [[ \${basedir//\\$([A-Za-z0-9_]##|\\{[A-Za-z0-9_]##\\})/} != *[\\$\\\`]* ]]; then basedir=\${(e)basedir}; fi
	if [[ $basedir == '~'(/*|) ]]; then basedir=$HOME\${basedir#'~'}; fi
	found=(\${(f)"$(pingmachine complete \${@[-1]} "\${(Q)basedir}" "\${(Q)PREFIX}" "\${(Q)opt_args[--probe]-}" 2>/dev/null)"})
	compadd -S '' "\${@[1,-2]}" -- \${(M)found:#*[/=]}
	compadd "\${@[1,-2]}" -- \${found:#*[/=]}
}
`;
