import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { argvOf, pping } from '../../../probes/pping/index.ts';
import type { CommandResult, Job, ProbeResults } from '../../../src/model/probe.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { rows, StandIns } from '../../support/stand-in.ts';

const programs = new StandIns();
afterAll(() => programs.remove());

const folder = fileURLToPath(new URL('../../../fixtures/probes/pping', import.meta.url));

function jobOf(targets: readonly string[], pings: number, options = {}): Job<{ host: string }> {
	return {
		slot: { startSeconds: 0, stepSeconds: 60 },
		stepSeconds: 60,
		pings,
		options: { host: targets[0] ?? '', ...options },
		targets,
		windowMs: 60_000,
	};
}

async function inWords(measuring: Promise<ProbeResults>, hosts: readonly string[]): Promise<unknown> {
	try {
		const results = [...(await measuring)].map(([host, result]) => [
			host,
			'failure' in result
				? result.failure
				: result.samples.map(({ rttSeconds }) =>
						rttSeconds === null ? null : Number((rttSeconds * 1000).toFixed(6)),
					),
		]);
		return Object.fromEntries(results);
	} catch (error) {
		return Object.fromEntries(hosts.map((host) => [host, (error as Error).message]));
	}
}

test.each(readdirSync(folder))('what the client of pingpong prints: %s', async (name) => {
	const read = (file: string) => readFileSync(join(folder, name, file), 'utf8');
	const { hosts, pings, exitCode, stopped } = JSON.parse(read('case.json'));
	const result: CommandResult = {
		stdout: read('stdout'),
		stderr: read('stderr'),
		exitCode,
		endedBy: null,
		stopped,
		truncated: false,
		startedAtSeconds: 0,
	};
	const tools = probeTools({}, { runCommand: async () => result });
	const measured = await inWords(pping.measure(jobOf(hosts, pings), tools), hosts);
	expect(measured).toEqual(JSON.parse(read('expected.json')));
});

test('its arguments are those of fping, without what fping has got since; then come the flags', () => {
	expect(argvOf({}, 5, 9000).join(' ')).toBe('-q -p 9000 -C 5');
	const order = { source_ip: '192.0.2.7', interface: 'eth0', flags: ['-x', 'a b'] };
	expect(argvOf(order, 5, 1000)).toEqual([...'-q -p 1000 -C 5 -S 192.0.2.7 -I eth0 -x'.split(' '), 'a b']);
});

test('hosts come as addresses, one a line, on standard input; no shell sees the flags', async () => {
	const first = { stderr: `${rows('127.0.0.1', [1, 2]).stderr}${rows('127.0.0.2', [3, null]).stderr}` };
	const { path } = programs.program({ first, exitCode: 1 });
	const job = jobOf(['localhost', '127.0.0.2'], 2, { flags: ['$(id)', ';'] });
	const results = await pping.measure(job, probeTools({ command: path }));
	expect(results.get('localhost')).toMatchObject({ samples: [{ rttSeconds: 0.001 }, { rttSeconds: 0.002 }] });
	expect(results.get('127.0.0.2')).toMatchObject({ samples: [{ rttSeconds: 0.003 }, { rttSeconds: null }] });
	expect(readFileSync(`${path}.args`, 'utf8')).toMatch(/^-q -p \d+ -C 2 \$\(id\) ;\n$/);
	expect(readFileSync(`${path}.input`, 'utf8')).toBe('127.0.0.1\n127.0.0.2\n');
});

test('when it is missing it is said where to get it', async () => {
	const measuring = pping.measure(jobOf(['127.0.0.1'], 2), probeTools({ command: 'no-such-pping' }));
	await expect(measuring).rejects.toThrow(
		'no-such-pping is not installed: get it from who runs the pingpong application, since no package brings it',
	);
});

test.each(['-f', '-qf', '-C5', '--file=/etc/shadow', '-file', '--loop', '-i', '-t1'])(
	'%s is not for orders to say',
	(flag) => {
		const text = `{user: me, step: 60, pings: 5, probe: pping, pping: {host: 127.0.0.1, flags: [-x, '${flag}', '5']}}`;
		const read = readOrder('x', text, builtInProbes);
		expect('findings' in read ? read.findings : []).toEqual([
			{ key: 'pping.flags[1]', message: expect.stringContaining(`"${flag}" is not for orders to say`) },
		]);
	},
);
