/** Longer lists are written so many elements at a time. */
const elementsInPiece = 250;
/** Lists that are deeper than this are short. */
const depthMax = 3;

/** A value of JSON as `JSON.stringify` writes it, in pieces that take no long time to make. */
export function* jsonPieces(value: unknown, depth = 0): Generator<string> {
	if (depth > depthMax || typeof value !== 'object' || value === null || 'toJSON' in value) {
		yield JSON.stringify(value) ?? 'null';
	} else if (Array.isArray(value)) {
		yield '[';
		for (let from = 0; from < value.length; from += elementsInPiece) {
			const some = JSON.stringify(value.slice(from, from + elementsInPiece)).slice(1, -1);
			yield from === 0 ? some : `,${some}`;
		}
		yield ']';
	} else {
		let separator = '{';
		for (const [key, one] of Object.entries(value)) {
			if (one === undefined || typeof one === 'function' || typeof one === 'symbol') continue;
			yield `${separator}${JSON.stringify(key)}:`;
			separator = ',';
			yield* jsonPieces(one, depth + 1);
		}
		yield separator === '{' ? '{}' : '}';
	}
}
