import fc from 'fast-check';
import { argvOf } from '../probes/fping/index.ts';
import { builtInProbes } from '../probes/index.ts';
import type { AddressingOptions } from '../probes/shared/addressing.ts';
import { batchMax, paceOf } from '../probes/shared/fping-pace.ts';
import { describeFindings } from '../src/model/findings.ts';
import { firstUnprintable } from '../src/model/printable.ts';
import { readOrder } from '../src/reading/order.ts';
import { assert, textTarget } from './target.ts';

/** The text of an order. */
export const order = textTarget('order', run, {
	seedsIn: ['fixtures/orders'],
	words: [
		...[
			'user: ',
			'step: ',
			'pings: ',
			'probe: ',
			'fping:\n    ',
			'host: ',
			'interface: ',
			'source_ip: ',
			'ipv6: ',
		],
		...['interval: ', 'tags:\n    ', 'telegraf:\n    ', 'measurement_name: ', 'rrd_template: ', 'task: '],
		...['-f/etc/passwd', '"eth0 -S"', '127.0.0.1', 'fe80::1%eth0', '::1', '"\\n"', '&x [*x, *x]', '? ', '- '],
	],
	wellMade: fc
		.dictionary(
			fc.oneof(fc.constantFrom('user', 'step', 'pings', 'probe', 'fping', 'tags'), fc.string()),
			fc.json(),
		)
		.map((mapping) =>
			Object.entries(mapping)
				.map(([key, value]) => `${key}: ${value}`)
				.join('\n'),
		),
});

const plainKeys = Object.getOwnPropertyNames(Object.prototype).length;

function run(text: string): string {
	const read = readOrder('me/fuzz', text, builtInProbes);
	assert(Object.getOwnPropertyNames(Object.prototype).length === plainKeys, 'no prototype is changed');
	if ('findings' in read) {
		assert(read.findings.length > 0, 'a refusal has a reason');
		const message = describeFindings(read.findings);
		assert(firstUnprintable(message) === null, `a reason is one printable line: ${message}`);
		assert(message.length < 10_000, 'a reason is short');
		return read.findings.map(({ key, message }) => `${key} ${kindOf(message)}`).join(' | ');
	}
	const { order } = read;
	for (const shown of [order.user, order.target, order.shownTarget ?? '', order.task ?? '']) {
		assert(firstUnprintable(shown) === null, 'what is shown is printable');
	}
	assert(order.pings >= 1 && order.pings <= order.stepSeconds, 'pings fit into the step');
	assert(batchMax(order) >= 1, 'a batch holds an order');
	if (order.probe === 'fping')
		assertArguments({ ...order.options, host: order.target }, order.stepSeconds, order.pings);
	return `order ${Object.keys(order.options).join()} ${order.rrdTemplate} ${Object.keys(order.tags).length}`;
}

function assertArguments(options: AddressingOptions, stepSeconds: number, pings: number): void {
	const argv = argvOf(
		options,
		pings,
		paceOf({ windowMs: stepSeconds * 800, hosts: 1, pings, intervalMs: undefined }),
	);
	const known = ['-q', '-p', '-C', '-i', '-t', '-S', '-I'];
	for (const [index, word] of argv.entries()) {
		const isValue = ['-p', '-C', '-i', '-t', '-S', '-I'].includes(argv[index - 1] ?? '');
		assert(
			isValue ? !word.startsWith('-') && !/\s/.test(word) : known.includes(word),
			`the argument ${word} is meant`,
		);
	}
	assert(!options.host.startsWith('-') && !/\s/.test(options.host), 'a host is no option');
}

/** What was found wrong, without what was written. */
function kindOf(message: string): string {
	return message.replaceAll(/"[^"]*"|-?\d[\d.e+]*/g, '').slice(0, 50);
}
