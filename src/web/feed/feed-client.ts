import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type ReachableSocket, reachSocket } from '../../memory/socket-path.ts';
import type { OrderIdentity } from '../../model/outcome.ts';
import { eventOfLine, type ToldEvent } from '../../outcomes/event-json.ts';
import { packedVersion } from '../../outcomes/packed.ts';
import { Pace } from './pace.ts';

/** What the daemon tells, and whether it does. */
export interface FeedListener {
	/** An event; `changed` of an order that is known already tells that it was edited, or that we came back. */
	event(event: ToldEvent): void;
	/** All orders are known now: what was known before and is not among these has gone. */
	complete(ids: ReadonlySet<string>): void;
	/** It does not answer, or answers again. Why, in half a sentence; null: it answers. */
	silent(why: string | null): void;
}

export interface FeedOptions {
	readonly baseDir: string;
	/** Only of this order, and pings before their job is over. */
	readonly early?: string;
}

/** More than 100 outcomes with a thousand pings each. */
const lineMax = 16 * 1024 * 1024;
const firstRetryMs = 250;
const lastRetryMs = 5000;
/** The daemon says something at least every few seconds. */
const silenceMs = 20_000;

/** Listens to the daemon of a base directory, and begins anew whenever it was away, until it is closed. */
export class FeedClient {
	readonly #options: FeedOptions;
	readonly #listener: FeedListener;
	readonly #orders = new Map<string, OrderIdentity>();
	#request: ClientRequest | null = null;
	#retry: NodeJS.Timeout | null = null;
	#retryMs = firstRetryMs;
	#isClosed = false;
	#isSilent: boolean | null = null;
	/** Of the orders that the daemon said there are: how many are still to be told, and those that were. */
	#left = 0;
	#told = new Set<string>();

	constructor(options: FeedOptions, listener: FeedListener) {
		this.#options = options;
		this.#listener = listener;
		this.#connect();
	}

	close(): void {
		this.#isClosed = true;
		if (this.#retry !== null) clearTimeout(this.#retry);
		this.#request?.destroy();
	}

	#connect(): void {
		let reached: ReachableSocket;
		try {
			reached = reachSocket(this.#options.baseDir);
		} catch (error) {
			this.#away((error as NodeJS.ErrnoException).code ?? 'it cannot be reached');
			return;
		}
		const { early } = this.#options;
		const wish =
			early === undefined ? `packed=${packedVersion}` : `id=${encodeURIComponent(early)}&early=true`;
		const path = `/v1/stream?${wish}`;
		const asking = request({ socketPath: reached.path, path, agent: false });
		this.#request = asking;
		asking.on('socket', (socket) => socket.on('connect', () => reached.release()));
		asking.setTimeout(silenceMs, () => asking.destroy(new Error('it says nothing')));
		asking.on('response', (response) => this.#listen(asking, response));
		asking.on('error', (error: NodeJS.ErrnoException) => {
			const known = { ENOENT: 'it does not run', ECONNREFUSED: 'it does not run' }[error.code ?? ''];
			asking.removeAllListeners('close');
			this.#away(known ?? error.message);
		});
		asking.on('close', () => this.#away('it went away'));
		asking.end();
	}

	#listen(asking: ClientRequest, response: IncomingMessage): void {
		if (response.statusCode !== 200) {
			response.resume();
			this.#request?.destroy(new Error(`it answered with status ${response.statusCode}`));
			return;
		}
		// What ends it ends the request, too, which tells so.
		this.#read(asking, response).catch((error) => asking.destroy(error));
	}

	/** What there is to do about a line may take a while: others have their turn between the lines. */
	async #read(asking: ClientRequest, response: IncomingMessage): Promise<void> {
		const pace = new Pace();
		response.setEncoding('utf8');
		let rest = '';
		for await (const text of response) {
			const lines = (rest + text).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				if (this.#request !== asking || this.#isClosed) return;
				this.#line(line);
				await pace.turn();
			}
			if (rest.length > lineMax) throw new Error('it says what cannot be understood');
		}
	}

	#line(line: string): void {
		const event = eventOfLine(line, (id) => this.#orders.get(id));
		if (event === null || event.about === 'alive') return;
		if (event.about === 'hello') {
			this.#retryMs = firstRetryMs;
			this.#left = event.orders;
			this.#told = new Set();
			this.#tellSilence(null);
		}
		if (event.about === 'changed') this.#orders.set(event.order.id, event.order);
		this.#listener.event(event);
		if (event.about === 'gone') this.#orders.delete(event.id);
		this.#countChanged(event);
	}

	#countChanged(event: ToldEvent): void {
		if (event.about === 'changed' && this.#left > 0) {
			this.#left--;
			this.#told.add(event.order.id);
		} else if (event.about !== 'hello' || event.orders > 0) return;
		if (this.#left > 0) return;
		this.#listener.complete(this.#told);
		for (const id of this.#orders.keys()) if (!this.#told.has(id)) this.#orders.delete(id);
		this.#told = new Set();
	}

	#away(why: string): void {
		this.#request = null;
		if (this.#isClosed) return;
		this.#tellSilence(why);
		this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
		this.#retryMs = Math.min(lastRetryMs, this.#retryMs * 2);
	}

	#tellSilence(why: string | null): void {
		if (this.#isSilent === (why !== null)) return;
		this.#isSilent = why !== null;
		this.#listener.silent(why);
	}
}
