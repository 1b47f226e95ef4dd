/** A pattern for names and paths. */
export interface Glob {
	test(text: string): boolean;
}

/** `*` and `?` stand for anything but `/`, `**` also for that. */
export function globPattern(glob: string): Glob {
	const parts = partsOf(glob);
	return { test: (text) => matches(parts, [...text]) };
}

/** Whether any of them matches; null: everything does. */
export function anyOf(globs: readonly string[] | null): (text: string) => boolean {
	if (globs === null) return () => true;
	const patterns = globs.map(globPattern);
	return (text) => patterns.some((pattern) => pattern.test(text));
}

/** A character that must be there, or what stands for others. */
type Part = '?' | '*' | '**' | { readonly character: string };

function partsOf(glob: string): Part[] {
	const parts: Part[] = [];
	// More stars say no more than two.
	for (const [piece] of glob.matchAll(/\*+|[^*]/gsu)) {
		if (piece === '?' || piece === '*') parts.push(piece);
		else parts.push(piece.startsWith('*') ? '**' : { character: piece });
	}
	return parts;
}

/**
 * Follows all ways to match at once, character by character: no more steps than the text has characters times the
 * pattern has parts. A regular expression would try one way after the other, and there may be billions.
 */
function matches(parts: readonly Part[], characters: readonly string[]): boolean {
	/** Whether the parts before each place can stand for the text so far. */
	let reached = withStars(parts, new Uint8Array(parts.length + 1).fill(1, 0, 1));
	for (const character of characters) {
		const next = new Uint8Array(parts.length + 1);
		let isAnywhere = false;
		for (const [place, part] of parts.entries()) {
			if (reached[place] === 0 || !takes(part, character)) continue;
			next[part === '*' || part === '**' ? place : place + 1] = 1;
			isAnywhere = true;
		}
		if (!isAnywhere) return false;
		reached = withStars(parts, next);
	}
	return reached[parts.length] === 1;
}

/** A star may stand for nothing. */
function withStars(parts: readonly Part[], reached: Uint8Array): Uint8Array {
	for (const [place, part] of parts.entries()) {
		if (reached[place] === 1 && (part === '*' || part === '**')) reached[place + 1] = 1;
	}
	return reached;
}

function takes(part: Part, character: string): boolean {
	if (part === '**') return true;
	if (part === '*' || part === '?') return character !== '/';
	return part.character === character;
}
