import {
	chmodSync,
	chownSync,
	closeSync,
	fstatSync,
	openSync,
	readFileSync,
	statSync,
	writeSync,
} from 'node:fs';
import type { Command } from 'commander';
import { builtInProbes } from '../../../probes/index.ts';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { nearest } from '../../model/nearest.ts';
import { printable } from '../../model/printable.ts';
import { builtInSinks } from '../../sinks/index.ts';
import {
	isScope,
	isTokenName,
	newToken,
	readTokens,
	type Scope,
	scopeNames,
} from '../../web/access/tokens.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { CommandProblem } from '../shared/find-orders.ts';

interface TokenOptions {
	readonly scope: string;
	readonly file?: string;
	readonly config?: string;
	readonly basedir?: string;
}

/** Adds `token` to the command `web`. */
export function registerToken(web: Command): void {
	web
		.command('token')
		.summary('make a token, and print it once')
		.description(
			'Makes a token, adds its line to the tokens file (NAME SCOPES SHA256) and prints the token, this once. The ' +
				'server knows it within a second. Take its line out of the file, and it is worth nothing any more.',
		)
		.argument('<name>', 'whose it is: letters, digits, dots, - and _')
		.requiredOption('--scope <scopes>', `what it is for, with commas between: ${scopeNames.join(', ')}`)
		.option('--file <path>', 'the tokens file (default: web: tokens_file: of the config)')
		.addOption(baseDirOverConfig('its owner is the owner of a new file'))
		.addOption(configOption())
		.addHelpText('after', help)
		.action(async (name: string, options: TokenOptions) => {
			process.exitCode = await makeToken(name, options);
		});
}

const help = `
Send it as a header: Authorization: Bearer TOKEN

Examples:
  pingmachine web token grafana --scope read --file /etc/pingmachine/tokens
  pingmachine web token provisioning --scope read,order --file /etc/pingmachine/tokens`;

async function makeToken(name: string, options: TokenOptions): Promise<number> {
	try {
		const scopes = readScopes(options.scope);
		if (!isTokenName(name))
			throw new CommandProblem('the name must have letters, digits, dots, - and _, at most 63');
		const { file, baseDir } = await whereOf(options);
		process.stdout.write(`${addToken(file, baseDir, name, scopes)}\n`);
		return 0;
	} catch (error) {
		const lines = error instanceof ConfigError ? error.lines : [(error as Error).message];
		process.stderr.write(`${lines.map((line) => `pingmachine web token: ${printable(line)}`).join('\n')}\n`);
		return 1;
	}
}

function readScopes(text: string): Scope[] {
	const words = text.split(',').map((word) => word.trim());
	const unknown = words.find((word) => !isScope(word));
	if (unknown !== undefined) {
		const near = nearest(unknown, scopeNames);
		const hint = near === null ? '' : `. Did you mean ${near}?`;
		throw new CommandProblem(
			`--scope: must be of ${scopeNames.join(', ')}, with commas between, not ${JSON.stringify(unknown)}${hint}`,
		);
	}
	return [...new Set(words.filter(isScope))];
}

async function whereOf({ file, config, basedir }: TokenOptions): Promise<{ file: string; baseDir: string }> {
	const { sinks } = await loadSinks(config, builtInSinks);
	const loaded = loadConfig({ file: config, flags: { basedir }, probes: builtInProbes, sinks });
	const path = file ?? loaded.web?.tokensFile;
	if (path === undefined || path === null)
		throw new CommandProblem(
			'where is the tokens file? Write --file PATH, or --config FILE with web: tokens_file: in it',
		);
	return { file: path, baseDir: loaded.baseDir };
}

/** Returns the token. */
function addToken(file: string, baseDir: string, name: string, scopes: readonly Scope[]): string {
	const fd = openSync(file, 'a+', 0o600);
	try {
		const { size } = fstatSync(fd);
		const text = readFileSync(file, 'utf8');
		if (readTokens(text).tokens.some((token) => token.name === name))
			throw new CommandProblem(
				`there is a token called ${name} in ${file}. Take another name, or remove its line`,
			);
		const { token, line } = newToken(name, scopes);
		if (size === 0) giveToOwner(file, baseDir);
		// A last line without an end would become one with ours.
		writeSync(fd, text === '' || text.endsWith('\n') ? line : `\n${line}`);
		return token;
	} finally {
		closeSync(fd);
	}
}

/** The server runs as the user of the base directory, and must be able to read it. */
function giveToOwner(file: string, baseDir: string): void {
	chmodSync(file, 0o600);
	const owner = statSync(baseDir, { throwIfNoEntry: false });
	if (owner === undefined || process.geteuid?.() !== 0) return;
	chownSync(file, owner.uid, owner.gid);
}
