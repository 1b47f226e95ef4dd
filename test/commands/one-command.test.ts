import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { commandLine } from '../../src/commands/command-line.ts';
import { oneCommand } from '../../src/commands/one-command.ts';

const whole = commandLine().commands;
/** Asked by nobody all the time, and made of all the others. */
const ofAll = ['completion', 'man'];

test.each(whole.map((command) => command.name()).filter((name) => !ofAll.includes(name)))(
	'%s alone is the same command',
	async (name) => {
		const alone = (await oneCommand(name, builtInProbes))?.commands.find((each) => each.name() === name);
		const same = whole.find((each) => each.name() === name);
		expect(alone?.helpInformation()).toBe(same?.helpInformation());
	},
);

test.each(['', 'stauts', 'constructor', '--help', ...ofAll])('%s is for the whole program', async (name) => {
	expect(await oneCommand(name, builtInProbes)).toBeNull();
});
