/** What one point of presence saw last of an order that such alone measure. */
export interface PlaceView {
	/** Start of the slot, seconds since the epoch; 0: nothing was measured yet. */
	readonly timeSeconds: number;
	readonly loss: number;
	readonly sent: number;
	readonly medianSeconds: number | null;
	/** Why the last slot is unknown; empty: it is not. */
	readonly reason: string;
}

const lateSeconds = 60;
const reasonMax = 300;

/**
 * The one that is the worst off of those that have told something in time; one that has fallen silent is unknown, and not
 * the worst. `timeSeconds` is that of the newest. Null: nobody has told anything.
 */
export function worstPlace(
	places: ReadonlyMap<string, PlaceView>,
	stepSeconds: number,
	nowSeconds: number,
): PlaceView | null {
	const newest = Math.max(0, ...[...places.values()].map(({ timeSeconds }) => timeSeconds));
	const isInTime = ({ timeSeconds }: PlaceView) =>
		timeSeconds === newest || nowSeconds < timeSeconds + 3 * stepSeconds + lateSeconds;
	let worst: (PlaceView & { readonly pop: string }) | null = null;
	for (const [pop, place] of places)
		if (isInTime(place) && (worst === null || badness(place) > badness(worst))) worst = { ...place, pop };
	if (worst === null) return null;
	const { pop, ...view } = worst;
	const reason = view.reason === '' ? '' : `${pop}: ${view.reason}`.slice(0, reasonMax);
	return { ...view, timeSeconds: newest, reason };
}

/** Not measured is worse than lost, and lost than slow, whatever the numbers are. */
function badness({ reason, loss, sent, medianSeconds }: PlaceView): number {
	const share = sent === 0 ? 0 : loss / sent;
	return (reason === '' ? 0 : 1e9) + 1e6 * share + Math.min(medianSeconds ?? 0, 1e5);
}
