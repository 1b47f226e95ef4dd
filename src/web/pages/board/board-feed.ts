import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import { resultWireOf, wireOf } from '../../browser/rows.ts';
import { head } from '../../server/answers.ts';
import { RequestFault } from '../../server/route.ts';
import { takesGzip } from '../answer-html.ts';
import type { Board, BoardRow } from './board.ts';

/** What happened in so long is told at once. */
const flushMs = 500;
/** Whoever stands between must not take it for dead, and the reader neither. */
const aliveMs = 10_000;
const listenersMax = 200;
const pieceRows = 500;

interface FeedParts {
	readonly board: Board;
	/** Why the daemon is not heard; null: it is. */
	readonly silence: () => string | null;
	/** While somebody listens, now and then. */
	readonly look: () => Promise<void>;
	readonly version: string;
}

/** What one listener has not been told. */
interface Listener {
	readonly changed: Set<BoardRow>;
	readonly results: Set<BoardRow>;
	readonly gone: Set<number>;
}

/** The board as Server-Sent Events in few bytes: all rows first, from then on what changes, twice a second. */
export class BoardFeed {
	readonly #parts: FeedParts;
	readonly #listeners = new Set<Listener>();
	#look: NodeJS.Timeout | null = null;

	constructor(parts: FeedParts) {
		this.#parts = parts;
		parts.board.listen({
			changed: (row) => this.#each(({ changed, gone }) => changed.add(row) && gone.delete(row.handle)),
			result: (row) => this.#each(({ results }) => results.add(row)),
			gone: (row) => this.#each(({ gone }) => gone.add(row.handle)),
		});
	}

	#each(tell: (listener: Listener) => void): void {
		for (const listener of this.#listeners) tell(listener);
	}

	/** Resolves when the listener is gone. One that reads slowly is told less often, and misses nothing. */
	async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (this.#listeners.size >= listenersMax) throw new RequestFault(503, 'too many listen already');
		const out = writerTo(request, response);
		if (request.method === 'HEAD') return out.end();
		const listener: Listener = { changed: new Set(), results: new Set(), gone: new Set() };
		this.#listeners.add(listener);
		this.#look ??= setInterval(() => void this.#parts.look(), aliveMs);
		try {
			await this.#tell(out, listener);
		} finally {
			this.#listeners.delete(listener);
			if (this.#listeners.size === 0 && this.#look !== null) {
				clearInterval(this.#look);
				this.#look = null;
			}
		}
	}

	async #tell(out: Output, listener: Listener): Promise<void> {
		const { board, silence, version } = this.#parts;
		await out.send('hello', { version, now: Date.now() / 1000, orders: board.size, silence: silence() });
		await this.#rows(out, board.rows());
		await out.send('complete', {});
		let toldSilence = silence();
		let toldMs = performance.now();
		while (await out.waits(flushMs)) {
			const now = silence();
			if (now !== toldSilence || performance.now() - toldMs > aliveMs) {
				await out.send('daemon', { now: Date.now() / 1000, silence: now });
				toldMs = performance.now();
			}
			toldSilence = now;
			await this.#news(out, listener);
		}
	}

	async #rows(out: Output, rows: readonly BoardRow[]): Promise<void> {
		for (let at = 0; at < rows.length; at += pieceRows)
			await out.send('rows', rows.slice(at, at + pieceRows).map(wireOf));
	}

	async #news(out: Output, { changed, results, gone }: Listener): Promise<void> {
		// One that was changed twice, or went, is another row by now.
		const isHere = (row: BoardRow) => this.#parts.board.byHandle(row.handle) === row;
		const here = [...changed].filter(isHere);
		const told = [...results].filter((row) => !changed.has(row) && isHere(row));
		const handles = [...gone];
		for (const set of [changed, results, gone]) set.clear();
		await this.#rows(out, here);
		if (told.length > 0) await out.send('results', told.map(resultWireOf));
		if (handles.length > 0) await out.send('gone', handles);
	}
}

interface Output {
	/** Resolves when there is room for more. */
	send(event: string, data: object): Promise<void>;
	/** Whether somebody is still there, after so long. */
	waits(ms: number): Promise<boolean>;
	end(): void;
}

function writerTo(request: IncomingMessage, response: ServerResponse): Output {
	const isZipped = takesGzip(request);
	head(response, 200, {
		...{ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
		...(isZipped ? { 'content-encoding': 'gzip' } : {}),
		vary: 'accept-encoding',
	});
	const zip = isZipped ? createGzip({ level: 6, flush: constants.Z_SYNC_FLUSH }) : null;
	zip?.on('error', () => response.destroy());
	zip?.pipe(response);
	response.once('close', () => zip?.destroy());
	const out = zip ?? response;
	return {
		send: async (event, data) => {
			if (response.destroyed) return;
			const hasRoom = out.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
			await (hasRoom ? nextTurn() : roomIn(out));
		},
		waits: async (ms) => {
			await pause(ms, undefined, { ref: false });
			return !response.destroyed;
		},
		end: () => void out.end(),
	};
}

/** Resolves also when nobody reads any more. */
function roomIn(out: Writable): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			out.off('drain', done).off('close', done);
			resolve();
		};
		out.once('drain', done).once('close', done);
		if (out.destroyed) done();
	});
}
