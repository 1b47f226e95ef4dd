import fc from 'fast-check';

const odd = fc.string({
	unit: fc.constantFrom(
		' ',
		',',
		'=',
		'\\',
		'"',
		"'",
		'#',
		'\n',
		'\r',
		'\t',
		'\0',
		'\x7f',
		'🙂',
		'é',
		'"',
		'a',
		'x5c',
		'1i',
	),
	maxLength: 12,
});
/** Text that is likely to be misread. */
export const text = fc.oneof(
	odd,
	fc.string({ unit: 'grapheme', maxLength: 20 }),
	fc.string({ maxLength: 20 }),
);

/** What the specification has no way to write stands there in hexadecimal. */
export function hex(character: string): string {
	return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** A tag's name or value as a reader of the lines gets it. */
export function asTag(value: string): string {
	return value.replaceAll(/\p{Cc}/gu, hex).replaceAll(/\\(?=[ ,="\\]|$)/g, hex);
}
