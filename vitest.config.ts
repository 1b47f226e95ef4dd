import { defineConfig } from 'vitest/config';

const report = process.env['PINGMACHINE_TEST_REPORT'];

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		// Most tests wait for programs and for the next slot, more than they compute.
		maxWorkers: 2,
		testTimeout: 30_000,
		hookTimeout: 60_000,
		reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
	},
});
