import { defineConfig } from 'vitest/config';

const {
	PINGMACHINE_TEST_REPORT: report,
	PINGMACHINE_TESTS: kind,
	PINGMACHINE_TEST_PLACE: place,
} = process.env;
const isLong = kind === 'long';
const long = 'test/long/**/*.test.ts';
/** Short in `npm test`; see test/faults/support/rounds.ts. */
const storms = ['test/faults/{kill,churn,disk,hostile-text}.test.ts', 'test/rrd/kill.test.ts'];

export default defineConfig({
	test: {
		include: isLong ? [long, ...storms] : ['test/**/*.test.ts'],
		exclude: isLong ? [] : [long],
		// Most tests wait for programs and for the next slot, more than they compute.
		maxWorkers: 4,
		// Only something that hangs takes as long, on a machine that is busy with other things too.
		testTimeout: isLong ? 3_600_000 : 180_000,
		hookTimeout: 180_000,
		// Machines that build for others stall now and then: what is wrong fails twice. Both tries are told.
		retry: process.env['CI'] === undefined ? 0 : 1,
		expect: { poll: { timeout: 60_000 } },
		globalSetup: ['test/support/kafka/run-broker.ts'],
		setupFiles: ['test/support/environment.ts'],
		// Where the checkout can only be read.
		...(place === undefined ? {} : { cache: false as const }),
		reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
	},
});
