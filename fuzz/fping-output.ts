import fc from 'fast-check';
import { parseFpingOutput, resultsOf } from '../probes/shared/fping-output.ts';
import { ProbeError } from '../src/model/probe.ts';
import { assert, textTarget } from './target.ts';

const hosts = ['127.0.0.1', '127.0.0.2', '::1', '10.99.0.1'];
const value = fc.constantFrom('-', '0.05', '1.23', '124', '1e+03', '99999999', '');

/** What fping writes to standard error. */
export const fpingOutput = textTarget('fping-output', run, {
	seedsIn: ['fixtures/probes/fping'],
	words: [...hosts, ' : ', ' -', ' 0.05', ' : duplicate for [0], 64 bytes, 0.018 ms', 'ICMP ', ' for ICMP'],
	wellMade: fc
		.array(fc.tuple(fc.constantFrom(...hosts), fc.array(value)), { maxLength: 6 })
		.map((rows) => rows.map(([host, values]) => `${host} : ${values.join(' ')}`).join('\n')),
});

function run(text: string): string {
	const { rows, messages } = parseFpingOutput(text);
	for (const values of rows.values()) assertRtts(values);
	const outcomes = [false, true].map((stopped) => outcomeOf(text, stopped));
	return `${Math.min(rows.size, 5)} ${Math.min(messages.length, 5)} ${outcomes.join(' ')}`;
}

function outcomeOf(text: string, stopped: boolean): string {
	const result = {
		...{ stdout: '', stderr: text, exitCode: 0, endedBy: null, stopped, truncated: false },
		startedAtSeconds: 1_795_240_000,
	};
	const pings = 3;
	let results: ReturnType<typeof resultsOf>;
	try {
		results = resultsOf(result, { hosts, pings, intervalMs: 1000, timeoutMs: 3000, options: { host: '' } });
	} catch (error) {
		assert(error instanceof ProbeError, `a failed run is said in plain words: ${error}`);
		return 'failed';
	}
	assert(results.size === hosts.length, 'every host has a result or a reason');
	return [...results.values()]
		.map((one) => ('samples' in one ? countOf(one.samples, pings) : 'failure'))
		.join();
}

function countOf(samples: readonly { readonly rttSeconds: number | null }[], pings: number): number {
	assert(samples.length > 0 && samples.length <= pings, 'a host has at most as many samples as pings');
	assertRtts(samples.map(({ rttSeconds }) => rttSeconds));
	return samples.length;
}

function assertRtts(rtts: readonly (number | null)[]): void {
	for (const rtt of rtts)
		assert(rtt === null || (rtt >= 0 && Number.isFinite(rtt)), `an RTT is a number or lost: ${rtt}`);
}
