/** What a page asks the server for. */
import type { HeatSpell } from './heat-model.ts';
import type { SmokeData } from './smoke-model.ts';
import type { Bounds } from './time-range.ts';

/** The server answered otherwise than with what was asked for. The message is for the reader. */
export class DataFault extends Error {
	override readonly name = 'DataFault';
	readonly status: number;

	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

export function pathOf(id: string, what: string): string {
	return `/pages/orders/${encodeURIComponent(id)}/${what}`;
}

async function answered(path: string, signal?: AbortSignal): Promise<Response> {
	const response = await fetch(path, signal === undefined ? {} : { signal });
	if (response.ok) return response;
	const told = (await response.json().catch(() => null)) as { error?: unknown } | null;
	throw new DataFault(response.status, typeof told?.error === 'string' ? told.error : response.statusText);
}

/** Rows for a graph of so many pixels. Null: nothing was measured yet. */
export async function fetchSmoke(
	id: string,
	{ startSeconds, endSeconds }: Bounds,
	points: number,
	signal?: AbortSignal,
): Promise<SmokeData | null> {
	const query = new URLSearchParams({
		...{ start: String(Math.floor(startSeconds)), end: String(Math.ceil(endSeconds)) },
		...{ points: String(Math.max(10, Math.min(4000, Math.round(points)))), format: 'float32' },
	});
	try {
		const response = await answered(`${pathOf(id, 'series')}?${query}`, signal);
		return smokeIn(response.headers, await response.arrayBuffer());
	} catch (error) {
		if (error instanceof DataFault && error.status === 404) return null;
		throw error;
	}
}

function smokeIn(headers: Headers, bytes: ArrayBuffer): SmokeData {
	const number = (name: string) => Number(headers.get(`pingmachine-${name}`));
	const rows = number('rows');
	const names = (headers.get('pingmachine-columns') ?? '').split(',');
	const none = new Float32Array(rows);
	const columns = names.map((_, at) => new Float32Array(bytes, 4 * at * rows, rows));
	return {
		...{ startSeconds: number('start'), stepSeconds: number('step'), rows, pings: names.length - 2 },
		...{ loss: columns[0] ?? none, median: columns[1] ?? none, rtts: columns.slice(2) },
	};
}

export interface Histograms {
	readonly hours: readonly HeatSpell[];
	readonly days: readonly HeatSpell[];
}

/** Null: nothing is kept yet. */
export async function fetchHistograms(
	id: string,
	{ startSeconds, endSeconds }: Bounds,
	signal?: AbortSignal,
): Promise<Histograms | null> {
	const start = Math.max(0, Math.floor(startSeconds));
	try {
		const path = `${pathOf(id, 'histograms')}?start=${start}&end=${Math.ceil(endSeconds)}`;
		return (await (await answered(path, signal)).json()) as Histograms;
	} catch (error) {
		if (error instanceof DataFault && error.status === 404) return null;
		throw error;
	}
}

/** Something that happened to an order. */
export interface OrderMark {
	/** Since the epoch. */
	readonly time: number;
	readonly event: string;
}
