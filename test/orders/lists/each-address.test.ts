import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { orderDefaults } from '../../../src/orders/lists/defaults.ts';
import { eachAddress, type LookUp } from '../../../src/orders/lists/each-address.ts';
import { OrderReport } from '../../../src/orders/lists/report.ts';
import { readWords } from '../../../src/orders/lists/targets.ts';
import { readFlags } from '../../../src/orders/lists/text.ts';
import { applyWanted, ordersFor } from '../../../src/orders/lists/wanted.ts';
import { OrderWriter } from '../../../src/orders/writer.ts';

const failing = (code: string) => Promise.reject(Object.assign(new Error(), { code }));

test('what cannot be looked up is told, and does not count as a name without addresses', async () => {
	const lookUp: LookUp = (name) => {
		if (name === 'gone') return failing('ENOTFOUND');
		return name === 'silent' ? failing('EAI_AGAIN') : Promise.resolve(['::1', '127.0.0.1', '::1']);
	};
	const { targets, findings, expanded } = await eachAddress(
		readWords(['a', 'gone', 'x@b', 'silent', '192.0.2.7']),
		lookUp,
	);
	expect(targets.map(({ name }) => name)).toEqual([
		'a@127.0.0.1',
		'a@::1',
		'x@127.0.0.1',
		'x@::1',
		'192.0.2.7@192.0.2.7',
	]);
	expect(findings.map(({ message }) => message)).toEqual([
		expect.stringMatching(/^no address is known for the name gone\. /),
		expect.stringMatching(/^the name service does not answer for silent\. /),
	]);
	expect([...(expanded ?? [])]).toEqual(['a', 'x']);
});

test('orders follow the addresses of their names, and what others wrote stays', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	try {
		mkdirSync(join(folder, 'orders'));
		writeFileSync(join(folder, 'orders/a@192.0.2.99'), 'user: somebody else\n');
		let said = '';
		const stdout = { write: (text: string) => (said += text) };
		const report = new OrderReport({ stdin: (async function* () {})(), stdout, stderr: stdout });
		const fields = readFlags({}, builtInProbes, orderDefaults());
		const round = async (lookUp: LookUp) => {
			said = '';
			const list = await eachAddress(readWords(['a', 'b']), lookUp);
			const wanted = ordersFor(list, { fields, prefix: null, probes: builtInProbes, maker: 'words' });
			const { signal } = new AbortController();
			const how = { force: false, syncPrefix: null, isInStep: true, isTellingAll: false, signal };
			await applyWanted(new OrderWriter(folder), wanted, how, report);
			return said;
		};
		expect(await round(async () => ['192.0.2.1', '2001:db8::1'])).toBe(
			['a@192.0.2.1', 'a@2001:db8::1', 'b@192.0.2.1', 'b@2001:db8::1'].map((id) => `added ${id}\n`).join(''),
		);
		expect(
			await round((name) => (name === 'b' ? failing('EAI_AGAIN') : Promise.resolve(['192.0.2.2']))),
		).toBe('added a@192.0.2.2\nremoved a@192.0.2.1\nremoved a@2001:db8::1\n');
		expect(readdirSync(join(folder, 'orders')).sort()).toEqual([
			'a@192.0.2.2',
			'a@192.0.2.99',
			'b@192.0.2.1',
			'b@2001:db8::1',
		]);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
