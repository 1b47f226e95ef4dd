import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInTheWay } from '../../../src/model/order-id.ts';
import { canaryOrderId, canaryPop } from '../../../src/pops/canaries/canary-names.ts';

test('ordinary names stay as they are, others are encoded as one part', () => {
	expect(canaryOrderId('ping', '192.0.2.7')).toBe('@canary/ping/192.0.2.7');
	expect(canaryOrderId('http', 'https://example.net/a?b=*')).toBe(
		'@canary/http/https%3A%2F%2Fexample.net%2Fa%3Fb%3D%2A',
	);
	expect(canaryPop('Canary 1')).toBe('Canary%201');
	expect(canaryOrderId('ping', '..')).toBe('@canary/ping/%2E.');
	expect(canaryOrderId('ping', 'last_result')).toBe('@canary/ping/%6Cast_result');
});

test('long names are a hash', () => {
	expect(canaryPop('a'.repeat(200))).toBe('a'.repeat(200));
	expect(canaryPop('a'.repeat(201))).toMatch(/^[0-9a-f]{64}$/);
});

test('any two targets are two parts, which no file of ours has', () => {
	const target = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !/\p{Cs}/u.test(text));
	fc.assert(
		fc.property(target, target, (one, other) => {
			const id = canaryOrderId('ping', one);
			expect(id.split('/')).toHaveLength(3);
			expect(isInTheWay(id.slice('@canary/'.length))).toBe(false);
			expect(id === canaryOrderId('ping', other)).toBe(one === other);
		}),
	);
});
