import type { State } from '../shared/status-row.ts';

/** SGR parameters. */
const colours = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', lost: '1;31' } as const;
export type Colour = keyof typeof colours;

export const stateColours: Readonly<Record<State, Colour>> = {
	measuring: 'green',
	waiting: 'dim',
	expiring: 'yellow',
	down: 'lost',
	failing: 'red',
	rejected: 'red',
	unreadable: 'red',
};

export type Paint = (colour: Colour, text: string) => string;

export function painter(isOn: boolean): Paint {
	return isOn ? (colour, text) => `\x1b[${colours[colour]}m${text}\x1b[0m` : (_, text) => text;
}

/** Colours are for terminals that show them, unless somebody says NO_COLOR. */
export function wantsColours(
	stdout: { readonly isTTY?: boolean | undefined },
	env: Readonly<Record<string, string | undefined>>,
): boolean {
	const isOff = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
	return stdout.isTTY === true && !isOff;
}
