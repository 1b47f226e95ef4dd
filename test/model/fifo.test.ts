import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../src/model/fifo.ts';

test('gives back what came first, as an array would', () => {
	const step = fc.oneof(fc.nat(), fc.constantFrom('shift', 'all'));
	fc.assert(
		fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
			const fifo = new Fifo<number>();
			let expected: number[] = [];
			for (const one of steps) {
				if (typeof one === 'number') {
					fifo.push(one);
					expected.push(one);
				} else if (one === 'shift') {
					expect(fifo.shift()).toBe(expected.shift());
				} else {
					expect(fifo.takeAll()).toEqual(expected);
					expected = [];
				}
				expect(fifo.length).toBe(expected.length);
			}
		}),
	);
});
