import { Option } from 'commander';

/**
 * An option whose usual values are known. --help, completion and the manual show them. The command that reads it
 * checks it: there may be other values, and it can say better what is wrong.
 */
export function choice(flags: string, description: string, values: readonly string[]): Option {
	const option = new Option(flags, description);
	option.argChoices = [...values];
	return option;
}
