/** Completion in fish: what is offered for the end of the line. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { env, nodes, scratch, start, useShells } from './completion-rig.ts';

useShells();

/** What is on the line, and the words that are offered for its end. */
const offersOfFish: readonly (readonly [typed: string, ...words: string[]])[] = [
	['pingmachine st', 'status'],
	['pingmachine order r', 'refresh', 'rm'],
	['pingmachine help ord', 'order'],
	['pingmachine order help r', 'refresh', 'rm'],
	['pingmachine completion z', 'zsh'],
	['pingmachine export --format ', 'csv', 'influx', 'json'],
	['pingmachine export --format=j', '--format=json'],
	['pingmachine run --basedir ./ba', './base/'],
	['pingmachine run --config ./conf', './config.yaml'],
	['pingmachine run --user roo', 'root'],
	['pingmachine check ./conf', './config.yaml'],
	[`${start} base m`, 'me/'],
	[`${start} $BASE me/ro`, 'me/router'],
	[`${start} "$BASE" me/ro`, 'me/router'],
	[`${start} ~/base me/ro`, 'me/router'],
	[`${start}=base --sort loss me/ro`, 'me/router'],
	[`${start} base me/tw`, 'me/two words'],
	[`${start} base me/two\\ w`, 'me/two words'],
	[`${start} base 'me/two w`, 'me/two words'],
	[`${start} base me/it`, "me/it's"],
	[`${start} base me/say`, 'me/say "hi" twice'],
	[`${start} base me/z`, 'me/zürich'],
	[`${start} base -- me/-`, 'me/-dash'],
	[`${start} base v6/2001:`, 'v6/2001:db8::1', 'v6/2001:db8::2'],
	[`${start} base me/es`],
	[`${start} none me/ro`],
	['pingmachine export --basedir base ', 'me/', 'old/'],
	['pingmachine graph --basedir base old/', 'old/one'],
	['pingmachine order add --basedir base --user o', "o'neil b"],
	['pingmachine order add --basedir base --user=o', "--user=o'neil b"],
	['pingmachine-status --basedir base me/ro', 'me/router'],
	['pingmachine-graph --basedir base -i old/', 'old/one'],
];

describe('fish', () => {
	/** The words that are offered for the end of each line. */
	function offered(lines: readonly string[]): readonly (readonly string[])[] {
		const script =
			'source ./fish; for line in $argv; complete -C $line | string replace -r "\\t.*" ""; echo --end--; end';
		const output = execFileSync('fish', ['--no-config', '-c', script, ...lines], {
			cwd: scratch,
			env: { ...env, HOME: scratch },
			encoding: 'utf8',
		});
		return output
			.split('--end--\n')
			.slice(0, -1)
			.map((part) => part.split('\n').slice(0, -1));
	}

	test('offers what can be at the end of the line', () => {
		const found = offered(offersOfFish.map(([typed]) => typed));
		for (const [index, [typed, ...words]] of offersOfFish.entries())
			expect(found[index], typed).toEqual(words);
	});

	test('knows the commands and options of --help, of every command', () => {
		const lines = offered(nodes.flatMap(({ path }) => [`${path.join(' ')} `, `${path.join(' ')} --`]));
		for (const [index, { path, commands, options }] of nodes.entries()) {
			const names = commands.map((command) => command.path.at(-1) ?? '');
			if (names.length > 0) expect(lines[2 * index], path.join(' ')).toEqual(names.sort());
			const long = options.flatMap((option) => option.names.filter((name) => name.startsWith('--')));
			// fish does not count the dashes.
			expect([...(lines[2 * index + 1] ?? [])].sort(), path.join(' ')).toEqual(long.sort());
		}
	});

	test('runs nothing that is written on the line', () => {
		offered(['', '"', "'"].map((quote) => `${start} ${quote}(touch RUN)$(touch RUN)${quote} me/ro`));
		expect(existsSync(join(scratch, 'RUN'))).toBe(false);
	});
});
