import { defineConfig } from 'vitest/config';

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

/** These leave their process as they found it, so it need not start anew for each file: a third of its cost. */
const shared = [
	'test/{alerts,config,counts,daemon,engine,history,memory,model,outcomes,reading,rrd}/**/*.test.ts',
	'test/{orders/lists,sinks/telegraf,web/access,web/metrics}/**/*.test.ts',
];

export default defineConfig({
	test: {
		projects: isLong
			? [{ extends: true, test: { name: 'long', include: [long, ...storms] } }]
			: [
					{ extends: true, test: { name: 'shared', include: shared, isolate: false } },
					{
						extends: true,
						test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [long, ...shared] },
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
		globalSetup: ['test/support/kafka/run-broker.ts'],
		setupFiles: ['test/support/environment.ts'],
		// Where the checkout can only be read.
		...(place === undefined ? {} : { cache: false as const }),
		reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
	},
});
