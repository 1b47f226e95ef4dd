/** One span of time, `stepSeconds` long and aligned to the epoch. */
export interface Slot {
	/** Start of the slot, whole seconds since the epoch; a multiple of `stepSeconds`. */
	readonly startSeconds: number;
	readonly stepSeconds: number;
}

/** The slot that `wallMs` (milliseconds since the epoch) falls into. */
export function slotAt(wallMs: number, stepSeconds: number): Slot {
	const stepMs = stepSeconds * 1000;
	return { startSeconds: Math.floor(wallMs / stepMs) * stepSeconds, stepSeconds };
}

/** The first millisecond after the slot, since the epoch. */
export function slotEndMs(slot: Slot): number {
	return (slot.startSeconds + slot.stepSeconds) * 1000;
}
