import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { builtInProbes } from '../../probes/index.ts';
import { readAlike } from '../../src/reading/alike-section.ts';
import { keysOf, readStrict } from '../../src/reading/strict-section.ts';

const targets = [
	'127.0.0.1',
	'host.example',
	'::1',
	'http://a.example/x',
	'1-ff00:0:110,127.0.0.1',
	'ssh',
	'',
	' ',
	7,
	null,
	true,
];
const values = fc.constantFrom<unknown>(
	...[
		null,
		true,
		'true',
		0,
		1,
		64,
		-0,
		1.5,
		'64',
		'64k',
		'5s',
		'auto',
		'GET',
		'127.0.0.2',
		'lo',
		'A',
		'',
		'x y',
	],
	...[Number.NaN, Number.POSITIVE_INFINITY, [], [200, '301'], { a: 1 }, { a: Number.NaN }, [null]],
);

test.each([...builtInProbes.keys()])(
	'a section of %s is what it is by itself, whatever came before',
	(name) => {
		const probe = builtInProbes.get(name);
		if (probe === undefined) throw new Error(`there is no probe ${name}`);
		const others = [...keysOf(probe.options).filter((key) => key !== probe.target), 'unknown', '__proto__x'];
		const section = fc.dictionary(fc.constantFrom(...others), values, { maxKeys: 3 });
		fc.assert(
			fc.property(section, fc.shuffledSubarray(targets, { minLength: 2, maxLength: 4 }), (rest, some) => {
				for (const target of some) {
					for (const written of [
						{ [probe.target]: target, ...rest },
						{ ...rest, [probe.target]: target },
						rest,
					]) {
						const read = readAlike(probe.options, written, name, probe.target);
						const alone = readStrict(probe.options, written, name);
						expect(read).toEqual(alone);
						// In the same order, too: programs get their arguments in it.
						expect(JSON.stringify(read)).toBe(JSON.stringify(alone));
					}
				}
			}),
			{ numRuns: 80 },
		);
	},
);

test('a schema of which nothing is known is asked each time', () => {
	let asked = 0;
	const schema = { safeParse: (data: unknown) => ({ success: true, data, times: ++asked }) };
	for (const host of ['a', 'b'])
		expect(readAlike(schema as unknown as z.ZodType<{ host: string }>, { host }, 'own', 'host')).toEqual({
			value: { host },
		});
	expect(asked).toBe(2);
});
