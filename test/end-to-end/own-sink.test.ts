import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';

/** The module that the documentation shows. */
const page = readFileSync(new URL('../../docs/developing.md', import.meta.url), 'utf8');
const module = [...page.matchAll(/^```js\n(.*?)^```/gms)]
	.map(([, text]) => text)
	.find((text) => text?.includes("name: 'slow'"));

test("the documentation's sink of one's own is short, and gets what is measured", async () => {
	expect(module?.trim().split('\n').length).toBeLessThan(30);
	await using daemon = new Daemon();
	const [config, path, file] = [
		daemon.path('config.yaml'),
		daemon.path('slow.js'),
		daemon.path('slow-hosts'),
	];
	writeFileSync(path, module ?? '');
	writeFileSync(config, JSON.stringify({ sinks: [path, { type: 'slow', name: 'mine', file, over_ms: 0 }] }));
	await daemon.start(['--config', config]);
	daemon.order('here', '{user: me, step: 2, pings: 2, probe: fping, fping: {host: 127.0.0.1}}');
	await daemon.until('a line', () => existsSync(file) && readFileSync(file, 'utf8').includes('here'));
	expect(readFileSync(file, 'utf8')).toMatch(/^\d+ here 0\.\d+\n/);
	await daemon.stop();
	expect(daemon.output).toContain(`sink mine: sends to ${file}`);
});

test('a daemon does not start with a module that is no sink, and says why', async () => {
	await using daemon = new Daemon();
	const [config, path] = [daemon.path('config.yaml'), daemon.path('mine.js')];
	writeFileSync(path, 'export default 1;');
	writeFileSync(config, JSON.stringify({ sinks: [path] }));
	daemon.spawn(['--config', config]);
	await daemon.exited();
	expect(daemon.exitCode).toBe(1);
	expect(daemon.output).toBe(
		`${config}: sinks: ${path}: does not export a sink, or a function that makes one\n`,
	);
});
