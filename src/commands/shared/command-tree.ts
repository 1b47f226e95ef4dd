import type { Argument, Command, Help, Option } from 'commander';

/** A command as --help describes it, for whatever else is made from that: shell completion and the manual page. */
export interface CommandNode {
	/** The program, then the commands that lead here: `['pingmachine', 'order', 'add']`. */
	readonly path: readonly string[];
	/** The path, and what can follow it. */
	readonly usage: string;
	/** A few words. */
	readonly summary: string;
	readonly description: string;
	readonly parameters: readonly ParameterNode[];
	readonly options: readonly OptionNode[];
	readonly commands: readonly CommandNode[];
	/** What --help says after all that. */
	readonly after: string;
}

/** What follows a command or an option. */
export interface ValueNode {
	/** What stands in angle or square brackets, such as `file`. */
	readonly placeholder: string;
	/** Its usual values; empty when there are none. */
	readonly choices: readonly string[];
}

export interface ParameterNode extends ValueNode {
	readonly description: string;
	readonly isRepeated: boolean;
}

export interface OptionNode {
	/** As --help shows them: `-i, --id <id>`. */
	readonly flags: string;
	/** Each as typed: `-i`, `--id`. */
	readonly names: readonly string[];
	/** With choices and default. */
	readonly description: string;
	/** As it was written, without. */
	readonly plainDescription: string;
	/** Null: none follows. */
	readonly value: ValueNode | null;
	readonly isRepeated: boolean;
}

/** Everything that --help shows, of a command and all below it. Hidden commands and options are left out. */
export function commandTree(command: Command, parentPath: readonly string[] = []): CommandNode {
	const path = [...parentPath, command.name()];
	const help = command.createHelp();
	const commands = help.visibleCommands(command);
	const names = commands.map((child) => child.name());
	return {
		path,
		usage: help.commandUsage(command),
		summary: help.subcommandDescription(command),
		description: help.commandDescription(command),
		parameters: command.registeredArguments.map((argument) => parameterNode(argument, help)),
		options: help.visibleOptions(command).map((option) => optionNode(option, help)),
		commands: commands.map((child) =>
			isHelp(child, command) ? helpNode(child, path, help, names) : commandTree(child, path),
		),
		after: textAfterHelp(command),
	};
}

/** Commander's own `help` is no child of the command, and knows neither its usage nor what can follow. */
function isHelp(child: Command, parent: Command): boolean {
	return !parent.commands.includes(child);
}

function helpNode(
	child: Command,
	path: readonly string[],
	help: Help,
	names: readonly string[],
): CommandNode {
	const node = commandTree(child, path);
	const parameters = node.parameters.map((parameter) => ({ ...parameter, choices: names }));
	const usage = `${path.join(' ')} ${help.subcommandTerm(child)}`;
	return { ...node, usage, parameters, options: [] };
}

function parameterNode(argument: Argument, help: Help): ParameterNode {
	return {
		placeholder: argument.name(),
		choices: argument.argChoices ?? [],
		description: help.argumentDescription(argument),
		isRepeated: argument.variadic,
	};
}

function optionNode(option: Option, help: Help): OptionNode {
	const [, placeholder = ''] = /[<[]([^>\].]+)/.exec(option.flags) ?? [];
	const takesValue = option.required || option.optional;
	return {
		flags: option.flags,
		names: [option.short, option.long].filter((name) => name !== undefined),
		description: help.optionDescription(option),
		plainDescription: option.description,
		value: takesValue ? { placeholder, choices: option.argChoices ?? [] } : null,
		isRepeated: option.variadic || option.parseArg !== undefined,
	};
}

/** Commander keeps these texts to itself, but prints them, after the rest. */
function textAfterHelp(command: Command): string {
	const printed: string[] = [];
	const before = { ...command.configureOutput() };
	command
		.configureOutput({ writeOut: (text) => printed.push(text), getOutHasColors: () => false })
		.outputHelp();
	command.configureOutput(before);
	return printed.slice(1).join('');
}
