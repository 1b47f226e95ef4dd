import { createHash } from 'node:crypto';

/** Folders may have 255. */
const nameMax = 80;

/**
 * A name for a sink that was not given one, fit for a folder: `telegraf-udp-127.0.0.1-8094`. The same destination gives
 * the same name after each restart, another one another; two sinks alike are told apart by a number, which does not
 * matter to what waits for them.
 */
export function sinkName(type: string, destination: string, taken: ReadonlySet<string>): string {
	const isPlain = /^[a-z]+:\/\/[a-z\d.-]+(:\d+)?$/.test(destination);
	const safe = `${type}-${destination}`.replaceAll(/[^A-Za-z\d.]+/g, '-').slice(0, nameMax);
	// What was replaced or cut off may be all that tells two destinations apart.
	const name = isPlain && safe.length < nameMax ? safe : `${safe.replace(/-$/, '')}-${digest(destination)}`;
	let free = name;
	for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
	return free;
}

function digest(text: string): string {
	return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
