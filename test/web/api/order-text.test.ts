import { expect, test } from 'vitest';
import { readMapping } from '../../../src/reading/yaml-mapping.ts';
import { etagOf, hasEtag, orderFromBody } from '../../../src/web/api/order-text.ts';

const read = (text: string, isJson = false) => orderFromBody(Buffer.from(text), isJson, '12');
const textOf = (text: string, isJson = false) => (read(text, isJson) as { text: string }).text;

test.each([
	['a block', 'step: 1\nprobe: x\n'],
	['a block without its last line feed', 'step: 1 # a\nprobe: x'],
	['braces', '{step: 1, probe: x}'],
	['a document with its mark', '--- # mine\nstep: 1\nprobe: x\n'],
	['an indented block', '  step: 1\n  probe: x\n'],
	['a block scalar at the end', 'step: 1\nprobe: |-\n  x'],
	['an empty text', ''],
])('the user, as text, and no end are added to %s', (_, text) => {
	const sent = textOf(text);
	if (sent === undefined) {
		// Better refused than spoilt.
		expect(read(text)).toEqual({ findings: [expect.objectContaining({ key: 'user' })] });
		return;
	}
	const before = readMapping(text) as { mapping: object | null };
	expect(readMapping(sent)).toEqual({
		mapping: { ...before.mapping, user: '12', expires: 'never', made_by: 'pingmachine web' },
	});
});

test('JSON, and what says all itself, stays as it is', () => {
	const made_by = 'pingmachine web';
	const whole = { user: '12', expires: '2h', step: 1, made_by };
	expect(JSON.parse(textOf(JSON.stringify(whole), true))).toEqual(whole);
	const yaml = `user: "12"\nexpires: 2h\nmade_by: ${made_by}\n`;
	expect(textOf(yaml)).toBe(yaml);
	expect(JSON.parse(textOf('{\t"step": 1}', true))).toEqual({
		...{ step: 1, user: '12', expires: 'never', made_by },
	});
});

test.each([
	['another user', Buffer.from('user: you\n'), 'user'],
	['what another program made', Buffer.from('made_by: me\n'), 'made_by'],
	['what is no UTF-8', Buffer.from([0xff, 0xfe]), undefined],
	['a list', Buffer.from('- a\n'), undefined],
	['two documents', Buffer.from('a: 1\n---\nb: 1\n'), undefined],
])('%s is refused with a finding', (_, body, key) => {
	expect(orderFromBody(body, false, '12')).toEqual({
		findings: [expect.objectContaining(key === undefined ? {} : { key })],
	});
});

test('tags of texts', () => {
	const etag = etagOf('a');
	expect(etag).not.toBe(etagOf('b'));
	expect([
		hasEtag(`"x", ${etag}`, etag),
		hasEtag('*', etag),
		hasEtag('*', null),
		hasEtag('"x"', etag),
	]).toEqual([...[true, true, false, false]]);
});
