import type { Alert, HeldWhy } from '../model/alert.ts';
import type { DeadHops } from './dead-hops.ts';
import type { Guard } from './guard.ts';
import type { MuteList } from './mute-list.ts';
import type { OrderWatch } from './order-watch.ts';

export interface HoldingParts {
	readonly mutes: MuteList;
	readonly guard: Guard;
	readonly deadHops: DeadHops;
	watchOf(id: string): OrderWatch | undefined;
}

/** Who depends on whom by more steps than this goes in a circle. */
const depthMost = 16;
const ancestorsMost = 100;
/** A parent whose step is longer than this is not waited for. Seconds. */
const parentWaitMostSeconds = 60;
const parentSlackSeconds = 5;

/** Why an alert is not to be told now; null: nothing holds it; `soon`: an order it depends on has its turn first. */
export function holdingOf(alert: Alert, nowSeconds: number, parts: HoldingParts): HeldWhy | 'soon' | null {
	const mute = parts.mutes.muting(alert, nowSeconds);
	if (mute !== null) return { why: 'muted', mute: mute.name };
	if (alert.order === null && alert.part === undefined) return null;
	if (parts.guard.isIsolated) return { why: 'isolated' };
	if (alert.order === null) return null;
	const ancestors = ancestorsOf(alert.order.id, parts);
	const dead = ancestors.find(isInTrouble);
	if (dead !== undefined) return { why: 'parent', parent: dead.id };
	const hop = parts.watchOf(alert.order.id)?.isDown === true ? parts.deadHops.of(alert.order.id) : null;
	if (hop !== null && hop.teller !== null && hop.teller !== alert.order.id)
		return { why: 'parent', parent: hop.hop };
	return ancestors.some((one) => isAwaited(one, alert, nowSeconds)) ? 'soon' : null;
}

function ancestorsOf(id: string, { watchOf }: HoldingParts): readonly OrderWatch[] {
	const found = new Map<string, OrderWatch>();
	let level = watchOf(id)?.order.parents ?? [];
	for (let depth = 0; depth < depthMost && level.length > 0 && found.size < ancestorsMost; depth++) {
		const next: string[] = [];
		for (const parent of level) {
			const watch = watchOf(parent);
			if (watch === undefined || parent === id || found.has(parent)) continue;
			found.set(parent, watch);
			next.push(...watch.order.parents);
		}
		level = next;
	}
	return [...found.values()];
}

function isInTrouble({ isDown, bound }: OrderWatch): boolean {
	return isDown || bound.some(({ record }) => record.alert !== null);
}

/** It has not been measured since the trouble of the alert began, and will be in a moment. */
function isAwaited({ gate, order }: OrderWatch, { raisedSeconds }: Alert, nowSeconds: number): boolean {
	const { stepSeconds } = order;
	if (stepSeconds > parentWaitMostSeconds) return false;
	if (gate.lastSeconds + stepSeconds >= raisedSeconds) return false;
	return nowSeconds < raisedSeconds + stepSeconds + parentSlackSeconds;
}
