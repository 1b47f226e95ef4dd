/** An hour with thousands of orders that come, go and change. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const minutes = 60;

test(
	`in ${minutes} minutes memory and open files do not grow`,
	async () => {
		const soak = new URL('../../dist/bench/soak.js', import.meta.url).pathname;
		const args = [soak, '--minutes', String(minutes), '--orders', '2000', '--json'];
		const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let printed = '';
		child.stdout.setEncoding('utf8').on('data', (text) => {
			printed += text;
		});
		const [code] = await once(child, 'close');
		const report = JSON.parse(printed);
		expect(report).toMatchObject({ memoryMb: { isLeak: false }, openFiles: { isLeak: false } });
		expect(code).toBe(0);
	},
	(minutes + 10) * 60_000,
);
