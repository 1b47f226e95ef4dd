import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { readOrder } from '../../src/reading/order.ts';

function batchKeyOf(probe: string, options: string): string {
	const text = `user: x\nstep: 300\npings: 5\nprobe: ${probe}\n${probe}: {${options}}\n`;
	const read = readOrder('x', text, builtInProbes);
	if ('findings' in read) throw new Error(JSON.stringify(read.findings));
	return read.order.batchKey;
}

test.each([
	['fping', 'host: a', 'interval: 2000', ['2000.001', '1999.7', '"2000.2"', '2.0e+3'], '2001'],
	['pping', 'host: "1-ff00:0:110,[10.0.0.1]:40002"', 'interval: 2000', ['2000.001', '1999.7'], '2001'],
	['sping', 'host: "1-ff00:0:110,10.0.0.1"', 'interval: 2000', ['2000.001'], '2001'],
	['icmp', 'host: a', 'interval: 2000', ['2000.001', '1999.7'], '2001'],
	['icmp', 'host: a', 'timeout: 500', ['500.2', '"499.9"'], '501'],
	['httping', 'url: "http://a"', 'interval: 2', ['2.0001', '1.99999', '"2.00"'], '2.001'],
])(
	'%s: orders that differ in parts of a millisecond share a batch: %s, %s',
	(probe, target, option, same, other) => {
		const [key = ''] = option.split(':');
		const whole = batchKeyOf(probe, `${target}, ${option}`);
		for (const value of same) expect(batchKeyOf(probe, `${target}, ${key}: ${value}`)).toBe(whole);
		expect(batchKeyOf(probe, `${target}, ${key}: ${other}`)).not.toBe(whole);
	},
);
