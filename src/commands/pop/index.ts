import { fchmodSync, fstatSync } from 'node:fs';
import type { Command } from 'commander';
import { askAboutPops, changePop } from '../../memory/ask-pops.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import { inWords } from '../../model/findings.ts';
import { wrongWithPopName } from '../../model/pop.ts';
import type { PopsAnswer, PopWish } from '../../model/pops-answer.ts';
import { printable } from '../../model/printable.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { type SecretOptions, secretsIn, withSecretOptions } from './join-secrets.ts';
import { hubLine, popTable } from './table.ts';

interface BaseDir {
	readonly basedir: string;
}

/** Adds the commands `pop` and `pops` to the program. */
export function registerPop(program: Command): void {
	const pop = program
		.command('pop')
		.summary('join points of presence to this hub')
		.description(
			'Says which machines measure for this one, the hub. The running daemon, which has hub: in its config, does it; ' +
				'only the user that it runs as, and root, may ask for it.',
		);
	withSecretOptions(pop.command('add'))
		.summary('join a point of presence')
		.description('Makes a point of presence known, and prints the file by which it joins: a secret.')
		.argument('<name>', 'of a-z and 0-9, with . and - between')
		.addOption(baseDirOption('holds state/'))
		.option('--label <key=value>', 'what orders choose it by; more than once', collect, [])
		.option('--place <lat,lon>', 'where it is, degrees north and east')
		.addHelpText(
			'after',
			'\nExamples:\n  pingmachine pop add zrh > zrh.join\n  pingmachine pop add zrh --label site=zrh --place 47.4,8.5 > zrh.join',
		)
		.action(add);
	pop
		.command('ls')
		.summary('list points of presence')
		.description('Lists points of presence, as pingmachine pops does.')
		.addOption(baseDirOption('holds state/'))
		.option('--json', 'as JSON')
		.addHelpText('after', '\nExamples:\n  pingmachine pop ls\n  pingmachine pop ls --json')
		.action(list);
	withSecretOptions(pop.command('rotate'))
		.summary('make a new join file')
		.description(
			'Prints a new join file. The old one is good until the new one is used, so that nothing is missed in between.',
		)
		.argument('<name>', 'of the point of presence')
		.addOption(baseDirOption('holds state/'))
		.addHelpText(
			'after',
			'\nExamples:\n  pingmachine pop rotate zrh > zrh.join\n  pingmachine pop rotate zrh --basedir /srv/pingmachine > zrh.join',
		)
		.action((name: string, options: BaseDir & SecretOptions) => tellJoin(options, { verb: 'rotate', name }));
	pop
		.command('rm')
		.summary('take a point of presence out')
		.description('Nothing is taken from it any more, and it is told nothing. What it measured is archived.')
		.argument('<name>', 'of the point of presence')
		.addOption(baseDirOption('holds state/'))
		.addHelpText(
			'after',
			'\nExamples:\n  pingmachine pop rm zrh\n  pingmachine pop rm zrh --basedir /srv/pingmachine',
		)
		.action((name: string, options: BaseDir) => tellJoin(options, { verb: 'remove', name }));
	program
		.command('pops')
		.summary('show points of presence')
		.description('Shows how the points of presence of this hub are.')
		.addOption(baseDirOption('holds state/'))
		.option('--json', 'as JSON')
		.addHelpText('after', '\nExamples:\n  pingmachine pops\n  pingmachine pops --json')
		.action(list);
}

async function add(
	name: string,
	options: BaseDir & SecretOptions & { readonly label: readonly string[]; readonly place?: string },
): Promise<void> {
	const wrong = wrongWithPopName(name);
	const { label, place } = options;
	const labels = labelsOf(label);
	const at = place === undefined ? null : placeOf(place);
	if (wrong !== null) fail(`the name of a point of presence ${wrong}`);
	else if (labels === null) fail('--label: must be key=value, such as site=zrh');
	else if (at === undefined)
		fail(`--place: must be degrees north and east, such as 47.4,8.5, not ${inWords(place)}`);
	else await tellJoin(options, { verb: 'add', name, labels, place: at });
}

async function tellJoin(options: BaseDir & SecretOptions, wish: PopWish): Promise<void> {
	try {
		// What cannot be read is told before anything changes.
		await tell(options.basedir, wish, secretsIn(options));
	} catch (error) {
		fail(printable((error as Error).message));
	}
}

async function tell(baseDir: string, wish: PopWish, withSecrets: (join: string) => string): Promise<void> {
	const told = await changePop(baseDir, wish);
	if ('silence' in told) fail(`the daemon of ${printable(baseDir)} cannot be asked: ${told.silence}`);
	else if ('error' in told.answer) fail(printable(told.answer.error));
	else if (told.answer.join !== undefined) printSecret(withSecrets(told.answer.join));
}

/** Where it goes to a file, nobody else may read that. */
function printSecret(text: string): void {
	if (fstatSync(1).isFile()) fchmodSync(1, 0o600);
	process.stdout.write(text);
}

async function list({ basedir, json }: BaseDir & { readonly json?: boolean }): Promise<void> {
	const told: Asked<PopsAnswer> = await askAboutPops(basedir);
	if ('silence' in told) fail(`the daemon of ${printable(basedir)} cannot be asked: ${told.silence}`);
	else if (told.answer.pops === null)
		fail(`the daemon of ${printable(basedir)} is no hub: write hub: into its config`);
	else if (json === true) process.stdout.write(`${JSON.stringify(told.answer, null, 2)}\n`);
	else process.stdout.write(`${hubLine(told.answer.hubs)}${popTable(told.answer.pops, Date.now() / 1000)}`);
}

function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

function fail(message: string): void {
	process.stderr.write(`pingmachine pop: ${message}\n`);
	process.exitCode = 1;
}

function labelsOf(texts: readonly string[]): Record<string, string> | null {
	const pairs = texts.map((text) => /^([^=\s]{1,100})=(.{1,200})$/s.exec(text));
	if (pairs.some((pair) => pair === null)) return null;
	return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

/** Undefined: it is none. */
function placeOf(text: string): readonly [number, number] | undefined {
	const [, north = '', east = ''] =
		/^(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)$/.exec(text) ?? [];
	const [latitude, longitude] = [Number(north), Number(east)];
	if (north === '' || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
	return [latitude, longitude];
}
