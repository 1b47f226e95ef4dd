import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readScionAddress } from '../../../probes/shared/scion-address.ts';
import { readOrder } from '../../../src/reading/order.ts';

const target = '1-ff00:0:110,10.0.0.1';

describe('a SCION address', () => {
	test.each([
		['1-ff00:0:110,10.0.0.1', '1-ff00:0:110,10.0.0.1'],
		['1-FF00:0:0110,[10.0.0.1]', '1-ff00:0:110,10.0.0.1'],
		['17-64512,2001:DB8:0::1', '17-64512,2001:db8::1'],
		['1-ff00:0:110,[::1]', '1-ff00:0:110,::1'],
	])('%s is %s', (text, address) => {
		expect(readScionAddress(text)).toBe(address);
	});

	test.each([
		'10.0.0.1',
		'1-ff00:0:110',
		'1-ff00:0:110,',
		'1-ff00:0:110,host',
		'1-ff00:0,10.0.0.1',
		'1-ff00:0:11000,10.0.0.1',
		'70000-ff00:0:110,10.0.0.1',
		'1-4294967296,10.0.0.1',
		'-1-ff00:0:110,10.0.0.1',
		'1-ff00:0:110,10.0.0.1 --help',
		'1-ff00:0:110,fe80::1%eth0',
	])('%s is none', (text) => {
		expect(readScionAddress(text)).toBeNull();
	});

	test('is what an order must have, and orders for one host share its pings', () => {
		const order = (host: string) =>
			readOrder(
				'x',
				`user: me\nstep: 60\npings: 5\nprobe: sping\nsping:\n    host: "${host}"\n`,
				builtInProbes,
			);
		expect(order('1-FF00:0:110,[10.0.0.1]')).toMatchObject({ order: { target } });
		expect(order('10.0.0.1')).toMatchObject({
			findings: [
				{
					key: 'sping.host',
					message: 'is not a SCION address: "10.0.0.1". Write ISD-AS,address, such as 1-ff00:0:110,10.0.0.1',
				},
			],
		});
	});

	test.each(['0-ff00:0:110,10.0.0.1', '1-0,10.0.0.1', '0-0,10.0.0.1', '1-0:0:0,10.0.0.1'])(
		'%s stands for many, and is refused',
		(host) => {
			const read = readOrder(
				'x',
				`user: me\nstep: 60\npings: 5\nprobe: sping\nsping: {host: "${host}"}\n`,
				builtInProbes,
			);
			expect(read).toMatchObject({
				findings: [
					{
						key: 'sping.host',
						message: expect.stringMatching(/^stands for any ISD or AS, which nobody can ping/),
					},
				],
			});
		},
	);
});
