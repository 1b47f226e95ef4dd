import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errnoRemedies, errnoWords, errorCode, reasonIn } from '../../src/model/errno.ts';

test('every word is that of an error there is, and a remedy goes on from the word', () => {
	// Node has no number for it, but tells it.
	const known: readonly string[] = [...Object.keys(constants.errno), 'EHOSTDOWN'];
	for (const code of Object.keys(errnoWords)) expect(known).toContain(code);
	for (const [code, text] of Object.entries(errnoRemedies)) {
		expect(text.startsWith(`${errnoWords[code as keyof typeof errnoWords]}: `)).toBe(true);
	}
});

test('a reason is what the place says of the code, or what the system says', () => {
	let error: unknown;
	try {
		readFileSync('/no/such/file');
	} catch (caught) {
		error = caught;
	}
	expect(errorCode(error)).toBe('ENOENT');
	expect(reasonIn(error, { ENOENT: 'gone' })).toBe('gone');
	expect(reasonIn(error, errnoRemedies)).toBe("ENOENT: no such file or directory, open '/no/such/file'");
});

test('what is no system error has a reason too', () => {
	expect(errorCode(new TypeError('x'))).toBe('TypeError');
	expect(reasonIn(new Error('x'), errnoWords)).toBe('x');
	expect(errorCode('x')).toBe('string');
	expect(reasonIn('x', errnoWords)).toBe('x');
	expect(reasonIn(Object.assign(new Error('x'), { code: 'toString' }), errnoWords)).toBe('x');
});
