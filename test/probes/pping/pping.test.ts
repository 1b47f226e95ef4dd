import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { argvOf, pping } from '../../../probes/pping/index.ts';
import { resultOf } from '../../../probes/pping/output.ts';
import { readScionEndpoint } from '../../../probes/shared/scion-address.ts';
import type { Job, TargetResult } from '../../../src/model/probe.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { StandIns } from '../../support/stand-in.ts';

const programs = new StandIns();
afterAll(() => programs.remove());

const folder = fileURLToPath(new URL('../../../fixtures/probes/pping', import.meta.url));
const host = '1-ff00:0:112,[127.0.0.36]:40002';

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

function inWords(result: TargetResult): unknown {
	if ('failure' in result) return result.failure;
	return result.samples.map(({ rttSeconds }) =>
		rttSeconds === null ? null : Number((rttSeconds * 1000).toFixed(6)),
	);
}

test.each(readdirSync(folder))('what the client of pingpong prints: %s', (name) => {
	const read = (file: string) => readFileSync(join(folder, name, file), 'utf8');
	const { source: _source, host, pings, ...ended } = JSON.parse(read('case.json'));
	const result = {
		stdout: read('stdout'),
		stderr: read('stderr'),
		...ended,
		truncated: false,
		startedAtSeconds: 0,
	};
	expect(inWords(resultOf({ host, pings, intervalMs: 1000 }, result))).toEqual(
		JSON.parse(read('expected.json')),
	);
});

test('it is called as 1.6 called it', () => {
	const order = { source_ip: '1-ff00:0:111,[127.0.0.29]:0', flags: ['-x', 'a b'] };
	const args =
		'-id pingpong_client -mode client -interval 9000ms -count 5 -timeout 3000s -format F -remote R -local L -aggregate';
	const put: Record<string, string> = { F: '"%[3]s : %[5]s"', R: host, L: order.source_ip };
	expect(argvOf(order, host, 5, 9000)).toEqual([
		...args.split(' ').map((arg) => put[arg] ?? arg),
		'-x',
		'a b',
	]);
	expect(argvOf({}, host, 5, 9000)).not.toContain('-local');
});

test('each host has a process of its own; no shell sees the flags', async () => {
	const other = '1-ff00:0:112,[127.0.0.37]:40002';
	const { path } = programs.program({ first: { stdout: `path\nhops\n${host} : 1 2\n` } });
	const results = await pping.measure(
		jobOf([host, other], 2, { flags: ['$(id)', ';'] }),
		probeTools({ command: path }),
	);
	expect(results.get(host)).toMatchObject({ samples: [{ rttSeconds: 0.001 }, { rttSeconds: 0.002 }] });
	expect(results.get(other)).toEqual({
		failure: expect.stringContaining('printed no result'),
		code: 'program_failed',
	});
	expect(readFileSync(`${path}.args`, 'utf8')).toMatch(/ -aggregate \$\(id\) ;\n$/);
});

test('when it is missing it is said where to get it', async () => {
	const results = await pping.measure(jobOf([host], 2), probeTools({ command: 'no-such-pingpong' }));
	expect(results.get(host)).toEqual({
		failure:
			'no-such-pingpong is not installed: build it from the SCION of 2018 to 2020, since no package brings it',
		code: 'no_program',
	});
});

test.each([
	['1-ff00:0:112,[127.0.0.36]:40002', host],
	['1-FF00:0:0112,[127.0.0.36]:040002'.replace(':040002', ':40002'), host],
	['1-ff00:0:112,127.0.0.36:40002', host],
	['17-64512,[2001:DB8::1]:1', '17-64512,[2001:db8::1]:1'],
	['1-ff00:0:111,[127.0.0.29]:0', '1-ff00:0:111,[127.0.0.29]:0'],
	['1-ff00:0:112,2001:db8::1:40002', null],
	['1-ff00:0:112,[127.0.0.36]', null],
	['1-ff00:0:112,[127.0.0.36]:70000', null],
	['127.0.0.36:40002', null],
	['', null],
])('%s is the SCION address with a port %s', (text, read) => {
	expect(readScionEndpoint(text)).toBe(read);
});

test.each([
	[
		'host: 192.0.2.9',
		'pping.host',
		'is not a SCION address with a port: "192.0.2.9". Write ISD-AS,[address]:port',
	],
	['host: "1-ff00:0:112,[127.0.0.36]:0"', 'pping.host', 'is not a SCION address with a port'],
	['host: "1-0,[127.0.0.36]:1"', 'pping.host', 'stands for any ISD or AS'],
	[`host: "${host}", source_ip: 192.0.2.7`, 'pping.source_ip', 'is not a SCION address with a port'],
	...['-count', '--count=5', '-remote', '-mode', '-format', '-local', '-timeout', '-aggregate'].map(
		(flag) => [
			`host: "${host}", flags: [-x, '${flag}', '5']`,
			'pping.flags[1]',
			`"${flag}" is not for orders to say`,
		],
	),
])('%s is refused', (section, key, message) => {
	const text = `{user: me, step: 60, pings: 5, probe: pping, pping: {${section}}}`;
	const read = readOrder('x', text, builtInProbes);
	expect('findings' in read ? read.findings : []).toEqual([
		{ key, message: expect.stringContaining(message ?? '') },
	]);
});
