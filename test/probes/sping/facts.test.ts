import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factsIn, spingFacts } from '../../../probes/sping/facts.ts';
import { checkedFacts, wrongWithDeclarations } from '../../../src/model/facts.ts';

const recorded = (name: string) =>
	readFileSync(new URL(`../../../fixtures/probes/sping/${name}/stdout`, import.meta.url), 'utf8');

test('the path and the odd answers are told as they are declared', () => {
	expect(wrongWithDeclarations(spingFacts)).toBeNull();
	const facts = factsIn(recorded('all-answer'));
	expect(facts).toEqual({
		path: ['1-ff00:0:111#41', '1-ff00:0:110#1'],
		fingerprint: '9f2bc7ca1b1d1d2e8a3e',
		next_hop: '10.0.0.8:30042',
		packet_size: 92,
		duplicates: 0,
		reordered: 0,
		late: 0,
	});
	expect(checkedFacts(spingFacts, facts, 4)).toEqual(facts);
	expect(factsIn(recorded('duplicate-answers'))).toMatchObject({ duplicates: 2 });
	expect(factsIn(recorded('out-of-order'))).toMatchObject({ reordered: 1 });
	expect(factsIn(recorded('late-answer'))).toMatchObject({ late: 1 });
});

test('what else it prints tells nothing, and what is odd in one place spoils no other', () => {
	for (const text of ['', 'PING 1-ff00:0:110', '{', '[]', 'null']) expect(factsIn(text)).toEqual({});
	expect(factsIn('{"path": {"hops": 5, "fingerprint": "x"}, "replies": null}')).toEqual({
		...{ fingerprint: 'x', duplicates: 0, reordered: 0, late: 0 },
	});
});
