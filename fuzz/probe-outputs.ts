import fc from 'fast-check';
import { resultOf as httpingResultOf } from '../probes/httping/output.ts';
import { resultOf as scionResultOf } from '../probes/sping/output.ts';
import { readGreeting } from '../probes/ssh/identification.ts';
import { assert, textTarget } from './target.ts';

const startedAtSeconds = 1_795_240_000;
const count = 3;
const run = { count, pings: count, intervalMs: 1000, timeoutMs: 900, tls: false, failureCodes: [404] };
const printed = (stdout: string, stopped: boolean) => ({
	...{ stdout, stderr: '', exitCode: 0, endedBy: null, stopped, truncated: false },
	startedAtSeconds,
});

/** What httping writes to standard output. */
export const httpingOutput = textTarget('httping-output', runHttping, {
	seedsIn: ['fixtures/probes/httping'],
	words: [
		'connected to 127.0.0.1:80 (79 bytes), seq=0 time=  1.27 ms 200 OK\n',
		'could not connect (Connection refused)\n',
		'timeout while receiving reply-headers from host\n',
		'3 connects, 3 ok, 0.00% failed, time 900ms\n',
		'seq=999999999999',
		'time=1e309 ms',
		'time=-1.0 ms',
	],
	wellMade: fc
		.array(fc.tuple(fc.nat(5), fc.constantFrom('0.57', '99999.99', '-0.10', 'lost')), { maxLength: 5 })
		.map((pings) =>
			pings
				.map(([seq, ms]) =>
					ms === 'lost'
						? 'short read during receiving reply-headers from host'
						: `connected to 127.0.0.1:80 (79 bytes), seq=${seq} time=${ms} ms 200 OK`,
				)
				.concat(`${pings.length} connects, ${pings.length} ok, 0.00% failed, time 900ms`)
				.join('\n'),
		),
});

function runHttping(text: string): string {
	return [false, true]
		.map((stopped) => {
			const { samples, failure } = httpingResultOf(printed(text, stopped), run, startedAtSeconds + 4);
			assertSamples(samples);
			return `${samples.length} ${samples.filter(({ rttSeconds }) => rttSeconds === null).length} ${failure === null}`;
		})
		.join(', ');
}

/** What `scion ping` writes to standard output. */
export const scionOutput = textTarget('scion-output', runScion, {
	seedsIn: ['fixtures/probes/sping'],
	words: ['"replies": null', '"scmp_seq": 1', '"round_trip_time": 1.5', '"state": "success"', '1e400', '-1'],
});

function runScion(text: string): string {
	const target = '1-ff00:0:110,10.0.0.1';
	return [false, true]
		.map((stopped) => {
			const result = scionResultOf({ ...run, target }, printed(text, stopped));
			if ('failure' in result) return 'failure';
			assert(result.samples.length > 0, 'samples are never empty');
			assertSamples(result.samples);
			return String(result.samples.length);
		})
		.join(', ');
}

/** What an SSH server sends first. */
export const sshGreeting = {
	name: 'ssh-greeting',
	seedsIn: ['fixtures/probes/ssh'],
	words: ['SSH-2.0-', '\r\n', '\n', 'x'.repeat(300)],
	run(input: Buffer): string {
		const whole = readGreeting(input);
		for (let length = 0; length < Math.min(input.length, 300); length++) {
			const early = readGreeting(input.subarray(0, length));
			// More bytes may settle what was open, but never change what was settled.
			if (early !== 'incomplete') {
				assert(JSON.stringify(early) === JSON.stringify(whole), 'what was said early holds in the end');
			}
		}
		return typeof whole === 'string' ? whole : 'identification';
	},
};

function assertSamples(samples: readonly { sentAtSeconds: number; rttSeconds: number | null }[]): void {
	assert(samples.length <= count, 'there are at most as many samples as pings');
	for (const { sentAtSeconds, rttSeconds } of samples) {
		assert(Number.isFinite(sentAtSeconds), 'a ping was sent at some time');
		assert(
			rttSeconds === null || (rttSeconds >= 0 && Number.isFinite(rttSeconds)),
			`an RTT is a number or lost: ${rttSeconds}`,
		);
	}
}
