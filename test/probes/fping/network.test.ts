import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FpingSettings } from '../../../probes/fping/index.ts';
import { NetworkNamespace, unansweringNetworks } from '../../support/network-namespace.ts';
import { answered, measure, rttsOf } from './rig.ts';

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-fping-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A program that takes fping's place. */
function script(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

describe('in a network of its own', () => {
	let network: NetworkNamespace;
	let settings: FpingSettings;
	const lost = [null, null];

	beforeAll(async () => {
		const unreachable = ['unreachable', 'prohibit', 'blackhole'].map(
			(kind, i) => `ip route add ${kind} 10.98.${i}.0/24`,
		);
		network = await NetworkNamespace.open([...unansweringNetworks, ...unreachable]);
		settings = { command: network.wrapper('fping') };
	});
	afterAll(() => network.close());

	test('an address that does not answer has lost every ping, and costs the others nothing', async () => {
		const targets = ['10.99.0.1', '127.0.0.1', 'fd99::1'];
		const results = await measure({ targets, stepSeconds: 2, pings: 2, settings });
		expect(rttsOf(results, '10.99.0.1')).toEqual(lost);
		expect(rttsOf(results, 'fd99::1')).toEqual(lost);
		expect(rttsOf(results, '127.0.0.1')).toEqual([answered, answered]);
	});

	test('a zone that does not exist is the failure of its host', async () => {
		const results = await measure({ targets: ['fe80::1%eth99', '127.0.0.1'], settings });
		expect(results.get('fe80::1%eth99')).toEqual({
			failure: 'fping printed no result for fe80::1%eth99. Is there an interface eth99?',
			code: 'no_route',
		});
		expect(rttsOf(results, '127.0.0.1')).toEqual([answered]);
	});

	test('losses are checked by asking this machine, and not again soon after', async () => {
		const log = join(folder, 'losses');
		const inside = network.wrapper('fping');
		const command = script('counter', `echo "$@" >> ${log}; exec ${inside} "$@"`);
		await measure({ targets: ['10.99.0.1'], settings: { command } });
		await measure({ targets: ['10.99.0.1'], settings: { command } });
		const usual = '-q -p 200 -C 1 -i 1 -t 848';
		const check = '-q -p 1000 -C 1 -i 1 -t 100';
		const lines = readFileSync(log, 'utf8').trim().split('\n');
		expect(lines.sort()).toEqual([check, `${check} -S 127.0.0.1`, usual, usual]);
	});

	test('losses that fping only imagines are not believed', async () => {
		// A copy has none of the capabilities of the original, and falls back to ping sockets.
		const copy = join(folder, 'copy-of-fping');
		copyFileSync('/usr/bin/fping', copy);
		chmodSync(copy, 0o755);
		const command = network.wrapper(`setpriv --no-new-privs --inh-caps=-all --bounding-set=-all ${copy}`);
		const targets = ['127.0.0.1', '127.0.0.2'];
		const remedy = 'It needs the right to raw sockets: run setcap cap_net_raw+ep on it';
		await expect(measure({ targets, settings: { command } })).rejects.toThrow(
			`fping failed without a word (exit code 4). ${remedy}`,
		);
		await network.shell('echo "0 0" > /proc/sys/net/ipv4/ping_group_range');
		await expect(measure({ targets, settings: { command } })).rejects.toThrow(
			`fping hears no answers, not even those of this machine. ${remedy}`,
		);
		const options = { source_ip: '127.0.0.9' };
		const results = await measure({ targets, settings: { command }, options });
		expect(rttsOf(results, '127.0.0.2')).toEqual([answered]);
	});

	test.each([
		['does not even answer itself', 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all'],
		['has no loopback', 'ip link set lo down'],
	])('a machine that %s measures true losses', async (_what, setup) => {
		await network.shell(setup);
		const results = await measure({
			targets: ['10.99.0.1'],
			settings: { command: network.wrapper('fping') },
		});
		expect(rttsOf(results, '10.99.0.1')).toEqual([null]);
	});
});
