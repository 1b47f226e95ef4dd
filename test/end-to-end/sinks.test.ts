/** Results on their way from fping to a sink, through the real daemon. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { LineServer } from '../delivery/support/line-server.ts';
import { compileModule } from '../support/compiled-module.ts';
import { cli, Daemon } from '../support/daemon.ts';

const product = new URL('../../dist/', import.meta.url).href;
let main: ReturnType<typeof compileModule>;
let sinks: ReturnType<typeof compileModule>;
let server: LineServer;

beforeAll(() => {
	main = compileModule('test/support/daemon-with-sinks.ts');
	sinks = compileModule('test/delivery/support/test-sinks.ts');
});

afterAll(() => {
	main.remove();
	sinks.remove();
});

beforeEach(async () => {
	server = new LineServer();
	await server.start();
});

afterEach(() => server.stop());

class DaemonWithSinks extends Daemon {
	configure(text: string): void {
		writeFileSync(this.path('config.yaml'), text);
	}

	async startWithSinks(): Promise<void> {
		const script = [main.module, product, pathToFileURL(sinks.module).href];
		await this.start(['--config', this.path('config.yaml')], { script });
	}

	get spools(): string[] {
		return this.exists('spool') ? readdirSync(this.path('spool')) : [];
	}
}

const order =
	'user: me\nstep: 1\npings: 1\nprobe: fping\nfping:\n    host: 127.0.0.1\ntags:\n    site: here\n';
const entry = (port: number) =>
	`sinks:\n    - type: lines\n      name: archive\n      port: ${port}\n      batch: {wait: 0.1}\n`;

/** What `status --sinks` says. */
function sinkStatus({ baseDir }: Daemon, ...flags: string[]) {
	const args = [cli, 'status', '--sinks', '--basedir', baseDir, ...flags];
	return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

test('what is measured arrives: over an outage, a restart and a change of the config, each result once', async () => {
	await using daemon = new DaemonWithSinks();
	await server.stop();
	daemon.configure(entry(server.port));
	await daemon.startWithSinks();
	daemon.order('a', order);
	const first = await daemon.resultOf('a');
	await daemon.logged(`sink archive: cannot reach tcp://127.0.0.1:${server.port}: connect ECONNREFUSED`);
	const later = await daemon.resultOf('a', ({ time }) => time >= first.time + 2);
	const seen = sinkStatus(daemon, '--json');
	expect(JSON.parse(seen.stdout)).toMatchObject({ name: 'archive', state: 'failing', sent: 0 });
	expect(sinkStatus(daemon).stdout).toMatch(/^SINK .*\narchive .* failing for \d+s\n.*connect ECONNREFUSED/s);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.spools).toEqual(['archive']);
	expect(sinkStatus(daemon)).toMatchObject({
		status: 1,
		stdout: '',
		stderr: expect.stringMatching(/^no answer from a daemon in .*\n$/),
	});

	await server.start();
	await daemon.startWithSinks();
	await daemon.until('what waited has arrived', () =>
		server.lines.includes(`a ${first.time} {"site":"here"}`),
	);
	daemon.order('a', order.replace('here', 'there'));
	await daemon.until('the new tag has arrived', () => server.lines.at(-1)?.includes('there') === true);

	daemon.configure('max_age: 3660\n');
	daemon.kill('SIGHUP');
	await daemon.logged('read the config again: changed sinks');
	await daemon.logged('sink archive: closed');
	await daemon.stop();
	const times = server.lines.map((line) => Number(line.split(' ')[1]));
	expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
	expect(times).toEqual(expect.arrayContaining([first.time, later.time]));
	expect(daemon.spools).toEqual([]);
	expect(server.received).toEqual(server.confirmed);
});

test('a sink that takes and never answers delays neither results nor the end of the daemon', async () => {
	await using daemon = new DaemonWithSinks();
	server.answer = () => 'nothing';
	daemon.configure(entry(server.port));
	await daemon.startWithSinks();
	daemon.order('a', order);
	await daemon.until('the sink has something to answer', () => server.received.length > 0);
	const { time } = await daemon.resultOf('a');
	await daemon.resultOf('a', (result) => result.time >= time + 2);
	await daemon.stop();
	// It ends itself with 1 when that takes more than 5 s.
	expect(daemon.exitCode).toBe(0);
	expect(daemon.spools).toEqual(['archive']);
});
