import { Argument, type Command } from 'commander';
import { nearest } from '../../model/nearest.ts';
import { type CommandNode, commandTree } from '../shared/command-tree.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const scripts: Readonly<Record<string, (programs: readonly CommandNode[]) => string>> = {
	bash: bashCompletion,
	zsh: zshCompletion,
	fish: fishCompletion,
};

export const shells: readonly string[] = Object.keys(scripts);

/** Empty for other shells. */
export function completionScript(shell: string, programs: readonly Command[]): string {
	return scripts[shell]?.(programs.map((program) => commandTree(program))) ?? '';
}

/** Adds the command `completion` to the program. `older`: programs that the script is for too. */
export function registerCompletion(program: Command, older: () => readonly Command[]): void {
	program
		.command('completion')
		.summary('print what lets a shell complete commands, options and order ids')
		.description('Prints a script that lets a shell complete commands, options, their values and order ids.')
		.addArgument(shellArgument())
		.addHelpText('after', help)
		.action((shell: string, _options: unknown, command: Command) => {
			if (!shells.includes(shell)) {
				const near = nearest(shell, shells);
				const hint = near === null ? '' : `. Did you mean ${near}?`;
				command.error(
					`error: shell: must be one of ${shells.join(', ')}, not ${JSON.stringify(shell)}${hint}`,
				);
			}
			process.stdout.on('error', () => {});
			process.stdout.write(completionScript(shell, [program, ...older()]));
		});
}

/** Its choices are checked here: commander would not tell the nearest one. */
function shellArgument(): Argument {
	const argument = new Argument('<shell>', 'the script is for this one');
	argument.argChoices = [...shells];
	return argument;
}

const help = `
scripts/install puts the scripts where the shells of Debian find them; bash needs the package bash-completion for that.
Without it, in the file that the shell reads when it starts:

  bash  source <(pingmachine completion bash)
  zsh   source <(pingmachine completion zsh)
  fish  pingmachine completion fish | source

Examples:
  pingmachine completion bash > ~/.pingmachine-completion
  pingmachine completion fish | source`;
