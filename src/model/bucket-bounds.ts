const most = 64;

export const bucketForms = `1 to ${most} upper bounds in seconds, each more than the one before, such as [0.005, 0.01, 0.1]`;

/** The upper bounds of classic buckets, seconds, ascending. Null when it is nothing of the kind. */
export function bucketBounds(value: unknown): readonly number[] | null {
	if (!Array.isArray(value) || value.length === 0 || value.length > most) return null;
	const bounds: readonly unknown[] = value;
	const isRight = bounds.every(
		(bound, at) => typeof bound === 'number' && Number.isFinite(bound) && bound > Number(bounds[at - 1] ?? 0),
	);
	return isRight ? (bounds as readonly number[]) : null;
}
