import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const {
	PINGMACHINE_TEST_REPORT: report,
	PINGMACHINE_TESTS: kind,
	PINGMACHINE_TEST_PLACE: place,
} = process.env;
const isLong = kind === 'long';
const long = 'test/long/**/*.test.ts';
/** Short in `npm test`; see test/faults/support/rounds.ts. */
const storms = [
	'test/faults/{kill,churn,disk,hostile-text}.test.ts',
	'test/rrd/kill.test.ts',
	'test/store/archive.revive.test.ts',
];

/**
 * These look at or change what belongs to their process: its limits, open files, memory, timers, children; or put it
 * into a network of its own, where threads that it has already would not be. All others leave it as they found it, so
 * it need not start anew for each file: that takes longer than most of them.
 */
const alone = [
	'test/end-to-end/{name-outage,routes}.test.ts',
	'test/host/trim-memory.test.ts',
	'test/orders/{order-file,watcher.scans}.test.ts',
	'test/probes/fping/fping.test.ts',
	'test/probes/icmp/{icmp,loopback-down,network,network-trouble,outbox,packets}.test.ts',
	'test/probes/shared/{link-local,no-way-out,timing/lateness}.test.ts',
	'test/probes/traceroute/{traceroute,trouble}.test.ts',
	'test/store/held-folder.test.ts',
	'test/tools/{resolve-names,run-command}.test.ts',
];

/** These wait for slots and outages, more than they compute. */
const waiting = /\/test\/(end-to-end|faults)\//;

/**
 * One that waits to four that compute, so that the processors have work all the time, and none that waits at the end.
 * Files that share a process stay together: it ends when the next file is to be alone.
 */
class Mixed extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const sorted = await super.sort(files);
		const first = sorted.filter(({ project }) => project.name === 'alone');
		const sharing = sorted.filter(({ project }) => project.name !== 'alone');
		const waiters = sharing.filter(({ moduleId }) => waiting.test(moduleId));
		const others = sharing.filter(({ moduleId }) => !waiting.test(moduleId));
		const mixed = waiters.flatMap((file, at) => [file, ...others.slice(4 * at, 4 * at + 4)]);
		return [...first, ...mixed, ...others.slice(4 * waiters.length)];
	}
}

export default defineConfig({
	test: {
		projects: isLong
			? [{ extends: true, test: { name: 'long', include: [long, ...storms] } }]
			: [
					{ extends: true, test: { name: 'alone', include: alone } },
					{
						extends: true,
						test: {
							name: 'shared',
							include: ['test/**/*.test.ts'],
							exclude: [long, ...alone],
							isolate: false,
						},
					},
				],
		// Most tests wait for programs and for the next slot, more than they compute.
		maxWorkers: 4,
		// Only something that hangs takes as long, on a machine that is busy with other things too.
		testTimeout: isLong ? 3_600_000 : 180_000,
		hookTimeout: 180_000,
		// Machines that build for others stall now and then: what is wrong fails twice. Both tries are told.
		retry: process.env['CI'] === undefined ? 0 : 1,
		expect: { poll: { timeout: 60_000 } },
		sequence: { sequencer: Mixed },
		globalSetup: ['test/support/kafka/run-broker.ts'],
		setupFiles: ['test/support/environment.ts'],
		// Where the checkout can only be read.
		...(place === undefined ? {} : { cache: false as const }),
		reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
	},
});
