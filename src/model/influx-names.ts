/**
 * Names and tags of Influx line protocol. What it has no way to write is written out in hexadecimal, as in our
 * messages, so that names stay apart: control characters, and a backslash wherever one of its readers takes it for the
 * beginning of an escape: before a space, comma, equals sign, quote or another backslash, and at the end.
 */

/** A measurement name. `#` at its start would make the line a comment. */
export function influxName(text: string): string {
	return writtenOut(text).replace(/^#/, asHex).replaceAll(/[ ,]/g, '\\$&');
}

/** A tag's name or value. */
export function influxTag(text: string): string {
	return writtenOut(text).replaceAll(/[ ,=]/g, '\\$&');
}

/** The value of a field that is a text, in quotes. */
export function influxText(text: string): string {
	return `"${text.replaceAll(control, asHex).replaceAll(/["\\]/g, '\\$&')}"`;
}

const control = /\p{Cc}/gu;
/** The next one is looked at as it was: of two backslashes before a letter, only the first is written out. */
const misread = /\\(?=[ ,="\\]|$)/g;

function writtenOut(text: string): string {
	return text.replaceAll(control, asHex).replaceAll(misread, asHex);
}

function asHex(character: string): string {
	return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
