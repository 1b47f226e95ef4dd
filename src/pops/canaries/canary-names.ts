import { createHash } from 'node:crypto';
import { isInTheWay } from '../../model/order-id.ts';

/** The folder of the orders of a platform's own canaries. */
const canaryFolder = '@canary';

/** Longer ones get a hash for a name, so that they can be folders. */
const partMaxBytes = 200;

/** The order that stands for what canaries measure of a target. */
export function canaryOrderId(type: string, target: string): string {
	return `${canaryFolder}/${type}/${asPart(target)}`;
}

/** A canary as a point of presence. */
export function canaryPop(canary: string): string {
	return asPart(canary);
}

/** Percent-encoded, so that it is one part of a path and no pattern, and no two are one. */
function asPart(text: string): string {
	const encoded = encodeURIComponent(text)
		.replace(/[!'()*~]/g, inPercent)
		.replace(/^\./, inPercent);
	// What pingmachine itself writes into folders of orders has these names.
	const free = isInTheWay(`${canaryFolder}/${encoded}`) ? encoded.replace(/^./, inPercent) : encoded;
	return free.length <= partMaxBytes ? free : createHash('sha256').update(text).digest('hex');
}

function inPercent(character: string): string {
	return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
