import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FileCalls, nodeFileCalls } from '../../src/host/file-calls.ts';
import { loadNativeFileCalls } from '../../src/host/native-file-calls.ts';
import { order, startSeconds, TreeFixture } from './support/tree-fixture.ts';

const native = loadNativeFileCalls();
if (native === null) throw new Error('there are no native calls here');

/** What three results leave on disk. */
function recorded(files: FileCalls): Buffer[] {
	const fixture = new TreeFixture();
	try {
		fixture.restart('smokeping', files);
		const one = order('größe/a', { pings: 3 });
		fixture.enrol(one);
		for (const slot of [0, 1, 3])
			fixture.record(one, startSeconds + slot * 60, [0.25, null, 0.125], { ttl: 64, note: 'ü' });
		expect(fixture.toldOf('problem')).toEqual([]);
		expect(fixture.counters.get('recorded')).toBe(3);
		const names = ['main.rrd', 'last_result', 'last_facts'];
		return names.map((name) => readFileSync(fixture.path(`output/größe/a/${name}`)));
	} finally {
		fixture.remove();
	}
}

test('results are the same files, byte for byte, with native calls and without', () => {
	expect(recorded(native)).toEqual(recorded(nodeFileCalls));
});

test.each([
	['native calls', native],
	['those of Node', nodeFileCalls],
] as [string, FileCalls][])(
	'a folder that has the name of last_result stays as it is, by %s',
	(_which, files) => {
		const fixture = new TreeFixture();
		try {
			fixture.restart('smokeping', files);
			const one = order('a');
			fixture.enrol(one);
			fixture.record(one, startSeconds, [0.25, 0.5], { ttl: 64 });
			for (const name of ['last_result', 'last_facts']) {
				rmSync(fixture.path(`output/a/${name}`));
				mkdirSync(fixture.path(`output/a/${name}`));
				writeFileSync(fixture.path(`output/a/${name}/own`), 'own');
			}
			for (const slot of [1, 2, 3]) fixture.record(one, startSeconds + slot * 60, [0.25, 0.5], { ttl: 64 });
			for (const name of ['last_result', 'last_facts'])
				expect(fixture.read(`output/a/${name}/own`)).toBe('own');
			expect(fixture.counters.get('lastResultErrors')).toBe(3);
		} finally {
			fixture.remove();
		}
	},
);

test('each of many files in folders that are held open is found by its name, again and again', () => {
	const root = mkdtempSync(join(tmpdir(), 'pingmachine-calls-'));
	const fds: number[] = [];
	try {
		const paths: string[] = [];
		for (let folder = 0; folder < 3; folder++) {
			mkdirSync(join(root, `${folder}`));
			const fd = native.openFolder(join(root, `${folder}`));
			if (typeof fd !== 'number') throw new Error('the folder cannot be opened');
			fds.push(fd);
			for (let file = 0; file < 200; file++) {
				writeFileSync(join(root, `${folder}`, `ü${file}`), 'x'.repeat(folder * 1000 + file));
				paths.push(`/proc/self/fd/${fd}/ü${file}`);
			}
		}
		const expected = paths.map((path) => nodeFileCalls.stateAt(path)?.bytes);
		for (let turn = 0; turn < 2; turn++)
			expect(paths.map((path) => native.stateAt(path)?.bytes)).toEqual(expected);
		expect(native.exchange(paths[0] ?? '', paths[599] ?? '')).toBe(true);
		expect(native.stateAt(paths[0] ?? '')?.bytes).toBe(2199);
		expect(native.stateAt(`/proc/self/fd/${fds[0]}`)?.isFile).toBe(false);
		expect(native.stateAt(`/proc/self/fd/${fds[0]}/`)?.isFile).toBe(false);
		expect(native.stateAt(`/proc/self/fd/${fds[0]}0000/a`)).toBe(null);
	} finally {
		for (const fd of fds) native.close(fd);
		rmSync(root, { recursive: true });
	}
});
