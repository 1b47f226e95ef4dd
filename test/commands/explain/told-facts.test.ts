import { expect, test } from 'vitest';
import type { Pen } from '../../../src/commands/explain/pen.ts';
import { factLines, factsTold } from '../../../src/commands/explain/told-facts.ts';
import type { FactDeclaration } from '../../../src/model/facts.ts';

test('how long something took is in milliseconds, and how long it lasts in seconds', () => {
	const declared = (name: string): FactDeclaration => ({
		name,
		kind: 'seconds',
		help: 'x',
		per: 'measurement',
	});
	const facts = { tls: 0.0123, ttl: 300, certificate_left: -86_400 };
	const told = factsTold({ time: 1_795_240_000, facts }, Object.keys(facts).map(declared), null, null);
	const pen: Pen = {
		baseDir: '/',
		nowSeconds: 1_795_240_001,
		columns: 80,
		colours: false,
		paint: (_, text) => text,
	};
	const [, ...lines] = factLines({ facts: told.facts, facts_time: told.time }, pen);
	expect(lines.map((line) => line.trim().split(/ {2,}/)[1])).toEqual([
		'12.3 ms (x)',
		'300 s (x)',
		'-86400 s (x)',
	]);
});
