import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exec } from '../../../src/alerts/notifiers/exec/index.ts';
import { start } from '../support/house.ts';
import { alertOf, calm, messageOf, toolsOf } from './support/notifications.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-exec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

async function send(command: unknown, message = messageOf([alertOf('core/a')]), signal = calm) {
	await (await exec.open(exec.settings.parse({ command }), toolsOf())).send(message, signal);
}

test("has SmokePing's six arguments, and JSON on standard input", async () => {
	const path = program('keep', `printf '%s\\n' "$@" >> ${folder}/args; cat >> ${folder}/json`);
	const over = alertOf('core/b', { clearedSeconds: start + 60, title: '$(touch /tmp/x); `id`' });
	await send([path, '-x'], messageOf([alertOf('core/a')]));
	await send(path, messageOf([over], { about: 'clear' }));
	expect(readFileSync(join(folder, 'args'), 'utf8').split('\n')).toEqual([
		...['-x', 'loss', 'core.a', 'loss: 0%, 60%, U', 'rtt: 12.3ms, 50ms, U', '192.0.2.1', '1'],
		...['loss', 'core.b', 'loss: 0%, 60%, U', 'rtt: 12.3ms, 50ms, U', '192.0.2.1', '0', ''],
	]);
	const [first, second] = readFileSync(join(folder, 'json'), 'utf8').trim().split('\n');
	expect(JSON.parse(first ?? '')).toMatchObject({ about: 'raise', alerts: [{ order: { id: 'core/a' } }] });
	expect(JSON.parse(second ?? '')).toMatchObject({ about: 'clear', alerts: [{ status: 'cleared' }] });
});

test('one that fails is named with what it said, and what was told is not told again', async () => {
	const settings = exec.settings.parse({
		command: program(
			'once',
			`echo "$2" >> ${folder}/told; [ "$2" != b ] || [ -e ${folder}/mended ] || { echo no paper >&2; exit 3; }`,
		),
	});
	const message = messageOf([alertOf('a'), alertOf('b'), alertOf('c')]);
	const open = await exec.open(settings, toolsOf());
	await expect(open.send(message, calm)).rejects.toThrow(/once ends with 3: no paper/);
	writeFileSync(join(folder, 'mended'), '');
	await (await exec.open(settings, toolsOf())).send(message, calm);
	expect(readFileSync(join(folder, 'told'), 'utf8').trim().split('\n')).toEqual(['a', 'b', 'b', 'c']);
});

test('one that hangs is killed with all that it has started', async () => {
	const path = program('hang', `sleep 1000 & echo $! > ${folder}/pid; wait`);
	await expect(send(path, undefined, AbortSignal.timeout(500))).rejects.toThrow('was ended by SIGKILL');
	const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
	await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
	try {
		return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
	} catch {
		return false;
	}
}

test('one that is not there is told; a path that is none, or a shell line, is refused', async () => {
	await expect(send(join(folder, 'none'))).rejects.toThrow(/cannot start .*none: there is no such file/);
	expect(exec.settings.safeParse({ command: 'siren --loud' }).success).toBe(false);
	expect(exec.settings.safeParse({ command: [] }).success).toBe(false);
});
