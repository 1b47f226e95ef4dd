import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { type Route, readRoute } from '../model/route.ts';
import { readRecordFile } from './record-file.ts';
import { replaceFile } from './replace-file.ts';

export const routesName = 'routes';

/** The last so many are kept; there are somewhat more of them while the file grows. */
const routesKept = 1000;
const routesMost = 1200;

/**
 * Adds a route, after what is whole: a torn end is cut off. Of too many the first is kept, the last that reached its
 * target, and the last ones. Throws the error of the file system.
 *
 * @param replacesLast it is the last one, of which more is known now
 */
export function addRoute(folder: string, route: Route, replacesLast: boolean): void {
	const bytes = readRecordFile(folder, routesName);
	const line = `${JSON.stringify(route)}\n`;
	if (bytes === null) {
		replaceFile(folder, routesName, line);
		return;
	}
	const sound = bytes.lastIndexOf('\n') + 1;
	const lines = bytes.subarray(0, sound).toString('utf8').split('\n').slice(0, -1);
	if (!replacesLast && lines.length < routesMost) {
		append(folder, sound, line);
		return;
	}
	const before = replacesLast ? lines.slice(0, -1) : lines;
	replaceFile(
		folder,
		routesName,
		`${kept(before)
			.map((one) => `${one}\n`)
			.join('')}${line}`,
	);
}

function append(folder: string, sound: number, line: string): void {
	const fd = openSync(
		`${folder}/${routesName}`,
		constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK,
	);
	try {
		ftruncateSync(fd, sound);
		const bytes = Buffer.from(line);
		if (writeSync(fd, bytes, 0, bytes.length, sound) < bytes.length) {
			ftruncateSync(fd, sound);
			throw new Error('no space left on the disk');
		}
	} finally {
		closeSync(fd);
	}
}

function kept(lines: readonly string[]): string[] {
	if (lines.length < routesMost) return [...lines];
	const last = lines.slice(-(routesKept - 1));
	const older = lines.slice(0, lines.length - last.length);
	const [first] = older;
	const good = older.findLast((line, at) => at > 0 && readRoute(line)?.reached === true);
	return [...(first === undefined ? [] : [first]), ...(good === undefined ? [] : [good]), ...last];
}

/** The routes of an order, the oldest first. Lines that are none are left out. */
export function readRoutes(folder: string): Route[] {
	const text = readRecordFile(folder, routesName)?.toString('utf8') ?? '';
	const whole = text.slice(0, text.lastIndexOf('\n') + 1);
	return whole.split('\n').flatMap((line) => readRoute(line) ?? []);
}

/** The last route of an order; null when there is none. */
export function readLastRoute(folder: string): Route | null {
	const text = readRecordFile(folder, routesName)?.toString('utf8') ?? '';
	const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
	for (const line of lines.toReversed()) {
		const route = readRoute(line);
		if (route !== null) return route;
	}
	return null;
}
