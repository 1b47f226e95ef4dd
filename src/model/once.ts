/**
 * What `make` returns, made when it is asked for first: of many schemas most are never used in one run of a command, and
 * making one takes longer than reading an order by it.
 */
export function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | undefined;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}
