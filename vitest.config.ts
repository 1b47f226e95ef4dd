import { defineConfig } from 'vitest/config';

const report = process.env['PINGMACHINE_TEST_REPORT'];

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		testTimeout: 30_000,
		hookTimeout: 60_000,
		reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
	},
});
