/** The candidate that `word` is most likely a slip of, or null when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
	const meant = plain(word);
	let best: string | null = null;
	let bestDistance = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		const distance = slips(meant, plain(candidate));
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** `sourceIp`, `source-ip` and `source_ip` are one word. */
function plain(word: string): string {
	return word.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** How far `word` is from `candidate`; Infinity when it is too far to be a slip. */
function slips(word: string, candidate: string): number {
	const most = Math.max(1, Math.floor(candidate.length / 3));
	if (Math.abs(word.length - candidate.length) <= most) {
		const distance = editDistance(...withoutCommonEnds(word, candidate));
		if (distance <= most) return distance;
	}
	// `source` for `source_ip`, `hostname` for `host`: farther than any slip of the keyboard.
	const [short, long] = word.length < candidate.length ? [word, candidate] : [candidate, word];
	const isPart = short.length >= 3 && long.startsWith(short);
	return isPart ? long.length : Number.POSITIVE_INFINITY;
}

/** More than this between equal ends is no slip, and comparing it would take its square. Characters. */
const comparedMax = 64;

/** What is left of two words when the ends that they have in common are taken off. */
function withoutCommonEnds(a: string, b: string): [string, string] {
	const shorter = Math.min(a.length, b.length);
	let start = 0;
	while (start < shorter && a[start] === b[start]) start++;
	let end = 0;
	while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
	return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): how many characters must be inserted, removed, replaced
 * or swapped with their neighbour to make one of the other. Infinity when they differ in long parts.
 */
function editDistance(a: string, b: string): number {
	if (Math.max(a.length, b.length) > comparedMax) return Number.POSITIVE_INFINITY;
	let beforeLast: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const current = [row];
		for (let column = 1; column <= b.length; column++) {
			const cost = a[row - 1] === b[column - 1] ? 0 : 1;
			let distance = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost);
			const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
			if (isSwap && row > 1 && column > 1) distance = Math.min(distance, at(beforeLast, column - 2) + 1);
			current.push(distance);
		}
		beforeLast = last;
		last = current;
	}
	return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
	return row[column] ?? Number.POSITIVE_INFINITY;
}
