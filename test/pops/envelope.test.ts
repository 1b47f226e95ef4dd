import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type News, opened, publicKeyOf, publicKeyText, sealed } from '../../src/pops/envelope.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const hubKey = publicKeyOf(publicKeyText(privateKey));
const nowSeconds = 1_800_000_000;
const reader = { pop: 'zrh', nowSeconds };
const news: News = {
	v: 1,
	kind: 'order',
	pop: 'zrh',
	seq: 7,
	issued: nowSeconds,
	valid_for: 60,
	id: 'a/b',
	text: 'user: é',
};

test('what was signed is read as it was written', () => {
	const overWire = JSON.parse(JSON.stringify(sealed(news, privateKey)));
	expect(opened(overWire, hubKey, reader)).toEqual({ news });
});

test.each([
	['unsigned', { body: JSON.stringify(news) }],
	['unsigned', { ...sealed(news, privateKey), sig: '' }],
	['unsigned', 'nonsense'],
	['forged', sealed(news, generateKeyPairSync('ed25519').privateKey)],
	['not ours', sealed({ ...news, pop: 'fra' }, privateKey)],
	['expired', sealed({ ...news, issued: nowSeconds - 60 }, privateKey)],
	['from the future', sealed({ ...news, issued: nowSeconds + 61 }, privateKey)],
	['not understood', sealed({ ...news, seq: 0 }, privateKey)],
])('refuses what is %s', (refusal, envelope) => {
	expect(opened(envelope, hubKey, reader)).toEqual({ refusal });
});

test('not a character can be changed', () => {
	const { body, sig } = sealed(news, privateKey);
	fc.assert(
		fc.property(fc.nat(body.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
			const changed = body.slice(0, at) + other + body.slice(at + 1);
			return changed === body || 'refusal' in opened({ body: changed, sig }, hubKey, reader);
		}),
	);
});
