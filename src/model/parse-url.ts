/**
 * What a text is as a URL; null: none. `URL.canParse` of Node.js 20 and 22 must not be asked: once a program has asked it
 * some thousand times, it takes texts with letters such as ü for none.
 */
export function parseUrl(text: string, base?: string): URL | null {
	try {
		return new URL(text, base);
	} catch {
		return null;
	}
}

export function isUrl(text: string): boolean {
	return parseUrl(text) !== null;
}
