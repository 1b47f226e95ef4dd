/** The daemon with the sinks that need no server: what is in the file and on standard output is what was measured. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { outcomeFromJson } from '../../src/outcomes/outcome-json.ts';
import { parseLine } from '../sinks/shared/parse-line.ts';
import { Daemon } from '../support/daemon.ts';

const linesOf = (path: string) =>
	existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];

test('a file, standard output and a file of lines say the same as last_result, across a restart', async () => {
	await using daemon = new Daemon();
	const [json, influx, output] = [daemon.path('r.json'), daemon.path('r.influx'), daemon.path('stdout')];
	const config = daemon.path('config.yaml');
	const sinks = [
		{ type: 'file', path: json, batch: { wait: 0 } },
		{ type: 'file', path: influx, format: 'influx', batch: { wait: 0 } },
		{ type: 'stdout', batch: { wait: 0 } },
	];
	const probes = { httping: { command: '/nowhere/httping' } };
	writeFileSync(config, JSON.stringify({ sinks, probes }));
	const prefix = ['sh', '-c', 'exec "$0" "$@" >>"$OUTPUT"'];
	const options = { prefix, env: { OUTPUT: output } };
	await daemon.start(['--config', config], options);
	daemon.order(
		'here',
		'{user: me, step: 2, pings: 2, probe: fping, fping: {host: 127.0.0.1}, measurement_name: m, tags: {a b: c}}',
	);
	daemon.order(
		'unmeasured',
		'{user: me, step: 2, pings: 1, probe: httping, httping: {url: "http://127.0.0.1/"}}',
	);
	await daemon.until('why one cannot be measured', () =>
		linesOf(json).some((line) => line.includes('"kind":"failed"')),
	);
	const measuredIn = (path: string) =>
		linesOf(path).filter((line) => /"kind":"measured"|loss=/.test(line)).length;
	const haveAll = (count: number) => [json, output, influx].every((path) => measuredIn(path) >= count);
	await daemon.until('two results in all of them', () => haveAll(2));
	await daemon.stop();
	await daemon.start(['--config', config], options);
	const before = Math.max(...[json, output, influx].map(measuredIn));
	await daemon.until('more of them', () => haveAll(before + 1));
	const last = await daemon.resultOf('here');
	await daemon.until('that one too', () =>
		linesOf(json).some((line) => line.includes('"id":"here"') && line.includes(`"slot":${last.time},`)),
	);
	await daemon.stop();
	const all = linesOf(json).map((line) => JSON.parse(line));
	const results = all.filter(({ order }) => order.id === 'here');
	// A slot of which too little is left when it comes is skipped.
	expect(all.find(({ order, kind }) => order.id === 'unmeasured' && kind === 'failed')).toMatchObject({
		...{
			status: 'UNKNOWN',
			kind: 'failed',
			reason: expect.stringContaining('/nowhere/httping'),
		},
	});
	// Nothing else is on standard output: the log is not. What came with the end may be in the spool of one of them.
	const common = Math.min(linesOf(output).length, linesOf(json).length);
	expect(linesOf(output).slice(0, common)).toEqual(linesOf(json).slice(0, common));
	expect(daemon.output).toContain('pingmachine started');
	const told = results.find(({ slot }) => slot === last.time);
	expect(told).toMatchObject({
		status: 'UP',
		step: 2,
		pings: 2,
		order: { id: 'here', user: 'me', tags: { 'a b': 'c' } },
	});
	expect(told.latency_ms / 1000).toBeCloseTo(last.median ?? Number.NaN, 9);
	expect(all.map(outcomeFromJson)).not.toContain(null);
	expect(new Set(results.map(({ slot }) => slot)).size).toBe(results.length);
	// On a busy machine a slot may be skipped: of that one only the reason is told.
	const slots = results.filter(({ kind }) => kind === 'measured').map(({ slot }) => slot);
	const summaries = linesOf(influx)
		.map(parseLine)
		.filter(({ fields }) => 'loss' in fields);
	const starts = summaries.map(({ nanoseconds }) => Number(nanoseconds / 1_000_000_000n));
	const both = Math.min(starts.length, slots.length);
	expect(starts.slice(0, both)).toEqual(slots.slice(0, both));
});
