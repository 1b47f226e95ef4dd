import { type Slot, slotAt, slotEndMs } from '../model/slot.ts';
import type { Place } from './spread.ts';

/** What is known of a batch when it is looked at. Milliseconds of the wall clock since the epoch, but for spans. */
export interface Situation {
	readonly nowMs: number;
	readonly stepSeconds: number;
	/** Start of the last slot whose job was started or skipped, seconds since the epoch. */
	readonly lastSlotSeconds: number;
	/** Where in each slot its job runs. */
	readonly place: Place;
	/** The shortest window in which its job can measure. */
	readonly needMs: number;
	/** Its turn came while all lanes were taken. */
	readonly isWaiting: boolean;
	/** All lanes are taken now. */
	readonly lacksLane: boolean;
}

/** What to do with a batch. */
export type Plan =
	/** Its job of this slot has been dealt with: look again at that time. */
	| { readonly action: 'done'; readonly untilMs: number }
	/** It is not its turn yet, or no longer: look again at that time. */
	| { readonly action: 'rest'; readonly untilMs: number }
	/** This slot is lost, and nothing else is to blame than the time. */
	| { readonly action: 'skip'; readonly slot: Slot; readonly untilMs: number }
	/** Look again when a lane is free. */
	| { readonly action: 'wait' }
	| { readonly action: 'run'; readonly slot: Slot; readonly windowMs: number; readonly isLate: boolean };

/** A start this much of its window too late is still on time. */
const onTime = 0.02;
/** So late, at least, is told. */
const lateMs = 1000;
const lateShare = 0.1;
/** With a step that is all needed, those that start a little after the others never have the whole of it. */
const enough = 0.9;

/** Says whether the job of a batch is to be started now. */
export function planOf(situation: Situation): Plan {
	const { nowMs, stepSeconds, lastSlotSeconds, place, needMs, isWaiting, lacksLane } = situation;
	const slot = slotAt(nowMs, stepSeconds);
	const endMs = slotEndMs(slot);
	if (isHandled(slot, lastSlotSeconds)) return { action: 'done', untilMs: endMs };
	const dueMs = slot.startSeconds * 1000 + place.offsetMs;
	if (nowMs < dueMs && !isWaiting) return { action: 'rest', untilMs: dueMs };
	const behindMs = nowMs - dueMs;
	const leftMs = endMs - nowMs;
	const isOnTime = Math.abs(behindMs) <= place.windowMs * onTime;
	const windowMs = isOnTime ? place.windowMs : Math.min(place.windowMs, leftMs);
	const plannedMs = Math.min(needMs, place.windowMs, endMs - dueMs);
	if (Math.min(windowMs, leftMs) < plannedMs * enough) {
		return isWaiting ? { action: 'rest', untilMs: endMs } : { action: 'skip', slot, untilMs: endMs };
	}
	if (lacksLane) return { action: 'wait' };
	const isLate = behindMs > Math.max(lateMs, place.windowMs * lateShare);
	return { action: 'run', slot, windowMs, isLate };
}

/**
 * Whether the job of this slot has been dealt with. A clock that is corrected by less than a step must not measure a
 * slot twice; one that is set back by more must not stop the measuring until it has caught up.
 */
export function isHandled(slot: Slot, lastSlotSeconds: number): boolean {
	return slot.startSeconds <= lastSlotSeconds && lastSlotSeconds - slot.startSeconds <= slot.stepSeconds;
}

/** How many slots lie between the last one that was handled and this one; negative when the clock went back. */
export function slotsMissed(slot: Slot, lastSlotSeconds: number): number {
	return Math.round((slot.startSeconds - lastSlotSeconds) / slot.stepSeconds) - 1;
}
