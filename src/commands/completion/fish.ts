import type { CommandNode, OptionNode, ParameterNode } from '../shared/command-tree.ts';
import { everyCommand, type Offer, offerFor } from '../shared/completion-offers.ts';

/** The completion of these programs for fish. */
export function fishCompletion(programs: readonly CommandNode[]): string {
	const paths = programs.flatMap(everyCommand).map(({ path }) => quoted(path.join(' ')));
	return `# Completion for fish. Made by: pingmachine completion fish

set -g __pingmachine_commands ${paths.join(' ')}

${machinery}
${programs.map(programLines).join('\n')}`;
}

function programLines(program: CommandNode): string {
	const name = program.path.join(' ');
	const lines = everyCommand(program).flatMap((node) => {
		const start = `complete -c ${name} -n ${quoted(`__pingmachine_at ${quoted(node.path.join(' '))}`)}`;
		const words = [
			...node.commands.map((child) => `-a ${child.path.at(-1)} -d ${quoted(child.summary)}`),
			...node.options.map(optionWords),
			...node.parameters.flatMap(parameterWords),
		];
		return words.map((each) => `${start} ${each}\n`);
	});
	return `complete -c ${name} -f\n${lines.join('')}`;
}

function optionWords({ names, plainDescription, value }: OptionNode): string {
	const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
	const following = value === null ? [] : [`-r ${offerWords(offerFor(value))}`];
	return [...flags, ...following, `-d ${quoted(plainDescription)}`].join(' ');
}

function parameterWords(parameter: ParameterNode): readonly string[] {
	const offer = offerFor(parameter);
	return offer === null ? [] : [offerWords(offer)];
}

function offerWords(offer: Offer): string {
	if (offer === null) return '-f';
	switch (offer.kind) {
		case 'words':
			return `-f -a ${quoted(offer.words.join(' '))}`;
		case 'files':
			return '-F';
		case 'folders':
			return `-f -a '(__fish_complete_directories)'`;
		case 'accounts':
			return `-f -a '(__fish_complete_users)'`;
		case 'hosts':
			return `-f -a '(__fish_print_hostnames)'`;
		default:
			return `-f -a '(__pingmachine_live ${offer.kind})'`;
	}
}

function quoted(text: string): string {
	return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

const machinery = `# Whether the command on the line is $argv[1].
function __pingmachine_at
    set -l words (commandline -opc)
    set -l path (string replace -r '.*/' '' -- $words[1])
    for word in $words[2..-1]
        contains -- "$path $word" $__pingmachine_commands
        and set path "$path $word"
    end
    test "$path" = "$argv[1]"
end

# What \`pingmachine complete\` tells of the kind $argv[1]. Of variables and ~ only those at the beginning are replaced.
function __pingmachine_live
    set -l basedir
    set -l probe
    set -l previous
    for word in (commandline -opc)
        if test "$previous" = --basedir
            set basedir $word
        else if string match -q -- '--basedir=*' $word
            set basedir (string replace -- --basedir= '' $word)
        else if test "$previous" = --probe
            set probe $word
        else if string match -q -- '--probe=*' $word
            set probe (string replace -- --probe= '' $word)
        end
        set previous $word
    end
    set -l parts (string match -r '^\\$(\\w+)(.*)$' -- $basedir)
    if set -q parts[1]
        set -l name $parts[2]
        set basedir "$$name$parts[3]"
    else if string match -q -r '^~(/|$)' -- $basedir
        set basedir "$HOME"(string sub -s 2 -- $basedir)
    end
    set -l typed (commandline -ct | string replace -r '^--[\\w-]+=' '')
    set -l plain (string unescape -- $typed)
    or set plain (string unescape -- (string sub -s 2 -- $typed))
    pingmachine complete $argv[1] "$basedir" "$plain" "$probe" 2>/dev/null
end
`;
