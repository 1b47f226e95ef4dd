/** sping in a real SCION network of three ASes. SCION_BIN is the folder with the programs of scionproto 0.15. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { ScionNetwork, sciond } from '../support/scion-network.ts';

const bin = process.env['SCION_BIN'];
const hosts = 100;
const host = (i: number) => `1-ff00:0:112,127.0.1.${i + 1}`;
const order = (i: number) =>
	`user: me\nstep: 10\npings: 5\nprobe: sping\nsping: {host: "${host(i)}", interval: 300, source_ip: "1-ff00:0:111,127.0.0.29"}\n`;

if (bin === undefined || bin === '') {
	test('no SCION network: SCION_BIN does not say where its programs are', () => {
		console.warn('sping was tried with recorded output alone: set SCION_BIN to try it in a real network');
		expect(bin ?? '').toBe('');
	});
} else {
	describe('in a SCION network', () => {
		let network: ScionNetwork;
		const daemon = new Daemon();
		beforeAll(async () => {
			network = await ScionNetwork.start(bin);
			daemon.put(
				'config',
				`probes: {sping: {command: ${bin}/scion, flags: [--sciond, '${sciond}', --sequence, '1-ff00:0:111#41 1-ff00:0:110 1-ff00:0:112']}}\n`,
			);
			await daemon.start(['--config', daemon.path('config')], { prefix: [network.enter] });
		});
		afterAll(async () => {
			await daemon[Symbol.asyncDispose]();
			await network?.close();
		});

		test('a hundred hosts at step 10 are measured in each slot', async () => {
			for (let i = 0; i < hosts; i++) daemon.order(`host${i}`, order(i));
			const first = await daemon.resultOf('host0');
			for (let i = 0; i < hosts; i++) {
				const inTime = ({ time }: { readonly time: number }) => time >= first.time + 20;
				expect(await daemon.resultOf(`host${i}`, inTime)).toMatchObject({ pings: 5, loss: 0 });
			}
			expect(daemon.output).not.toContain('skipped');
		});

		test('lost pings are lost', async () => {
			await network.lose([1, 3]);
			await daemon.resultOf('host0', ({ pings, loss }) => pings === 5 && loss === 2);
			await network.lose([]);
			await daemon.resultOf('host0', ({ loss }) => loss === 0);
		});

		test('a link that is down loses all pings, and comes back', async () => {
			await network.kill('br1-ff00_0_112-1');
			await daemon.resultOf('host1', ({ pings, loss }) => pings === 5 && loss === 5);
			network.run('br1-ff00_0_112-1');
			await daemon.resultOf('host1', ({ loss }) => loss === 0);
		});
	});
}
