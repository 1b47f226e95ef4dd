/**
 * What could change more on a screen or in a log than the place where it stands: control characters (so also line
 * breaks and terminal escapes), other line breaks, marks that turn the direction of writing, and halves of characters.
 */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** `text` with everything unprintable written out: a line feed becomes `\x0a`. */
export function printable(text: string): string {
	return text.replace(unprintable, escaped);
}

/** The first unprintable character of `text`, written out; null when there is none. */
export function firstUnprintable(text: string): string | null {
	const at = text.search(unprintable);
	return at === -1 ? null : escaped(text.charAt(at));
}

/** JSON with everything unprintable escaped, which JSON.stringify does for half of it. Parses to the same. */
export function escapeJson(json: string): string {
	return json.replace(
		unprintable,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

function escaped(character: string): string {
	const code = character.charCodeAt(0);
	return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}

/** Enough to recognise what was written. */
const excerptMax = 60;

/** The beginning of `text`, printable. */
export function excerpt(text: string): string {
	const shown = withoutPasswords(text);
	const isLong = shown.length > excerptMax;
	return printable(isLong ? `${shown.slice(0, excerptMax)}...` : shown);
}

/** With `***` for users and passwords, as in URLs and where somebody forgot the URL: `joe:secret@host`. */
export function withoutPasswords(text: string): string {
	let shown = '';
	let done = 0;
	for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
		const start = secretStart(text, done, at);
		if (start === null) continue;
		shown += `${text.slice(done, start)}***@`;
		done = at + 1;
	}
	return shown + text.slice(done);
}

const endsSecret = /[\s/@]/;

/**
 * Where the user and the password begin that end before the at sign at `at`; null when there are none. Looks back no
 * farther than to `least` or the at sign before: a pattern that looks for them from the front takes the square of the
 * length of the text.
 */
function secretStart(text: string, least: number, at: number): number | null {
	let start = at;
	while (start > least && !endsSecret.test(text.charAt(start - 1))) start--;
	if (text.slice(Math.max(least, start - 3), start) === '://') return start;
	while (text.charAt(start) === ':') start++;
	const colon = text.slice(start, at).indexOf(':');
	return colon > 0 && start + colon + 1 < at ? start : null;
}
