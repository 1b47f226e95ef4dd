import { describe, expect, test } from 'vitest';
import { factTools } from '../../../src/delivery/fact-tools.ts';
import { declaredFacts, type FactDeclaration, type Facts } from '../../../src/model/facts.ts';
import { type Measured, measured } from '../../../src/model/outcome.ts';
import { chosenFacts, type FactChoice } from '../../../src/model/sink-facts.ts';
import { linesOf } from '../../../src/sinks/shared/line-protocol.ts';
import { sinkEntry } from '../../delivery/support/results.ts';
import { delivered } from './delivered.ts';

const declared: FactDeclaration[] = [
	{ name: 'status_code', kind: 'gauge', help: 'a status', per: 'ping' },
	{ name: 'connect', kind: 'seconds', help: 'a phase', per: 'ping' },
	{ name: 'retries', kind: 'count', help: 'retries', per: 'ping' },
	{ name: 'reused', kind: 'flag', help: 'whether it was there already', per: 'measurement' },
	{ name: 'server', kind: 'text', help: 'who answers', per: 'measurement' },
	{ name: 'path', kind: 'path', help: 'the way there', per: 'measurement' },
];
const table = new Map([['fping', declaredFacts(declared)]]);

const facts: Facts = {
	status_code: [200, null, 503],
	connect: [0.001, 0.002, 0.00000003],
	retries: [1, 2, 0],
	reused: true,
	server: 'a "b"\\c\n',
	path: ['192.0.2.1', null],
	jitter: 0.0123,
	undeclared: 5,
};

function made(): Measured {
	const { order, slot, measurement } = delivered({ rtts: [0.25, null, 0.5], stepSeconds: 10 });
	return measured(order, slot, 3, measurement.samples, facts);
}

function linesWith(choice: FactChoice): string[] {
	const content = {
		summary: true,
		individual: 'spread',
		tags: {},
		facts: chosenFacts(choice, table),
	} as const;
	return linesOf(made(), content).map((line) => line.split(' ').slice(1, -1).join(' '));
}

describe('in Influx lines', () => {
	test('all facts but texts are fields of their names, sorted with the others; those of pings on their lines too', () => {
		expect(linesWith(true)).toEqual([
			'connect=0.001,jitter=0.0123,loss=33.333333,max_rtt=0.500000,median_rtt=0.500000,min_rtt=0.250000,retries=3,reused=1,status_code=503',
			'connect=0.001,individual_rtt=0.25,retries=1,status_code=200',
			'connect=3e-8,individual_rtt=0.5,retries=0,status_code=503',
		]);
	});

	test('those that are listed, texts and paths too', () => {
		expect(linesWith(['server', 'path', 'reused', 'unknown'])[0]).toBe(
			'loss=33.333333,max_rtt=0.500000,median_rtt=0.500000,min_rtt=0.250000,path="192.0.2.1 *",reused=1,server="a \\"b\\"\\\\c\\\\x0a"',
		);
	});

	test('none of a probe that declares none, and no fact takes the place of a field of ours', () => {
		const bare = {
			summary: true,
			individual: 'none',
			tags: {},
			facts: chosenFacts(true, new Map()),
		} as const;
		expect(linesOf(made(), bare)[0]).not.toContain('jitter');
		const loss = { name: 'loss', kind: 'gauge', help: 'not ours', per: 'measurement' } as const;
		const odd = new Map([['fping', [loss]]]);
		const { order, slot, measurement } = made();
		const outcome = measured(order, slot, 3, measurement.samples, { loss: 7 });
		const content = { ...bare, facts: chosenFacts(true, odd) };
		expect(linesOf(outcome, content)[0]).toContain(' loss=33.333333,');
	});
});

test('in JSON all facts, or those that are listed', () => {
	const factsWith = (choice?: FactChoice) => {
		const entry = sinkEntry(choice === undefined ? {} : { facts: choice });
		return (factTools(entry, table).toJson(made()) as { facts: Facts }).facts;
	};
	expect(factsWith()).toEqual(facts);
	expect(factsWith(true)).toEqual(facts);
	expect(factsWith(['jitter'])).toEqual({ jitter: 0.0123 });
	expect(factTools(sinkEntry(), table).facts).toBeNull();
});
