/** The engine on a machine whose loopback is down for a while. Needs root, and the compiled product. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TargetResult } from '../../../src/model/probe.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;
const { icmp } = (await import(
	compiled('probes/icmp/index.js')
)) as typeof import('../../../probes/icmp/index.ts');

let leave = () => {};
beforeAll(() => {
	leave = enterOwnNetwork([
		'ip link add bridge0 type bridge',
		'ip link set bridge0 up',
		'ip addr add 10.9.0.1/24 dev bridge0',
	]);
});
afterAll(() => leave());

async function measure(host: string): Promise<TargetResult | undefined> {
	const job = {
		slot: { startSeconds: 0, stepSeconds: 2 },
		...{ stepSeconds: 2, pings: 1, targets: [host], windowMs: 2000 },
		options: { host },
	};
	return (await icmp.measure(job, probeTools({}))).get(host);
}

test('it is not given up: the next job is measured', async () => {
	execFileSync('ip', ['link', 'set', 'lo', 'down']);
	await measure('10.9.0.1');
	execFileSync('ip', ['link', 'set', 'lo', 'up']);
	const answered = expect.objectContaining({ rttSeconds: expect.any(Number) });
	expect(await measure('10.9.0.1')).toMatchObject({ samples: [answered] });
	expect(await measure('127.0.0.1')).toMatchObject({ samples: [answered] });
});
